//! What this machine remembers between commands: pinned networks, metadata of contracts, keys of receipts.
//!
//! Nothing of it is needed to be safe except the pinned networks; without it, calls need `--metadata`.

use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tallow_types::limits::BUNDLE_BYTES_MAX;
use tallow_types::{AccountId, ClusterId, CodeHash, CommandId, NetworkId};

/// Bytes of a small file of ours; a larger one is not ours.
const RECORD_BYTES_MAX: u64 = 64 * 1024;

/// The directory of this machine's memory.
pub(crate) struct Local {
    root: Option<PathBuf>,
}

/// What is known of the network at one URL.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pin {
    pub(crate) network: NetworkId,
    pub(crate) cluster: ClusterId,
    pub(crate) ledger_epoch: u64,
    pub(crate) ledger_height: u64,
    pub(crate) height: u64,
}

/// What it takes to read the receipt of a command.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct SentCommand {
    pub(crate) response_key: String,
    pub(crate) contract: Option<AccountId>,
    pub(crate) code: Option<CodeHash>,
    pub(crate) message: Option<String>,
    pub(crate) constructor: bool,
}

impl Local {
    /// `TALLOW_HOME`, or the user's data directory; nowhere when there is none.
    pub(crate) fn of_this_user() -> Self {
        let path = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let data = || path("XDG_DATA_HOME").or_else(|| path("HOME").map(|home| home.join(".local/share")));
        Self { root: path("TALLOW_HOME").or_else(|| data().map(|data| data.join("tallow"))) }
    }

    /// The folder, if it can be written to.
    ///
    /// # Errors
    /// When there is none, or it cannot be written to.
    pub(crate) fn check(&self) -> io::Result<&Path> {
        self.write("doctor", b"")?;
        let root = self.root.as_deref().ok_or_else(no_home)?;
        fs::remove_file(root.join("doctor"))?;
        Ok(root)
    }

    pub(crate) fn pin(&self, url: &str) -> Option<Pin> {
        self.read(&pin_name(url))
    }

    pub(crate) fn set_pin(&self, url: &str, pin: &Pin) -> io::Result<()> {
        self.write(&pin_name(url), &serde_json::to_vec(pin)?)
    }

    pub(crate) fn command(&self, id: CommandId) -> Option<SentCommand> {
        self.read(&command_name(id))
    }

    pub(crate) fn set_command(&self, id: CommandId, sent: &SentCommand) -> io::Result<()> {
        self.write(&command_name(id), &serde_json::to_vec(sent)?)
    }

    /// Metadata of code, as a file that [`tallow_abi::Metadata::parse`] reads.
    pub(crate) fn metadata(&self, code: CodeHash) -> Option<Vec<u8>> {
        read_bounded(&self.root.as_ref()?.join(metadata_name(code)), BUNDLE_BYTES_MAX as u64).ok()
    }

    pub(crate) fn set_metadata(&self, code: CodeHash, metadata: &[u8]) -> io::Result<()> {
        self.write(&metadata_name(code), metadata)
    }

    fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        let bytes = read_bounded(&self.root.as_ref()?.join(name), RECORD_BYTES_MAX).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Writes a file of the user's own, whole or not at all.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let root = self.root.as_ref().ok_or_else(no_home)?;
        let path = root.join(name);
        let folder = path.parent().expect("every name has a folder");
        fs::create_dir_all(folder)?;
        let unique: [u8; 8] = tallow_crypto::random_bytes();
        let draft = folder.join(format!(".{}.tmp", hex::encode(unique)));
        let written =
            create_private(&draft).and_then(|mut file| file.write_all(bytes)).and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            drop(fs::remove_file(&draft));
        }
        written
    }
}

fn no_home() -> io::Error {
    io::Error::other("there is no home directory")
}

fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Reads a file that is no larger than `limit`.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("the file is larger than {limit} bytes")));
    }
    Ok(bytes)
}

fn pin_name(url: &str) -> String {
    let digest = tallow_crypto::blake2b_128(url.trim_end_matches('/').as_bytes());
    format!("networks/{}.json", hex::encode(digest))
}

fn command_name(id: CommandId) -> String {
    format!("commands/{id}.json")
}

fn metadata_name(code: CodeHash) -> String {
    format!("metadata/{code}.json")
}

#[cfg(test)]
mod tests;
