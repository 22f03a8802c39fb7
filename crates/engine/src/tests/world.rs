//! A small world to run contracts in.

use crate::{
    AnsweredCall, Cache, Code, ContractInfo, DueTimer, Engine, EngineConfig, Environment, Execution, Invocation, Mode,
    Profile, Step, Target, World, tests::wat::Wat,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};
use tallow_crypto::{Secret, contract::sr25519_expand};
use tallow_types::{AccountId, CallError, ClusterId, CodeHash, CommandId, Compat, ListedTimer, Output, SecretValue};

/// The account that calls.
pub(crate) const ALICE: AccountId = AccountId([0xa1; 32]);
/// Gas enough for anything but a loop.
pub(crate) const GAS: u64 = 100_000_000_000;
/// Time of the block.
pub(crate) const NOW: u64 = 1_700_000_000_123;

/// The engine all tests share.
pub(crate) fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| engine_of(Profile::Default)).clone()
}

/// An engine of its own.
pub(crate) fn engine_of(profile: Profile) -> Engine {
    Engine::new(EngineConfig { profile, max_instances: Some(256), ..EngineConfig::default() }).unwrap()
}

#[derive(Clone, Default)]
pub(crate) struct TestWorld {
    pub(crate) storage: BTreeMap<(AccountId, Vec<u8>), Arc<[u8]>>,
    pub(crate) contracts: BTreeMap<AccountId, ContractInfo>,
    pub(crate) balances: BTreeMap<AccountId, u128>,
    pub(crate) codes: BTreeMap<CodeHash, Code>,
    pub(crate) secrets: BTreeMap<(AccountId, String), SecretValue>,
    pub(crate) timers: BTreeMap<(AccountId, Vec<u8>), DueTimer>,
    /// Timers of others.
    pub(crate) other_timers: usize,
}

impl World for TestWorld {
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

    fn secret(&self, contract: &AccountId, name: &str) -> Option<SecretValue> {
        self.secrets.get(&(*contract, name.to_owned())).cloned()
    }

    fn timers(&self, contract: &AccountId) -> Vec<ListedTimer> {
        self.timers.iter().filter(|((owner, _), _)| owner == contract).map(|(_, due)| due.into()).collect()
    }

    fn count_timers(&self, contract: &AccountId) -> (usize, usize) {
        (self.timers(contract).len(), self.timers.len() + self.other_timers)
    }
}

impl TestWorld {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Registers code.
    pub(crate) fn code(&mut self, engine: &Engine, wat: &Wat) -> CodeHash {
        let code = engine.prepare(&wat.bytes()).unwrap();
        let hash = code.hash();
        self.codes.insert(hash, code);
        hash
    }

    /// Puts a contract at an address of our choice, without running its constructor.
    pub(crate) fn place(&mut self, engine: &Engine, number: u8, wat: &Wat) -> AccountId {
        let code = self.code(engine, wat);
        let address = AccountId([number; 32]);
        self.contracts
            .insert(address, ContractInfo { code, deployer: ALICE, compat: Compat::Tallow, public_events: false });
        address
    }

    /// Applies what a call changed.
    pub(crate) fn apply(&mut self, execution: &Execution) {
        for (place, timer) in &execution.changes.timers {
            match timer {
                Some(timer) => self.timers.insert(place.clone(), timer.clone()),
                None => self.timers.remove(place),
            };
        }
        for (key, value) in &execution.changes.storage {
            match value {
                Some(value) => self.storage.insert(key.clone(), value.clone().into()),
                None => self.storage.remove(key),
            };
        }
        self.balances.extend(&execution.changes.balances);
        for (address, info) in &execution.changes.contracts {
            match info {
                Some(info) => self.contracts.insert(*address, *info),
                None => self.contracts.remove(address),
            };
        }
    }
}

pub(crate) fn environment() -> Environment {
    Environment {
        cluster: ClusterId([0xc1; 32]),
        height: 7,
        now_ms: NOW,
        system_contract: Some(AccountId([0x55; 32])),
        cluster_key: Arc::new(sr25519_expand(&Secret::new([3; 32]))),
        random_key: Arc::new(Secret::new([4; 32])),
        compat: Compat::Tallow,
    }
}

/// A command with these answers.
pub(crate) fn command(answers: Vec<AnsweredCall>) -> Mode {
    Mode::Command { id: CommandId([9; 32]), answers: answers.into() }
}

/// A query with an empty cache.
pub(crate) fn query() -> Mode {
    Mode::Query { cache: Arc::new(TestCache::default()), worker: [0x77; 32], clock_ms: NOW + 5_000 }
}

/// A message to a contract.
pub(crate) fn message(contract: AccountId, input: &[u8]) -> Invocation {
    let target = Target::Call { contract };
    Invocation { caller: ALICE, target, input: input.to_vec(), value: 0, gas_limit: GAS }
}

/// Runs to the end, which must come without external calls.
pub(crate) fn run(engine: &Engine, world: &TestWorld, mode: Mode, invocation: Invocation) -> Execution {
    match engine.run_to_end(Arc::new(world.clone()), environment(), mode, invocation).unwrap() {
        Step::Done(execution) => *execution,
        step => panic!("expected an end, not {step:?}"),
    }
}

/// Sends a command to the only contract of a fresh world.
pub(crate) fn call(wat: &Wat, input: &[u8]) -> Execution {
    let mut world = TestWorld::new();
    let contract = world.place(&engine(), 1, wat);
    run(&engine(), &world, command(vec![]), message(contract, input))
}

/// The data a contract returned; it must have.
pub(crate) fn data(execution: &Execution) -> &[u8] {
    match &execution.result {
        Ok(Output { data, .. }) => data,
        Err(error) => panic!("failed: {error}"),
    }
}

/// The word a contract answered.
pub(crate) fn word(execution: &Execution) -> u32 {
    u32::from_le_bytes(data(execution).try_into().unwrap())
}

/// Why a contract failed; it must have.
pub(crate) fn error(execution: &Execution) -> CallError {
    assert!(execution.changes == Default::default() && execution.events.is_empty());
    execution.result.clone().unwrap_err()
}

type Entries = BTreeMap<(AccountId, Vec<u8>), Vec<u8>>;

/// A cache without quotas or time, but for values that begin with `!`, which it refuses.
#[derive(Default)]
pub(crate) struct TestCache(Mutex<Entries>);

impl Cache for TestCache {
    fn get(&self, contract: &AccountId, key: &[u8], _now_ms: u64) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(&(*contract, key.to_vec())).cloned()
    }

    fn set(&self, contract: &AccountId, key: &[u8], value: &[u8], _now_ms: u64) -> bool {
        let takes = !value.starts_with(b"!");
        if takes {
            self.0.lock().unwrap().insert((*contract, key.to_vec()), value.to_vec());
        }
        takes
    }

    fn set_expiration(&self, contract: &AccountId, key: &[u8], seconds: u64, now_ms: u64) {
        if seconds == 0 {
            self.remove(contract, key, now_ms);
        }
    }

    fn remove(&self, contract: &AccountId, key: &[u8], _now_ms: u64) -> Option<Vec<u8>> {
        self.0.lock().unwrap().remove(&(*contract, key.to_vec()))
    }
}
