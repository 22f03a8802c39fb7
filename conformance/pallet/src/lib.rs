//! pallet-contracts with its interpreter, in a runtime of its own inside this process: what Tallow's engine is compared
//! with, for behaviour (`conformance/oracle`) and for speed (`conformance/bench`).
//!
//! ```
//! # use conformance_pallet::{Pallet, Policy, Message};
//! let wasm = wat::parse_str(r#"(module (import "env" "memory" (memory 1 1)) (func (export "deploy")) (func (export "call")))"#).unwrap();
//! let mut pallet = Pallet::new(Policy::default());
//! pallet.set_balance([1; 32], 1_000_000);
//! let code = pallet.upload([1; 32], &wasm).unwrap();
//! let made = pallet.instantiate(Message::from([1; 32]), code, b"salt").created.unwrap();
//! assert!(pallet.call(Message::from([1; 32]), made).result.is_ok());
//! ```

mod extension;
mod runtime;

use frame_support::{
    storage::{TransactionOutcome, child, with_transaction},
    traits::fungible::{Inspect, Mutate},
    weights::Weight,
};
use pallet_contracts::{Code, CollectEvents, DebugInfo, Determinism, StorageDeposit};
use parity_scale_codec::Decode;
use runtime::{Balances, Contracts, HEIGHT, Runtime, RuntimeEvent, System};
use sp_io::TestExternalities;
use sp_runtime::{AccountId32, BuildStorage, DispatchError, ModuleError};
use std::collections::BTreeMap;

pub use runtime::{CALL_DEPTH, CLUSTER, CLUSTER_KEY, NOW_MS, Policy};

/// An account, a code hash, a topic.
pub type Bytes32 = [u8; 32];

/// A call from outside.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who calls.
    pub caller: Bytes32,
    /// Balance moved from the caller to the contract.
    pub value: u128,
    /// Most `ref_time` it may use.
    pub gas: u64,
    /// Most storage deposit it may cost; what the caller has when it says nothing.
    pub deposit_limit: Option<u128>,
    /// Selector and arguments.
    pub input: Vec<u8>,
}

impl From<Bytes32> for Message {
    /// A message without value and input, with ample gas.
    fn from(caller: Bytes32) -> Self {
        Self { caller, value: 0, gas: 500_000_000_000, deposit_limit: None, input: Vec::new() }
    }
}

/// What a contract returned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Returned {
    /// Return flags; bit 0 reverts.
    pub flags: u32,
    /// Return buffer.
    pub data: Vec<u8>,
}

/// Why there is no result, by name: of a module's error (`OutOfGas`), or another error's debug form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure(pub String);

/// An event of a contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Emitted {
    /// The contract.
    pub contract: Bytes32,
    /// Its topics.
    pub topics: Vec<Bytes32>,
    /// Its data.
    pub data: Vec<u8>,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the contract returned.
    pub result: Result<Returned, Failure>,
    /// The contract made by an instantiation that did not revert.
    pub created: Option<Bytes32>,
    /// Events of contracts; empty when the call failed or reverted.
    pub events: Vec<Emitted>,
    /// Debug messages, one after the other.
    pub debug: Vec<u8>,
    /// `ref_time` used.
    pub gas: u64,
    /// What the caller paid for storage, the existential deposits of new contracts included; negative when it got more
    /// back.
    pub deposit: i128,
    /// Terminated contracts, and who got what they had, the existential deposit included.
    pub terminated: Vec<(Bytes32, Bytes32)>,
    /// Contracts made, by contracts too.
    pub instantiated: Vec<Bytes32>,
}

/// A chain with one pallet of contracts. Blocks do not advance by themselves.
pub struct Pallet(TestExternalities);

