//! Why a chain does not run.

use std::path::PathBuf;
use tallow_types::BlockDigest;

/// Why a chain could not start or has stopped. Every one is final: the chain must be started anew.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The settings contradict each other.
    #[error("chain settings: {0}")]
    Settings(String),
    /// The data directory cannot be used.
    #[error("cannot use data directory {path}: {reason}")]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing more can be written.
    #[error(
        "the disk of {path} is full: free some space and start again; nothing that was acknowledged is lost ({reason})"
    )]
    Full {
        /// The directory.
        path: PathBuf,
        /// What failed.
        reason: String,
    },
    /// Another process runs this chain.
    #[error("data directory {0} is in use by another process")]
    InUse(PathBuf),
    /// What is stored cannot be read.
    #[error(
        "data directory {path} is corrupt ({reason}); restore it from a backup, or delete it if peers or a snapshot can replace it"
    )]
    Corrupt {
        /// The directory.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The snapshot is of another chain than the stored blocks, or newer than they are.
    #[error("snapshot at height {height} does not belong to the stored blocks: {reason}")]
    Snapshot {
        /// Height of the snapshot.
        height: u64,
        /// What does not fit.
        reason: String,
    },
    /// A final block executed to something else than its header says: this program differs from the one that made it.
    #[error("block {digest} at height {height} replays differently: {reason}")]
    Replay {
        /// Height of the block.
        height: u64,
        /// Its digest.
        digest: BlockDigest,
        /// What differs.
        reason: String,
    },
    /// The engine failed.
    #[error("consensus engine failed: {0}")]
    Engine(String),
    /// The chain was shut down.
    #[error("chain was shut down")]
    ShutDown,
}
