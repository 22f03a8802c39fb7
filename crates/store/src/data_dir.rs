//! The data directory of a process.
//!
//! ```text
//! LOCK           held while a process uses the directory; names its pid
//! FORMAT         the format of all the rest
//! NETWORK        id of the network it belongs to, once it belongs to one
//! code/          contract code (`Blobs`)
//! snapshots/ID/  sealed snapshots of a chain (`Snapshots`)
//! chains/ID/     log of a chain
//! cache/         what can be made again
//! keys/          development keys, for this user's eyes alone
//! ```

use crate::{StoreError, disk};
use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};
use tallow_crypto::{Label, Secret, ct_eq, labelled_hash};
use tallow_types::{Hash, NetworkId};

const FORMAT: &str = "tallow-data 4";
const SUBDIRECTORIES: [&str; 5] = ["code", "snapshots", "chains", "cache", "keys"];
/// What a process may leave behind in an empty directory when it is killed before it wrote the format.
const BEFORE_FORMAT: [&str; 3] = ["LOCK", "FORMAT.tmp", "lost+found"];
/// More than any small file has, and little enough to read what is not ours.
const SMALL_FILE_BYTES_MAX: u64 = 256;

/// A data directory, locked for this process until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Opens a data directory, or makes one of a directory that is empty or not there.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Foreign`], [`StoreError::Format`], and those of the disk.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = std::path::absolute(&path).map_err(|error| StoreError::io(path.as_ref(), error))?;
        disk::create_dir(&path)?;
        // Before the lock, so that nothing is written into a directory that is not ours.
        check_format(&path)?;
        let data = Self { _lock: lock(&path)?, path };
        if !check_format(&data.path)? {
            disk::write_file(&data.path.join("FORMAT"), format!("{FORMAT}\n").as_bytes())?;
        }
        for name in SUBDIRECTORIES {
            disk::create_dir(&data.path.join(name))?;
        }
        hide(&data.keys())?;
        Ok(data)
    }

    /// Removes all that a data directory has, and the directory if nothing else is in it.
    ///
    /// # Errors
    /// Those of the disk; what was removed by then stays removed, and what is left is still a data directory.
    pub fn remove(self) -> Result<(), StoreError> {
        let gone = |path: &Path, removed: std::io::Result<()>| match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io(path, error)),
            _ => Ok(()),
        };
        for name in SUBDIRECTORIES {
            let path = self.path.join(name);
            gone(&path, fs::remove_dir_all(&path))?;
        }
        // The format last: without it the rest would not be known to be ours.
        for name in ["NETWORK", "LOCK", "FORMAT"] {
            let path = self.path.join(name);
            gone(&path, fs::remove_file(&path))?;
        }
        // Something of the user's may be in it, and a directory that stays does no harm.
        drop(fs::remove_dir(&self.path));
        Ok(())
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Directory of contract code.
    pub fn code(&self) -> PathBuf {
        self.path.join("code")
    }

    /// Directory of a chain's snapshots.
    pub fn snapshots(&self, chain: &Hash) -> PathBuf {
        self.path.join("snapshots").join(hex::encode(chain))
    }

    /// Directory of a chain's log.
    pub fn chain(&self, chain: &Hash) -> PathBuf {
        self.path.join("chains").join(hex::encode(chain))
    }

    /// Directory of what can be made again, such as compiled code.
    pub fn cache(&self) -> PathBuf {
        self.path.join("cache")
    }

    /// Directory of development keys.
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// The network this directory belongs to, if it belongs to one yet.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the file does not name a network.
    pub fn network(&self) -> Result<Option<NetworkId>, StoreError> {
        let path = self.path.join("NETWORK");
        let Some(bytes) = disk::read_file(&path, SMALL_FILE_BYTES_MAX)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        text.trim_end().parse().map(Some).map_err(|_| StoreError::Damaged { path, what: "not a network id" })
    }

    /// Makes the directory that of `network`, for good.
    ///
    /// # Errors
    /// [`StoreError::Network`] when it belongs to another.
    pub fn bind_network(&self, network: NetworkId) -> Result<(), StoreError> {
        match self.network()? {
            None => disk::write_file(&self.path.join("NETWORK"), format!("{network}\n").as_bytes()),
            Some(found) if found == network => Ok(()),
            Some(found) => Err(StoreError::Network { path: self.path.clone(), found, expected: network }),
        }
    }

    /// The master secret of the development keyholder; a fresh one when there is none yet.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the file is not what was written, [`StoreError::Exposed`] when others can read it.
    pub fn load_or_create_dev_master(&self) -> Result<Secret<[u8; 32]>, StoreError> {
        let path = self.keys().join("dev-master");
        if let Some(bytes) = disk::read_file(&path, SMALL_FILE_BYTES_MAX)? {
            check_mode(&path)?;
            return parse_master(bytes).ok_or(StoreError::Damaged { path, what: "not the key that was written" });
        }
        let master = Secret::random();
        let file = Secret::new([master.expose().as_slice(), &master_checksum(&master).0].concat());
        disk::write_file(&path, file.expose())?;
        Ok(master)
    }
}

fn parse_master(bytes: Vec<u8>) -> Option<Secret<[u8; 32]>> {
    let bytes = Secret::new(bytes);
    let (master, checksum) = bytes.expose().split_first_chunk::<32>()?;
    let master = Secret::new(*master);
    ct_eq(&master_checksum(&master).0, checksum).then_some(master)
}

/// Tells a damaged key from a good one: with another key nothing that was sealed could be opened, and no one would know
/// why.
fn master_checksum(master: &Secret<[u8; 32]>) -> Hash {
    labelled_hash(Label::LocalStore, &[b"checksum of the development master secret", master.expose()])
}

/// Whether the directory has a format, which then is ours; false when it is empty.
fn check_format(path: &Path) -> Result<bool, StoreError> {
    if let Some(bytes) = disk::read_file(&path.join("FORMAT"), SMALL_FILE_BYTES_MAX)? {
        let found = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        let mismatch = StoreError::Format { path: path.to_owned(), found: found.clone(), expected: FORMAT };
        return if found == FORMAT { Ok(true) } else { Err(mismatch) };
    }
    for entry in fs::read_dir(path).map_err(|error| StoreError::io(path, error))? {
        let name = entry.map_err(|error| StoreError::io(path, error))?.file_name();
        if !BEFORE_FORMAT.iter().any(|expected| name == *expected) {
            return Err(StoreError::Foreign { path: path.to_owned() });
        }
    }
    Ok(false)
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let name = path.join("LOCK");
    let failed = |error| StoreError::io(&name, error);
    let mut file = disk::private().read(true).write(true).create(true).truncate(false).open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = disk::read_file(&name, SMALL_FILE_BYTES_MAX)?.unwrap_or_default();
            let pid = String::from_utf8_lossy(&holder).trim_end().parse().ok();
            return Err(StoreError::Locked { path: path.to_owned(), pid });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).map_err(failed)?;
    writeln!(file, "{}", std::process::id()).map_err(failed)?;
    Ok(file)
}

#[cfg(unix)]
fn hide(dir: &Path) -> Result<(), StoreError> {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(dir, mode).map_err(|error| StoreError::io(dir, error))
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), StoreError> {
    let metadata = fs::metadata(path).map_err(|error| StoreError::io(path, error))?;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(StoreError::Exposed { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn hide(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
