//! One participant on a real disk.

use super::counter::{Counter, Seen, Sum};
use crate::{ChainError, Config, Handle, Recovery, start_ed25519};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tallow_crypto::{Keypair, Secret};
use tallow_types::{BlockDigest, Hash, WorkerId};

const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn member() -> (Secret<[u8; 32]>, WorkerId) {
    let seed = Secret::new([3; 32]);
    let worker = Keypair::ed25519_from_seed(&seed).worker().unwrap();
    (seed, worker)
}

pub(super) fn config(path: &Path) -> Config {
    Config::solo(Hash([9; 32]), path.to_path_buf())
}

fn open(path: &Path, app: &Arc<Counter>, recovery: Option<Recovery<Sum>>) -> Handle {
    let (seed, worker) = member();
    start_ed25519(config(path), &seed, &[worker], app.clone(), recovery).unwrap()
}

fn wait(what: &str, mut reached: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !reached() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(super) fn submit_all(chain: &Handle, app: &Counter, numbers: std::ops::Range<u64>) {
    for number in numbers.clone() {
        app.submit(number);
        chain.wake();
        if number % 3 == 0 {
            wait("a number is final", || app.counts().contains_key(&number));
        }
    }
    wait("all numbers are final", || numbers.clone().all(|number| app.counts().contains_key(&number)));
}

/// Runs a chain over some numbers and returns what became final.
fn filled(path: &Path, numbers: std::ops::Range<u64>) -> Vec<Seen> {
    let app = Arc::new(Counter::default());
    let chain = open(path, &app, None);
    futures::executor::block_on(chain.ready()).unwrap();
    submit_all(&chain, &app, numbers);
    chain.shutdown();
    app.seen()
}

/// Why a chain stops by itself.
fn failure(path: &Path, app: Counter, recovery: Option<Recovery<Sum>>) -> ChainError {
    let chain = open(path, &Arc::new(app), recovery);
    let error = futures::executor::block_on(chain.failed());
    chain.shutdown();
    error
}

#[test]
fn finalises_each_entry_once_and_replays_the_same_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = filled(dir.path(), 1..21);
    assert!(first.iter().all(|seen| !seen.replayed));

    let app = Arc::new(Counter::default());
    let chain = open(dir.path(), &app, None);
    futures::executor::block_on(chain.ready()).unwrap();
    let replayed = app.seen();
    let without_flag: Vec<Seen> =
        replayed.iter().take(first.len()).map(|seen| Seen { replayed: false, ..seen.clone() }).collect();
    assert_eq!(without_flag, first);
    assert!(replayed.iter().take(first.len()).all(|seen| seen.replayed));

    submit_all(&chain, &app, 21..31);
    let tip = chain.tip();
    chain.shutdown();
    let all = app.seen();
    assert!(tip.height > first.len() as u64 && all.iter().any(|seen| seen.digest == tip.digest));
    assert!(all.iter().enumerate().all(|(index, seen)| seen.height == index as u64 + 1));
    assert!(
        app.counts().iter().eq((1..31).map(|number| (number, 1)).collect::<std::collections::BTreeMap<_, _>>().iter())
    );
    assert_eq!(app.total(), (1..31).sum::<u64>());
}

#[test]
fn a_block_that_cannot_be_executed_now_comes_later() {
    let dir = tempfile::tempdir().unwrap();
    let app = Arc::new(Counter { lacks: AtomicUsize::new(3), ..Counter::default() });
    let chain = open(dir.path(), &app, None);
    app.submit(1);
    chain.wake();
    wait("the number is final after the replica has got what it lacked", || app.counts().contains_key(&1));
    assert!(app.seen().len() > 3, "the log went on meanwhile");
    chain.shutdown();
}

#[test]
fn the_work_of_a_view_that_ran_out_of_time_is_used_in_a_later_one() {
    let dir = tempfile::tempdir().unwrap();
    let slow = 2 * config(dir.path()).certification_timeout;
    let app = Arc::new(Counter { slow, ..Counter::default() });
    let chain = open(dir.path(), &app, None);
    app.submit(1);
    chain.wake();
    wait("the number is final", || app.counts().contains_key(&1));
    assert_eq!(app.executions.load(Ordering::Acquire), 1);
    let seen = app.seen().remove(0);
    assert!(seen.certified.header.view > 1, "the first view was given up: {:?}", seen.certified.header);
    chain.shutdown();
}

#[test]
fn keeps_nothing_for_peers_it_does_not_have() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 1..5);
    let bytes = |part: &str| -> u64 {
        let files = std::fs::read_dir(dir.path().join(format!("store-cache-cache-0-{part}"))).into_iter().flatten();
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
    };
    assert!(bytes("verified-value") > 0, "the parts are called as this test thinks");
    assert_eq!(bytes("notarizations-value"), 0);
}

