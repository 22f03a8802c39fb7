//! Evidence as it travels: a byte for its kind, then the document of that kind.

use crate::{AttestError, sim};
use parity_scale_codec::Encode;
use std::fmt;
use tallow_types::{decode_exact, limits::EVIDENCE_BYTES_MAX};

/// Kinds of evidence this version knows. Numbers are never used again for another kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Simulated: for development, proves nothing.
    Simulated = 0,
}

impl Kind {
    /// The kind's number, the first byte of its evidence.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulated => f.write_str("sim"),
        }
    }
}

/// A document of attestation.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Evidence {
    /// [`Kind::Simulated`]
    Simulated(sim::SignedStatement),
}

impl Evidence {
    /// The kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Simulated(_) => Kind::Simulated,
        }
    }

    /// Evidence as it travels.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind().number()];
        match self {
            Self::Simulated(signed) => signed.encode_to(&mut bytes),
        }
        bytes
    }

    /// Reads evidence without judging it.
    ///
    /// # Errors
    /// [`AttestError::TooLarge`], [`AttestError::UnknownKind`], [`AttestError::Malformed`]
    pub fn decode(bytes: &[u8]) -> Result<Self, AttestError> {
        if bytes.len() > EVIDENCE_BYTES_MAX {
            return Err(AttestError::TooLarge(bytes.len()));
        }
        let (&kind, document) = bytes.split_first().ok_or(AttestError::Malformed)?;
        if kind != Kind::Simulated.number() {
            return Err(AttestError::UnknownKind(kind));
        }
        decode_exact(document).map(Self::Simulated).map_err(|_| AttestError::Malformed)
    }
}
