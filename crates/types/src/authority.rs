//! By whose authority something is sent: signatures of callers, and the delegates they certify.

use crate::{AccountId, ClusterId, NetworkId};
use parity_scale_codec::{Decode, Encode};

/// The public key of a caller, with its scheme. The account it controls is `crypto::account_of`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum PublicKey {
    /// Ed25519 (RFC 8032).
    Ed25519([u8; 32]),
    /// Schnorrkel over Ristretto, signing context `substrate`.
    Sr25519([u8; 32]),
    /// ECDSA over secp256k1: the compressed point (SEC 1, section 2.3.3).
    Secp256k1([u8; 33]),
}

/// A signature's bytes; for secp256k1 r ‖ s, big-endian, with low s.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Signature(pub [u8; 64]);

/// In which form a caller's wallet was shown what it signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Encode, Decode)]
pub enum SigningScheme {
    /// The label's text and the digest as they are: programs that hold their own key.
    #[default]
    Raw,
    /// Readable text between `<Bytes>` and `</Bytes>`: `signRaw` of wallets of the Substrate ecosystem.
    WrappedBytes,
    /// Readable text under EIP-191: `personal_sign` of Ethereum wallets.
    Eip191,
    /// Typed data under EIP-712: `eth_signTypedData_v4` of Ethereum wallets.
    Eip712,
}

/// A caller's signature, with the form in which it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CallerSignature {
    /// The form.
    pub scheme: SigningScheme,
    /// The signature.
    pub signature: Signature,
}

/// What a delegate may send in the name of the caller that certified it. Queries are always among it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Scope {
    /// Queries alone.
    Queries,
    /// Queries, and commands.
    Commands {
        /// To which contracts.
        contracts: Contracts,
        /// Most value that one command may move.
        value_max: u128,
    },
}

/// Contracts that a delegate may send commands to.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Contracts {
    /// All of them; it may also make contracts and transfer balance.
    Any,
    /// Calls of these, at most `limits::DELEGATION_CONTRACTS_MAX`.
    Only(Vec<AccountId>),
}

/// A caller lends its name to another key: in one cluster, for a short time, for what the scope says.
///
/// It does not name the caller: its signature does, so that a wallet whose public key is not known yet signs once
/// (ADR 0009).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Delegation {
    /// The network.
    pub network: NetworkId,
    /// The cluster.
    pub cluster: ClusterId,
    /// The key that may act.
    pub delegate: PublicKey,
    /// From when on: milliseconds since the Unix epoch.
    pub not_before_ms: u64,
    /// Until when: milliseconds since the Unix epoch, at most `limits::DELEGATION_TIME_MS_MAX` after its beginning.
    pub not_after_ms: u64,
    /// What it may do.
    pub scope: Scope,
}

/// A delegation with the signature of the caller that made it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Certificate {
    /// The delegation.
    pub delegation: Delegation,
    /// The caller's signature.
    pub signature: CallerSignature,
}

/// What shows that a command or a session is its caller's.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Authority {
    /// The caller signed it.
    Caller(CallerSignature),
    /// A delegate signed it, in [`SigningScheme::Raw`].
    Delegate {
        /// What the caller certified.
        certificate: Box<Certificate>,
        /// The delegate's signature.
        signature: Signature,
    },
}

impl Authority {
    /// The delegation it stands on, if the caller did not sign itself.
    pub fn delegation(&self) -> Option<&Delegation> {
        match self {
            Self::Caller(_) => None,
            Self::Delegate { certificate, .. } => Some(&certificate.delegation),
        }
    }
}
