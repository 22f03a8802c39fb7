//! The contract under test in a world with a large state, and the clock beside it.

use super::kernel::{Kernel, Way};
use anyhow::{Context, bail, ensure};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::Instant,
};
use tallow_crypto::{Secret, contract::sr25519_expand};
use tallow_engine::{
    Code, ContractInfo, Engine, EngineConfig, Environment, Execution, Invocation, Mode, Step, Target, World,
};
use tallow_state::Map;
use tallow_types::{AccountId, ClusterId, CodeHash, CommandId, Compat};

const CONTRACT: AccountId = AccountId([1; 32]);
/// Where the other contract is.
pub(crate) const CALLEE: AccountId = AccountId([7; 32]);
const CALLER: AccountId = AccountId([2; 32]);
/// Gas of a message: more than any kernel needs.
const GAS: u64 = 1_000_000_000_000_000;
/// Nanoseconds of a sample, at least.
const SAMPLE_NS: f64 = 2e6;
/// Samples, of which the least counts: noise only adds.
const SAMPLES: usize = 5;
/// Keys of the state, so that a lookup is one that the caches do not hold.
pub(crate) const KEYS: u32 = 200_000;
/// Bytes of the large values among them.
pub(crate) const LARGE: usize = 1024 * 1024;

/// What one repetition takes.
pub(crate) struct Cost {
    pub(crate) ns: f64,
    pub(crate) gas: f64,
}

#[derive(Clone)]
struct State {
    codes: Arc<BTreeMap<CodeHash, Code>>,
    contracts: Arc<BTreeMap<AccountId, CodeHash>>,
    map: Map,
}

/// The bytes of key number n of the contract.
pub(crate) fn key(number: u32) -> Vec<u8> {
    let mut key = vec![0; 32];
    key[..4].copy_from_slice(&number.to_le_bytes());
    key
}

fn place(contract: &AccountId, key: &[u8]) -> Vec<u8> {
    [&contract.0[..], &[0; 5], key].concat()
}

static MAP: LazyLock<Map> = LazyLock::new(|| {
    let mut map = Map::hiding(Arc::new(Secret::new([7; 32])));
    for number in 0..KEYS {
        map.insert(&place(&CONTRACT, &key(number)), vec![1; 32]);
    }
    map.insert(&place(&CONTRACT, &key(u32::MAX)), vec![1; LARGE]);
    map.root();
    map
});

impl World for State {
    fn storage(&self, contract: &AccountId, key: &[u8]) -> Option<Arc<[u8]>> {
        self.map.get(&place(contract, key))
    }
    fn contract(&self, address: &AccountId) -> Option<ContractInfo> {
        // As a cluster does: an item of its state.
        std::hint::black_box(self.map.get(&place(address, b"contract")));
        let code = *self.contracts.get(address)?;
        Some(ContractInfo { code, deployer: CALLER, compat: Compat::Tallow, public_events: false })
    }
    fn balance(&self, account: &AccountId) -> u128 {
        std::hint::black_box(self.map.get(&place(account, b"balance")));
        1 << 64
    }
    fn code(&self, hash: &CodeHash) -> Option<Code> {
        self.codes.get(hash).cloned()
    }
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(EngineConfig { max_instances: Some(64), ..EngineConfig::default() }).expect("the engine starts")
});

/// A kernel, ready to be measured.
pub(crate) struct Bed {
    state: State,
    unrolled: f64,
    most: u32,
    way: Way,
}

impl Bed {
    pub(crate) fn new(kernel: &Kernel) -> anyhow::Result<Self> {
        let mut codes = BTreeMap::new();
        let mut contracts = BTreeMap::new();
        let mut put = |address, wat: &str| {
            let wasm = wat::parse_str(wat).with_context(|| kernel.name.clone())?;
            let code = ENGINE.prepare(&wasm).with_context(|| kernel.name.clone())?;
            contracts.insert(address, code.hash());
            codes.insert(code.hash(), code);
            anyhow::Ok(())
        };
        put(CONTRACT, &kernel.wat())?;
        if let Some(callee) = &kernel.callee {
            put(CALLEE, callee)?;
        }
        let state = State { codes: Arc::new(codes), contracts: Arc::new(contracts), map: MAP.clone() };
        Ok(Self { state, unrolled: f64::from(kernel.unrolled), most: kernel.most, way: kernel.way })
    }

