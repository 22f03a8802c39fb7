use super::{
    cluster_id, cluster_record, keypair, members, network, send, with_cluster, with_workers, worker, worker_record,
};
use crate::{LedgerState, TxError};
use tallow_crypto::{ClusterFault, Keypair, Secret, vouch};
use tallow_types::{
    ClusterId, ClusterRecord, CodeHash, CodeRecord, LedgerAction, WorkerId, WorkerRecord,
    limits::{CODE_BYTES_MAX, ENDPOINT_BYTES_MAX},
};

fn check(state: &LedgerState, key: &Keypair, action: LedgerAction, expected: Result<(), TxError>) {
    assert_eq!(send(&mut state.clone(), key, action), expected);
}

#[test]
fn a_worker_registers_itself_and_renews() {
    let mut state = with_workers();
    let attested_ms = state.worker(worker(1)).unwrap().attested_ms;
    assert_eq!(attested_ms, 1_100, "the time of its block, whatever it claims");
    let renewed = WorkerRecord { transport: [9; 32], ..worker_record(1) };
    send(&mut state, &keypair(1), LedgerAction::RegisterWorker(renewed.clone())).unwrap();
    let record = WorkerRecord { attested_ms: state.position().time_ms, ..renewed };
    assert_eq!(state.worker(worker(1)), Some(record));
}

#[test]
fn workers_that_may_not_register() {
    let state = with_workers();
    let register = |record| LedgerAction::RegisterWorker(record);
    check(&state, &keypair(6), register(worker_record(5)), Err(TxError::NotTheWorker));
    // The same 32 bytes as an sr25519 key are not the worker.
    let sr25519 = Keypair::sr25519_from_seed(&Secret::new([5; 32]));
    let record = WorkerRecord { worker: WorkerId(sr25519.account().0), ..worker_record(5) };
    check(&state, &sr25519, register(record), Err(TxError::NotTheWorker));
    let record = WorkerRecord { evidence: b"bad".to_vec(), ..worker_record(5) };
    let refused = TxError::EvidenceRefused { reason: "not good".to_owned() };
    check(&state, &keypair(5), register(record), Err(refused));
    let record = WorkerRecord { endpoint: "a".repeat(ENDPOINT_BYTES_MAX + 1), ..worker_record(5) };
    check(&state, &keypair(5), register(record), Err(TxError::EndpointTooLong));
}

#[test]
fn the_signer_of_a_new_cluster_becomes_its_owner() {
    let mut state = with_workers();
    let record = cluster_record(0, [1]);
    send(&mut state, &keypair(100), LedgerAction::RegisterCluster(record)).unwrap();
    assert_eq!(state.cluster(cluster_id()), Some(cluster_record(0, [1])));
    let record = cluster_record(1, 1..=4);
    send(&mut state, &keypair(100), LedgerAction::RegisterCluster(record.clone())).unwrap();
    assert_eq!(state.cluster(cluster_id()), Some(record));
}

#[test]
fn clusters_that_may_not_be_registered() {
    let register = LedgerAction::RegisterCluster;
    let of = |epoch, members| register(ClusterRecord { members, ..cluster_record(epoch, [1]) });
    let state = with_workers();
    let mut unsorted = members(1..=4);
    unsorted.swap(0, 1);
    let wrong = [vec![], members(1..=2), members(1..=3), unsorted, vec![worker(1); 4], vec![worker(1); 133]];
    for members in wrong {
        check(&state, &keypair(100), of(0, members), Err(TxError::InvalidMembers));
    }
    check(&state, &keypair(100), of(0, members([1, 2, 3, 9])), Err(TxError::UnknownMember(worker(9))));
    let epoch = |expected, given| Err(TxError::WrongEpoch { expected, given });
    check(&state, &keypair(100), register(cluster_record(1, [1])), epoch(0, 1));

    let state = with_cluster();
    for given in [0, 2, u64::MAX] {
        check(&state, &keypair(100), register(cluster_record(given, [1])), epoch(1, given));
    }
    check(&state, &keypair(101), register(cluster_record(1, [1])), Err(TxError::NotTheOwner));
}

/// An owner may want another key, members that know nothing of it, or the id of another's cluster.
#[test]
fn an_owner_alone_registers_nothing() {
    let state = with_workers();
    let owner = keypair(100);
    let good = cluster_record(0, 1..=4);
    let refused = |record: ClusterRecord, fault| {
        check(&state, &owner, LedgerAction::RegisterCluster(record), Err(TxError::Cluster(fault)));
    };
    let own_key = ClusterRecord { epoch_key: [9; 32], ..good.clone() };
    let own_word = ClusterRecord { vouch: vouch(&network(), &owner, &own_key), ..own_key.clone() };
    let not_vouched = ClusterFault::NotVouched { cluster: good.cluster, epoch: 0 };
    refused(own_key, not_vouched);
    refused(own_word, not_vouched);
    let id = ClusterId([9; 32]);
    refused(ClusterRecord { cluster: id, ..good.clone() }, ClusterFault::WrongId(id));
    let without = ClusterRecord { consents: Vec::new(), ..good.clone() };
    refused(without, ClusterFault::ConsentsMissing(good.cluster));
    let added =
        ClusterRecord { members: members(1..=4), consents: vec![good.consents[0]; 4], ..cluster_record(0, [1]) };
    assert!(matches!(
        send(&mut state.clone(), &owner, LedgerAction::RegisterCluster(added)),
        Err(TxError::Cluster(ClusterFault::NotConsented(_)))
    ));
}

/// What members agreed to in one epoch is no word for the next.
#[test]
fn a_consent_is_of_one_epoch() {
    let state = with_cluster();
    let next = cluster_record(1, 1..=4);
    let old = ClusterRecord { consents: cluster_record(0, 1..=4).consents, ..next.clone() };
    let fault = TxError::Cluster(ClusterFault::NotConsented(next.members[0]));
    check(&state, &keypair(100), LedgerAction::RegisterCluster(old), Err(fault));
    check(&state, &keypair(100), LedgerAction::RegisterCluster(next), Ok(()));
}

#[test]
fn code_is_registered_once() {
    let mut state = with_workers();
    let code = CodeHash([4; 32]);
    for bytes in [100, 200] {
        send(&mut state, &keypair(100), LedgerAction::RegisterCode { code, bytes }).unwrap();
        assert_eq!(state.code(code), Some(CodeRecord { bytes: 100 }));
    }
    for bytes in [0, CODE_BYTES_MAX as u32 + 1, u32::MAX] {
        let action = LedgerAction::RegisterCode { code: CodeHash([5; 32]), bytes };
        check(&state, &keypair(100), action, Err(TxError::InvalidCodeSize));
    }
}
