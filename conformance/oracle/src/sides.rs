//! Both sides behind one interface.

use crate::Accounts;
use conformance_pallet as reference;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tallow_crypto::Secret;
use tallow_engine::{Code, ContractInfo, Engine, Environment, Invocation, Mode, Step, StorageKey, Target, World};
use tallow_types::{AccountId, ClusterId, CodeHash, CommandId, Compat};

type Bytes32 = [u8; 32];

/// What came of one step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// Flags and data, or the error's name.
    pub result: Result<(u32, Vec<u8>), String>,
    /// Events: contract, topics, data.
    pub events: Vec<(Bytes32, Vec<Bytes32>, Vec<u8>)>,
    /// Debug messages, one after the other.
    pub debug: Vec<u8>,
    /// The contract an instantiation made.
    pub created: Option<Bytes32>,
}

/// All that steps leave behind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    /// Balances that are not zero, without what accounts and storage cost.
    pub balances: BTreeMap<Bytes32, u128>,
    /// Contracts and their code.
    pub contracts: BTreeMap<Bytes32, Bytes32>,
    /// Storage by contract and hashed key.
    pub storage: BTreeMap<(Bytes32, Vec<u8>), Vec<u8>>,
}

/// One of those compared.
pub trait Side {
    /// Stores code.
    ///
    /// # Errors
    /// The name of the reason.
    fn upload(&mut self, wasm: &[u8]) -> Result<Bytes32, String>;
    /// Gives an account a balance.
    fn set_balance(&mut self, account: Bytes32, balance: u128);
    /// Makes a contract.
    fn instantiate(&mut self, call: Call<'_>, code: Bytes32, salt: &[u8]) -> Observed;
    /// Calls a contract.
    fn call(&mut self, call: Call<'_>, contract: Bytes32) -> Observed;
    /// What there is now.
    fn state(&mut self) -> State;
}

/// What goes with a call.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Who calls.
    pub caller: Bytes32,
    /// Balance that goes with it.
    pub value: u128,
    /// Most gas it may use.
    pub gas: u64,
    /// Selector and arguments.
    pub input: &'a [u8],
}

/// The reference.
pub struct Pallet {
    chain: reference::Pallet,
    /// What accounts paid for storage and accounts, to be given back before balances are compared.
    paid: BTreeMap<Bytes32, i128>,
    /// Contracts that were made.
    made: BTreeSet<Bytes32>,
}

impl Default for Pallet {
    fn default() -> Self {
        Self {
            chain: reference::Pallet::new(reference::Policy::default()),
            paid: BTreeMap::new(),
            made: BTreeSet::new(),
        }
    }
}

/// What an account must have on the reference, and what each contract gets from whom makes it.
const EXISTENTIAL_DEPOSIT: u128 = 1;

impl Pallet {
    fn observe(&mut self, caller: Bytes32, outcome: reference::Outcome) -> Observed {
        *self.paid.entry(caller).or_default() += outcome.deposit;
        self.made.extend(outcome.instantiated);
        self.take_inherited(outcome.terminated);
        Observed {
            result: outcome.result.map(|returned| (returned.flags, returned.data)).map_err(|failure| failure.0),
            events: outcome.events.into_iter().map(|event| (event.contract, event.topics, event.data)).collect(),
            debug: outcome.debug,
            created: outcome.created,
        }
    }
}

impl Pallet {
    /// Takes from heirs what a terminated contract's account was founded with: only the reference's accounts have that,
    /// and an heir that is a contract would see it in its balance. Heirs may be terminated themselves, later in the call.
    fn take_inherited(&mut self, terminated: Vec<(Bytes32, Bytes32)>) {
        let mut inherited = BTreeMap::<_, u128>::new();
        for (contract, heir) in terminated {
            let passed_on = inherited.remove(&contract).unwrap_or_default();
            *inherited.entry(heir).or_default() += passed_on + EXISTENTIAL_DEPOSIT;
            self.made.remove(&contract);
        }
        for (heir, amount) in inherited {
            let balance = self.chain.balance(heir);
            self.chain.set_balance(heir, balance.saturating_sub(amount));
        }
    }
}

fn message(call: Call<'_>) -> reference::Message {
    let Call { caller, value, gas, input } = call;
    reference::Message { caller, value, gas, deposit_limit: None, input: input.to_vec() }
}

impl Side for Pallet {
    fn upload(&mut self, wasm: &[u8]) -> Result<Bytes32, String> {
        // Whoever pays for code is none of those compared.
        const UPLOADER: Bytes32 = [0xff; 32];
        self.chain.set_balance(UPLOADER, Accounts::BALANCE);
        self.chain.upload(UPLOADER, wasm).map_err(|failure| failure.0)
    }

