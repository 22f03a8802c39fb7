//! One stranger stops the cluster: work that takes longer than it says, and work that is done again and again.

use crate::bystander::Bystander;
use crate::process::{Dev, Machine};
use crate::scene::{NO_OP_ENTRIES, Scene, call, deploy, module, stranger};
use parity_scale_codec::Encode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tallow_client::Client;
use tallow_types::limits::{CALL_ATTEMPTS_MAX, COMMAND_GAS_MAX};
use tallow_types::{AccountId, HttpRequest, Schedule, Timer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Entry points of a contract that uses up whatever gas it is given.
const SPIN: &str = r#"(func (export "deploy")) (func (export "call") (loop (br 0)))"#;

/// The harness itself: somebody who deploys a contract that does nothing disturbs nobody.
#[test]
fn who_does_nothing_disturbs_nobody() {
    let scene = Scene::start(&[]);
    let bystander = Bystander::start(&scene);
    let seen = scene.runtime.block_on(async {
        let client = scene.client().await;
        let deployed = deploy(&client, &stranger(), module(NO_OP_ENTRIES)).await;
        assert!(deployed.contract.is_some(), "{:?}", deployed.receipt.outcome);
        tokio::time::sleep(Duration::from_secs(1)).await;
        bystander.ask().await
    });
    seen.unharmed(Duration::from_millis(500), Duration::from_millis(200));
    assert!(scene.runtime.block_on(scene.height()) > 0);
    assert!(scene.resident_mib() < 500);
}

/// Commands with all the gas there is, each of a key of its own.
fn flood(client: &Client, contract: AccountId, commands: usize) -> JoinSet<()> {
    let mut under_way = JoinSet::new();
    for _ in 0..commands {
        let client = client.clone();
        under_way.spawn(async move {
            let _ = call(&client, &stranger(), contract, vec![0; 4]).await; // its receipt does not matter
        });
    }
    under_way
}

async fn is_ready(scene: &Scene) -> bool {
    scene.document("/ready").await["ready"].as_bool().unwrap()
}

/// Looks for some time whether the network goes on: it is ready, and its height grows.
async fn goes_on(scene: &Scene, time: Duration) {
    let (began, height) = (Instant::now(), scene.height().await);
    while began.elapsed() < time {
        assert!(is_ready(scene).await, "{}", scene.document("/ready").await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(scene.height().await >= height + 2, "the height stands at {height}");
}

/// B3. Commands of unfunded keys that use up the most gas there is: 1, 5, and then 257 of them.
#[test]
fn commands_that_use_up_their_gas_do_not_stop_the_others() {
    let scene = Scene::start(&[]);
    let bystander = Bystander::start(&scene);
    let seen = scene.runtime.block_on(async {
        let client = scene.client().await;
        let spin = deploy(&client, &stranger(), module(SPIN)).await.contract.unwrap();
        let mut under_way = Vec::new();
        for commands in [1, 5, 257] {
            under_way.push(flood(&client, spin, commands));
            goes_on(&scene, Duration::from_secs(3)).await;
        }
        bystander.ask().await
    });
    seen.unharmed(Duration::from_secs(6), Duration::from_secs(2));
}

/// A constructor that sets a timer with this input's message every 100 ms.
fn timed() -> Vec<u8> {
    let schedule = Schedule::Every { first_ms: 0, period_ms: 100 };
    let timer = Timer { id: b"t".to_vec(), schedule, input: vec![0; 4], gas_limit: COMMAND_GAS_MAX, catch_up: 0 };
    let bytes: Vec<_> = timer.encode().iter().map(|byte| format!("\\{byte:02x}")).collect();
    module(&format!(
        r#"(import "seal0" "call_chain_extension" (func $extension (param i32 i32 i32 i32 i32) (result i32)))
        (data (i32.const 1024) "{}")
        (func (export "deploy")
            (i32.store (i32.const 0) (i32.const 4096))
            (drop (call $extension (i32.const 0x10001) (i32.const 1024) (i32.const {}) (i32.const 8192) (i32.const 0))))
        (func (export "call") (loop (br 0)))"#,
        bytes.concat(),
        bytes.len()
    ))
}

/// B3. Timers that use up their gas: the network goes on, also after it was killed and started again.
#[test]
fn timers_that_use_up_their_gas_do_not_stop_the_others_for_good() {
    let machine = Machine::new();
    let data = machine.path("data");
    let arguments = ["--data-dir", &data];
    let scene = Scene { dev: Dev::start(&machine, &arguments), machine, runtime: Runtime::new().unwrap() };
    scene.runtime.block_on(async {
        let client = scene.client().await;
        for _ in 0..3 {
            let deployed = deploy(&client, &stranger(), timed()).await;
            assert!(deployed.contract.is_some(), "{:?}", deployed.receipt.outcome);
        }
        goes_on(&scene, Duration::from_secs(2)).await;
    });
    let Scene { machine, dev, runtime } = scene;
    dev.kill();
    let scene = Scene { dev: Dev::start(&machine, &arguments), machine, runtime };
    let bystander = Bystander::start(&scene);
    scene.runtime.block_on(goes_on(&scene, Duration::from_secs(2)));
    scene.runtime.block_on(bystander.ask()).unharmed(Duration::from_secs(6), Duration::from_secs(2));
}

/// B3. An orderly stop does not wait for contracts.
#[test]
fn an_orderly_stop_interrupts_what_runs() {
    let scene = Scene::start(&[]);
    let under_way = scene.runtime.block_on(async {
        let client = scene.client().await;
        let spin = deploy(&client, &stranger(), module(SPIN)).await.contract.unwrap();
        let under_way = flood(&client, spin, 100);
        tokio::time::sleep(Duration::from_secs(1)).await;
        under_way
    });
    let Scene { machine: _machine, dev, runtime: _runtime } = scene;
    let began = Instant::now();
    assert_eq!(dev.terminate(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    drop(under_way);
}

/// A service that answers a request when as many as `together` wait for it, and the first ones of each at once: its URL,
/// and how many requests there were.
async fn service(together: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (count, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(together)));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (count, gate) = (counted.clone(), gate.clone());
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                if count.fetch_add(1, Ordering::Relaxed) < together {
                    gate.wait().await;
                }
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
            });
        }
    });
    (url, count)
}

