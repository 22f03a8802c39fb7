//! The ledger is free: what keys without balance can make it keep, and order, for nothing.

use crate::bystander::Bystander;
use crate::raw::Raw;
use crate::scene::{Scene, stranger};
use parity_scale_codec::Encode;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tallow_client::{CommandDraft, Keypair};
use tallow_types::limits::LEDGER_TX_BYTES_MAX;
use tallow_types::{
    Action, Anchor, BlockDigest, CertifiedHeader, CodeHash, Command, Commitments, Hash, Header, LedgerAction,
    LedgerPolicy, LedgerTx, OutboxMessage, Position, WorkerRecord,
};

/// What of the ledger's log one may write in a few seconds, beside what its own blocks take.
const LOG_BYTES: u64 = 8 << 20;

/// A network that keeps its data where the test can look at it.
fn scene() -> (Scene, String) {
    let dir = tempfile::tempdir().unwrap().keep().display().to_string();
    (Scene::start(&["--data-dir", &dir]), dir)
}

/// Bytes of all files in a directory.
fn bytes_in(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => bytes_in(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0, // it has just been removed
    };
    entries.map(size).sum()
}

async fn nonce(scene: &Scene, key: &Keypair) -> u64 {
    scene.document(&format!("/v1/nonce/{}", key.account())).await["nonce"].as_u64().unwrap()
}

fn sign(raw: &Raw, key: &Keypair, nonce: u64, action: LedgerAction) -> Vec<u8> {
    key.sign_ledger_tx(LedgerTx { network: raw.network, signer: key.public(), nonce, action }).encode()
}

fn register(number: u64) -> LedgerAction {
    let mut code = [0; 32];
    code[..8].copy_from_slice(&number.to_le_bytes());
    LedgerAction::RegisterCode { code: CodeHash(code), bytes: 10 }
}

/// An anchor of 240 KiB that nobody certified.
fn large_anchor(raw: &Raw) -> LedgerAction {
    let message = OutboxMessage::InboxTaken { next: 0 };
    let outbox = vec![vec![message; 27_000]];
    let header = Header {
        chain: Hash(raw.cluster.cluster.0),
        epoch: 0,
        view: 2,
        parent_view: 1,
        leader: raw.worker.worker,
        parent: BlockDigest([1; 32]),
        position: Position { height: 1 << 40, time_ms: 1 },
        entries: Hash([2; 32]),
        commitments: Commitments::default(),
    };
    let certified = CertifiedHeader { header, descendants: vec![], certificate: vec![0; 64] };
    LedgerAction::Anchor(Box::new(Anchor { cluster: raw.cluster.cluster, certified, outbox }))
}

/// Transactions with a nonce that is still to come failed, took nothing, and could be sent again: each time they were
/// ordered, and kept.
#[test]
fn what_has_no_effect_is_not_in_the_log() {
    let (scene, dir) = scene();
    let bystander = Bystander::start(&scene);
    let (grown, ledger, seen) = scene.runtime.block_on(async {
        let raw = Arc::new(Raw::new(&scene.dev).await);
        let key = stranger();
        let next = nonce(&scene, &key).await;
        let evidence = LedgerAction::RegisterWorker(WorkerRecord { evidence: vec![0; 60_000], ..raw.worker.clone() });
        let txs: Vec<_> = (0..30u64)
            .map(|n| sign(&raw, &key, next + 1 + n / 2, if n % 2 == 0 { large_anchor(&raw) } else { evidence.clone() }))
            .collect();
        assert!(txs[0].len() > 200 * 1024 && txs[0].len() < LEDGER_TX_BYTES_MAX);
        let before = (bytes_in(Path::new(&dir)), scene.document("/v1/status").await["ledger_height"].as_u64().unwrap());
        let began = Instant::now();
        for _ in 0..10 {
            for tx in &txs {
                raw.refused(raw.post("/v1/ledger", tx.clone()).await, (422, "transaction_refused"));
            }
        }
        let after = (bytes_in(Path::new(&dir)), scene.document("/v1/status").await["ledger_height"].as_u64().unwrap());
        let (grown, blocks) = (after.0.saturating_sub(before.0), after.1 - before.1);
        println!("300 transactions of 44 MB: {grown} bytes, {blocks} ledger blocks in {:?}", began.elapsed());
        // An anchor every half second, and a sign of life.
        let own = 20 + 4 * began.elapsed().as_secs();
        (grown, (blocks, own), bystander.ask().await)
    });
    assert!(grown < LOG_BYTES, "the data directory grew by {grown} bytes");
    assert!(ledger.0 <= ledger.1, "{} ledger blocks, not {}", ledger.0, ledger.1);
    seen.unharmed(Duration::from_secs(2), Duration::from_secs(1));
    drop(scene);
    std::fs::remove_dir_all(dir).unwrap();
}

