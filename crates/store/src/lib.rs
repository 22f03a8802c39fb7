//! What a process keeps on disk apart from its logs: the layout of its data directory, code blobs, sealed snapshots.
//!
//! Blobs and snapshots go through `object_store`, so that a remote store can take the place of the local disk. The
//! local one is told to sync file and directory before it reports success, which it does not do by default: code and
//! snapshots stand in for log entries that are then forgotten, so they must survive a loss of power.

mod blobs;
mod data_dir;
mod disk;
mod error;
mod snapshots;

pub use blobs::Blobs;
pub use data_dir::DataDir;
pub use disk::free_bytes;
pub use error::StoreError;
pub use snapshots::{Snapshot, Snapshots};

#[cfg(test)]
mod tests;
