//! `kill -9` under load, again and again: every acknowledged command is there exactly once, and no receipt changes.

use crate::process::{Dev, Machine, bundle};
use crate::traffic::Traffic;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tallow_abi::Bundle;
use tallow_client::{Client, CommandDraft, Keypair, Trust};
use tallow_types::{Action, NetworkId};

/// Times the network is killed.
const KILLS: u64 = 50;
/// A round is killed after so many milliseconds and less than as many more, spread over the rounds.
const EARLIEST_MS: u64 = 20;
const SPREAD_MS: u64 = 230;

#[test]
fn acknowledged_commands_survive_fifty_kills() {
    let machine = Machine::new();
    let data = machine.path("data");
    let mut traffic = Traffic::new();
    for round in 0..KILLS {
        let dev = Dev::start(&machine, &["--data-dir", &data]);
        let client = traffic.check(&dev);
        traffic.run(&client, || {
            // Spread evenly without an order that could follow the log's own rhythm.
            std::thread::sleep(Duration::from_millis(EARLIEST_MS + (round * 97) % SPREAD_MS));
            // Every seventh time an orderly stop, so that some starts are from snapshots.
            if round % 7 == 6 { assert_eq!(dev.terminate(), Some(0)) } else { dev.kill() }
        });
    }
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let (transfers, contracts) = traffic.check_all(&dev);
    assert!(transfers as u64 > 2 * KILLS && contracts > 0, "the load was real: {transfers} and {contracts}");
}

async fn connect(dev: &Dev, network: Option<NetworkId>) -> Client {
    Client::connect(&dev.url, network.map_or(Trust::OnFirstUse, Trust::Network)).await.unwrap()
}

/// What a slow service saw: how often each key asked.
type Seen = Arc<std::sync::Mutex<BTreeMap<String, u32>>>;

async fn serve_slowly(seen: Seen) -> String {
    let slow = move |headers: axum::http::HeaderMap| {
        let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned()).unwrap_or_default();
        *seen.lock().unwrap().entry(key).or_default() += 1;
        async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            "done"
        }
    };
    let router = axum::Router::new().route("/", axum::routing::get(slow));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[test]
fn a_command_killed_while_it_waits_goes_on_with_the_same_key() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let machine = Machine::new();
    let data = machine.path("data");
    let seen = Seen::default();
    let url = runtime.block_on(serve_slowly(seen.clone()));
    let probe = Bundle::parse(&std::fs::read(bundle("probe")).unwrap()).unwrap();
    let metadata = probe.metadata.unwrap();
    let alice = Keypair::from_uri("//Alice").unwrap();

    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let client = runtime.block_on(connect(&dev, None));
    let input = metadata.encode_constructor("new", &[]).unwrap();
    let deployed = runtime.block_on(client.deploy(&alice, probe.wasm, input, vec![], 0)).unwrap();
    let contract = deployed.contract.unwrap();
    let input = metadata.encode_call("fetch_and_count", &[format!("[{url:?}]")]).unwrap();
    let draft = CommandDraft::new(Action::Call { contract, input });
    let command = runtime.block_on(client.prepare(&alice, draft)).unwrap();
    let network = client.network();
    let sending = runtime.spawn({
        let (client, command) = (client.clone(), command.clone());
        async move { client.send(&command).await }
    });
    while seen.lock().unwrap().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    dev.kill();
    assert!(runtime.block_on(sending).unwrap().is_err(), "killed before the answer");

    let dev = Dev::start(&machine, &["--data-dir", &data]);
    let client = runtime.block_on(connect(&dev, Some(network)));
    let receipt = runtime.block_on(client.send(&command)).unwrap();
    let output = receipt.outcome.result.unwrap();
    assert!(!output.reverted());
    assert_eq!(metadata.decode_return("fetch_and_count", &output.data).unwrap().to_string(), "Ok(1)");
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1, "one key for all attempts: {seen:?}");
    assert!(seen.values().all(|times| *times == 2), "asked before and after the kill: {seen:?}");
}
