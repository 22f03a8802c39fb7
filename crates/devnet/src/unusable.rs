//! Why a folder cannot be a network's.

use std::io;
use tallow_store::StoreError;

/// What a folder is instead of the data directory of a network that can be started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unusable {
    /// The data directory of a network that runs.
    InUse,
    /// A folder with other things in it.
    Foreign,
    /// A data directory of another version.
    Format,
    /// A file.
    File,
}

/// What is wrong with the data directory, if that is why a network was not started.
pub fn unusable(error: &anyhow::Error) -> Option<Unusable> {
    error.chain().find_map(|cause| match cause.downcast_ref()? {
        StoreError::Locked { .. } => Some(Unusable::InUse),
        StoreError::Foreign { .. } => Some(Unusable::Foreign),
        StoreError::Format { .. } => Some(Unusable::Format),
        StoreError::Io { source, .. } => {
            let file = matches!(source.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory);
            file.then_some(Unusable::File)
        }
        _ => None,
    })
}
