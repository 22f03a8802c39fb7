//! The ledger's transitions, with real signatures and certificates.

mod anchors;
mod blocks;
mod money;
mod proofs;
mod registry;

mod certificates;

use crate::{LedgerState, TxError};
use parity_scale_codec::Encode;
use tallow_crypto::{Keypair, Secret};
use tallow_types::{
    AccountId, ClusterId, ClusterRecord, Genesis, Hash, LedgerAction, LedgerTx, Position, WorkerId, WorkerRecord,
};

const CLUSTER: ClusterId = ClusterId([7; 32]);
const GOOD: &[u8] = b"good evidence";

fn keypair(seed: u8) -> Keypair {
    Keypair::ed25519_from_seed(&Secret::new([seed; 32]))
}

fn worker(seed: u8) -> WorkerId {
    keypair(seed).worker().unwrap()
}

/// Key 50 has a thousand, key 51 one.
fn balances() -> Vec<(AccountId, u128)> {
    vec![(keypair(50).account(), 1_000), (keypair(51).account(), 1)]
}

fn genesis() -> Genesis {
    let group_key = certificates::group_key(1);
    Genesis { group_key, validators: vec![[1; 32]], time_ms: 1_000, policy: Hash([2; 32]), balances: balances() }
}

fn judge(record: &WorkerRecord, _now_ms: u64) -> Result<(), String> {
    if record.evidence == GOOD { Ok(()) } else { Err("not good".to_owned()) }
}

fn signed(state: &LedgerState, key: &Keypair, nonce: u64, action: LedgerAction) -> Vec<u8> {
    let tx = LedgerTx { network: state.network(), signer: key.public(), nonce, action };
    key.sign_ledger_tx(tx).encode()
}

fn next(state: &LedgerState) -> Position {
    let Position { height, time_ms } = state.position();
    Position { height: height + 1, time_ms: time_ms + 100 }
}

/// A block of one transaction; what is refused must have changed nothing.
fn block(state: &mut LedgerState, bytes: Vec<u8>) -> Result<(), TxError> {
    let before = state.empty_commitments().state;
    let validated = state.validate(&bytes, next(state).time_ms, &judge);
    let applied = state.apply_block(next(state), &[bytes], &judge);
    *state = applied.state;
    assert_eq!(state.check_invariants(), Ok(()));
    let outcome = applied.results.into_iter().next().unwrap().outcome;
    if outcome.is_err() {
        assert_eq!(state.empty_commitments().state, before, "a refused transaction changes nothing");
    } else {
        assert_eq!(validated.map(drop), Ok(()), "what takes effect was valid before");
    }
    outcome
}

fn send(state: &mut LedgerState, key: &Keypair, action: LedgerAction) -> Result<(), TxError> {
    let bytes = signed(state, key, state.nonce(key.account()), action);
    block(state, bytes)
}

fn worker_record(seed: u8) -> WorkerRecord {
    WorkerRecord {
        worker: worker(seed),
        transport: [seed; 32],
        evidence: GOOD.to_vec(),
        endpoint: format!("http://worker-{seed}"),
        attested_ms: 0,
    }
}

fn members(seeds: impl IntoIterator<Item = u8>) -> Vec<WorkerId> {
    let mut members: Vec<WorkerId> = seeds.into_iter().map(worker).collect();
    members.sort();
    members
}

fn cluster_record(epoch: u64, members: Vec<WorkerId>) -> ClusterRecord {
    ClusterRecord { cluster: CLUSTER, owner: keypair(100).account(), epoch, members, epoch_key: [3; 32] }
}

/// Workers 1 to 4 are registered.
fn with_workers() -> LedgerState {
    let mut state = LedgerState::genesis(&genesis());
    for seed in 1..=4 {
        send(&mut state, &keypair(seed), LedgerAction::RegisterWorker(worker_record(seed))).unwrap();
    }
    state
}

/// Workers 1 to 4 are the members of a cluster, which key 100 owns.
fn with_cluster() -> LedgerState {
    let mut state = with_workers();
    let record = cluster_record(0, members(1..=4));
    send(&mut state, &keypair(100), LedgerAction::RegisterCluster(record)).unwrap();
    state
}
