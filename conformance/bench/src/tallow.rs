//! Tallow's engine with a small world of contracts.

use anyhow::{Context as _, bail};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};
use tallow_crypto::{Secret, contract::sr25519_expand};
use tallow_engine::{
    Cache, Code, CodeCache, ContractInfo, Engine, EngineConfig, Environment, Execution, Invocation, Mode, Profile,
    Step, Target, World,
};
use tallow_types::{AccountId, ClusterId, CodeHash, CommandId, Compat, Output};

/// Gas of any call: more than the longest kernel takes.
const GAS: u64 = 1_000_000_000_000_000;
/// Frames at once.
const INSTANCES: u32 = 64;
/// Who calls.
pub(crate) const CALLER: [u8; 32] = [2; 32];

type Storage = BTreeMap<AccountId, BTreeMap<Vec<u8>, Arc<[u8]>>>;

#[derive(Clone, Default)]
struct State {
    contracts: BTreeMap<AccountId, ContractInfo>,
    codes: BTreeMap<CodeHash, Code>,
    storage: Storage,
    balances: BTreeMap<AccountId, u128>,
}

impl World for State {
    fn storage(&self, contract: &AccountId, key: &[u8]) -> Option<Arc<[u8]>> {
        self.storage.get(contract)?.get(key).cloned()
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

/// A cache of one value.
struct OneValue;

impl Cache for OneValue {
    fn get(&self, _: &AccountId, _: &[u8], _: u64) -> Option<Vec<u8>> {
        Some(vec![7; 32])
    }
    fn set(&self, _: &AccountId, _: &[u8], _: &[u8], _: u64) -> bool {
        true
    }
    fn set_expiration(&self, _: &AccountId, _: &[u8], _: u64, _: u64) {}
    fn remove(&self, _: &AccountId, _: &[u8], _: u64) -> Option<Vec<u8>> {
        None
    }
}

/// The engine and its world.
pub(crate) struct Tallow {
    engine: Engine,
    state: Mutex<Arc<State>>,
    environment: Environment,
    cache: Arc<dyn Cache>,
}

impl Tallow {
    /// An engine, with compiled code kept in `cache` if that is given.
    pub(crate) fn new(cache: Option<&Path>) -> anyhow::Result<Self> {
        let cache = cache.map(|dir| CodeCache { dir: dir.to_owned(), key: Secret::new([9; 32]) });
        let config = EngineConfig {
            profile: Profile::Default,
            cache,
            max_instances: Some(INSTANCES),
            ..EngineConfig::default()
        };
        let environment = Environment {
            cluster: ClusterId([0xc1; 32]),
            height: 7,
            now_ms: 1_700_000_000_123,
            system_contract: None,
            cluster_key: Arc::new(sr25519_expand(&Secret::new([3; 32]))),
            random_key: Arc::new(Secret::new([4; 32])),
            compat: Default::default(),
        };
        Ok(Self { engine: Engine::new(config)?, state: Mutex::default(), environment, cache: Arc::new(OneValue) })
    }

    /// Prepares code.
    pub(crate) fn upload(&self, wasm: &[u8]) -> anyhow::Result<Code> {
        Ok(self.engine.prepare(wasm)?)
    }

    /// Puts a contract of this code at an address.
    pub(crate) fn place(&self, address: [u8; 32], wasm: &[u8]) -> anyhow::Result<()> {
        let code = self.upload(wasm)?;
        let info = ContractInfo {
            code: code.hash(),
            deployer: AccountId(CALLER),
            compat: Compat::Tallow,
            public_events: false,
        };
        self.change(|state| {
            state.contracts.insert(AccountId(address), info);
            state.balances.extend([(AccountId(address), 1_000_000), (AccountId(CALLER), 1_000_000)]);
            state.codes.insert(code.hash(), code);
        });
        Ok(())
    }

    fn run(&self, mode: Mode, address: [u8; 32], input: &[u8]) -> anyhow::Result<Execution> {
        let target = Target::Call { contract: AccountId(address) };
        self.invoke(mode, target, input)
    }

    fn invoke(&self, mode: Mode, target: Target, input: &[u8]) -> anyhow::Result<Execution> {
        let caller = AccountId(CALLER);
        let invocation = Invocation { caller, target, input: input.to_vec(), value: 0, gas_limit: GAS };
        match self.engine.run_to_end(self.snapshot(), self.environment.clone(), mode, invocation)? {
            Step::Done(execution) => Ok(*execution),
            other => bail!("the call did not end: {other:?}"),
        }
    }

    /// Calls as a query.
    pub(crate) fn query(&self, address: [u8; 32], input: &[u8]) -> anyhow::Result<Execution> {
        let cache = self.cache.clone();
        self.run(Mode::Query { cache, worker: [0; 32], clock_ms: 1_700_000_000_456 }, address, input)
    }

    /// Calls as a command, whose effects are dropped.
    pub(crate) fn command(&self, address: [u8; 32], input: &[u8]) -> anyhow::Result<Execution> {
        self.run(Mode::Command { id: CommandId([9; 32]), answers: Arc::new([]) }, address, input)
    }

    /// Calls as a command and keeps its effects.
    pub(crate) fn commit(&self, address: [u8; 32], input: &[u8]) -> anyhow::Result<Vec<u8>> {
        let execution = self.command(address, input)?;
        self.keep(&execution);
        returned(&execution).context("a call that prepares the measurement")
    }

    /// Makes a contract by its constructor.
    pub(crate) fn instantiate(&self, wasm: &[u8], input: &[u8], salt: &[u8]) -> anyhow::Result<[u8; 32]> {
        let code = self.upload(wasm)?;
        let hash = code.hash();
        self.change(|state| drop(state.codes.insert(hash, code)));
        let mode = Mode::Command { id: CommandId([9; 32]), answers: Arc::new([]) };
        let target =
            Target::Instantiate { code: hash, salt: salt.to_vec(), compat: Compat::Tallow, public_events: false };
        let execution = self.invoke(mode, target, input)?;
        self.keep(&execution);
        let created = execution.result.as_ref().ok().and_then(|output| output.created);
        Ok(created.with_context(|| format!("the constructor failed: {:?}", execution.result))?.0)
    }

    fn keep(&self, execution: &Execution) {
        self.change(|state| state.keep(execution));
    }

    /// The state as it is now.
    fn snapshot(&self) -> Arc<State> {
        self.state.lock().expect("nothing panics while it holds the state").clone()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(Arc::make_mut(&mut *self.state.lock().expect("nothing panics while it holds the state")));
    }
}

impl State {
    fn keep(&mut self, execution: &Execution) {
        for ((contract, key), value) in &execution.changes.storage {
            let storage = self.storage.entry(*contract).or_default();
            match value {
                Some(value) => storage.insert(key.clone(), value.clone().into()),
                None => storage.remove(key),
            };
        }
        for (address, info) in &execution.changes.contracts {
            match info {
                Some(info) => self.contracts.insert(*address, *info),
                None => self.contracts.remove(address),
            };
        }
        self.balances.extend(&execution.changes.balances);
    }
}

/// What a contract returned; it must have.
pub(crate) fn returned(execution: &Execution) -> anyhow::Result<Vec<u8>> {
    match &execution.result {
        Ok(Output { flags: 0, data, .. }) => Ok(data.clone()),
        other => bail!("the contract failed: {other:?}"),
    }
}
