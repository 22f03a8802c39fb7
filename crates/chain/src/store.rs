//! Opens the block store: archives, the actor that fills them, broadcast of blocks and backfill from peers.

use crate::{
    Application, ChainError,
    block::{Block, Digest, from_engine},
    engine::{BUFFER, Channel, MAILBOX, RETAINED_VIEWS, Runtime, Setup, genesis},
    epoch::Endless,
    finalizer::Goal,
    gathered::Gathered,
    reporter::Archived,
};
use commonware_broadcast::buffered;
use commonware_codec::Codec;
use commonware_consensus::{
    marshal::{
        self, Identifier, Start,
        core::{Actor, Mailbox},
        resolver::p2p as resolver,
        standard::Standard,
    },
    simplex::{scheme::Scheme, types::Finalization},
    types::{Epoch, View},
};
use commonware_cryptography::{Digested, Digestible as _, certificate::ConstantProvider, ed25519::PublicKey};
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use commonware_parallel::Sequential;
use commonware_runtime::{Handle, buffer::paged::CacheRef};
use commonware_storage::{archive::prunable, translator::EightCap};
use commonware_utils::{NZDuration, NZU64, NZUsize};
use std::{
    num::{NonZeroU64, NonZeroUsize},
    sync::Arc,
    time::Duration,
};

/// Blocks of one archive section, the unit of pruning.
const SECTION: NonZeroU64 = NZU64!(4_096);
/// Blocks handed out and not yet acknowledged; more than the finaliser holds back.
const PENDING_ACKS: NonZeroUsize = NZUsize!(64);
/// Missing blocks asked of peers at a time.
const REPAIR: NonZeroUsize = NZUsize!(64);
/// Blocks remembered of each peer that are not asked for yet.
const BROADCAST_CACHE: usize = 16;

/// The channels the store uses.
pub(crate) struct Network<Tx, Rx, P, B> {
    pub(crate) me: PublicKey,
    pub(crate) backfill: Channel<Tx, Rx>,
    pub(crate) broadcast: Channel<Tx, Rx>,
    pub(crate) peers: P,
    pub(crate) blocker: B,
}

/// A running block store.
pub(crate) struct Store<S: Scheme<Digest>> {
    pub(crate) mailbox: Mailbox<S, Standard<Block>>,
    pub(crate) actor: Handle<()>,
    pub(crate) broadcast: Handle<()>,
    pub(crate) genesis: Digest,
    /// Height up to which blocks were handed out in earlier runs.
    pub(crate) processed: u64,
}

impl<S: Scheme<Digest, PublicKey = PublicKey>> Store<S> {
    /// The newest archived block.
    pub(crate) async fn newest(&self) -> Goal {
        let block = self.mailbox.get_block(Identifier::Latest).await?;
        Some((View::new(block.inner().header().view), from_engine(&block.digest())))
    }
}

pub(crate) async fn open<E, A, S, Tx, Rx, P, B>(
    context: &E,
    setup: &Setup<A, S>,
    network: Network<Tx, Rx, P, B>,
    cache: &CacheRef,
    archived: Archived<S>,
) -> Result<Store<S>, ChainError>
where
    E: Runtime,
    A: Application,
    S: Scheme<Digest, PublicKey = PublicKey>,
    Tx: Sender<PublicKey = PublicKey>,
    Rx: Receiver<PublicKey = PublicKey>,
    P: Provider<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
{
    let certificates = setup.scheme.certificate_codec_config();
    let finalizations =
        archive::<_, _, S, Finalization<S, Digest>>(context, setup, "finalizations", certificates, cache)
            .await
            .map_err(|error| setup.corrupt("finalizations", &error))?;
    let blocks = archive::<_, _, S, Arc<Block>>(context, setup, "blocks", (), cache)
        .await
        .map_err(|error| setup.corrupt("blocks", &error))?;
    let (block, _) = genesis(&setup.config, &*setup.machine.app, &setup.first);
    let genesis = block.digest();
    let config = config(setup, Digested::precomputed(block, genesis), cache.clone());
    let (actor, mailbox, floor) =
        Actor::<_, Standard<Block>, _, _, _, _, _>::init(context.child("store"), finalizations, blocks, config).await;
    let processed = floor.processed().map_or(0, |processed| processed.height().get());
    let (broadcast, buffer) = buffered::Engine::new(context.child("broadcast"), broadcast_config(&network));
    let resolver = resolver::init(context.child("backfill"), resolver_config(&network), network.backfill);
    Ok(Store {
        mailbox,
        broadcast: broadcast.start(network.broadcast),
        actor: actor.start(archived, buffer, resolver),
        genesis,
        processed,
    })
}

