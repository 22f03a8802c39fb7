//! The edge of a worker's API: pages that a browser has open, and what clients hold of it.

use crate::bystander::Bystander;
use crate::scene::{NO_OP_ENTRIES, Scene, call, deploy, http, module};
use reqwest::Method;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tallow_client::{Keypair, Subscription};
use tallow_types::limits::{API_STREAMS_PER_CONNECTION_MAX, CODE_BYTES_MAX, STREAMS_MAX};
use tallow_types::{AccountId, CodeHash, Contracts, LedgerAction, Query, Scope, Topic};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// The address from which attackers come; their victims come from the usual one.
const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Paths of every kind: the API, its streams, probes, the console's files, and none at all.
const PATHS: [&str; 10] = [
    "/v1/status",
    "/v1/blocks",
    "/v1/stream",
    "/v1/ws",
    "/metrics",
    "/health",
    "/ready",
    "/openapi.json",
    "/",
    "/none",
];

/// D16. A page of some site that a developer has open reads nothing and sends nothing, whatever it asks and how.
#[test]
fn a_web_page_neither_reads_nor_sends_anything() {
    let scene = Scene::start(&["--allow-origin", "http://localhost:5173"]);
    scene.runtime.block_on(async {
        let ask = async |method: Method, path: &str, headers: &[(&str, &str)]| {
            let request = http().request(method, format!("{}{path}", scene.dev.url));
            let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let answer = request.send().await.unwrap();
            let readers =
                answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned());
            (answer.status().as_u16(), readers)
        };
        for origin in ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:3000"] {
            for path in PATHS {
                for method in [Method::GET, Method::POST, Method::OPTIONS, Method::HEAD] {
                    let asked = ask(method.clone(), path, &[("origin", origin)]).await;
                    assert_eq!(asked, (403, None), "{origin} {method} {path}");
                }
            }
        }
        let hidden = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
        assert_eq!(ask(Method::GET, "/v1/status", &hidden).await, (403, None), "an image");
        assert_eq!(ask(Method::GET, "/v1/status", &[("origin", &scene.dev.url)]).await, (200, None), "its own page");
        let listed = "http://localhost:5173";
        assert_eq!(ask(Method::GET, "/v1/status", &[("origin", listed)]).await, (200, Some(listed.to_owned())));
        assert_eq!(ask(Method::GET, "/v1/status", &[]).await, (200, None), "no page at all");
    });
    let development = scene.dev.announced["development"].to_string();
    assert!(
        development.contains("http://localhost:5173") && development.contains("no limits of rate"),
        "{development}"
    );
}

/// D16. A site whose name leads to this machine (DNS rebinding) is refused on every path.
#[test]
fn a_rebound_name_is_refused_on_every_path() {
    let scene = Scene::start(&[]);
    scene.runtime.block_on(async {
        for path in PATHS {
            for host in ["rebound.example", "rebound.example:7300", "localhost.rebound.example"] {
                let request = http().get(format!("{}{path}", scene.dev.url)).header("host", host);
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status().as_u16(), 421, "{host} {path}");
            }
        }
        let own = http().get(format!("{}/metrics", scene.dev.url)).header("host", "localhost").send().await.unwrap();
        assert_eq!(own.status().as_u16(), 200);
    });
}

