//! What can go wrong with a disk, and what to do about it.

use std::{
    error::Error,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};
use tallow_types::NetworkId;

/// Why something could not be kept or read. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the lock of a data directory.
    #[error("{} is in use by another process{}: stop it, or choose another data directory", .path.display(), holder(.pid))]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// The other process, when it is known.
        pid: Option<u32>,
    },
    /// A directory with content that is not ours.
    #[error("{} is not empty and not a data directory of Tallow: choose an empty directory", .path.display())]
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// A data directory in another format.
    #[error(
        "{} has the data format {found:?}, and this version reads {expected:?}: \
         use the version that wrote it, or choose another directory", .path.display()
    )]
    Format {
        /// The data directory.
        path: PathBuf,
        /// What its format file says.
        found: String,
        /// What this version reads and writes.
        expected: &'static str,
    },
    /// A data directory of another network.
    #[error(
        "{} belongs to network {found}, not to {expected}: choose another data directory, or the other network",
        .path.display()
    )]
    Network {
        /// The data directory.
        path: PathBuf,
        /// The network it belongs to.
        found: NetworkId,
        /// The network asked for.
        expected: NetworkId,
    },
    /// No space left, or the quota is used up.
    #[error("no space left for {}: free some, or move the data directory to a larger disk", .path.display())]
    Full {
        /// What was to be written.
        path: PathBuf,
    },
    /// The process may not write or read there.
    #[error("no permission for {} ({source}): make it writable for this user, or choose another directory", .path.display())]
    NotPermitted {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A secret that others can read.
    #[error("{} can be read by other users (mode {mode:o}): run `chmod 600` on it", .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file is not what was written.
    #[error("{} is damaged ({what}): restore it from a backup, or remove it to go on without", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How it shows.
        what: &'static str,
    },
    /// There are snapshots, and none can be read.
    #[error(
        "no snapshot in {} can be read (newest: {what}): they are damaged or sealed under another key; \
         restore them from a backup, or remove them to recover from the log alone", .path.display()
    )]
    NoSnapshot {
        /// The directory.
        path: PathBuf,
        /// What is wrong with the newest.
        what: String,
    },
    /// More bytes than the limit.
    #[error("{bytes} bytes, of at most {limit}")]
    TooLarge {
        /// What it has.
        bytes: u64,
        /// What it may have.
        limit: u64,
    },
    /// Any other failure of the operating system.
    #[error("cannot use {}: {source}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Any other failure of the object store.
    #[error("cannot use {}: {source}", .path.display())]
    Backend {
        /// The file or directory.
        path: PathBuf,
        /// What the object store says.
        source: object_store::Error,
    },
}

impl StoreError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full { path },
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::NotPermitted { path, source },
            _ => Self::Io { path, source },
        }
    }

    pub(crate) fn backend(path: &Path, source: object_store::Error) -> Self {
        match io_cause(&source) {
            Some(cause) => Self::io(path, cause),
            None => Self::Backend { path: path.to_owned(), source },
        }
    }
}

/// The failure of the operating system at the root of an object store's error.
fn io_cause(error: &object_store::Error) -> Option<io::Error> {
    let first: &(dyn Error + 'static) = error;
    let cause = std::iter::successors(Some(first), |error| (*error).source())
        .find_map(|error| error.downcast_ref::<io::Error>())?;
    Some(cause.raw_os_error().map_or_else(|| cause.kind().into(), io::Error::from_raw_os_error))
}

fn holder(pid: &Option<u32>) -> String {
    pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
}
