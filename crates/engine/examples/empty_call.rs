//! Measures the shortest call there is, in both modes; with the argument `small` in the small address space.
#![allow(clippy::print_stdout, reason = "its purpose is to print")]

use std::{collections::BTreeMap, error::Error, sync::Arc, time::Instant};
use tallow_crypto::{Secret, contract::sr25519_expand};
use tallow_engine::{
    Cache, Code, ContractInfo, Engine, EngineConfig, Environment, Invocation, Mode, Profile, Target, World,
};
use tallow_types::{AccountId, ClusterId, CodeHash, CommandId, Compat};

const CONTRACT: &str = r#"(module (import "env" "memory" (memory 2 16))
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
    (func (export "deploy"))
    (func (export "call")
        (i32.store (i32.const 0) (i32.const 64)) (call $input (i32.const 64) (i32.const 0))
        (call $return (i32.const 0) (i32.const 64) (i32.const 4))))"#;
const ROUNDS: u32 = 20_000;

struct Only(BTreeMap<AccountId, Code>);

impl World for Only {
    fn storage(&self, _: &AccountId, _: &[u8]) -> Option<Arc<[u8]>> {
        None
    }
    fn contract(&self, address: &AccountId) -> Option<ContractInfo> {
        self.0.get(address).map(|code| ContractInfo {
            code: code.hash(),
            deployer: AccountId([0; 32]),
            compat: Compat::Tallow,
        })
    }
    fn balance(&self, _: &AccountId) -> u128 {
        0
    }
    fn code(&self, hash: &CodeHash) -> Option<Code> {
        self.0.values().find(|code| code.hash() == *hash).cloned()
    }
}

struct NoCache;

impl Cache for NoCache {
    fn get(&self, _: &AccountId, _: &[u8], _: u64) -> Option<Vec<u8>> {
        None
    }
    fn set(&self, _: &AccountId, _: &[u8], _: &[u8], _: u64) -> bool {
        false
    }
    fn set_expiration(&self, _: &AccountId, _: &[u8], _: u64, _: u64) {}
    fn remove(&self, _: &AccountId, _: &[u8], _: u64) -> Option<Vec<u8>> {
        None
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let small = std::env::args().any(|argument| argument == "small");
    let profile = if small { Profile::SmallAddressSpace } else { Profile::Default };
    let engine = Engine::new(EngineConfig { profile, max_instances: Some(64), ..EngineConfig::default() })?;
    let contract = AccountId([1; 32]);
    let world = Arc::new(Only(BTreeMap::from([(contract, engine.prepare(&wat::parse_str(CONTRACT)?)?)])));
    let command = Mode::Command { id: CommandId([0; 32]), answers: Arc::new([]) };
    let query = Mode::Query { cache: Arc::new(NoCache), worker: [0; 32], clock_ms: 0 };
    for (name, mode) in [("command", command), ("query", query)] {
        let environment = environment();
        let began = Instant::now();
        for _ in 0..ROUNDS {
            engine.run_to_end(world.clone(), environment.clone(), mode.clone(), invocation(contract))?;
        }
        println!("{profile:?}, {name}: {:.2} us", began.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
    }
    Ok(())
}

fn invocation(contract: AccountId) -> Invocation {
    let target = Target::Call { contract };
    Invocation { caller: AccountId([2; 32]), target, input: vec![1, 2, 3, 4], value: 0, gas_limit: 1_000_000_000 }
}

fn environment() -> Environment {
    Environment {
        cluster: ClusterId([0; 32]),
        height: 1,
        now_ms: 1,
        system_contract: None,
        cluster_key: Arc::new(sr25519_expand(&Secret::new([3; 32]))),
        random_key: Arc::new(Secret::new([4; 32])),
        compat: Compat::Tallow,
    }
}