/// C10. Bodies that are never finished take half of their room at most, and what nobody registered is not even read.
#[test]
fn half_sent_bodies_take_little_and_leave_room_for_others() {
    let scene = Scene::start(&[]);
    let bystander = Bystander::start(&scene);
    let before = scene.resident_mib();
    let (most, seen) = scene.runtime.block_on(async {
        let (client, alice) = (scene.client().await, Keypair::from_uri("//Alice").unwrap());
        let code = CodeHash([7; 32]);
        let bytes = u32::try_from(CODE_BYTES_MAX).unwrap();
        client.ledger_tx(&alice, LedgerAction::RegisterCode { code, bytes }).await.unwrap();
        let mut held = JoinSet::new();
        for _ in 0..40 {
            let mut stream = connect(&scene).await;
            held.spawn(async move {
                let head = format!(
                    "POST /v1/code?code={code} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {CODE_BYTES_MAX}\r\n\r\n"
                );
                // Who is refused is cut off.
                drop(stream.write_all(head.as_bytes()).await);
                drop(stream.write_all(&vec![7; CODE_BYTES_MAX - 1]).await);
                tokio::time::sleep(Duration::from_secs(30)).await;
                drop(stream);
            });
        }
        let most = most_resident(&scene, Duration::from_secs(4)).await;
        // Somebody else sends as large a body as there is while those are held.
        let wasm = module(&format!("{NO_OP_ENTRIES} (data (i32.const 0) \"{}\")", "x".repeat(100_000)));
        deploy(&client, &alice, wasm).await.contract.unwrap();
        held.abort_all();
        (most, bystander.ask().await)
    });
    println!("{before} MiB before, {most} MiB at most");
    assert!(most < before + 200, "40 bodies of 8 MiB: from {before} MiB to {most} MiB");
    seen.unharmed(Duration::from_secs(3), Duration::from_secs(2));
}

/// Emits as many events of 64 KiB as its input says.
const EVENTFUL: &str = r#"(import "seal0" "input" (func $input (param i32 i32)))
    (import "seal0" "deposit_event" (func $event (param i32 i32 i32 i32)))
    (func (export "deploy")) (func (export "call")
        (i32.store (i32.const 0) (i32.const 4)) (call $input (i32.const 4) (i32.const 0))
        (loop $again
            (call $event (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 65536))
            (i32.store (i32.const 4) (i32.sub (i32.load (i32.const 4)) (i32.const 1)))
            (br_if $again (i32.load (i32.const 4)))))"#;

/// C14. The largest outcome can be delivered, a larger one has no effects, and answers that nobody reads take little.
#[test]
fn answers_that_are_not_read_take_little_and_leave_room_for_others() {
    let scene = Scene::start(&[]);
    let (before, most) = scene.runtime.block_on(async {
        let (client, alice) = (scene.client().await, Keypair::from_uri("//Alice").unwrap());
        let eventful = deploy(&client, &alice, module(EVENTFUL)).await.contract.unwrap();
        let outcome = async |events: u32| {
            let receipt = call(&client, &alice, eventful, events.to_le_bytes().to_vec()).await.unwrap();
            (receipt.outcome.result.is_ok(), receipt.outcome.events.len())
        };
        assert_eq!(outcome(300).await, (false, 0), "what nobody could read has no effects");
        assert_eq!(outcome(63).await, (true, 63));
        let newest = scene.document("/v1/receipts?limit=1").await["items"][0].clone();
        assert!(newest["bytes"].as_u64().unwrap() > 4_000_000, "{newest}");
        let path = format!("/v1/receipts/{}", newest["id"].as_str().unwrap());
        let before = scene.resident_mib();
        let mut unread = Vec::new();
        for _ in 0..150 {
            let mut stream = connect(&scene).await;
            let asked = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
            stream.write_all(asked.as_bytes()).await.unwrap();
            unread.push(stream);
        }
        let most = most_resident(&scene, Duration::from_secs(3)).await;
        let answer = http().get(format!("{}{path}", scene.dev.url)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "others read it meanwhile");
        assert!(answer.bytes().await.unwrap().len() > 4_000_000);
        (before, most)
    });
    println!("{before} MiB before, {most} MiB at most");
    assert!(most < before + 250, "150 answers of 4 MiB: from {before} MiB to {most} MiB");
}

