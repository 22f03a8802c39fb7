//! Hands final blocks to the application: in order, each once, as early as it is safe.
//!
//! There are two ways to learn that a block is final.
//!
//! *Archived*: the block store ("marshal") has synced the block and its certificate to its archives and hands blocks
//! out in order of height. This is how blocks arrive after a restart or from peers.
//!
//! *Early*: consensus has just formed the finalisation. It reports it only after syncing it to its own vote journal, so
//! the certificate survives `kill -9`. The block itself is durable if this replica has *certified* it: certification
//! resolves only when the block is executed and synced to the store's cache, and it is reported only after the journal
//! recorded it. After a crash consensus replays the journal, reports the finalisation again, and the store finds the
//! block in its cache and archives both. The journal and the cache keep [`RETAINED_VIEWS`](crate::engine) views behind
//! the newest finalisation, far more than the archive ever lags. So when a finalisation and the certification of every
//! block from the last delivered one up to it were reported, those blocks can be delivered without waiting for the
//! archive, which saves a synchronous write and two hand-overs. All other blocks wait for the archive.

use crate::{
    Application, ChainError, ExecuteError, Finalized,
    automaton::is_busy,
    block::{Block, Digest, from_engine, to_engine},
    branches::{Executed, Tip},
    journal::Finalizations,
    machine::Machine,
    status::StatusSender,
};
use commonware_codec::Encode as _;
use commonware_consensus::{
    marshal::{core::Mailbox, standard::Standard},
    simplex::{scheme::Scheme, types::Finalization},
    types::{Height, View},
};
use commonware_cryptography::{Digested, Digestible as _, ed25519::PublicKey};
use commonware_runtime::Clock;
use commonware_utils::{Acknowledgement as _, acknowledgement::Exact, channel::mpsc};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tallow_types::{BlockDigest, CertifiedHeader, Header, limits::HEADER_CHAIN_MAX};

/// What the finaliser is told.
pub(crate) enum Event<S: commonware_cryptography::certificate::Scheme> {
    /// The store archived the next block.
    Archived(Digested<Block>, Exact),
    /// This replica certified a block: it is executed and durable.
    Certified(View, Digest),
    /// A finalisation was formed and is durable.
    Final(Finalization<S, Digest>),
}

/// Acknowledgements are given in groups: each group costs the store one synchronous write, and an unacknowledged block
/// is only handed out again after a restart, where it is replayed anyway.
const ACKS_HELD: usize = 32;
/// Attempts to execute a final block at the start, before the replica gives up: then somebody waits for it to start.
const START_ATTEMPTS: usize = 10;
/// Pause between two such attempts.
const ATTEMPT_PAUSE: Duration = Duration::from_secs(1);
/// Certified views remembered. Views that never become final are few; beyond this, blocks wait for the archive.
const CERTIFIED_MAX: usize = 1_024;

/// The task that calls [`Application::finalized`].
pub(crate) struct Finalizer<A: Application, S: commonware_cryptography::certificate::Scheme> {
    machine: Arc<Machine<A>>,
    marshal: Mailbox<S, Standard<Block>>,
    status: StatusSender,
    recovered: Tip,
    certified: BTreeMap<View, Digest>,
    newest: Option<Finalization<S, Digest>>,
    /// What the vote journal told at the start.
    recorded: Finalizations<S>,
    /// Height up to which the store has handed blocks out, in this run or before.
    archived: u64,
    acks: Vec<Exact>,
    /// Who makes files of votes ahead of their views, told of final blocks after which there is time for that.
    ahead: Option<mpsc::UnboundedSender<View>>,
}

