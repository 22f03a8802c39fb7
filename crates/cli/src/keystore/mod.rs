//! Accounts that this user keeps: keys under passwords, delegates, and which of them signs when none is named.

mod account;
mod delegate;
mod error;

pub(crate) use account::{KeptAccount, read_secret};
pub(crate) use delegate::KeptDelegate;
pub(crate) use error::KeystoreError;

use crate::private::{self, ReadError};
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use tallow_types::limits::ACCOUNT_NAME_MAX;

/// Bytes of a file of the keystore; a larger one is not ours.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Version of the files.
const VERSION: u64 = 1;
/// The file that names the account to sign with.
const DEFAULT: &str = "default-account";
const DELEGATE_PREFIX: &str = "delegate:";

/// A name of an account or a delegate. It is a file's name too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Name(String);

/// What the keystore holds: an account by its name, or a delegate by `delegate:` and its name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kept {
    Account(Name),
    Delegate(Name),
}

/// The keystore's folder.
pub(crate) struct Keystore {
    root: Option<PathBuf>,
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let letter = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        let good = (1..=ACCOUNT_NAME_MAX).contains(&text.len())
            && text.bytes().all(letter)
            && text.as_bytes()[0].is_ascii_alphanumeric()
            && !text.starts_with("0x");
        let rule = || {
            format!("a name has at most {ACCOUNT_NAME_MAX} letters, digits, - and _, and begins with a letter or digit")
        };
        if good { Ok(Self(text.to_owned())) } else { Err(rule()) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Kept {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix(DELEGATE_PREFIX) {
            Some(name) => name.parse().map(Self::Delegate),
            None => text.parse().map(Self::Account),
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(name) => write!(f, "{name}"),
            Self::Delegate(name) => write!(f, "{DELEGATE_PREFIX}{name}"),
        }
    }
}

impl Keystore {
    /// `TALLOW_HOME`, or the user's configuration; nowhere when there is none.
    pub(crate) fn of_this_user() -> Self {
        let path = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let config = || path("XDG_CONFIG_HOME").or_else(|| path("HOME").map(|home| home.join(".config")));
        Self { root: path("TALLOW_HOME").or_else(|| config().map(|config| config.join("tallow"))) }
    }

    /// In this folder.
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: Some(root.to_owned()) }
    }

    /// Where something is kept.
    pub(crate) fn path(&self, kept: &Kept) -> Result<PathBuf, KeystoreError> {
        let (folder, name) = match kept {
            Kept::Account(name) => ("accounts", name),
            Kept::Delegate(name) => ("delegates", name),
        };
        Ok(self.root()?.join(folder).join(format!("{name}.json")))
    }

    /// The account that signs when none is named.
    pub(crate) fn default_account(&self) -> Result<Option<Kept>, KeystoreError> {
        let Ok(root) = self.root() else { return Ok(None) };
        let path = root.join(DEFAULT);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KeystoreError::Io { doing: "read", path, source }),
        };
        let named = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok());
        named.map(Some).ok_or_else(|| KeystoreError::Damaged { path, reason: "it names no account".to_owned() })
    }

    /// Chooses who signs when nobody is named.
    pub(crate) fn set_default(&self, kept: &Kept) -> Result<(), KeystoreError> {
        let path = self.root()?.join(DEFAULT);
        private::replace(&path, format!("{kept}\n").as_bytes()).map_err(written(&path))
    }

    /// Removes an account or a delegate; it no longer signs by default either.
    pub(crate) fn remove(&self, kept: &Kept) -> Result<(), KeystoreError> {
        let path = self.path(kept)?;
        std::fs::remove_file(&path).map_err(|error| self.not_read(kept, &path, error.into()))?;
        if self.default_account().ok().flatten().as_ref() == Some(kept) {
            let path = self.root()?.join(DEFAULT);
            std::fs::remove_file(&path).map_err(written(&path))?;
        }
        Ok(())
    }

    /// Every account and delegate, by name; other files are passed over.
    pub(crate) fn all(&self) -> Result<Vec<Kept>, KeystoreError> {
        let mut all = self.names("accounts", Kept::Account)?;
        all.extend(self.names("delegates", Kept::Delegate)?);
        Ok(all)
    }

    fn names(&self, folder: &str, kind: fn(Name) -> Kept) -> Result<Vec<Kept>, KeystoreError> {
        let Ok(root) = self.root() else { return Ok(Vec::new()) };
        let path = root.join(folder);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(KeystoreError::Io { doing: "read", path, source }),
        };
        let name = |entry: std::fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".json")?.parse().ok();
        let mut names: Vec<Kept> = entries.flatten().filter_map(name).map(kind).collect();
        names.sort();
        Ok(names)
    }

    fn root(&self) -> Result<&Path, KeystoreError> {
        self.root.as_deref().ok_or(KeystoreError::NoHome)
    }

    /// Reads a file of this version.
    fn read<T: serde::de::DeserializeOwned>(&self, kept: &Kept) -> Result<T, KeystoreError> {
        let path = self.path(kept)?;
        let bytes = private::read(&path, FILE_BYTES_MAX).map_err(|error| self.not_read(kept, &path, error))?;
        let damaged =
            |error: serde_json::Error| KeystoreError::Damaged { path: path.clone(), reason: error.to_string() };
        let document: Value = serde_json::from_slice(&bytes).map_err(damaged)?;
        match document["version"].as_u64() {
            Some(VERSION) => serde_json::from_value(document).map_err(damaged),
            Some(found) => Err(KeystoreError::Version { path, found }),
            None => Err(KeystoreError::Damaged { path, reason: "it has no version".to_owned() }),
        }
    }

    fn not_read(&self, kept: &Kept, path: &Path, error: ReadError) -> KeystoreError {
        let path = path.to_owned();
        match error {
            ReadError::Exposed(mode) => KeystoreError::Exposed { path, mode },
            ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                KeystoreError::Missing(kept.clone())
            }
            ReadError::Io(source) => KeystoreError::Io { doing: "read", path, source },
        }
    }

    /// Writes a new file, or a changed one.
    fn write(&self, kept: &Kept, document: &impl serde::Serialize, new: bool) -> Result<PathBuf, KeystoreError> {
        let path = self.path(kept)?;
        let bytes = tallow_crypto::Secret::new(serde_json::to_vec_pretty(document).expect("texts and numbers"));
        let write = if new { private::create } else { private::replace };
        match write(&path, bytes.expose()) {
            Ok(()) => Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(KeystoreError::Exists(kept.clone())),
            Err(source) => Err(KeystoreError::Io { doing: "write", path, source }),
        }
    }
}

fn written(path: &Path) -> impl FnOnce(std::io::Error) -> KeystoreError {
    let path = path.to_owned();
    move |source| KeystoreError::Io { doing: "write", path, source }
}

#[cfg(test)]
mod tests;