/// C14. One address has half of the places of streams at most.
#[test]
fn streams_of_one_address_leave_places_for_others() {
    let scene = Scene::start(&[]);
    scene.runtime.block_on(async {
        let url = format!("{}/v1/stream", scene.dev.url);
        let (mut open, mut refused) = (Vec::new(), 0);
        'all: for _ in 0..16 {
            let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().local_address(ATTACKER);
            let client = client.build().unwrap();
            for _ in 0..API_STREAMS_PER_CONNECTION_MAX {
                let answer = client.get(&url).send().await.unwrap();
                match answer.status().as_u16() {
                    200 => open.push((client.clone(), answer)),
                    503 => refused += 1,
                    other => panic!("{other}"),
                }
                if refused > 10 {
                    break 'all;
                }
            }
        }
        assert_eq!((open.len(), refused), (STREAMS_MAX / 2, 11));
        let other = http().get(&url).send().await.unwrap();
        assert_eq!(other.status().as_u16(), 200, "others have places");
    });
}

/// C11. Of a client that waits for receipts and goes, nothing stays.
#[test]
fn nothing_stays_of_those_who_waited_and_went() {
    let scene = Scene::start(&[]);
    scene.runtime.block_on(async {
        let client = http();
        let mut waiting = JoinSet::new();
        for number in 0..500u32 {
            let id = format!("0x{}", hex::encode([&number.to_le_bytes()[..], &[9; 28]].concat()));
            waiting.spawn(client.get(format!("{}/v1/receipts/{id}?wait_ms=30000", scene.dev.url)).send());
        }
        assert!(becomes(&scene, |waited_for| waited_for > 400).await, "they wait");
        waiting.abort_all();
        drop((waiting, client));
        assert!(becomes(&scene, |waited_for| waited_for == 0).await, "nothing stays of them");
    });
}

/// Whether the number of receipts that are waited for becomes so within a while.
async fn becomes(scene: &Scene, wanted: impl Fn(u64) -> bool) -> bool {
    for _ in 0..100 {
        let answer = http().get(format!("{}/metrics", scene.dev.url)).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let line = text.lines().find(|line| !line.starts_with('#') && line.contains("receipt_waited_for"));
        if wanted(line.unwrap().rsplit_once(' ').unwrap().1.parse().unwrap()) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// D17. A delegate for one contract sees nothing of another that only its deployer may see.
#[test]
fn a_delegate_for_one_contract_sees_nothing_of_others() {
    let scene = Scene::start(&[]);
    let own = scene.deploy("probe").parse().unwrap();
    scene.runtime.block_on(async {
        let alice = Keypair::from_uri("//Alice").unwrap();
        let other = deploy(&scene.client().await, &alice, module(NO_OP_ENTRIES)).await.contract.unwrap();
        let scope = Scope::Commands { contracts: Contracts::Only(vec![own]), value_max: 0 };
        let delegate = scene.client().await.delegate(&alice, scope, 60_000).await.unwrap();
        let client = scene.client().await;
        let asked = |contract: AccountId| {
            [Query::Logs { contract, from: 0, limit: 1 }, Query::Timers { contract }, Query::Secrets(contract)]
        };
        for query in asked(own) {
            client.query(&delegate, query).await.unwrap();
        }
        for query in asked(other) {
            let refused = client.query(&delegate, query).await.unwrap_err();
            assert!(refused.to_string().contains("permitted"), "{refused}");
        }
        let subscription = Subscription { contract: Some(other), topics: vec![Topic::Logs], from: None };
        let mut feed = client.subscribe(&delegate, subscription).await;
        let told = match &mut feed {
            Ok(feed) => feed.next().await.err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        assert!(told.as_ref().is_some_and(|told| told.contains("permitted")), "{told:?}");
    });
}

/// A connection from the attacker's address that takes little of what it does not read.
async fn connect(scene: &Scene) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8 * 1024).unwrap();
    socket.bind(SocketAddr::new(ATTACKER, 0)).unwrap();
    socket.connect(scene.dev.url.trim_start_matches("http://").parse().unwrap()).await.unwrap()
}

/// The most memory that the network has within a while.
async fn most_resident(scene: &Scene, time: Duration) -> u64 {
    let (began, mut most) = (Instant::now(), 0);
    while began.elapsed() < time {
        most = most.max(scene.resident_mib());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    most
}