/// Posts as a fresh key: the status, and the error's code.
async fn post(raw: &Raw, tx: Vec<u8>) -> (u16, String) {
    let (status, body) = raw.post("/v1/ledger", tx).await;
    let code = serde_json::from_slice::<Value>(&body).ok().and_then(|answer| Some(answer["code"].as_str()?.to_owned()));
    (status.as_u16(), code.unwrap_or_default())
}

/// Each fresh key registered code, for nothing and for ever.
#[test]
fn keys_without_balance_fill_the_registry_with_a_bounded_share() {
    let (scene, dir) = scene();
    let burst = u64::from(LedgerPolicy::default().unfunded_burst);
    let began = Instant::now();
    scene.runtime.block_on(async {
        let raw = Arc::new(Raw::new(&scene.dev).await);
        let first = nonce(&scene, &stranger()).await;
        let anchored = scene.document("/v1/status").await["anchored_height"].as_u64().unwrap();
        let flood: Vec<_> = (0..16u64)
            .map(|task| {
                let raw = raw.clone();
                tokio::spawn(async move {
                    let mut answers = Vec::new();
                    for number in 0..125 {
                        answers.push(post(&raw, sign(&raw, &stranger(), first, register(1_000 * task + number))).await);
                    }
                    answers
                })
            })
            .collect();
        // Meanwhile somebody with balance deploys and calls, and the cluster is anchored.
        let honest = Instant::now();
        let deployed = tokio::task::spawn_blocking({
            let (machine, url) = (crate::process::Machine::new(), scene.dev.url.clone());
            let bundle = crate::process::bundle("probe");
            move || machine.run(&["deploy", &bundle, "--from", "//Bob", "--json", "--url", &url])
        });
        let deployed = deployed.await.unwrap();
        println!("a deployment of somebody with balance took {:?}", honest.elapsed());
        assert_eq!(deployed.code, 0, "{}{}", deployed.stdout, deployed.stderr);
        assert!(honest.elapsed() < Duration::from_secs(8), "a deployment took {:?}", honest.elapsed());
        let mut answers = Vec::new();
        for task in flood {
            answers.extend(task.await.unwrap());
        }
        let taken = answers.iter().filter(|(status, _)| *status == 200).count() as u64;
        let refused = answers.iter().filter(|(_, code)| code == "allowance_used").count();
        println!("2,000 registrations of fresh keys: {taken} taken, {refused} refused in {:?}", began.elapsed());
        let refilled = began.elapsed().as_millis() as u64 / LedgerPolicy::default().unfunded_tx_ms + 1;
        assert!(taken <= burst + refilled, "{taken} registrations for nothing");
        assert!(refused > 1_000, "{refused} are told why");
        let mut height = anchored;
        while height == anchored && began.elapsed() < Duration::from_secs(30) {
            tokio::time::sleep(Duration::from_millis(100)).await;
            height = scene.document("/v1/status").await["anchored_height"].as_u64().unwrap();
        }
        assert!(height > anchored, "the deployment is not anchored");
    });
    drop(scene);
    std::fs::remove_dir_all(dir).unwrap();
}

/// What an account has in the cluster.
fn balance(scene: &Scene, account: &str) -> u128 {
    let shown = scene.machine.ok(&scene.dev, &["account", "balance", "--from", account]);
    shown["balance"].as_str().unwrap().parse().unwrap()
}

/// Work cost nothing, so a free key could have as much of it as anybody. Where the owner sets a price, a stranger is told
/// so before anything is ordered, and who has balance pays what his receipt says.
#[test]
fn work_is_paid_where_the_owner_says_so() {
    let scene = Scene::start(&[]);
    let contract = scene.deploy("probe").parse().unwrap();
    scene.machine.ok(&scene.dev, &["cluster", "policy", "--gas-price", "1000000", "--byte-price", "7"]);
    let before = balance(&scene, "//Bob");
    scene.runtime.block_on(async {
        let (client, raw) = (scene.client().await, Raw::new(&scene.dev).await);
        let command = |caller: &Keypair| Command {
            caller: caller.public(),
            action: Action::Call { contract, input: vec![0x12, 0xbd, 0x51, 0xd3] },
            value: 0,
            ..raw.command()
        };
        let height = scene.height().await;
        let attacker = stranger();
        for n in 0..20 {
            let signed = attacker.sign_command(Command { nonce: n, ..command(&attacker) });
            raw.refused(raw.post("/v1/commands", raw.seal_signed(&signed).encode()).await, (402, "payment_required"));
        }
        assert_eq!(scene.height().await, height, "what nobody pays for makes no block");
        let bob = Keypair::from_uri("//Bob").unwrap();
        let sent = client.command(&bob, CommandDraft::new(command(&bob).action)).await.unwrap();
        let policy = client.policy().await.unwrap();
        let bytes = bob.sign_command(command(&bob)).encoded_size();
        let cost = policy.gas_cost(sent.outcome.gas_used) + policy.bytes_cost(bytes);
        assert!(sent.outcome.result.is_ok() && cost > 0);
        let after = tokio::task::block_in_place(|| balance(&scene, "//Bob"));
        assert_eq!(before - after, cost, "to the unit");
    });
}
