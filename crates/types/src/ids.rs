//! 32-byte identifiers, one type each, so that one kind cannot be passed for another.

use parity_scale_codec::{Decode, Encode, MaxEncodedLen};
use std::{fmt, str::FromStr};

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 0x followed by 64 hexadecimal digits")]
pub struct ParseIdError;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode, MaxEncodedLen)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The identifier as bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] { &self.0 }
        }
        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self { Self(bytes) }
        }
        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "0x{}", hex::encode(self.0)) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "0x{}", hex::encode(self.0)) }
        }
        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let digits = text.strip_prefix("0x").ok_or(ParseIdError)?;
                let mut bytes = [0; 32];
                hex::decode_to_slice(digits, &mut bytes).map_err(|_| ParseIdError)?;
                Ok(Self(bytes))
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

id! {
    /// A hash whose meaning its field names.
    Hash;
    /// The network: digest of the ledger's genesis. Also the chain id of the ledger.
    NetworkId;
    /// A cluster. Also the chain id of its cluster log.
    ClusterId;
    /// An account or a contract of a cluster (contracts are accounts, as in ink!).
    AccountId;
    /// Blake2b-256 of a contract's Wasm.
    CodeHash;
    /// Digest of a command's content; equal content is the same command.
    CommandId;
    /// Digest of a block header.
    BlockDigest;
    /// The ed25519 key by which a worker is registered and signs.
    WorkerId;
    /// A query session between a client and one replica.
    SessionId;
}
