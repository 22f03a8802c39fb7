//! Reads the vote journal before consensus opens it: which blocks became final here lately, and, for a participant
//! alone, which of its votes were cut off from their certificates by a crash.

use crate::{
    block::{Digest, from_engine},
    finalizer::Goal,
};
use commonware_codec::Encode as _;
use commonware_consensus::{
    Viewable as _,
    simplex::{
        scheme::Scheme,
        types::{Artifact, Certificate, Finalization, Notarization, Nullification},
    },
    types::View,
};
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::{Message, Receiver};
use commonware_parallel::Sequential;
use commonware_runtime::{IoBuf, ReadOptions, buffer::paged::CacheRef};
use commonware_storage::journal::{Error, segmented::variable};
use commonware_utils::{NZUsize, non_empty};
use std::{
    collections::{BTreeMap, VecDeque},
    num::NonZeroUsize,
};

/// Finalisations, by view.
pub(crate) type Finalizations<S> = BTreeMap<View, Finalization<S, Digest>>;

/// What the journal tells.
pub(crate) struct Recorded<S: Scheme<Digest>> {
    /// The finalisations, by view.
    pub(crate) finalizations: Finalizations<S>,
    /// This participant's own votes above the newest of them.
    votes: Vec<Artifact<S, Digest>>,
}

/// Reads the whole journal, which keeps a bounded number of views.
pub(crate) async fn read<E, S>(
    context: E,
    partition: String,
    certificates: <S::Certificate as commonware_codec::Read>::Cfg,
    page_cache: CacheRef,
) -> Result<Recorded<S>, Error>
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
    let mut recorded = Recorded { finalizations: BTreeMap::new(), votes: Vec::new() };
    while let Some(item) = replay.next().await {
        let (_, _, _, artifact) = item?;
        recorded.add(artifact);
    }
    Ok(recorded)
}

impl<S: Scheme<Digest>> Recorded<S> {
    fn add(&mut self, artifact: Artifact<S, Digest>) {
        match artifact {
            Artifact::Finalization(finalization) => {
                let view = finalization.view();
                self.votes.retain(|vote| vote.view() > view);
                self.finalizations.insert(view, finalization);
            }
            Artifact::Notarize(_) | Artifact::Nullify(_) | Artifact::Finalize(_) => self.votes.push(artifact),
            _ => {}
        }
    }

    /// The newest finalisation.
    pub(crate) fn newest(&self) -> Goal {
        let (view, finalization) = self.finalizations.last_key_value()?;
        Some((*view, from_engine(&finalization.proposal.payload)))
    }

    /// The certificates that a participant alone makes of its own votes.
    ///
    /// Consensus remembers after a crash what it voted for, so that it never votes otherwise, but not the tally. Peers
    /// would repeat their votes and certificates; a participant alone would sit out a time-out. One vote being a
    /// quorum here, the certificates follow from the votes.
    pub(crate) fn certificates(&self, scheme: &S) -> VecDeque<IoBuf> {
        let newest = self.newest().map(|(view, _)| view);
        let open = self.votes.iter().filter(|vote| Some(vote.view()) > newest);
        open.filter_map(|vote| certificate(scheme, vote)).map(|certificate| certificate.encode().into()).collect()
    }
}

fn certificate<S: Scheme<Digest>>(scheme: &S, vote: &Artifact<S, Digest>) -> Option<Certificate<S, Digest>> {
    match vote {
        Artifact::Notarize(vote) => {
            Notarization::from_notarizes(scheme, non_empty![vote], &Sequential).ok().map(Certificate::Notarization)
        }
        Artifact::Nullify(vote) => {
            Nullification::from_nullifies(scheme, non_empty![vote], &Sequential).ok().map(Certificate::Nullification)
        }
        Artifact::Finalize(vote) => {
            Finalization::from_finalizes(scheme, non_empty![vote], &Sequential).ok().map(Certificate::Finalization)
        }
        _ => None,
    }
}

/// A channel on which some messages have arrived before the first from the network.
#[derive(Debug)]
pub(crate) struct Preceded<Rx> {
    pub(crate) from: PublicKey,
    pub(crate) first: VecDeque<IoBuf>,
    pub(crate) network: Rx,
}

impl<Rx: Receiver<PublicKey = PublicKey>> Receiver for Preceded<Rx> {
    type Error = Rx::Error;
    type PublicKey = PublicKey;

    async fn recv(&mut self) -> Result<Message<PublicKey>, Rx::Error> {
        if let Some(message) = self.first.pop_front() {
            return Ok((self.from.clone(), message));
        }
        self.network.recv().await
    }

    fn capacity(&self) -> NonZeroUsize {
        self.network.capacity()
    }
}
