//! Commands, as a client writes them and as they travel.

use crate::limits::SECRET_NAME_BYTES_MAX;
use crate::{AccountId, Authority, ClusterId, ClusterPolicy, CodeHash, NetworkId, PublicKey};
use parity_scale_codec::{Decode, Encode};
use zeroize::{Zeroize, ZeroizeOnDrop};

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
    /// As `Instantiate`; the caller becomes the contract's admin, who may replace its code (ADR 0016).
    InstantiateUpgradable {
        /// Hash of the code.
        code: CodeHash,
        /// Selector and SCALE-encoded arguments of the constructor.
        input: Vec<u8>,
        /// Distinguishes contracts of the same deployer and code.
        salt: Vec<u8>,
        /// Whose runtime the contract expects.
        compat: Compat,
        /// As of `Instantiate`.
        public_events: bool,
    },
    /// Replaces a contract's code; for its admin alone.
    Upgrade {
        /// The contract.
        contract: AccountId,
        /// Hash of its new code.
        code: CodeHash,
        /// Selector and arguments of a message of the new code that is called at once. The old code stays unless it
        /// returns without reverting.
        migrate: Option<Vec<u8>>,
    },
    /// Gives up, for ever, the right to replace a contract's code; for its admin alone.
    Freeze {
        /// The contract.
        contract: AccountId,
    },
    /// Keeps a value that the contract can read and nobody else; for its deployer alone.
    SetSecret {
        /// The contract.
        contract: AccountId,
        /// The value's name; see `limits::SECRET_NAME_BYTES_MAX`.
        name: String,
        /// The value.
        value: SecretValue,
    },
    /// Forgets such a value; for the contract's deployer alone.
    RemoveSecret {
        /// The contract.
        contract: AccountId,
        /// The value's name.
        name: String,
    },
    /// Names the cluster's system contract, or that there is none; for the cluster's owner alone.
    SetSystemContract {
        /// The contract.
        contract: Option<AccountId>,
    },
    /// Takes balance out of the cluster, to an account of the ledger; the amount is the command's `value`.
    Withdraw {
        /// The receiving account of the ledger.
        to: AccountId,
    },
    /// Sets what the cluster takes for its work; for the cluster's owner alone.
    SetPolicy {
        /// What it takes from now on.
        policy: ClusterPolicy,
    },
}

/// A value that only a contract shall see. It is wiped when dropped and never printed; its encoding is that of a vector.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub struct SecretValue(pub Vec<u8>);

/// Shows how long it is, not what it is.
impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretValue({} bytes)", self.0.len())
    }
}

/// Whether this can be the name of a secret: a letter or underscore, then letters, digits and underscores.
pub fn is_secret_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.len() <= SECRET_NAME_BYTES_MAX
        && name.starts_with(letter)
        && name.chars().all(|c| letter(c) || c.is_ascii_digit())
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
    /// Balance moved to the contract, to another account, or out of the cluster.
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