/// Makes its input's request, then uses up its gas.
const ASK_AND_SPIN: &str = r#"
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal0" "call_chain_extension" (func $extension (param i32 i32 i32 i32 i32) (result i32)))
    (func (export "deploy"))
    (func (export "call")
        (i32.store (i32.const 0) (i32.const 4096)) (call $input (i32.const 8) (i32.const 0))
        (i32.store (i32.const 60000) (i32.const 4096))
        (drop (call $extension (i32.const 1) (i32.const 8) (i32.load (i32.const 0)) (i32.const 61000) (i32.const 60000)))
        (loop (br 0)))"#;

/// B4. Twenty commands whose answers come all at once and that use up their gas then: others go on, each of them ends, and
/// no service is called more often than calls are attempted.
#[test]
fn answers_that_come_all_at_once_do_not_stop_the_others() {
    const COMMANDS: usize = 20;
    let scene = Scene::start(&[]);
    let bystander = Bystander::start(&scene);
    let (seen, asked) = scene.runtime.block_on(async {
        let client = scene.client().await;
        let hungry = deploy(&client, &stranger(), module(ASK_AND_SPIN)).await.contract.unwrap();
        let (url, asked) = service(COMMANDS).await;
        let input = HttpRequest { url, method: "POST".into(), headers: vec![], body: vec![] }.encode();
        let mut under_way = JoinSet::new();
        for _ in 0..COMMANDS {
            let (client, input) = (client.clone(), input.clone());
            under_way.spawn(async move { call(&client, &stranger(), hungry, input).await.unwrap() });
        }
        goes_on(&scene, Duration::from_secs(4)).await;
        let seen = bystander.ask().await;
        let ended = under_way.join_all().await;
        assert!(ended.iter().all(|receipt| receipt.outcome.result.is_err()));
        (seen, asked.load(Ordering::Relaxed))
    });
    seen.unharmed(Duration::from_secs(6), Duration::from_secs(2));
    assert!(asked <= COMMANDS * CALL_ATTEMPTS_MAX as usize, "{asked} requests");
}

/// B6. As many large commands as fill the pool, each of a key of its own, that use up their gas: the next caller gets in.
#[test]
fn a_full_pool_takes_the_next_caller() {
    let scene = Scene::start(&[]);
    let bystander = Bystander::start(&scene);
    let seen = scene.runtime.block_on(async {
        let client = scene.client().await;
        let spin = deploy(&client, &stranger(), module(SPIN)).await.contract.unwrap();
        let mut under_way = JoinSet::new();
        for _ in 0..280 {
            let client = client.clone();
            under_way.spawn(async move {
                let _ = call(&client, &stranger(), spin, vec![0; 250_000]).await; // its receipt does not matter
            });
        }
        goes_on(&scene, Duration::from_secs(5)).await;
        bystander.ask().await
    });
    seen.unharmed(Duration::from_secs(8), Duration::from_secs(3));
}
