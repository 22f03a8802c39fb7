//! One stranger takes the machine: memory that contracts touch while they wait, and what a worker keeps for them.

use crate::bystander::Bystander;
use crate::scene::{Scene, call, deploy, http, module, stranger};
use parity_scale_codec::Encode;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tallow_client::{Client, Keypair, Options, Subscription, Told, Trust};
use tallow_types::limits::QUERY_MEMORY_BYTES_MAX;
use tallow_types::{AccountId, CodeHash, Compat, FeedContent, HttpRequest, Query, QueryResult, Topic};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Host functions of the contracts below.
const IMPORTS: &str = r#"
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal0" "debug_message" (func $line (param i32 i32) (result i32)))
    (import "seal0" "deposit_event" (func $event (param i32 i32 i32 i32)))
    (import "seal0" "call_chain_extension" (func $extension (param i32 i32 i32 i32 i32) (result i32)))"#;

/// The address from which attackers come; their victims come from the usual one.
const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// An attacker's client.
async fn attacker(scene: &Scene) -> Client {
    let options = Options { source: Some(ATTACKER), ..Options::default() };
    Client::connect_with(&scene.dev.url, Trust::OnFirstUse, options).await.unwrap()
}

/// A contract of one body of `call`.
async fn contract(client: &Client, signer: &Keypair, body: &str) -> AccountId {
    let wasm = module(&format!(r#"{IMPORTS} (func (export "deploy")) (func (export "call") {body})"#));
    deploy(client, signer, wasm).await.contract.unwrap()
}

fn query(contract: AccountId, input: Vec<u8>) -> Query {
    Query::Call { contract, input, value: 0, gas_limit: 0, estimate: false }
}

/// A service that takes connections and answers none: its address, and how many there were.
async fn silent_service() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            held.push(stream);
        }
    });
    (url, count)
}

/// Touches 64 MiB and makes its input's request.
const HUNGRY: &str = "(local $at i32)
    (drop (memory.grow (i32.const 1022)))
    (local.set $at (i32.const 131072))
    (loop $touch
        (i32.store (local.get $at) (i32.const 1))
        (br_if $touch (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4096))) (i32.const 67100000))))
    (i32.store (i32.const 0) (i32.const 4096)) (call $input (i32.const 8) (i32.const 0))
    (i32.store (i32.const 60000) (i32.const 4096))
    (drop (call $extension (i32.const 1) (i32.const 8) (i32.load (i32.const 0)) (i32.const 61000) (i32.const 60000)))";

/// C7. Thirty queries that touch 64 MiB each and wait: what all of one address hold together is bounded.
#[test]
fn queries_that_wait_with_all_their_memory_do_not_take_the_machine() {
    let scene = Scene::start(&[]);
    let bystander = Bystander::start(&scene);
    let before = scene.resident_mib();
    let (most, asked, seen) = scene.runtime.block_on(async {
        let client = attacker(&scene).await;
        let hungry = contract(&client, &stranger(), HUNGRY).await;
        let (url, asked) = silent_service().await;
        let request = HttpRequest { url, method: "GET".into(), headers: vec![], body: vec![] }.encode();
        let mut queries = JoinSet::new();
        for _ in 0..30 {
            let (client, query) = (client.clone(), query(hungry, request.clone()));
            queries.spawn(async move { client.query(&stranger(), query).await.map(drop) });
        }
        let (began, mut most) = (Instant::now(), 0);
        while began.elapsed() < Duration::from_secs(5) {
            most = most.max(scene.resident_mib());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        (most, asked.load(Ordering::Relaxed), bystander.ask().await)
    });
    println!("{before} MiB before, {most} MiB at most, {asked} queries waited");
    assert!(asked >= 4, "they do wait, {asked}");
    assert!(most < before + 800, "from {before} MiB to {most} MiB");
    seen.unharmed(Duration::from_secs(2), Duration::from_secs(1));
}

/// C7, the other side: small contracts that wait count for what they touched, so that thousands of one client can wait.
#[test]
fn small_contracts_may_wait_by_thousands() {
    const WAITING: usize = 400;
    let scene = Scene::start(&[]);
    let held = scene.runtime.block_on(async {
        let client = attacker(&scene).await;
        let fetching = HUNGRY.replace("67100000", "0").replace("1022", "1");
        let small = contract(&client, &stranger(), &fetching).await;
        let (url, asked) = silent_service().await;
        let request = HttpRequest { url, method: "GET".into(), headers: vec![], body: vec![] }.encode();
        let (mut queries, caller) = (JoinSet::new(), Arc::new(stranger()));
        for _ in 0..WAITING {
            let (client, caller, query) = (client.clone(), caller.clone(), query(small, request.clone()));
            queries.spawn(async move { client.query(&*caller, query).await.map(drop) });
        }
        let began = Instant::now();
        while asked.load(Ordering::Relaxed) < WAITING && began.elapsed() < Duration::from_secs(8) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let metrics = http().get(format!("{}/metrics", scene.dev.url)).send().await.unwrap().text().await.unwrap();
        let value = metrics.lines().find_map(|line| line.strip_prefix("tallow_query_held_bytes ")).unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), WAITING, "held {value} bytes");
        value.parse::<usize>().unwrap()
    });
    println!("{} bytes for each query", held / WAITING);
    assert!(held / WAITING < QUERY_MEMORY_BYTES_MAX / 2 / 10_000, "{held} bytes");
}

