//! HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

use crate::{Label, SealError, Secret, aead::TAG_BYTES};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable,
    aead::{AeadCtxR, AeadCtxS, AeadTag, AesGcm256},
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};

type Sender = AeadCtxS<AesGcm256, HkdfSha256, X25519HkdfSha256>;
type Receiver = AeadCtxR<AesGcm256, HkdfSha256, X25519HkdfSha256>;

/// An X25519 key to which commands and sessions are sealed. Wiped when dropped.
pub struct TransportSecret {
    secret: <X25519HkdfSha256 as Kem>::PrivateKey,
    public: [u8; 32],
}

impl TransportSecret {
    /// A fresh key.
    pub fn generate() -> Self {
        Self::from_bytes(&Secret::random())
    }

    /// The key of 32 uniform bytes.
    pub fn from_bytes(bytes: &Secret<[u8; 32]>) -> Self {
        let secret =
            <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(bytes.expose()).expect("an X25519 key is any 32 bytes");
        let public = X25519HkdfSha256::sk_to_pk(&secret).to_bytes().into();
        Self { secret, public }
    }

    /// The public key.
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    /// The receiving end of what was sealed with `encapsulated`.
    pub(crate) fn receive(&self, encapsulated: &[u8; 32], label: Label) -> Result<Opener, SealError> {
        let encapsulated =
            <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealError::Key)?;
        hpke::setup_receiver(&OpModeR::Base, &self.secret, &encapsulated, label.text().as_bytes())
            .map(Opener)
            .map_err(|_| SealError::Key)
    }
}

/// Sets up sealing to `public`: the encapsulated key and the sending end.
pub(crate) fn send(public: &[u8; 32], label: Label) -> Result<([u8; 32], Sealer), SealError> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public).map_err(|_| SealError::Key)?;
    let (encapsulated, context): (<X25519HkdfSha256 as Kem>::EncappedKey, Sender) =
        hpke::setup_sender(&OpModeS::Base, &public, label.text().as_bytes()).map_err(|_| SealError::Key)?;
    Ok((encapsulated.to_bytes().into(), Sealer(context)))
}

/// The sending end of an HPKE context.
pub(crate) struct Sealer(Sender);

/// The receiving end of an HPKE context.
pub(crate) struct Opener(Receiver);

impl Sealer {
    /// `ciphertext ‖ tag`.
    pub(crate) fn seal(&mut self, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plaintext.len() + TAG_BYTES);
        sealed.extend_from_slice(plaintext);
        let tag = self
            .0
            .seal_inout_detached(sealed.as_mut_slice().into(), aad)
            .expect("a context seals one message, far below AES-GCM's limits");
        sealed.extend_from_slice(&tag.to_bytes());
        sealed
    }

    /// A key known to both ends alone.
    pub(crate) fn export(&self, label: Label) -> Secret<[u8; 32]> {
        exported(|out| self.0.export(label.text().as_bytes(), out))
    }
}

impl Opener {
    /// The plaintext of `ciphertext ‖ tag`.
    pub(crate) fn open(&mut self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(SealError::Altered)?;
        let tag = AeadTag::from_bytes(tag).map_err(|_| SealError::Altered)?;
        let mut plaintext = ciphertext.to_vec();
        self.0.open_inout_detached(plaintext.as_mut_slice().into(), aad, &tag).map_err(|_| SealError::Altered)?;
        Ok(plaintext)
    }

    /// A key known to both ends alone.
    pub(crate) fn export(&self, label: Label) -> Secret<[u8; 32]> {
        exported(|out| self.0.export(label.text().as_bytes(), out))
    }
}

fn exported(export: impl FnOnce(&mut [u8]) -> Result<(), hpke::HpkeError>) -> Secret<[u8; 32]> {
    let mut key = [0; 32];
    export(&mut key).expect("32 bytes are less than HKDF can give");
    Secret::new(key)
}