impl Pallet {
    /// An empty chain.
    pub fn new(policy: Policy) -> Self {
        policy.apply();
        let storage = frame_system::GenesisConfig::<Runtime>::default().build_storage();
        let mut chain = TestExternalities::new(storage.expect("the genesis of an empty chain is valid"));
        chain.execute_with(|| System::set_block_number(HEIGHT));
        Self(chain)
    }

    /// Gives an account a free balance.
    pub fn set_balance(&mut self, account: Bytes32, balance: u128) {
        self.0.execute_with(|| Balances::set_balance(&account.into(), balance));
    }

    /// An account's free balance, the existential deposit included.
    pub fn balance(&mut self, account: Bytes32) -> u128 {
        self.0.execute_with(|| Balances::balance(&account.into()))
    }

    /// All free balances that are not zero.
    pub fn balances(&mut self) -> BTreeMap<Bytes32, u128> {
        self.0.execute_with(|| {
            let accounts = frame_system::Account::<Runtime>::iter();
            accounts.map(|(account, info)| (account.into(), info.data.free)).filter(|entry| entry.1 > 0).collect()
        })
    }

    /// Stores code.
    ///
    /// # Errors
    /// The name of the reason.
    pub fn upload(&mut self, uploader: Bytes32, wasm: &[u8]) -> Result<Bytes32, Failure> {
        let stored = self
            .0
            .execute_with(|| Contracts::bare_upload_code(uploader.into(), wasm.to_vec(), None, Determinism::Enforced));
        stored.map(|stored| stored.code_hash.0).map_err(|error| Failure(name(error)))
    }

    /// Makes a contract of stored code.
    pub fn instantiate(&mut self, message: Message, code: Bytes32, salt: &[u8]) -> Outcome {
        self.transact(|| {
            let Message { caller, value, gas, deposit_limit, input } = message;
            let code = Code::Existing(code.into());
            let (weight, skip) = (Weight::from_parts(gas, u64::MAX), CollectEvents::Skip);
            let debug = DebugInfo::UnsafeDebug;
            let salt = salt.to_vec();
            let done = Contracts::bare_instantiate(
                caller.into(),
                value,
                weight,
                deposit_limit,
                code,
                input,
                salt,
                debug,
                skip,
            );
            let created = done.result.as_ref().ok().map(|made| made.account_id.clone().into());
            let result = done.result.map(|made| made.result);
            outcome(result, created, done.debug_message, done.gas_consumed, done.storage_deposit)
        })
    }

    /// Calls a contract.
    pub fn call(&mut self, message: Message, contract: Bytes32) -> Outcome {
        self.transact(|| {
            let Message { caller, value, gas, deposit_limit, input } = message;
            let (weight, skip) = (Weight::from_parts(gas, u64::MAX), CollectEvents::Skip);
            let (debug, enforced) = (DebugInfo::UnsafeDebug, Determinism::Enforced);
            let done = Contracts::bare_call(
                caller.into(),
                contract.into(),
                value,
                weight,
                deposit_limit,
                input,
                debug,
                skip,
                enforced,
            );
            outcome(done.result, None, done.debug_message, done.gas_consumed, done.storage_deposit)
        })
    }

    /// As a transaction: effects are dropped when it fails or reverts.
    fn transact(&mut self, run: impl FnOnce() -> Outcome) -> Outcome {
        self.0.execute_with(|| {
            System::reset_events();
            let kept = with_transaction(|| {
                let mut outcome = run();
                let success = matches!(&outcome.result, Ok(returned) if returned.flags & 1 == 0);
                if success {
                    (outcome.events, outcome.terminated) = (emitted(), terminated());
                    outcome.instantiated = instantiated();
                    TransactionOutcome::Commit(Ok::<_, DispatchError>(outcome))
                } else {
                    outcome.created = None;
                    outcome.deposit = 0;
                    TransactionOutcome::Rollback(Ok(outcome))
                }
            });
            kept.expect("transactions are not nested so deep")
        })
    }