    fn set_balance(&mut self, account: Bytes32, balance: u128) {
        self.chain.set_balance(account, balance);
    }

    fn instantiate(&mut self, call: Call<'_>, code: Bytes32, salt: &[u8]) -> Observed {
        let outcome = self.chain.instantiate(message(call), code, salt);
        self.observe(call.caller, outcome)
    }

    fn call(&mut self, call: Call<'_>, contract: Bytes32) -> Observed {
        let outcome = self.chain.call(message(call), contract);
        self.observe(call.caller, outcome)
    }

    fn state(&mut self) -> State {
        let mut state = State::default();
        for &contract in &self.made {
            let Some(code) = self.chain.code_hash(contract) else { continue };
            state.contracts.insert(contract, code);
            let items = self.chain.storage(contract);
            state.storage.extend(items.into_iter().map(|(key, value)| ((contract, key), value)));
        }
        let people = self.chain.balances().into_iter().filter(|(account, _)| *account != [0xff; 32]);
        for (account, free) in people {
            let existence = if state.contracts.contains_key(&account) { EXISTENTIAL_DEPOSIT } else { 0 };
            let paid = self.paid.get(&account).copied().unwrap_or_default();
            let balance = (free - existence).saturating_add_signed(paid);
            if balance > 0 {
                state.balances.insert(account, balance);
            }
        }
        state
    }
}

/// Tallow's engine over a world in memory.
pub struct Tallow {
    engine: Engine,
    world: Arc<Memory>,
    /// Fuel of each call so far, to compare profiles.
    pub gas: Vec<u64>,
}

impl Tallow {
    /// A fresh world.
    pub fn new(engine: Engine) -> Self {
        Self { engine, world: Arc::default(), gas: Vec::new() }
    }

    fn world(&mut self) -> &mut Memory {
        Arc::make_mut(&mut self.world)
    }

    fn run(&mut self, call: Call<'_>, target: Target) -> Observed {
        let invocation = Invocation {
            caller: AccountId(call.caller),
            target,
            input: call.input.to_vec(),
            value: call.value,
            gas_limit: call.gas,
        };
        let mode = Mode::Command { id: CommandId([9; 32]), answers: Arc::default() };
        let step = self.engine.run_to_end(self.world.clone(), environment(), mode, invocation);
        let execution = match step {
            Ok(Step::Done(execution)) => *execution,
            Ok(step) => return failed(format!("{step:?}")),
            Err(error) => return failed(format!("HostError: {error}")),
        };
        self.gas.push(execution.gas_used);
        self.world().apply(execution.changes);
        let created = execution.result.as_ref().ok().and_then(|output| output.created);
        Observed {
            result: execution.result.map(|output| (output.flags, output.data)).map_err(|error| error.name()),
            events: execution
                .events
                .into_iter()
                .map(|event| (event.contract.0, event.topics.into_iter().map(|topic| topic.0).collect(), event.data))
                .collect(),
            debug: execution.logs.into_iter().flat_map(|line| line.text.into_bytes()).collect(),
            created: created.map(|contract| contract.0),
        }
    }
}

fn failed(reason: String) -> Observed {
    Observed { result: Err(reason), events: Vec::new(), debug: Vec::new(), created: None }
}

fn environment() -> Environment {
    Environment {
        cluster: ClusterId(reference::CLUSTER),
        height: 7,
        now_ms: reference::NOW_MS,
        system_contract: None,
        cluster_key: Arc::new(Secret::new(reference::CLUSTER_KEY)),
        random_key: Arc::new(Secret::new([4; 32])),
        compat: Compat::Phala,
    }
}

impl Side for Tallow {
    fn upload(&mut self, wasm: &[u8]) -> Result<Bytes32, String> {
        let code = self.engine.prepare(wasm).map_err(|error| match error {
            tallow_engine::CodeError::Host(reason) => format!("HostError: {reason}"),
            tallow_engine::CodeError::TooLarge { what: "bytes of code", .. } => "CodeTooLarge".into(),
            _ => "CodeRejected".into(),
        })?;
        let hash = code.hash();
        self.world().codes.insert(hash, code);
        Ok(hash.0)
    }