/// Writes a line of 120 KiB that begins with its input's first bytes.
const LOUD: &str = "(i32.store (i32.const 0) (i32.const 16)) (call $input (i32.const 8) (i32.const 0))
    (memory.fill (i32.const 64) (i32.const 46) (i32.const 122880))
    (memory.copy (i32.const 64) (i32.const 8) (i32.const 8))
    (drop (call $line (i32.const 64) (i32.const 122880)))";

/// C9. A stranger's queries leave what the deployer's command wrote, and the feed that others follow.
#[test]
fn queries_of_a_stranger_erase_neither_the_log_nor_the_feed() {
    let scene = Scene::start(&[]);
    scene.runtime.block_on(async {
        let (client, owner) = (scene.client().await, Keypair::from_uri("//Alice").unwrap());
        let loud = contract(&client, &owner, LOUD).await;
        call(&client, &owner, loud, b"command!".to_vec()).await.unwrap();
        let attacker = attacker(&scene).await;
        for _ in 0..200 {
            attacker.query(&stranger(), query(loud, b"attack!!".to_vec())).await.unwrap();
        }
        client.query(&owner, query(loud, b"my query".to_vec())).await.unwrap();
        let logs = Query::Logs { contract: loud, from: 0, limit: 1_000 };
        let QueryResult::Logs(records) = client.query(&owner, logs).await.unwrap().result else { panic!("his log") };
        let count = |start: &str| records.iter().filter(|record| record.text.starts_with(start)).count();
        assert_eq!((count("command!"), count("my query")), (1, 1));
        assert!(count("attack!!") <= 3, "what anybody can cause is little");
        let from = Some("0-0".parse().unwrap());
        let topics = vec![Topic::Blocks, Topic::Logs];
        let mut feed = client.subscribe(&owner, Subscription { contract: Some(loud), topics, from }).await.unwrap();
        assert!(matches!(feed.next().await.unwrap(), Told::Item(_)), "the feed is there from its beginning");
    });
}

/// C9, its kind: commands of one contract that write much push out what that contract wrote, and nothing of others.
#[test]
fn commands_that_write_much_leave_the_feed_to_others() {
    let scene = Scene::start(&[]);
    scene.runtime.block_on(async {
        let (client, owner) = (scene.client().await, Keypair::from_uri("//Alice").unwrap());
        let own = contract(&client, &owner, LOUD).await;
        call(&client, &owner, own, b"command!".to_vec()).await.unwrap();
        let attacker = attacker(&scene).await;
        let flooding = contract(&attacker, &stranger(), FLOODING).await;
        call(&attacker, &stranger(), flooding, vec![]).await.unwrap();
        call(&attacker, &stranger(), flooding, vec![]).await.unwrap();
        let from = Some("0-0".parse().unwrap());
        let topics = vec![Topic::Blocks, Topic::Logs];
        let mut feed = client.subscribe(&owner, Subscription { contract: Some(own), topics, from }).await.unwrap();
        loop {
            match feed.next().await.unwrap() {
                Told::Item(item) if matches!(item.content, FeedContent::Log { .. }) => break,
                Told::Item(_) => {}
                other => panic!("his line is there, and not {other:?}"),
            }
        }
    });
}

