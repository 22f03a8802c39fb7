//! The application with the states of its branches: execution, block building, and the wish to propose.

use crate::{
    Application, ExecuteError, Invalid,
    block::{Block, Ctx, fitting, from_engine},
    branches::{Branches, Executed, Tip},
};
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_cryptography::Digested;
use commonware_utils::channel::watch;
use futures::StreamExt as _;
use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};
use tallow_types::{BlockDigest, Commitments, Hash, Header, Position, WorkerId, limits::CHAIN_CATCH_UP_MAX};

/// What executing on top of a parent needs: its state, or the blocks that lead to it from a known state.
pub(crate) struct Base<S> {
    state: S,
    missing: Vec<Digested<Block>>,
}

/// Shared by proposer, verifier and finaliser.
pub(crate) struct Machine<A: Application> {
    pub(crate) app: Arc<A>,
    pub(crate) chain: Hash,
    pub(crate) epoch: u64,
    branches: Mutex<Branches<A::State>>,
    /// Held while a block is built. A view that ran out of time does not stop the building: the next one waits for what
    /// comes of it.
    building: Mutex<()>,
    /// Counts calls of [`Machine::wake`].
    wakes: watch::Sender<u64>,
    /// How many of them came before the entries of the newest proposal were chosen.
    served: AtomicU64,
}

impl<A: Application> Machine<A> {
    pub(crate) fn new(app: Arc<A>, chain: Hash, epoch: u64, tip: Tip, state: A::State) -> Self {
        let branches = Mutex::new(Branches::new(tip, state));
        let (building, wakes, served) = (Mutex::default(), watch::channel(0).0, AtomicU64::new(0));
        Self { app, chain, epoch, branches, building, wakes, served }
    }