    fn set_balance(&mut self, account: Bytes32, balance: u128) {
        self.world().balances.insert(AccountId(account), balance);
    }

    fn instantiate(&mut self, call: Call<'_>, code: Bytes32, salt: &[u8]) -> Observed {
        self.run(
            call,
            Target::Instantiate {
                code: CodeHash(code),
                salt: salt.to_vec(),
                compat: Compat::Phala,
                public_events: false,
            },
        )
    }

    fn call(&mut self, call: Call<'_>, contract: Bytes32) -> Observed {
        self.run(call, Target::Call { contract: AccountId(contract) })
    }

    fn state(&mut self) -> State {
        let world = &self.world;
        let hashed = |kept: &[u8]| match StorageKey::of(kept) {
            StorageKey::Variable(key) => Some(reference::hashed_key(&key, false)),
            StorageKey::Fixed(key) => Some(reference::hashed_key(&key, true)),
            StorageKey::Internal => None,
        };
        State {
            balances: world.balances.iter().filter(|item| *item.1 > 0).map(|(account, &it)| (account.0, it)).collect(),
            contracts: world.contracts.iter().map(|(address, info)| (address.0, info.code.0)).collect(),
            storage: world
                .storage
                .iter()
                .filter_map(|((contract, key), value)| Some(((contract.0, hashed(key)?), value.to_vec())))
                .collect(),
        }
    }
}

/// A world in memory.
#[derive(Clone, Default)]
struct Memory {
    storage: BTreeMap<(AccountId, Vec<u8>), Arc<[u8]>>,
    contracts: BTreeMap<AccountId, ContractInfo>,
    balances: BTreeMap<AccountId, u128>,
    codes: BTreeMap<CodeHash, Code>,
}

impl Memory {
    fn apply(&mut self, changes: tallow_engine::Changes) {
        for (key, value) in changes.storage {
            match value {
                Some(value) => drop(self.storage.insert(key, value.into())),
                None => drop(self.storage.remove(&key)),
            }
        }
        self.balances.extend(changes.balances);
        for (address, info) in changes.contracts {
            match info {
                Some(info) => drop(self.contracts.insert(address, info)),
                None => {
                    self.contracts.remove(&address);
                    self.storage.retain(|(contract, _), _| *contract != address);
                }
            }
        }
    }
}

impl World for Memory {
    fn storage(&self, contract: &AccountId, key: &[u8]) -> Option<Arc<[u8]>> {
        self.storage.get(&(*contract, key.to_vec())).cloned()
    }

    fn contract(&self, address: &AccountId) -> Option<ContractInfo> {
        self.contracts.get(address).copied()
    }

    fn balance(&self, account: &AccountId) -> u128 {
        self.balances.get(account).copied().unwrap_or_default()
    }

    fn code(&self, hash: &CodeHash) -> Option<Code> {
        self.codes.get(hash).cloned()
    }
}
