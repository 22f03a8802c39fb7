//! What a cluster runs: commands that callers signed, and those it sends itself when a timer is due.

use crate::Cluster;
use parity_scale_codec::{Decode, Encode};
use tallow_crypto::{Label, account_of, labelled_hash, prf};
use tallow_engine::{Invocation, Target};
use tallow_types::{AccountId, Action, ClusterId, CommandId, SignedCommand};

/// What runs, as a waiting command keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Task {
    /// A caller's command.
    Command(Box<SignedCommand>),
    /// A timer's.
    Firing(FiredTimer),
}

/// One firing of a timer: a call of the contract by itself.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FiredTimer {
    /// The contract.
    pub contract: AccountId,
    /// The timer's id.
    pub timer: Vec<u8>,
    /// Number of the timer among all that the cluster ever had.
    pub serial: u64,
    /// When it was due, milliseconds since the Unix epoch.
    pub due_ms: u64,
    /// Selector and SCALE-encoded arguments.
    pub input: Vec<u8>,
    /// Most gas it may use.
    pub gas_limit: u64,
    /// Block time after which it waits no longer for answers.
    pub expiry_ms: u64,
}

impl FiredTimer {
    /// Its id as a command. A timer, told apart from all others by its number, fires once for each time it is due.
    pub(crate) fn id(&self, cluster: &ClusterId) -> CommandId {
        let place = (&self.contract, &self.timer, self.serial, self.due_ms).encode();
        CommandId(labelled_hash(Label::Firing, &[&cluster.0, &place]).0)
    }
}

impl Task {
    /// Block time after which it ends without the answers it waits for.
    pub fn expiry_ms(&self) -> u64 {
        self.borrow().expiry_ms()
    }

    /// Whose external calls it makes: those of the contract it is sent to, or of its caller when it makes one.
    pub fn account(&self) -> AccountId {
        match self {
            Self::Firing(fired) => fired.contract,
            Self::Command(signed) => match signed.command.action {
                Action::Call { contract, .. } => contract,
                _ => account_of(&signed.command.caller),
            },
        }
    }

    /// Who pays for it: the caller, or the contract that set the timer.
    pub fn payer(&self) -> AccountId {
        self.borrow().payer()
    }

    pub(crate) fn borrow(&self) -> Ordered<'_> {
        match self {
            Self::Command(signed) => Ordered::Command(signed),
            Self::Firing(fired) => Ordered::Firing(fired),
        }
    }
}

/// A [`Task`] that is held elsewhere: most commands never wait, and need no copy.
#[derive(Clone, Copy)]
pub(crate) enum Ordered<'a> {
    Command(&'a SignedCommand),
    Firing(&'a FiredTimer),
}

impl<'a> Ordered<'a> {
    pub(crate) fn to_task(self) -> Task {
        match self {
            Self::Command(signed) => Task::Command(Box::new(signed.clone())),
            Self::Firing(fired) => Task::Firing(fired.clone()),
        }
    }

    /// Who pays for it: the caller, also of what a delegate sends for it; of a firing, the contract.
    pub(crate) fn payer(self) -> AccountId {
        match self {
            Self::Command(signed) => account_of(&signed.command.caller),
            Self::Firing(fired) => fired.contract,
        }
    }

    /// Most gas that a run may use.
    pub(crate) fn gas_limit(self) -> u64 {
        match self {
            Self::Command(signed) => signed.command.gas_limit,
            Self::Firing(fired) => fired.gas_limit,
        }
    }

    fn expiry_ms(self) -> u64 {
        match self {
            Self::Command(signed) => signed.command.expiry_ms,
            Self::Firing(fired) => fired.expiry_ms,
        }
    }
}

/// A firing as the engine takes it.
pub(crate) fn firing(fired: &FiredTimer) -> Invocation {
    let (contract, input) = (fired.contract, fired.input.clone());
    Invocation { caller: contract, target: Target::Call { contract }, input, value: 0, gas_limit: fired.gas_limit }
}

impl Cluster {
    /// The key under which the outcomes of a contract's firings are sealed: who holds it can read their receipts.
    pub fn firings_key(&self, contract: &AccountId) -> [u8; 32] {
        prf(&self.keys.firings, Label::FiringOutcome, &[contract.as_ref()])
    }

    /// The key under which an outcome is sealed.
    pub(crate) fn response_key(&self, ordered: Ordered<'_>) -> [u8; 32] {
        match ordered {
            Ordered::Command(signed) => signed.command.response_key,
            Ordered::Firing(fired) => self.firings_key(&fired.contract),
        }
    }
}