    /// The code of a contract; none where no contract is.
    pub fn code_hash(&mut self, contract: Bytes32) -> Option<Bytes32> {
        self.0.execute_with(|| Contracts::code_hash(&contract.into())).map(Into::into)
    }

    /// A contract's storage by the *hashed* key: [`hashed_key`] makes one of a contract's own.
    pub fn storage(&mut self, contract: Bytes32) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.0.execute_with(|| {
            let Some(trie) = trie(&contract.into()) else { return BTreeMap::new() };
            let mut items = BTreeMap::new();
            let mut key = Vec::new();
            // The empty key comes first and has no predecessor; no hashed key is empty.
            while let Some(next) = sp_io::default_child_storage::next_key(trie.storage_key(), &key) {
                let value = child::get_raw(&trie, &next).unwrap_or_default();
                items.insert(next.clone(), value);
                key = next;
            }
            items
        })
    }
}

/// The key under which the pallet keeps a value: contracts' keys of variable length, and those of the old functions
/// that take 32 bytes, are hashed differently.
pub fn hashed_key(key: &[u8], fixed: bool) -> Vec<u8> {
    if fixed {
        return sp_io::hashing::blake2_256(key).to_vec();
    }
    [&sp_io::hashing::blake2_128(key)[..], key].concat()
}

/// A contract's child trie. The map of contracts is private to the pallet, but its first field is the trie's name.
fn trie(contract: &AccountId32) -> Option<child::ChildInfo> {
    let mut key = frame_support::storage::storage_prefix(b"Contracts", b"ContractInfoOf").to_vec();
    key.extend(<frame_support::Twox64Concat as frame_support::StorageHasher>::hash(contract.as_ref()));
    let info = sp_io::storage::get(&key)?;
    let name = Vec::<u8>::decode(&mut &info[..]).ok()?;
    Some(child::ChildInfo::new_default(&name))
}

fn outcome(
    result: Result<pallet_contracts::ExecReturnValue, DispatchError>,
    created: Option<Bytes32>,
    debug: Vec<u8>,
    used: Weight,
    deposit: StorageDeposit<u128>,
) -> Outcome {
    let deposit = match deposit {
        StorageDeposit::Charge(amount) => amount as i128,
        StorageDeposit::Refund(amount) => -(amount as i128),
    };
    let result = match result {
        Ok(value) => Ok(Returned { flags: value.flags.bits(), data: value.data }),
        Err(error) => Err(Failure(name(error))),
    };
    Outcome {
        result,
        created,
        events: Vec::new(),
        debug,
        gas: used.ref_time(),
        deposit,
        terminated: Vec::new(),
        instantiated: Vec::new(),
    }
}

fn name(error: DispatchError) -> String {
    match error {
        DispatchError::Module(ModuleError { message: Some(name), .. }) => name.into(),
        DispatchError::Other(name) => name.into(),
        other => format!("{other:?}"),
    }
}

fn emitted() -> Vec<Emitted> {
    let events = System::events().into_iter().filter_map(|record| match record.event {
        RuntimeEvent::Contracts(pallet_contracts::Event::ContractEmitted { contract, data }) => {
            let topics = record.topics.iter().map(|topic| topic.0).collect();
            Some(Emitted { contract: contract.into(), topics, data })
        }
        _ => None,
    });
    events.collect()
}

fn terminated() -> Vec<(Bytes32, Bytes32)> {
    let events = System::events().into_iter().filter_map(|record| match record.event {
        RuntimeEvent::Contracts(pallet_contracts::Event::Terminated { contract, beneficiary }) => {
            Some((contract.into(), beneficiary.into()))
        }
        _ => None,
    });
    events.collect()
}

fn instantiated() -> Vec<Bytes32> {
    let events = System::events().into_iter().filter_map(|record| match record.event {
        RuntimeEvent::Contracts(pallet_contracts::Event::Instantiated { contract, .. }) => Some(contract.into()),
        _ => None,
    });
    events.collect()
}
