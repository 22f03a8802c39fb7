//! Many queries that wait for HTTP at once: at the engine's boundary, and through the sealed API.

use crate::fixture::{self, Fixture};
use crate::late::{LATE, Late};
use crate::report::Report;
use crate::server::{self, Server};
use anyhow::{Context, ensure};
use parity_scale_codec::Encode;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tallow_client::{Client, Options, Trust};
use tallow_crypto::{Keypair, Secret, contract::sr25519_expand};
use tallow_egress::Policy;
use tallow_engine::{
    Cache, Code, ContractInfo, Engine, EngineConfig, Environment, HostLimits, Invocation, Mode, Step, Target, World,
};
use tallow_types::{AccountId, ClusterId, CodeHash, Compat, HttpRequest};

/// Queries at the engine's boundary.
const ENGINE_QUERIES: usize = 10_000;
/// Queries through the API.
const API_QUERIES: usize = 5_000;
/// Clients they come from, each with a connection and a session of its own.
const API_CLIENTS: usize = 40;
const CONTRACT: AccountId = AccountId([1; 32]);
const CALLER: AccountId = AccountId([2; 32]);

/// Gives its input to the chain extension as an HTTP request, and returns the answer.
const FETCHER: &str = r#"(module (import "env" "memory" (memory 2 16))
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
    (import "seal0" "call_chain_extension" (func $extension (param i32 i32 i32 i32 i32) (result i32)))
    (func (export "deploy"))
    (func (export "call")
        (i32.store (i32.const 0) (i32.const 4096)) (call $input (i32.const 1024) (i32.const 0))
        (i32.store (i32.const 4) (i32.const 16384))
        (if (call $extension (i32.const 1) (i32.const 1024) (i32.load (i32.const 0)) (i32.const 8192) (i32.const 4))
            (then (unreachable)))
        (call $return (i32.const 0) (i32.const 8192) (i32.load (i32.const 4)))))"#;

/// A world of one contract.
struct Only(Code);

impl World for Only {
    fn storage(&self, _: &AccountId, _: &[u8]) -> Option<Arc<[u8]>> {
        None
    }
    fn contract(&self, _: &AccountId) -> Option<ContractInfo> {
        Some(ContractInfo { code: self.0.hash(), deployer: CALLER, compat: Compat::Tallow, public_events: false })
    }
    fn balance(&self, _: &AccountId) -> u128 {
        0
    }
    fn code(&self, _: &CodeHash) -> Option<Code> {
        Some(self.0.clone())
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

/// Measures both, each in a process of its own.
pub(crate) async fn run(report: &mut Report, tallow: &Path, bundles: &Path) -> anyhow::Result<()> {
    let late = Late::start().await?;
    at_the_engine(report, &late).await?;
    drop(late);
    let late = Late::start().await?;
    through_the_api(report, tallow, bundles, &late).await
}

/// What the program under test would derive from the same machine.
fn instances() -> anyhow::Result<u32> {
    let mappings = std::fs::read_to_string("/proc/sys/vm/max_map_count")?.trim().parse()?;
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).context("the limit of files")?;
    let descriptors = line.split_whitespace().next().context("the limit of files")?.parse()?;
    Ok(HostLimits { mappings, descriptors }.instances()?)
}

async fn at_the_engine(report: &mut Report, late: &Late) -> anyhow::Result<()> {
    let engine = Engine::new(EngineConfig { max_instances: Some(instances()?), ..EngineConfig::default() })?;
    let world = Arc::new(Only(engine.prepare(&wat::parse_str(FETCHER)?)?));
    let egress = tallow_egress::Client::new(Policy::development())?;
    let request = HttpRequest { url: late.url.clone(), method: "GET".to_owned(), headers: vec![], body: vec![] };
    let input = request.encode();
    let began = Instant::now();
    let queries: Vec<_> = (0..ENGINE_QUERIES)
        .map(|_| tokio::spawn(query(engine.clone(), world.clone(), egress.clone(), input.clone())))
        .collect();
    for query in queries {
        let data = query.await??;
        ensure!(data.ends_with(b"late"), "the answer differs: {data:?}");
    }
    report.with_target(
        "http_10000_s",
        began.elapsed().as_secs_f64(),
        format!("< 3, of which {} waiting", LATE.as_secs()),
    );
    let peak = server::memory_mb(std::process::id(), "VmHWM:")?;
    report.with_target("http_10000_rss_mb", peak, "< 1000".to_owned());
    Ok(())
}

async fn query(
    engine: Engine,
    world: Arc<Only>,
    egress: tallow_egress::Client,
    input: Vec<u8>,
) -> anyhow::Result<Vec<u8>> {
    let mode = Mode::Query { cache: Arc::new(NoCache), worker: [0; 32], clock_ms: 0 };
    let target = Target::Call { contract: CONTRACT };
    let invocation = Invocation { caller: CALLER, target, input, value: 0, gas_limit: 1_000_000_000_000 };
    let mut run = engine.run(world, environment(), mode, invocation)?;
    let mut answer = None;
    loop {
        match run.step(answer.take())? {
            Step::Yield => tokio::task::yield_now().await,
            Step::External { call, .. } => answer = Some(egress.perform(&CONTRACT, &call, None).await),
            Step::Done(execution) => return Ok(execution.result?.data),
        }
    }
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

async fn through_the_api(report: &mut Report, tallow: &Path, bundles: &Path, late: &Late) -> anyhow::Result<()> {
    let server = Server::start(tallow).await?;
    let owner = Arc::new(Keypair::from_uri("//Alice")?);
    let probe = Fixture::deploy(&server.client, &owner, bundles, "probe", &[]).await?;
    let clients = clients(&server, &owner).await?;
    let asked = probe.query_with("fetch", &[format!("{:?}", late.url)])?;
    let began = Instant::now();
    let queries: Vec<_> = (0..API_QUERIES)
        .map(|number| {
            let (client, owner, asked) = (clients[number % API_CLIENTS].clone(), owner.clone(), asked.clone());
            tokio::spawn(async move { fixture::query(&client, &owner, asked).await })
        })
        .collect();
    for query in queries {
        query.await??;
    }
    report.with_target(
        "api_5000_s",
        began.elapsed().as_secs_f64(),
        format!("< 5, of which {} waiting", LATE.as_secs()),
    );
    let peak = server.peak_mb()?;
    report.add("api_5000_rss_mb", peak);
    Ok(())
}

/// Clients that speak HTTP/2 and have their sessions.
async fn clients(server: &Server, owner: &Keypair) -> anyhow::Result<Vec<Client>> {
    let mut clients = Vec::new();
    for _ in 0..API_CLIENTS {
        let options = Options { http2: true, ..Options::default() };
        let client = Client::connect_with(server.client.url(), Trust::OnFirstUse, options).await?;
        client.query(owner, tallow_types::Query::Balance(owner.account())).await?;
        clients.push(client);
    }
    Ok(clients)
}