#[test]
fn starts_from_a_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let app = Arc::new(Counter::default());
    let chain = open(dir.path(), &app, None);
    submit_all(&chain, &app, 1..21);
    chain.shutdown();
    let first = app.seen();
    let at = &first[first.len() / 2];
    let recovery = Recovery { height: at.height, digest: at.digest, state: app.state_at(at.height) };

    let again = Arc::new(Counter::default());
    let chain = open(dir.path(), &again, Some(recovery));
    futures::executor::block_on(chain.ready()).unwrap();
    chain.shutdown();
    assert_eq!(again.seen()[0].height, at.height + 1);
    assert_eq!(again.state_at(first.len() as u64).total, (1..21).sum::<u64>());
}

#[test]
fn refuses_a_foreign_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 1..9);
    let recovery = Recovery { height: 2, digest: BlockDigest([1; 32]), state: Sum::default() };
    let error = failure(dir.path(), Counter::default(), Some(recovery));
    assert!(matches!(error, ChainError::Snapshot { height: 2, .. }), "{error}");
}

#[test]
fn refuses_a_snapshot_newer_than_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let recovery = Recovery { height: 7, digest: BlockDigest([1; 32]), state: Sum::default() };
    let chain = open(dir.path(), &Arc::new(Counter::default()), Some(recovery));
    let error = futures::executor::block_on(chain.ready()).unwrap_err();
    assert!(matches!(error, ChainError::Snapshot { height: 7, .. }), "{error}");
    assert_eq!(futures::executor::block_on(chain.failed()), error);
}

#[test]
fn a_replay_that_differs_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 1..9);
    let error = failure(dir.path(), Counter { bias: 1, ..Counter::default() }, None);
    assert!(matches!(error, ChainError::Replay { .. }), "{error}");
}

#[test]
fn a_panic_of_the_application_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let error = failure(dir.path(), Counter { panics_at: Some(3), ..Counter::default() }, None);
    assert!(matches!(&error, ChainError::Engine(text) if text.contains("told to panic")), "{error}");
}

#[test]
fn a_corrupt_directory_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 1..9);
    let mut overwritten = 0;
    for partition in ["votes", "blocks-values", "finalizations-values", "blocks-keys"] {
        for file in std::fs::read_dir(dir.path().join(partition)).unwrap() {
            let path = file.unwrap().path();
            let length = std::fs::metadata(&path).unwrap().len() as usize;
            std::fs::write(&path, vec![0xA5; length]).unwrap();
            overwritten += 1;
        }
    }
    assert!(overwritten > 4);
    let error = failure(dir.path(), Counter::default(), None);
    assert!(!matches!(error, ChainError::ShutDown) && !error.to_string().is_empty(), "{error}");
}

#[test]
fn a_directory_that_cannot_be_used_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, b"not a directory").unwrap();
    assert!(matches!(failure(&file, Counter::default(), None), ChainError::DataDir { .. }));

    let app = Arc::new(Counter::default());
    let chain = open(&dir.path().join("used"), &app, None);
    futures::executor::block_on(chain.ready()).unwrap();
    let error = failure(&dir.path().join("used"), Counter::default(), None);
    assert!(matches!(error, ChainError::InUse(_)), "{error}");
    chain.shutdown();
}

#[test]
fn idle_chains_make_heartbeat_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let app = Arc::new(Counter::default());
    let chain = open(dir.path(), &app, None);
    wait("two heartbeats", || app.seen().len() >= 2);
    chain.shutdown();
    let seen = app.seen();
    assert!(seen.iter().all(|seen| seen.entries.is_empty()));
    let gap = seen[1].certified.header.position.time_ms - seen[0].certified.header.position.time_ms;
    assert!(gap >= 900, "heartbeats {gap} ms apart");
}

#[test]
fn contradicting_settings_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (seed, worker) = member();
    let app = || Arc::new(Counter::default());
    let other = Keypair::ed25519_from_seed(&Secret::new([4; 32])).worker().unwrap();
    let refused = |config: Config, members: &[WorkerId]| {
        matches!(start_ed25519(config, &seed, members, app(), None), Err(ChainError::Settings(_)))
    };
    assert!(refused(config(dir.path()), &[]));
    assert!(refused(config(dir.path()), &[other]));
    assert!(refused(config(dir.path()), &[worker, worker]));
    assert!(refused(config(dir.path()), &[worker, other]));
    assert!(refused(Config { heartbeat: Duration::from_secs(9), ..config(dir.path()) }, &[worker]));
}

#[test]
fn after_busy_blocks_there_are_files_for_the_votes_of_coming_views() {
    let dir = tempfile::tempdir().unwrap();
    let app = Arc::new(Counter::default());
    let chain = open(dir.path(), &app, None);
    futures::executor::block_on(chain.ready()).unwrap();
    let mut numbers = 0..0;
    wait("there is a file for a view that is far from being voted in", || {
        numbers = numbers.end + 1..numbers.end + 10;
        numbers.clone().for_each(|number| app.submit(number));
        submit_all(&chain, &app, numbers.end..numbers.end + 1);
        let newest = app.seen().last().unwrap().certified.header.view;
        let name: String = (newest + 8).to_be_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        dir.path().join("votes").join(name).exists()
    });
    chain.shutdown();
    filled(dir.path(), numbers.end + 1..numbers.end + 20); // it goes on with them
}
