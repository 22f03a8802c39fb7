//! Accounts: a secret URI under a password, its public key in clear.

use super::{Kept, Keystore, KeystoreError, Name, VERSION};
use crate::bytes::{Hex, to_hex};
use crate::failure::Failure;
use anyhow::anyhow;
use parity_scale_codec::Encode;
use serde::{Deserialize, Serialize};
use tallow_client::{KeyScheme, Keypair};
use tallow_crypto::{PasswordCost, PasswordError, PasswordSealed, Secret, account_of, is_development_uri};
use tallow_types::{AccountId, PublicKey};

/// An account's file, as far as it can be read without the password.
pub(crate) struct KeptAccount {
    name: Name,
    public: PublicKey,
    scheme: KeyScheme,
    sealed: PasswordSealed,
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct File {
    version: u64,
    scheme: String,
    public_key: String,
    suite: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    secret: String,
}

impl KeptAccount {
    /// Seals a secret URI without its scheme.
    pub(crate) fn seal(
        name: Name,
        scheme: KeyScheme,
        secret: &Secret<String>,
        password: &Secret<String>,
    ) -> Result<Self, Failure> {
        let key = Keypair::from_secret_uri(scheme, secret.expose()).map_err(|error| {
            // The text is a secret, so it is not repeated.
            Failure::usage(error.into()).hint("check the text; `tallow account new --help` says what is taken")
        })?;
        let public = key.public();
        let sealed = PasswordSealed::seal(password, PasswordCost::DEFAULT, &aad(&public), secret.expose().as_bytes());
        let sealed =
            sealed.map_err(|source| KeystoreError::Password { account: Kept::Account(name.clone()), source })?;
        Ok(Self { name, public, scheme, sealed })
    }

    pub(crate) fn public(&self) -> PublicKey {
        self.public
    }

    pub(crate) fn scheme(&self) -> KeyScheme {
        self.scheme
    }

    pub(crate) fn account(&self) -> AccountId {
        account_of(&self.public)
    }

    /// The secret URI, without its scheme.
    pub(crate) fn open(&self, password: &Secret<String>) -> Result<Secret<String>, KeystoreError> {
        let refused = |source| KeystoreError::Password { account: Kept::Account(self.name.clone()), source };
        let bytes = self.sealed.open(password, &aad(&self.public)).map_err(refused)?;
        let text = std::str::from_utf8(bytes.expose()).map_err(|_| refused(PasswordError::Wrong))?;
        Ok(Secret::new(text.to_owned()))
    }

    /// The key pair.
    pub(crate) fn unlock(&self, password: &Secret<String>) -> Result<Keypair, KeystoreError> {
        let key = Keypair::from_secret_uri(self.scheme, self.open(password)?.expose()).ok();
        let key = key.filter(|key| key.public() == self.public);
        key.ok_or(KeystoreError::Password { account: Kept::Account(self.name.clone()), source: PasswordError::Wrong })
    }

    fn file(&self) -> File {
        let PasswordCost { memory_kib, passes, lanes } = self.sealed.cost;
        let public_key = match &self.public {
            PublicKey::Ed25519(key) | PublicKey::Sr25519(key) => to_hex(key),
            PublicKey::Secp256k1(key) => to_hex(key),
        };
        File {
            version: VERSION,
            scheme: self.scheme.to_string(),
            public_key,
            suite: PasswordSealed::SUITE.to_owned(),
            memory_kib,
            passes,
            lanes,
            salt: to_hex(&self.sealed.salt),
            secret: to_hex(&self.sealed.sealed),
        }
    }

    fn from_file(name: Name, file: &File) -> Result<Self, &'static str> {
        if file.suite != PasswordSealed::SUITE {
            return Err("its suite of algorithms is not known");
        }
        let bytes = |text: &str| text.parse().map(|Hex(bytes)| bytes).map_err(|_| "it holds no hexadecimal digits");
        let scheme: KeyScheme = file.scheme.parse().map_err(|_| "its scheme is not known")?;
        let public = public_key(scheme, &bytes(&file.public_key)?).ok_or("its public key has another length")?;
        let salt = bytes(&file.salt)?.try_into().map_err(|_| "its salt has another length")?;
        let cost = PasswordCost { memory_kib: file.memory_kib, passes: file.passes, lanes: file.lanes };
        let sealed = PasswordSealed { cost, salt, sealed: bytes(&file.secret)? };
        Ok(Self { name, public, scheme, sealed })
    }
}

impl Keystore {
    /// An account by its name.
    pub(crate) fn account(&self, name: &Name) -> Result<KeptAccount, KeystoreError> {
        let kept = Kept::Account(name.clone());
        let file: File = self.read(&kept)?;
        KeptAccount::from_file(name.clone(), &file).map_err(|reason| match self.path(&kept) {
            Ok(path) => KeystoreError::Damaged { path, reason: reason.to_owned() },
            Err(error) => error,
        })
    }

    /// Keeps a new account, or a changed one.
    pub(crate) fn keep_account(&self, account: &KeptAccount, new: bool) -> Result<std::path::PathBuf, KeystoreError> {
        self.write(&Kept::Account(account.name.clone()), &account.file(), new)
    }
}

/// Takes a secret apart that may name its scheme. Keys that everybody knows are not kept.
pub(crate) fn read_secret(
    text: &Secret<String>,
    wanted: Option<KeyScheme>,
) -> Result<(KeyScheme, Secret<String>), Failure> {
    let text = text.expose().trim();
    let named = text.split_once(':').and_then(|(name, secret)| Some((name.parse::<KeyScheme>().ok()?, secret)));
    let (scheme, secret) = match (named, wanted) {
        (Some((scheme, _)), Some(wanted)) if scheme != wanted => {
            let error = anyhow!("the secret names the scheme {scheme}, and --scheme says {wanted}");
            return Err(Failure::usage(error).hint("leave --scheme out"));
        }
        (Some((scheme, secret)), _) => (scheme, secret),
        (None, wanted) => (wanted.unwrap_or_default(), text),
    };
    if is_development_uri(secret) {
        let error = anyhow!("the secret is that of a development account, which everybody knows");
        return Err(Failure::usage(error).hint("use it as it is, by --from //NAME, on development networks"));
    }
    Ok((scheme, Secret::new(secret.to_owned())))
}

/// What stands beside the secret in clear and belongs to it.
fn aad(public: &PublicKey) -> Vec<u8> {
    (VERSION, public).encode()
}

fn public_key(scheme: KeyScheme, bytes: &[u8]) -> Option<PublicKey> {
    Some(match scheme {
        KeyScheme::Sr25519 => PublicKey::Sr25519(bytes.try_into().ok()?),
        KeyScheme::Ed25519 => PublicKey::Ed25519(bytes.try_into().ok()?),
        KeyScheme::Secp256k1 => PublicKey::Secp256k1(bytes.try_into().ok()?),
    })
}
