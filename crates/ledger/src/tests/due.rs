//! What goes by itself, and what stays.

use super::{
    certificates::certified, cluster_id, cluster_record, genesis, judge, keypair, next, numbered, pass, policy, send,
    signed, with_cluster, with_workers, worker,
};
use crate::LedgerState;
use tallow_state::outbox_head;
use tallow_types::limits::LEDGER_PRUNED_PER_BLOCK_MAX;
use tallow_types::{
    AccountId, Anchor, CodeHash, Genesis, Leased, LedgerAction, LedgerPolicy, OutboxMessage, RegistryKey,
};

/// The lease of the tests' policy.
const LEASE_MS: u64 = 10_000;

fn hash(number: u8) -> CodeHash {
    CodeHash([number; 32])
}

fn register(state: &mut LedgerState, number: u8) {
    send(state, &keypair(50), LedgerAction::RegisterCode { code: hash(number), bytes: 10 }).unwrap();
}

/// Anchors the next block of the cluster, with these messages.
fn tell(state: &mut LedgerState, messages: Vec<OutboxMessage>) {
    let last = state.anchor(cluster_id()).map(|record| record.header);
    let (height, before) = last.map_or((1, Default::default()), |h| (h.position.height + 1, h.commitments.outbox));
    let certified = certified(height, outbox_head(&before, &messages));
    let anchor = Anchor { cluster: cluster_id(), certified, outbox: vec![messages] };
    send(state, &keypair(1), LedgerAction::Anchor(Box::new(anchor))).unwrap();
}

fn created(contract: u8, code: u8) -> OutboxMessage {
    let contract = AccountId([contract; 32]);
    OutboxMessage::ContractCreated { contract, code: hash(code), deployer: AccountId([9; 32]) }
}

fn replaced(contract: u8, code: u8) -> OutboxMessage {
    OutboxMessage::CodeReplaced { contract: AccountId([contract; 32]), code: hash(code) }
}

#[test]
fn code_of_no_contract_goes_and_the_deposit_comes_back() {
    let ledger = LedgerPolicy { code_deposit: 300, ..policy() };
    let mut state = super::start(&Genesis { ledger, ..genesis() });
    register(&mut state, 1);
    let account = keypair(50).account();
    assert_eq!(state.balance(account), 700);
    pass(&mut state, LEASE_MS - 1);
    assert!(state.code(hash(1)).is_some());
    pass(&mut state, 1);
    assert!(state.code(hash(1)).is_none() && state.record(&RegistryKey::Lease(Leased::Code(hash(1)))).is_none());
    assert_eq!(state.balance(account), 1_000);
}

#[test]
fn registering_again_renews_the_lease() {
    let mut state = with_cluster();
    register(&mut state, 1);
    pass(&mut state, LEASE_MS / 2);
    register(&mut state, 1);
    pass(&mut state, LEASE_MS - 1);
    assert!(state.code(hash(1)).is_some());
    pass(&mut state, 1);
    assert!(state.code(hash(1)).is_none());
}

#[test]
fn code_stays_while_a_contract_has_it() {
    let mut state = with_cluster();
    (1..=3).for_each(|number| register(&mut state, number));
    // The second contract has its code before anybody has registered it.
    tell(&mut state, vec![created(1, 1), created(2, 1), created(3, 4)]);
    register(&mut state, 4);
    pass(&mut state, 2 * LEASE_MS);
    let listed = |state: &LedgerState| [1, 2, 3, 4].map(|number| state.code(hash(number)).is_some());
    assert_eq!(listed(&state), [true, false, false, true]);
    register(&mut state, 2);
    tell(&mut state, vec![replaced(1, 2), replaced(3, 2)]);
    pass(&mut state, 2 * LEASE_MS);
    assert_eq!(listed(&state), [true, true, false, false], "the second contract still has the first code");
    tell(&mut state, vec![replaced(2, 2)]);
    pass(&mut state, 1);
    assert_eq!(listed(&state), [false, true, false, false]);
}

#[test]
fn a_contract_that_is_made_again_has_its_code_once() {
    let mut state = with_cluster();
    register(&mut state, 1);
    tell(&mut state, vec![created(1, 1), created(1, 1)]);
    assert_eq!(state.uses(Leased::Code(hash(1))), 1);
}

#[test]
fn a_cluster_that_nobody_used_goes_with_its_workers() {
    let mut state = with_cluster();
    assert!(state.worker(worker(1)).is_some());
    pass(&mut state, LEASE_MS);
    assert!(state.cluster(cluster_id()).is_none());
    pass(&mut state, 1);
    assert!(state.worker(worker(1)).is_none(), "no cluster needs it, and it has not renewed its registration");
}

#[test]
fn a_cluster_that_is_used_stays_with_its_workers() {
    let deposit = LedgerAction::Deposit { cluster: cluster_id(), to: AccountId([1; 32]), amount: 1 };
    let uses: [&dyn Fn(&mut LedgerState); 2] =
        [&|state| tell(state, vec![]), &|state| send(state, &keypair(50), deposit.clone()).unwrap()];
    for used in uses {
        let mut state = with_cluster();
        used(&mut state);
        pass(&mut state, 3 * LEASE_MS);
        pass(&mut state, 1);
        assert!(state.cluster(cluster_id()).is_some() && state.worker(worker(4)).is_some());
    }
}

#[test]
fn workers_go_when_they_are_no_longer_members() {
    let mut state = with_cluster();
    tell(&mut state, vec![]);
    let record = cluster_record(1, [2]);
    send(&mut state, &keypair(100), LedgerAction::RegisterCluster(record)).unwrap();
    pass(&mut state, 2 * LEASE_MS);
    assert_eq!([1, 2].map(|seed| state.worker(worker(seed)).is_some()), [false, true]);
}

#[test]
fn workers_of_two_clusters_stay_for_the_other() {
    let mut state = with_workers();
    for (number, used) in [(1, true), (2, false)] {
        let record = numbered(number, 0, [1]);
        let cluster = record.cluster;
        send(&mut state, &keypair(100), LedgerAction::RegisterCluster(record)).unwrap();
        if used {
            let deposit = LedgerAction::Deposit { cluster, to: AccountId([1; 32]), amount: 1 };
            send(&mut state, &keypair(50), deposit).unwrap();
        }
    }
    pass(&mut state, 2 * LEASE_MS);
    assert_eq!([1, 2].map(|number| state.cluster(numbered(number, 0, [1]).cluster).is_some()), [true, false]);
    assert_eq!([1, 2].map(|seed| state.worker(worker(seed)).is_some()), [true, false]);
}

#[test]
fn a_block_removes_so_many_records() {
    let mut state = with_cluster();
    tell(&mut state, vec![]);
    let count = LEDGER_PRUNED_PER_BLOCK_MAX as u8 + 1;
    let codes = (0..count).map(|number| LedgerAction::RegisterCode { code: hash(number), bytes: 10 });
    let txs: Vec<_> = codes.enumerate().map(|(nonce, tx)| signed(&state, &keypair(50), nonce as u64, tx)).collect();
    state = state.apply_block(next(&state), &txs, &judge).unwrap().state;
    let left = |state: &LedgerState| (0..count).filter(|number| state.code(hash(*number)).is_some()).count();
    assert_eq!(left(&state), usize::from(count));
    pass(&mut state, LEASE_MS);
    assert_eq!(left(&state), 1);
    pass(&mut state, 1);
    assert_eq!(left(&state), 0);
}
