//! What can be wrong with the keystore, and what to do about it.

use super::{Kept, VERSION};
use crate::failure::Failure;
use std::path::PathBuf;
use tallow_crypto::PasswordError;

/// Why the keystore does not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeystoreError {
    /// Neither `TALLOW_HOME` nor `XDG_CONFIG_HOME` nor `HOME`.
    #[error("there is no folder to keep accounts in")]
    NoHome,
    /// No file of this name.
    #[error("there is no account `{0}` in the keystore")]
    Missing(Kept),
    /// A file of this name.
    #[error("there is an account `{0}` already")]
    Exists(Kept),
    /// Others may read the file.
    #[error("others can read {} (mode {mode:04o})", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file is not what it should be.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is of another version.
    #[error("{} is of version {found}; this program reads version {VERSION}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
    /// The file cannot be read or written.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// "read" or "write".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The password does not open the account.
    #[error("cannot open account `{account}`")]
    Password {
        /// The account.
        account: Kept,
        /// Why.
        #[source]
        source: PasswordError,
    },
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        let hint = hint(&error);
        let usage = matches!(error, KeystoreError::Missing(_) | KeystoreError::Exists(_));
        let failure = if usage { Self::usage(error.into()) } else { Self::failed(error.into()) };
        failure.hint(hint)
    }
}

fn hint(error: &KeystoreError) -> String {
    match error {
        KeystoreError::NoHome => "name one by TALLOW_HOME".to_owned(),
        KeystoreError::Missing(Kept::Account(name)) => {
            format!("`tallow account list` shows which there are; `tallow account new {name}` makes it")
        }
        KeystoreError::Missing(Kept::Delegate(name)) => {
            format!("`tallow account list` shows which there are; `tallow account delegate --to {name}` makes it")
        }
        KeystoreError::Exists(kept) => format!("take another name, or remove it by `tallow account rm {kept}`"),
        KeystoreError::Exposed { path, .. } => {
            format!("`chmod 600 {}`, and think of whether others have read it", path.display())
        }
        KeystoreError::Damaged { .. } => {
            "put the file back from a copy, or import the secret again by `tallow account new NAME --import`".to_owned()
        }
        KeystoreError::Version { .. } => "use the version of tallow that wrote it".to_owned(),
        KeystoreError::Io { .. } => "check the permissions of the file and its folder, and the disk".to_owned(),
        KeystoreError::Password { source: PasswordError::Wrong, .. } => {
            "try again; without the password, import a copy of the secret by `tallow account new NAME --import`"
                .to_owned()
        }
        KeystoreError::Password { source: PasswordError::Length, .. } => "give another password".to_owned(),
        KeystoreError::Password { source: PasswordError::Cost(_), .. } => {
            "the file was altered: put it back from a copy".to_owned()
        }
    }
}
