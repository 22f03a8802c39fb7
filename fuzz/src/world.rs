//! Engines of both profiles, and a small world to run a contract in.

use std::sync::{Arc, OnceLock};
use tallow_crypto::{Secret, contract::sr25519_expand};
use tallow_engine::{
    Cache, Code, ContractInfo, Engine, EngineConfig, Environment, Execution, HostError, Invocation, Mode, Profile,
    Step, StorageKey, Target, World,
};
use tallow_types::{AccountId, Answer, ClusterId, CodeHash, CommandId, Compat, ExternalCall, HttpError};

/// The account that calls.
pub(crate) const CALLER: AccountId = AccountId([0xa1; 32]);
/// Gas for a few thousand host calls, so that a loop ends soon.
const GAS: u64 = 2_000_000_000;
/// Frames at once: more than the deepest call takes.
const INSTANCES: u32 = 64;

/// The engines of both profiles: they must agree on everything.
pub(crate) fn engines() -> &'static [Engine; 2] {
    static ENGINES: OnceLock<[Engine; 2]> = OnceLock::new();
    ENGINES.get_or_init(|| {
        [Profile::Default, Profile::SmallAddressSpace].map(|profile| {
            let config = EngineConfig { profile, max_instances: Some(INSTANCES), ..EngineConfig::default() };
            Engine::new(config).expect("an engine of 64 instances fits everywhere")
        })
    })
}

/// A world with one contract, which has some balance.
#[derive(Clone)]
pub(crate) struct OneContract {
    contract: AccountId,
    code: Code,
}

impl OneContract {
    pub(crate) fn new(contract: AccountId, code: Code) -> Arc<Self> {
        Arc::new(Self { contract, code })
    }
}

impl World for OneContract {
    fn storage(&self, _: &AccountId, key: &[u8]) -> Option<Arc<[u8]>> {
        // Some keys have values, so that reading finds something; not the engine's own, which holds what it wrote.
        let known = key.first().filter(|first| *first % 2 == 1 && StorageKey::of(key) != StorageKey::Internal)?;
        Some(vec![*known; usize::from(*known)].into())
    }

    fn contract(&self, address: &AccountId) -> Option<ContractInfo> {
        (*address == self.contract).then(|| ContractInfo {
            code: self.code.hash(),
            deployer: CALLER,
            compat: Compat::Tallow,
            public_events: false,
        })
    }

    fn balance(&self, account: &AccountId) -> u128 {
        if *account == self.contract || *account == CALLER { 1_000_000 } else { 0 }
    }

    fn code(&self, hash: &CodeHash) -> Option<Code> {
        (*hash == self.code.hash()).then(|| self.code.clone())
    }
}

struct Volatile;

impl Cache for Volatile {
    fn get(&self, _: &AccountId, key: &[u8], _: u64) -> Option<Vec<u8>> {
        Some(key.to_vec())
    }

    fn set(&self, _: &AccountId, key: &[u8], _: &[u8], _: u64) -> bool {
        key.len() < 64
    }

    fn set_expiration(&self, _: &AccountId, _: &[u8], _: u64, _: u64) {}

    fn remove(&self, _: &AccountId, _: &[u8], _: u64) -> Option<Vec<u8>> {
        None
    }
}

fn environment() -> Environment {
    static CLUSTER_KEY: OnceLock<Arc<Secret<[u8; 64]>>> = OnceLock::new();
    static RANDOM_KEY: OnceLock<Arc<Secret<[u8; 32]>>> = OnceLock::new();
    let cluster_key = CLUSTER_KEY.get_or_init(|| Arc::new(sr25519_expand(&Secret::new([3; 32]))));
    let random_key = RANDOM_KEY.get_or_init(|| Arc::new(Secret::new([4; 32])));
    Environment {
        cluster: ClusterId([0xc1; 32]),
        height: 7,
        now_ms: 1_700_000_000_123,
        system_contract: Some(AccountId([0x55; 32])),
        cluster_key: cluster_key.clone(),
        random_key: random_key.clone(),
        compat: Compat::Tallow,
    }
}

/// A command that has no answers yet.
pub(crate) fn command() -> Mode {
    Mode::Command { id: CommandId([9; 32]), answers: Arc::default() }
}

/// A query.
pub(crate) fn query() -> Mode {
    Mode::Query { cache: Arc::new(Volatile), worker: [0x77; 32], clock_ms: 1_700_000_005_000 }
}

/// Calls the world's contract and drives the run to its end; every external call of a query fails.
///
/// The host has all that one call may use, so a shortage would be a bound that does not hold.
pub(crate) fn run(engine: &Engine, world: &Arc<OneContract>, mode: Mode, input: &[u8]) -> Ended {
    try_run(engine, world, mode, input).expect("one call cannot exhaust the host")
}

fn try_run(engine: &Engine, world: &Arc<OneContract>, mode: Mode, input: &[u8]) -> Result<Ended, HostError> {
    let target = Target::Call { contract: world.contract };
    let invocation = Invocation { caller: CALLER, target, input: input.to_vec(), value: 7, gas_limit: GAS };
    let suspends = matches!(mode, Mode::Command { .. });
    let mut run = engine.run(world.clone(), environment(), mode, invocation)?;
    let mut answer = None;
    loop {
        match run.step(answer.take())? {
            Step::Done(execution) => return Ok(Ended::Done(execution)),
            Step::External { index, .. } if suspends => return Ok(Ended::Suspended(index)),
            Step::External { call: ExternalCall::Http { requests, .. }, .. } => {
                answer = Some(Answer::Http(vec![Err(HttpError::NetworkError); requests.len()]));
            }
            Step::Yield => (),
        }
    }
}

/// How a run ended.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    /// With a result.
    Done(Box<Execution>),
    /// A command waits for this external call.
    Suspended(u32),
}

/// Code for each engine, of a module that both must take.
pub(crate) fn prepare(wasm: &[u8]) -> [Code; 2] {
    engines().each_ref().map(|engine| engine.prepare(wasm).expect("the module is acceptable"))
}

/// Runs a command and a query under both profiles: same results, same gas.
pub(crate) fn agree(codes: &[Code; 2], contract: AccountId, input: &[u8]) -> [Ended; 2] {
    let worlds = codes.each_ref().map(|code| OneContract::new(contract, code.clone()));
    let [default, small] = engines();
    let ended = run(default, &worlds[0], command(), input);
    assert_eq!(ended, run(small, &worlds[1], command(), input), "the profiles differ in a command");
    // Queries draw true randomness, so they are not compared.
    run(small, &worlds[1], query(), input);
    [ended, run(default, &worlds[0], query(), input)]
}
