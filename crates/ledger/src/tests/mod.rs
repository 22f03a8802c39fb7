//! The ledger's transitions, with real signatures and certificates.

mod accounts;
mod anchors;
mod blocks;
mod due;
mod fees;
mod money;
mod proofs;
mod registry;

mod certificates;

use crate::{InvalidBlock, LedgerState, TxError};
use parity_scale_codec::Encode;
use tallow_crypto::{Keypair, Secret, consented, network_id, unsigned_cluster, vouch};
use tallow_types::{
    AccountId, ClusterId, ClusterRecord, Genesis, Hash, LedgerAction, LedgerPolicy, LedgerTx, NetworkId, Position,
    WorkerId, WorkerRecord,
};

const GOOD: &[u8] = b"good evidence";

/// The cluster that key 100 owns.
fn cluster_id() -> ClusterId {
    tallow_crypto::cluster_id(&network(), &keypair(100).account(), 0)
}

/// The network of all these ledgers, whatever their policy, so that the cluster has one id.
fn network() -> NetworkId {
    network_id(&genesis())
}

/// The state from which a network starts that is like [`genesis`] but for what is said here.
fn start(genesis: &Genesis) -> LedgerState {
    LedgerState { network: network(), ..LedgerState::genesis(genesis) }
}

/// Key 99 is the keyholder.
fn keyholder() -> Keypair {
    keypair(99)
}

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

/// Nothing costs, nothing is needed, and what is of no use goes after ten seconds.
fn policy() -> LedgerPolicy {
    LedgerPolicy { funded_min: 0, lease_ms: 10_000, ..LedgerPolicy::default() }
}

fn genesis() -> Genesis {
    let group_key = certificates::group_key(1);
    Genesis {
        group_key,
        validators: vec![[1; 32]],
        keyholder: keyholder().account().0,
        time_ms: 1_000,
        policy: Hash([2; 32]),
        balances: balances(),
        ledger: policy(),
    }
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

/// A block of one transaction, or why nobody may vote for it.
fn block(state: &mut LedgerState, bytes: Vec<u8>) -> Result<(), TxError> {
    block_at(state, next(state), bytes)
}

fn block_at(state: &mut LedgerState, at: Position, bytes: Vec<u8>) -> Result<(), TxError> {
    let validated = state.validate(&bytes, at.time_ms, &judge);
    let outcome = match state.apply_block(at, &[bytes], &judge) {
        Ok(applied) => {
            *state = applied.state;
            Ok(())
        }
        Err(InvalidBlock::Ineffective { index: 0, reason }) => Err(reason),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(state.check_invariants(), Ok(()));
    assert_eq!(validated, outcome, "what takes effect was valid before, and nothing else");
    outcome
}

/// Lets time pass, by a block without transactions.
fn pass(state: &mut LedgerState, time_ms: u64) {
    let Position { height, time_ms: now_ms } = state.position();
    let at = Position { height: height + 1, time_ms: now_ms + time_ms };
    *state = state.apply_block(at, &[], &judge).unwrap().state;
    assert_eq!(state.check_invariants(), Ok(()));
}

fn nonce(state: &LedgerState, key: &Keypair) -> u64 {
    state.nonce(key.account(), next(state).time_ms)
}

fn send(state: &mut LedgerState, key: &Keypair, action: LedgerAction) -> Result<(), TxError> {
    let bytes = signed(state, key, nonce(state, key), action);
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

/// The record of a cluster of key 100 with workers of these seeds, for which everybody vouches.
fn cluster_record(epoch: u64, members: impl IntoIterator<Item = u8>) -> ClusterRecord {
    numbered(0, epoch, members)
}

/// As [`cluster_record`], of the owner's cluster of this number.
fn numbered(nonce: u64, epoch: u64, members: impl IntoIterator<Item = u8>) -> ClusterRecord {
    let members: Vec<Keypair> = members.into_iter().map(keypair).collect();
    let record = unsigned_cluster(&network(), keypair(100).account(), nonce, epoch, [3; 32]);
    let vouch = vouch(&network(), &keyholder(), &record);
    consented(&network(), ClusterRecord { vouch, ..record }, &members.iter().collect::<Vec<_>>())
}

/// Workers 1 to 4 are registered.
fn with_workers() -> LedgerState {
    let mut state = start(&genesis());
    for seed in 1..=4 {
        send(&mut state, &keypair(seed), LedgerAction::RegisterWorker(worker_record(seed))).unwrap();
    }
    state
}

/// Workers 1 to 4 are the members of a cluster, which key 100 owns.
fn with_cluster() -> LedgerState {
    let mut state = with_workers();
    let record = cluster_record(0, 1..=4);
    send(&mut state, &keypair(100), LedgerAction::RegisterCluster(record)).unwrap();
    state
}