    /// The branches. A panic while they were locked ends the chain, so poisoning says nothing new.
    pub(crate) fn branches(&self) -> MutexGuard<'_, Branches<A::State>> {
        self.branches.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Asks for a proposal at once.
    pub(crate) fn wake(&self) {
        self.wakes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Resolves when someone has asked for a proposal since the last one was built.
    pub(crate) async fn wanted(&self) {
        let mut wakes = self.wakes.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = wakes.wait_for(|count| *count != self.served.load(Ordering::Acquire)).await;
    }

    /// Finds the state to execute on top of the first block of `ancestry`. `None` if it does not lead to our final
    /// block, or not within [`CHAIN_CATCH_UP_MAX`] blocks.
    pub(crate) async fn base(&self, mut ancestry: impl Ancestry<Block>) -> Option<Base<A::State>> {
        let mut missing = Vec::new();
        while let Some(block) = ancestry.next().await {
            let (state, tip) = {
                let branches = self.branches();
                (branches.state(&digest_of(&block)), branches.tip())
            };
            if let Some(state) = state {
                missing.reverse();
                return Some(Base { state, missing });
            }
            let height = block.inner().header().position.height;
            if height <= tip.height || height - tip.height > CHAIN_CATCH_UP_MAX {
                return None;
            }
            missing.push(block);
        }
        None
    }

    /// The parent's state, executing what is missing.
    pub(crate) fn settle(&self, base: Base<A::State>) -> Result<A::State, ExecuteError> {
        base.missing.iter().try_fold(base.state, |state, block| self.replay(&state, &block.inner_shared()))
    }

    /// Executes a block that exists and compares the outcome with its header. Known outcomes are not computed again,
    /// also those of a block of another view that is otherwise the same.
    pub(crate) fn replay(&self, parent: &A::State, block: &Arc<Block>) -> Result<A::State, ExecuteError> {
        let digest = tallow_crypto::header_digest(block.header());
        let header = block.header();
        let (known, twin) = {
            let branches = self.branches();
            (branches.state(&digest), branches.twin(header))
        };
        if let Some(state) = known {
            return Ok(state);
        }
        let (state, commitments) = match twin {
            Some(Executed { block, state }) => (state, block.header().commitments),
            None => self.app.execute(parent, &header.parent, header.position, block.entries())?,
        };
        compare(&commitments, &header.commitments)?;
        self.branches().insert(Executed { block: block.clone(), state: state.clone() });
        Ok(state)
    }

    /// Builds and executes a block on top of `parent`. A block on the same parent that was executed in an earlier view,
    /// which ran out of time, is proposed again, so that the work is not thrown away.
    pub(crate) fn build(&self, context: &Ctx, parent: &Header, state: &A::State, now_ms: u64) -> Option<Block> {
        let _building = self.building.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let earlier = self.branches().child(&from_engine(&context.parent.1));
        let (block, state) = match earlier {
            Some(Executed { block, state }) => (self.renew(context, &block)?, state),
            None => self.build_new(context, parent, state, now_ms)?,
        };
        self.branches().insert(Executed { block: Arc::new(block.clone()), state });
        Some(block)
    }

    /// Whether a block on top of `parent` was executed in an earlier view, or may be under execution still.
    pub(crate) fn has_begun(&self, parent: &BlockDigest) -> bool {
        self.building.try_lock().is_err() || self.branches().child(parent).is_some()
    }

    /// The same block in another view.
    fn renew(&self, context: &Ctx, block: &Block) -> Option<Block> {
        let Header { position, commitments, .. } = *block.header();
        let entries = block.entries().to_vec();
        Block::new(self.header(context, position, &entries, commitments), entries)
    }

    fn build_new(&self, context: &Ctx, parent: &Header, state: &A::State, now_ms: u64) -> Option<(Block, A::State)> {
        let at = Position {
            height: parent.position.height + 1,
            time_ms: now_ms.max(parent.position.time_ms.saturating_add(1)),
        };
        let wakes = *self.wakes.borrow();
        let mut entries = self.app.propose(state, at);
        self.served.store(wakes, Ordering::Release);
        entries.truncate(fitting(&entries));
        let (entries, (state, commitments)) = self.execute_own(state, &from_engine(&context.parent.1), at, entries)?;
        let entries = self.app.effective(entries, &state);
        let block = Block::new(self.header(context, at, &entries, commitments), entries)?;
        Some((block, state))
    }

    /// Executes our own choice of entries; falls back to none if the application refuses what it chose itself, or cannot
    /// execute it now.
    #[allow(clippy::type_complexity, reason = "entries with what `Application::execute` returns")]
    fn execute_own(
        &self,
        state: &A::State,
        parent: &BlockDigest,
        at: Position,
        entries: Vec<Vec<u8>>,
    ) -> Option<(Vec<Vec<u8>>, (A::State, Commitments))> {
        match self.app.execute(state, parent, at, &entries) {
            Ok(outcome) => Some((entries, outcome)),
            Err(error) => {
                tracing::error!(height = at.height, %error, "the application does not execute its own proposal");
                self.app.execute(state, parent, at, &[]).ok().map(|outcome| (Vec::new(), outcome))
            }
        }
    }

    fn header(&self, context: &Ctx, at: Position, entries: &[Vec<u8>], commitments: Commitments) -> Header {
        Header {
            chain: self.chain,
            epoch: context.round.epoch().get(),
            view: context.round.view().get(),
            parent_view: context.parent.0.get(),
            leader: worker(&context.leader),
            parent: from_engine(&context.parent.1),
            position: at,
            entries: tallow_crypto::entries_root(entries),
            commitments,
        }
    }

    /// What can be said of a header without executing: chain, epoch, height and that time passes.
    pub(crate) fn plausible(&self, header: &Header, parent: &Header) -> bool {
        header.chain == self.chain
            && header.epoch == self.epoch
            && Some(header.position.height) == parent.position.height.checked_add(1)
            && header.position.time_ms > parent.position.time_ms
    }
}

/// A public key as the identifier of a worker.
pub(crate) fn worker(key: &commonware_cryptography::ed25519::PublicKey) -> WorkerId {
    let mut id = [0; 32];
    id.copy_from_slice(key.as_ref());
    WorkerId(id)
}

fn digest_of(block: &Digested<Block>) -> BlockDigest {
    from_engine(&commonware_cryptography::Digestible::digest(block))
}

fn compare(got: &Commitments, want: &Commitments) -> Result<(), Invalid> {
    if got == want {
        return Ok(());
    }
    Err(Invalid(format!("executes to {got:?}, the header says {want:?}")))
}