    /// What a repetition takes.
    pub(crate) fn measure(&self) -> anyhow::Result<Cost> {
        let (gas, ns) = match self.way {
            Way::Body => self.repetitions()?,
            Way::Message => self.message()?,
            Way::Endless => self.endless()?,
        };
        Ok(Cost { ns: ns / self.unrolled, gas: gas / self.unrolled })
    }

    /// Gas and nanoseconds of a whole message.
    fn message(&self) -> anyhow::Result<(f64, f64)> {
        let gas = self.run(1)?.gas_used as f64;
        let once = self.least(1, 1)?;
        let times = (SAMPLE_NS / once).clamp(1.0, 1_000.0) as u32;
        Ok((gas, self.least(1, times)?))
    }

    /// Gas of two milliseconds, and the nanoseconds that it lasts.
    fn endless(&self) -> anyhow::Result<(f64, f64)> {
        let limit = SAMPLE_NS as u64 * 1_000;
        let mut least = f64::INFINITY;
        for _ in 0..SAMPLES {
            let began = Instant::now();
            let execution = self.call(1, limit)?;
            least = least.min(began.elapsed().as_nanos() as f64);
            ensure!(execution.gas_used == limit, "an endless kernel ended: {:?}", execution.result);
        }
        Ok((limit as f64, least))
    }

    /// Gas and nanoseconds of one repetition of the body.
    fn repetitions(&self) -> anyhow::Result<(f64, f64)> {
        let few = 1;
        // Far more than what comes before the repetitions, whose noise would otherwise count.
        let base = self.least(few, 1)?;
        let mut many = 2;
        while many <= self.most / 2 && self.time(many, 1)? < 3.0 * base + SAMPLE_NS {
            many *= 2;
        }
        let gas = (self.run(many)?.gas_used - self.run(few)?.gas_used) as f64;
        let (ns, base) = (self.least(many, 1)?, self.least(few, 1)?);
        let count = f64::from(many - few);
        Ok((gas / count, (ns - base).max(0.0) / count))
    }

    fn least(&self, repetitions: u32, times: u32) -> anyhow::Result<f64> {
        let mut least = f64::INFINITY;
        for _ in 0..SAMPLES {
            least = least.min(self.time(repetitions, times)?);
        }
        Ok(least)
    }

    /// Nanoseconds of a message and of what the cluster does with its changes.
    fn time(&self, repetitions: u32, times: u32) -> anyhow::Result<f64> {
        let began = Instant::now();
        for _ in 0..times {
            let execution = self.run(repetitions)?;
            self.apply(&execution);
        }
        Ok(began.elapsed().as_nanos() as f64 / f64::from(times))
    }

    fn apply(&self, execution: &Execution) {
        if execution.changes.storage.is_empty() {
            return;
        }
        let mut map = self.state.map.clone(); // as in a chain: the parent's state stays until the block is final
        for ((contract, key), value) in &execution.changes.storage {
            match value {
                Some(value) => drop(map.insert(&place(contract, key), value.clone())),
                None => drop(map.remove(&place(contract, key))),
            }
        }
        std::hint::black_box(map.root());
    }

    fn run(&self, repetitions: u32) -> anyhow::Result<Execution> {
        let execution = self.call(repetitions, GAS)?;
        ensure!(execution.result.is_ok(), "the kernel failed: {:?}", execution.result);
        Ok(execution)
    }

    fn call(&self, repetitions: u32, gas_limit: u64) -> anyhow::Result<Execution> {
        let target = Target::Call { contract: CONTRACT };
        let input = repetitions.to_le_bytes().to_vec();
        let invocation = Invocation { caller: CALLER, target, input, value: 0, gas_limit };
        let mode = Mode::Command { id: CommandId([9; 32]), answers: Arc::new([]) };
        match ENGINE.run_to_end(Arc::new(self.state.clone()), environment(), mode, invocation)? {
            Step::Done(execution) => Ok(*execution),
            other => bail!("the kernel did not end well: {other:?}"),
        }
    }
}

fn environment() -> Environment {
    static KEY: LazyLock<Arc<Secret<[u8; 64]>>> = LazyLock::new(|| Arc::new(sr25519_expand(&Secret::new([3; 32]))));
    Environment {
        cluster: ClusterId([0xc1; 32]),
        height: 7,
        now_ms: 1_700_000_000_123,
        system_contract: None,
        cluster_key: KEY.clone(),
        random_key: Arc::new(Secret::new([4; 32])),
        compat: Compat::Tallow,
    }
}
