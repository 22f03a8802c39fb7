//! Files that are their owner's alone: mode 0600, written whole or not at all, and synced.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Why a file of secrets is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// Others may read or change it.
    #[error("others can read it (mode {0:04o})")]
    Exposed(u32),
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes a new file.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when there is one of this name; nothing is changed then.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = draft(path, bytes)?;
    // A link, unlike a renaming, never takes the place of what is there.
    let linked = fs::hard_link(&draft, path);
    drop(fs::remove_file(&draft));
    linked.and_then(|()| sync_folder(path))
}

/// Writes a file, in place of one that may be there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = draft(path, bytes)?;
    let renamed = fs::rename(&draft, path);
    if renamed.is_err() {
        drop(fs::remove_file(&draft));
    }
    renamed.and_then(|()| sync_folder(path))
}

/// Reads a file of at most `limit` bytes that nobody else can read.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = File::open(path)?;
    match mode(&file.metadata()?) {
        mode if mode & 0o077 != 0 => Err(ReadError::Exposed(mode)),
        _ => Ok(read_at_most(file, limit)?),
    }
}

/// Reads what is no longer than `limit` bytes.
pub(crate) fn read_at_most(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is larger than {limit} bytes")));
    }
    Ok(bytes)
}

/// The permissions of a file, as far as the system has them.
#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0
}

/// A synced file beside `path`, under a name of its own.
fn draft(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    create_folder(folder)?;
    let unique: [u8; 8] = tallow_crypto::random_bytes();
    let draft = folder.join(format!(".{}.tmp", hex::encode(unique)));
    let written = create_new(&draft).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    match written {
        Ok(()) => Ok(draft),
        Err(error) => {
            drop(fs::remove_file(&draft));
            Err(error)
        }
    }
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn create_new(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes sure that the file's name outlives a loss of power.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