async fn archive<E: Runtime, A: Application, S, V: Codec + Send + Sync>(
    context: &E,
    setup: &Setup<A, S>,
    name: &'static str,
    codec_config: V::Cfg,
    cache: &CacheRef,
) -> Result<Gathered<prunable::Archive<EightCap, E, Digest, V>, E>, commonware_storage::archive::Error> {
    let config = archive_config(|part| setup.partition(&format!("{name}-{part}")), codec_config, cache);
    let archive = prunable::Archive::init(context.child(name), config).await?;
    let alone = setup.config.network.is_none();
    Ok(Gathered::new(archive, context.child("gathered"), setup.status.subscribe(), alone))
}

/// Of an archive whose parts are in these partitions.
pub(crate) fn archive_config<C>(
    partition: impl Fn(&str) -> String,
    codec_config: C,
    cache: &CacheRef,
) -> prunable::Config<EightCap, C> {
    prunable::Config {
        translator: EightCap,
        metadata_partition: partition("metadata"),
        key_partition: partition("keys"),
        key_page_cache: cache.clone(),
        value_partition: partition("values"),
        compression: None,
        codec_config,
        items_per_section: SECTION,
        key_write_buffer: BUFFER,
        value_write_buffer: BUFFER,
        replay_buffer: BUFFER,
    }
}

#[allow(clippy::type_complexity, reason = "the store's own type")]
fn config<A: Application, S: Scheme<Digest>>(
    setup: &Setup<A, S>,
    genesis: Digested<Block>,
    page_cache: CacheRef,
) -> marshal::Config<ConstantProvider<S, Epoch>, Endless, Sequential, Block, Digested<Block>> {
    marshal::Config {
        provider: ConstantProvider::new(setup.scheme.clone()),
        epocher: Endless(Epoch::new(setup.config.epoch)),
        start: Start::Genesis(genesis),
        partition_prefix: setup.partition("store"),
        mailbox_size: MAILBOX,
        view_retention: RETAINED_VIEWS,
        prunable_items_per_section: SECTION,
        page_cache,
        replay_buffer: BUFFER,
        key_write_buffer: BUFFER,
        value_write_buffer: BUFFER,
        block_codec_config: (),
        max_repair: REPAIR,
        max_pending_acks: PENDING_ACKS,
        strategy: Sequential,
    }
}

fn broadcast_config<Tx, Rx, P: Provider<PublicKey = PublicKey>, B>(
    network: &Network<Tx, Rx, P, B>,
) -> buffered::Config<PublicKey, (), P, Sequential> {
    buffered::Config {
        public_key: network.me.clone(),
        mailbox_size: MAILBOX,
        deque_size: BROADCAST_CACHE,
        priority: true,
        codec_config: (),
        peer_provider: network.peers.clone(),
        strategy: Sequential,
    }
}

fn resolver_config<Tx, Rx, P, B>(network: &Network<Tx, Rx, P, B>) -> resolver::Config<PublicKey, P, B>
where
    P: Provider<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
{
    resolver::Config {
        public_key: network.me.clone(),
        peer_provider: network.peers.clone(),
        blocker: network.blocker.clone(),
        mailbox_size: MAILBOX,
        fetch_timeout: NZDuration!(Duration::from_secs(2)),
        fetch_retry_delay: Duration::from_millis(100),
        priority_requests: false,
        priority_responses: false,
    }
}