impl<A, S> Finalizer<A, S>
where
    A: Application,
    S: Scheme<Digest, PublicKey = PublicKey>,
{
    pub(crate) fn new(
        machine: Arc<Machine<A>>,
        marshal: Mailbox<S, Standard<Block>>,
        recorded: Finalizations<S>,
        status: StatusSender,
        ahead: Option<mpsc::UnboundedSender<View>>,
    ) -> Self {
        let recovered = machine.branches().tip();
        status.start(recovered);
        let archived = recovered.height;
        Self {
            machine,
            marshal,
            status,
            recovered,
            certified: BTreeMap::new(),
            newest: None,
            recorded,
            archived,
            acks: Vec::new(),
            ahead,
        }
    }

    /// Replays what the store has handed out in earlier runs, up to and including `processed`.
    pub(crate) async fn replay(&mut self, clock: &impl Clock, processed: u64) -> Result<(), ChainError> {
        if let Some(block) = self.marshal.get_block(Height::new(self.recovered.height)).await {
            self.check_recovered(&block)?;
        }
        self.archived = self.archived.max(processed);
        self.catch_up(clock, START_ATTEMPTS).await
    }

    /// Handles events until the chain ends. Returns itself too: dropping it would end the store before the reason is
    /// known.
    pub(crate) async fn run(
        mut self,
        clock: impl Clock,
        events: mpsc::UnboundedReceiver<Event<S>>,
    ) -> (Result<(), ChainError>, Self) {
        (self.handle(&clock, events).await, self)
    }

    async fn handle(
        &mut self,
        clock: &impl Clock,
        mut events: mpsc::UnboundedReceiver<Event<S>>,
    ) -> Result<(), ChainError> {
        while let Some(event) = events.recv().await {
            match event {
                Event::Archived(block, ack) => {
                    self.check_recovered(&block)?;
                    self.archived = self.archived.max(block.inner().header().position.height);
                    self.catch_up(clock, usize::MAX).await?;
                    self.hold(ack);
                }
                Event::Certified(view, digest) => {
                    self.certified.insert(view, digest);
                    if self.certified.len() > CERTIFIED_MAX {
                        self.certified.pop_first();
                    }
                    self.early()?;
                }
                Event::Final(finalization) => {
                    if self.newest.as_ref().is_none_or(|newest| newest.round() < finalization.round()) {
                        self.newest = Some(finalization);
                    }
                    self.early()?;
                }
            }
        }
        Ok(())
    }

    fn hold(&mut self, ack: Exact) {
        self.acks.push(ack);
        if self.acks.len() >= ACKS_HELD {
            self.acks.drain(..).for_each(Exact::acknowledge);
        }
    }

    /// Delivers what the store has archived and was not delivered before.
    ///
    /// A block without a finalisation of its own is final by a descendant's. A crash can come between the archiving of
    /// the two; then the descendant is archived once consensus has reported its finalisation again, and the block waits
    /// for that.
    async fn catch_up(&mut self, clock: &impl Clock, attempts: usize) -> Result<(), ChainError> {
        loop {
            let tip = self.machine.branches().tip();
            if tip.height >= self.archived {
                return Ok(());
            }
            let height = tip.height + 1;
            let block = self.marshal.get_block(Height::new(height)).await.ok_or_else(|| self.lacks(height))?;
            if block.inner().header().parent != tip.digest {
                return Err(self.mismatch(&format!("the archive continues with another block {height}")));
            }
            let Some((descendants, certificate)) = self.certificate(&block).await else { return Ok(()) };
            let executed = self.execute(clock, attempts, &block).await?;
            self.deliver(executed, descendants, certificate);
        }
    }

    /// The finalisation of the lowest block from `block` on that has one of its own, with the headers between. `None`
    /// if the store does not hold it yet.
    async fn certificate(&self, block: &Digested<Block>) -> Option<(Vec<Header>, Vec<u8>)> {
        let (mut block, mut descendants) = (block.clone(), Vec::new());
        loop {
            let height = block.inner().header().position.height;
            if let Some(finalization) = self.finalization(&block).await {
                if descendants.len() > HEADER_CHAIN_MAX {
                    let links = descendants.len();
                    tracing::warn!(
                        height = height - links as u64,
                        links,
                        "proof of finality is longer than verifiers accept"
                    );
                }
                return Some((descendants, finalization.encode().to_vec()));
            }
            block = self.marshal.get_block(Height::new(height + 1)).await?;
            descendants.push(block.inner().header().clone());
        }
    }

    /// The block's own finalisation. After a crash the archive may hold the block and later finalisations without it,
    /// until consensus has reported it again; the receipts that were given with it must not change until then either.
    async fn finalization(&self, block: &Digested<Block>) -> Option<Finalization<S, Digest>> {
        let header = block.inner().header();
        let recorded = || self.recorded.get(&View::new(header.view));
        let archived = self.marshal.get_finalization(Height::new(header.position.height)).await;
        archived.or_else(|| recorded().filter(|found| found.proposal.payload == block.digest()).cloned())
    }

    /// Executes a final block. What this replica cannot execute now it tries again: nothing but a restart could replace
    /// the block.
    async fn execute(
        &self,
        clock: &impl Clock,
        attempts: usize,
        block: &Digested<Block>,
    ) -> Result<Executed<A::State>, ChainError> {
        let header = block.inner().header();
        let failed = |reason: String| ChainError::Replay {
            height: header.position.height,
            digest: from_engine(&block.digest()),
            reason,
        };
        let parent =
            self.machine.branches().state(&header.parent).ok_or_else(|| failed("its parent is unknown".into()))?;
        let block = block.inner_shared();
        let mut tried = 1;
        loop {
            match self.machine.replay(&parent, &block) {
                Ok(state) => return Ok(Executed { block, state }),
                Err(ExecuteError::NotNow(reason)) if tried < attempts => {
                    tracing::warn!(height = header.position.height, %reason, "a final block is not executed yet");
                }
                Err(error) => return Err(failed(error.to_string())),
            }
            tried += 1;
            clock.sleep(ATTEMPT_PAUSE).await;
        }
    }

    /// Delivers up to the newest finalisation if every block on the way is known to be durable here.
    fn early(&mut self) -> Result<(), ChainError> {
        let Some(newest) = &self.newest else { return Ok(()) };
        let Some(path) = self.machine.branches().path(&from_engine(&newest.proposal.payload)) else { return Ok(()) };
        if path.is_empty() || !path.iter().all(|executed| self.is_certified(&executed.block)) {
            return Ok(());
        }
        let certificate = newest.encode().to_vec();
        let headers: Vec<Header> = path.iter().map(|executed| executed.block.header().clone()).collect();
        for (index, executed) in path.into_iter().enumerate() {
            self.deliver(executed, headers[index + 1..].to_vec(), certificate.clone());
        }
        Ok(())
    }

    fn is_certified(&self, block: &Block) -> bool {
        self.certified.get(&View::new(block.header().view)) == Some(&block.digest())
    }

    fn deliver(&mut self, executed: Executed<A::State>, descendants: Vec<Header>, certificate: Vec<u8>) {
        let block = executed.block.clone();
        let header = block.header();
        let digest = from_engine(&block.digest());
        let certified = CertifiedHeader { header: header.clone(), descendants, certificate };
        self.machine.branches().finalize(executed.clone());
        let replayed = self.status.is_replay(header.view);
        let finalized = Finalized { digest, header, entries: block.entries(), certified, replayed };
        self.machine.app.finalized(finalized, &executed.state);
        // Not in a replay: consensus may be opening its journal, and must find no file open.
        if let Some(ahead) = self.ahead.as_ref().filter(|_| is_busy(&block) && !replayed) {
            let _ = ahead.send(View::new(header.view)); // the runtime is shutting down
        }
        self.certified = self.certified.split_off(&View::new(header.view + 1));
        self.status.advance(Tip { height: header.position.height, digest }, header.view);
    }

    /// A stored block at the recovered height must be the recovered one.
    fn check_recovered(&self, block: &Digested<Block>) -> Result<(), ChainError> {
        let header = block.inner().header();
        if header.position.height == self.recovered.height && block.digest() != to_engine(&self.recovered.digest) {
            return Err(self.mismatch("another block is stored at that height"));
        }
        Ok(())
    }

    fn mismatch(&self, reason: &str) -> ChainError {
        ChainError::Snapshot { height: self.recovered.height, reason: reason.into() }
    }

    fn lacks(&self, height: u64) -> ChainError {
        ChainError::Snapshot {
            height: self.recovered.height,
            reason: format!("block {height} is not in the store and must be replayed"),
        }
    }
}

/// View and digest of the newest block that was final on this disk when the process started.
pub(crate) type Goal = Option<(View, BlockDigest)>;
