//! What a chain asks of the program that runs on it.

use tallow_types::{BlockDigest, CertifiedHeader, Commitments, Header, Position};

/// Why a block can never be valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid block: {0}")]
pub struct Invalid(pub String);

/// Why a block is not executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// No replica may ever accept it.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// This replica cannot execute it now: it lacks something, or is about to stop. That says nothing of the block, so
    /// this replica does not vote on it, and goes on.
    #[error("this replica cannot execute the block now: {0}")]
    NotNow(String),
}

/// A deterministic state machine driven by a chain's blocks.
///
/// The shell calls `execute` on threads of its own, several at once when branches compete, and `finalized` from one
/// task, in order. A panic in any of them ends the chain and is reported by [`crate::Handle::failed`].
pub trait Application: Send + Sync + 'static {
    /// State after a block. Kept for every unfinalised branch, so cloning must be cheap (structural sharing).
    type State: Clone + Send + Sync + 'static;

    /// State at genesis and what it commits to.
    fn genesis(&self) -> (Self::State, Commitments);

    /// Chooses entries for a block on top of `parent`. Must not wait: the entries at hand, possibly none.
    ///
    /// The proposal may never become final: what is proposed stays pending until `finalized` shows it. The next
    /// proposal is asked for before that, so `parent` must tell what its branch already holds.
    fn propose(&self, parent: &Self::State, at: Position) -> Vec<Vec<u8>>;

    /// Executes entries on top of `parent`, the state after the block of digest `parent_digest`. The same arguments must
    /// give the same result on every replica.
    ///
    /// # Errors
    /// [`ExecuteError::Invalid`] if no replica may ever accept this block; [`ExecuteError::NotNow`] if this one cannot
    /// tell. It must have tried what may help within a moment, and must not wait for more.
    fn execute(
        &self,
        parent: &Self::State,
        parent_digest: &BlockDigest,
        at: Position,
        entries: &[Vec<u8>],
    ) -> Result<(Self::State, Commitments), ExecuteError>;

    /// Of the entries of [`Application::propose`] those that the block is to hold, when executing them gave `executed`:
    /// what had no effect may be left out, if the block without it executes to the same.
    fn effective(&self, entries: Vec<Vec<u8>>, _executed: &Self::State) -> Vec<Vec<u8>> {
        entries
    }

    /// A block is final. Called in order of height, for each block above the recovered one exactly once per run.
    fn finalized(&self, block: Finalized<'_>, state: &Self::State);
}

/// A final block.
#[derive(Debug)]
pub struct Finalized<'a> {
    /// Digest of the header.
    pub digest: BlockDigest,
    /// The header.
    pub header: &'a Header,
    /// The entries the header commits to.
    pub entries: &'a [Vec<u8>],
    /// The header with the certificate that proves it final.
    pub certified: CertifiedHeader,
    /// Whether the block was already final on this disk when the process started.
    pub replayed: bool,
}

/// A snapshot to start from, in place of genesis.
#[derive(Debug, Clone)]
pub struct Recovery<S> {
    /// Height of the block after which the snapshot was taken.
    pub height: u64,
    /// Digest of that block.
    pub digest: BlockDigest,
    /// The state after it.
    pub state: S,
}
