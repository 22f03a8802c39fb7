//! Delegates: a key and the certificate under which it signs for an account. The key is in clear, since it lives for
//! hours at most, and does only what the certificate says.

use super::{Kept, Keystore, KeystoreError, Name, VERSION};
use crate::bytes::{Hex, to_hex};
use parity_scale_codec::Encode;
use serde::{Deserialize, Serialize};
use tallow_client::{Delegate, Keypair};
use tallow_crypto::{Secret, account_of};
use tallow_types::{AccountId, Certificate, PublicKey, decode_exact};

/// A key that may act for an account.
pub(crate) struct KeptDelegate {
    pub(crate) caller: PublicKey,
    pub(crate) certificate: Certificate,
    pub(crate) seed: Secret<[u8; 32]>,
}

/// What the file holds: the caller and its certificate in SCALE, the delegate's seed.
#[derive(Serialize, Deserialize)]
struct File {
    version: u64,
    caller: String,
    certificate: String,
    seed: String,
}

impl KeptDelegate {
    pub(crate) fn account(&self) -> AccountId {
        account_of(&self.caller)
    }

    /// Milliseconds since the Unix epoch at which it ends.
    pub(crate) fn until_ms(&self) -> u64 {
        self.certificate.delegation.not_after_ms
    }

    /// The signer.
    pub(crate) fn signer(self) -> Delegate {
        Delegate::new(self.caller, self.certificate, Keypair::ed25519_from_seed(&self.seed))
    }

    fn from_file(file: File) -> Option<Self> {
        let seed = Secret::new(file.seed);
        let bytes = |text: &str| text.parse().ok().map(|Hex(bytes)| bytes);
        let caller = decode_exact(&bytes(&file.caller)?).ok()?;
        let certificate: Certificate = decode_exact(&bytes(&file.certificate)?).ok()?;
        let bytes = Secret::new(bytes(seed.expose())?);
        let seed = Secret::new(bytes.expose().as_slice().try_into().ok()?);
        let key = Keypair::ed25519_from_seed(&seed).public();
        (key == certificate.delegation.delegate).then_some(Self { caller, certificate, seed })
    }
}

impl Keystore {
    /// A delegate by its name.
    pub(crate) fn delegate(&self, name: &Name) -> Result<KeptDelegate, KeystoreError> {
        let kept = Kept::Delegate(name.clone());
        let reason = || "key and certificate do not belong together".to_owned();
        match KeptDelegate::from_file(self.read(&kept)?) {
            Some(delegate) => Ok(delegate),
            None => Err(KeystoreError::Damaged { path: self.path(&kept)?, reason: reason() }),
        }
    }

    /// Keeps a delegate, in place of an earlier one of this name.
    pub(crate) fn keep_delegate(
        &self,
        name: &Name,
        delegate: &KeptDelegate,
    ) -> Result<std::path::PathBuf, KeystoreError> {
        let file = File {
            version: VERSION,
            caller: to_hex(&delegate.caller.encode()),
            certificate: to_hex(&delegate.certificate.encode()),
            seed: to_hex(delegate.seed.expose()),
        };
        let path = self.write(&Kept::Delegate(name.clone()), &file, false);
        drop(Secret::new(file.seed));
        path
    }
}
