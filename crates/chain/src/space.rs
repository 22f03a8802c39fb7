//! Tells a full disk from a fault. The engine's parts panic when they cannot write, and some of their texts do not say
//! why.

use crate::ChainError;
use std::{
    fs::File,
    io::{self, ErrorKind, Write as _},
    path::Path,
};

/// A file that is written to see whether that is possible. The storage keeps its own in folders.
const PROBE: &str = ".probe";
/// Bytes written to it: what the engine writes at once is seldom more.
const PROBE_BYTES: usize = 64 * 1024;

/// The error, or that the disk is full when that explains it.
pub(crate) fn explain(error: ChainError, path: &Path) -> ChainError {
    match error {
        ChainError::DataDir { .. } | ChainError::Corrupt { .. } | ChainError::Engine(_) => {}
        other => return other,
    }
    let reason = error.to_string();
    if says_full(&reason) || is_full(path) {
        return ChainError::Full { path: path.to_owned(), reason };
    }
    error
}

/// Whether a text has what the system says of a full disk.
fn says_full(text: &str) -> bool {
    [ErrorKind::StorageFull, ErrorKind::QuotaExceeded].iter().any(|kind| text.contains(&format!("{kind:?}")))
        || text.contains("No space left on device")
}

/// Whether nothing can be written there now.
fn is_full(path: &Path) -> bool {
    let file = path.join(PROBE);
    let written = File::create(&file).and_then(|mut file| {
        file.write_all(&[0; PROBE_BYTES])?;
        file.sync_all()
    });
    let _ = std::fs::remove_file(&file); // it may not have been made
    written.is_err_and(|error| is_full_kind(&error))
}

fn is_full_kind(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests;
