//! The local disk: object stores that sync, and small files that are written whole or not at all.

use crate::StoreError;
use object_store::local::LocalFileSystem;
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    path::Path,
};

const TEMPORARY: &str = "tmp";

/// An object store in `dir`, which is created if need be.
///
/// Files that an interrupted process left half-written are removed, so `dir` must be this process's alone.
pub(crate) fn open(dir: &Path) -> Result<LocalFileSystem, StoreError> {
    create_dir(dir)?;
    remove_staged(dir)?;
    // Syncing is off by default. With it, a write is acknowledged after file and directory are on stable storage.
    let store = LocalFileSystem::new_with_prefix(dir).map_err(|error| StoreError::backend(dir, error))?;
    Ok(store.with_fsync(true))
}

/// Creates a directory, durably.
pub(crate) fn create_dir(dir: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(dir).map_err(|error| StoreError::io(dir, error))?;
    sync_dir(dir)?;
    dir.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}

/// Object stores write `name#number`, and rename it to `name` when it is complete.
fn remove_staged(dir: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(dir).map_err(|error| StoreError::io(dir, error))? {
        let entry = entry.map_err(|error| StoreError::io(dir, error))?;
        if entry.file_name().to_string_lossy().contains('#') {
            fs::remove_file(entry.path()).map_err(|error| StoreError::io(&entry.path(), error))?;
        }
    }
    Ok(())
}

/// Writes a small file for this user's eyes alone: whole or not at all, on stable storage when this returns.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let staged = path.with_extension(TEMPORARY);
    let write = || {
        let mut file = private().write(true).create(true).truncate(true).open(&staged)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&staged, path)
    };
    write().map_err(|error| StoreError::io(path, error))?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// The bytes of a small file, or as many as `limit`; `None` when there is no such file.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io(path, error)),
    };
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).map_err(|error| StoreError::io(path, error))?;
    Ok(Some(bytes))
}

/// Options that let no other user read a file they create.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Bytes that this process can still write to the disk of `dir`.
///
/// # Errors
/// Those of asking for it.
#[cfg(unix)]
#[allow(clippy::useless_conversion, reason = "some systems count in 32 bits")]
pub fn free_bytes(dir: &Path) -> Result<u64, StoreError> {
    let answer = nix::sys::statvfs::statvfs(dir).map_err(|errno| StoreError::io(dir, errno.into()))?;
    Ok(u64::from(answer.blocks_available()).saturating_mul(u64::from(answer.fragment_size())))
}

/// Where it cannot be asked for there is enough, until a write fails.
#[cfg(not(unix))]
pub fn free_bytes(_: &Path) -> Result<u64, StoreError> {
    Ok(u64::MAX)
}

fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| StoreError::io(dir, error))
}