/// Emits 200 events of 60 KiB: more than the whole feed holds, in two commands.
const FLOODING: &str = "(local $i i32) (local.set $i (i32.const 200))
    (loop $again
        (call $event (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 61440))
        (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";

/// C8. Estimates write as the contract that they would make: of that nothing is kept.
#[test]
fn contracts_that_do_not_exist_have_no_logs() {
    let scene = Scene::start(&[]);
    let before_and_after = scene.runtime.block_on(async {
        let client = attacker(&scene).await;
        let wasm =
            module(&format!(r#"{IMPORTS} (func (export "call")) (func (export "deploy") {LOUD} (unreachable))"#));
        let code = client.upload_code(&Keypair::from_uri("//Alice").unwrap(), wasm).await.unwrap();
        let estimates = async |from: u32, to: u32| {
            for salt in from..to {
                let query = instantiate(code, salt);
                client.query(&stranger_of(salt), query).await.unwrap();
            }
        };
        estimates(0, 50).await;
        let before = scene.resident_mib();
        estimates(50, 650).await;
        (before, scene.resident_mib())
    });
    let (before, after) = before_and_after;
    println!("{before} MiB before, {after} MiB after");
    assert!(after < before + 30, "600 lines of 120 KiB are 70 MiB: from {before} MiB to {after} MiB");
}

/// One of a few strangers: a session of each is enough.
fn stranger_of(number: u32) -> Keypair {
    Keypair::from_uri(&format!("//Stranger{}", number % 2)).unwrap()
}

fn instantiate(code: CodeHash, salt: u32) -> Query {
    let (input, salt) = (vec![0; 8], salt.to_le_bytes().to_vec());
    Query::Instantiate { code, input, salt, compat: Compat::Tallow, value: 0 }
}

/// B5. Estimates that burn all the gas they may are no reason not to answer others.
#[test]
fn estimates_that_compute_leave_the_api_to_others() {
    let scene = Scene::start(&[]);
    let (slowest, looks) = scene.runtime.block_on(async {
        let client = attacker(&scene).await;
        let burning = contract(&client, &stranger(), "(loop $again (br $again))").await;
        let mut estimates = JoinSet::new();
        for _ in 0..8 {
            let client = client.clone();
            let query = Query::Call { contract: burning, input: vec![], value: 0, gas_limit: 0, estimate: true };
            estimates.spawn(async move { client.query(&stranger(), query).await.map(drop) });
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (http, url) = (http(), format!("{}/health", scene.dev.url));
        let (began, mut slowest, mut looks) = (Instant::now(), Duration::ZERO, 0);
        while began.elapsed() < Duration::from_secs(3) && looks < 100 {
            let asked = Instant::now();
            assert!(http.get(&url).send().await.unwrap().status().is_success());
            slowest = slowest.max(asked.elapsed());
            looks += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        (slowest, looks)
    });
    println!("slowest of {looks} looks: {slowest:?}");
    assert!(slowest < Duration::from_millis(400), "{slowest:?}");
}

/// Fills its cache with six values of 3 MiB; traps when that is refused.
const CACHING: &str = r#"(local $key i32)
    (drop (memory.grow (i32.const 64)))
    (i32.store8 (i32.const 8) (i32.const 4))
    (i32.store (i32.const 10) (i32.const 12582914))
    (i32.store (i32.const 0) (i32.const 16))
    (loop $again
        (i32.store8 (i32.const 9) (local.get $key))
        (if (call $extension (i32.const 6) (i32.const 8) (i32.const 3145734) (i32.const 4) (i32.const 0))
            (then (unreachable)))
        (br_if $again (i32.lt_u (local.tee $key (i32.add (local.get $key) (i32.const 1))) (i32.const 6))))"#;

/// Sets one small entry; traps when that is refused.
const FRUGAL: &str = r#"
    (i32.store (i32.const 8) (i32.const 0x01040104)) (i32.store (i32.const 0) (i32.const 16))
    (if (call $extension (i32.const 6) (i32.const 8) (i32.const 4) (i32.const 64) (i32.const 0)) (then (unreachable)))"#;

/// C14. Eight contracts that fill their caches leave room to others.
#[test]
fn those_who_fill_the_cache_deny_it_to_nobody() {
    let scene = Scene::start(&[]);
    scene.runtime.block_on(async {
        let (client, victim) = (attacker(&scene).await, scene.client().await);
        let key = stranger();
        for _ in 0..8 {
            let caching = contract(&client, &key, CACHING).await;
            succeeds(&client, caching).await;
        }
        let frugal = contract(&victim, &Keypair::from_uri("//Alice").unwrap(), FRUGAL).await;
        succeeds(&victim, frugal).await;
    });
}

async fn succeeds(client: &Client, contract: AccountId) {
    let answer = client.query(&stranger(), query(contract, vec![])).await.unwrap();
    assert!(matches!(&answer.result, QueryResult::Called { result: Ok(_), .. }), "{:?}", answer.result);
}
