//! Commands, as a client writes them and as they travel.

use crate::{AccountId, Authority, ClusterId, CodeHash, NetworkId, PublicKey};
use parity_scale_codec::{Decode, Encode};

/// Whose runtime a contract expects: it decides how the chain extension behaves in commands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub enum Compat {
    /// Tallow's: HTTP answers from the log, randomness of a PRF, block time.
    #[default]
    Tallow,
    /// Phala's: no HTTP, randomness, clock or cache in commands (`phat-abi.md` 2.3).
    Phala,
}

/// What a command does.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Action {
    /// Calls a message of a contract.
    Call {
        /// The contract.
        contract: AccountId,
        /// Selector and SCALE-encoded arguments.
        input: Vec<u8>,
    },
    /// Makes a contract out of registered code by running a constructor.
    Instantiate {
        /// Hash of the code.
        code: CodeHash,
        /// Selector and SCALE-encoded arguments of the constructor.
        input: Vec<u8>,
        /// Distinguishes contracts of the same deployer and code.
        salt: Vec<u8>,
        /// Whose runtime the contract expects.
        compat: Compat,
        /// Whether everyone may see the contract's events, rather than its deployer alone.
        public_events: bool,
    },
    /// Moves balance to another account of the cluster; the amount is the command's `value`.
    Transfer {
        /// The receiving account.
        to: AccountId,
    },
}

/// An ordered write. Equal content is the same command: its id is the digest of this type, so that
/// sending it again, or signing it again, can have no second effect (ADR 0002).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Command {
    /// The network it is meant for.
    pub network: NetworkId,
    /// The cluster it is meant for.
    pub cluster: ClusterId,
    /// Who sends it.
    pub caller: PublicKey,
    /// What it does.
    pub action: Action,
    /// Balance moved to the contract.
    pub value: u128,
    /// Most gas (`ref_time`, picoseconds) it may use, all its runs counted one by one.
    pub gas_limit: u64,
    /// Tells commands of the same content apart; any number not used before in the expiry window.
    pub nonce: u64,
    /// Block time (milliseconds since the Unix epoch) after which it has no effect.
    pub expiry_ms: u64,
    /// Fresh random key under which the outcome is sealed; who holds it can read the receipt.
    pub response_key: [u8; 32],
}

/// A command with what shows that it is its caller's.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SignedCommand {
    /// The command.
    pub command: Command,
    /// The caller's signature, or that of its delegate.
    pub authority: Authority,
}

/// A signed command sealed to the cluster's epoch key (HPKE base mode, RFC 9180).
///
/// The additional data are network, cluster and epoch, so an envelope cannot be moved elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SealedCommand {
    /// Which epoch key seals it.
    pub epoch: u64,
    /// The HPKE encapsulated key.
    pub encapsulated: [u8; 32],
    /// Ciphertext of the encoded [`SignedCommand`].
    pub ciphertext: Vec<u8>,
}
