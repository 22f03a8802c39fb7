//! Reads the vote journal before consensus opens it: which block was the last one to become final here.

use crate::{
    block::{Digest, from_engine},
    finalizer::Goal,
};
use commonware_consensus::{
    Viewable as _,
    simplex::{scheme::Scheme, types::Artifact},
};
use commonware_runtime::{ReadOptions, buffer::paged::CacheRef};
use commonware_storage::journal::{Error, segmented::variable};
use commonware_utils::NZUsize;

/// The newest finalisation in the journal.
pub(crate) async fn newest_finalization<E, S>(
    context: E,
    partition: String,
    certificates: <S::Certificate as commonware_codec::Read>::Cfg,
    page_cache: CacheRef,
) -> Result<Goal, Error>
where
    E: commonware_storage::Context,
    S: Scheme<Digest>,
{
    let config = variable::Config {
        partition,
        compression: None,
        codec_config: certificates,
        page_cache,
        write_buffer: NZUsize!(64 * 1024),
    };
    let journal = variable::Journal::<_, Artifact<S, Digest>>::init(context, config).await?;
    let mut replay = journal.replay(0, 0, NZUsize!(64 * 1024), ReadOptions::DONT_CACHE).await?;
    let mut newest: Goal = None;
    while let Some(item) = replay.next().await {
        if let (_, _, _, Artifact::Finalization(finalization)) = item? {
            newest = newest.max(Some((finalization.view(), from_engine(&finalization.proposal.payload))));
        }
    }
    Ok(newest)
}
