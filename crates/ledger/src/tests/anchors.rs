use super::{
    CLUSTER,
    certificates::{certified, certify, header},
    cluster_record, keypair, members, send, with_cluster, with_workers,
};
use crate::{LedgerState, TxError};
use tallow_proof::CertificateError;
use tallow_state::outbox_root;
use tallow_types::{
    AccountId, Anchor, AnchorRecord, CertifiedHeader, ClusterId, CodeHash, ContractRecord, Hash, Header, LedgerAction,
    OutboxMessage, limits::OUTBOX_MAX,
};

const CONTRACT: AccountId = AccountId([8; 32]);
const DEPLOYER: AccountId = AccountId([9; 32]);

fn created(code: u8) -> OutboxMessage {
    OutboxMessage::ContractCreated { contract: CONTRACT, code: CodeHash([code; 32]), deployer: DEPLOYER }
}

fn replaced(code: u8) -> OutboxMessage {
    OutboxMessage::CodeReplaced { contract: CONTRACT, code: CodeHash([code; 32]) }
}

fn with_messages(height: u64, messages: Vec<OutboxMessage>) -> (CertifiedHeader, Vec<OutboxMessage>) {
    (certified(height, outbox_root(&messages)), messages)
}

fn anchor(height: u64, outbox: Vec<(CertifiedHeader, Vec<OutboxMessage>)>) -> Anchor {
    Anchor { cluster: CLUSTER, certified: certified(height, Hash::default()), outbox }
}

fn by_member(state: &mut LedgerState, anchor: Anchor) -> Result<(), TxError> {
    send(state, &keypair(1), LedgerAction::Anchor(Box::new(anchor)))
}

/// What the ledger says to an anchor after one at height 10.
fn check(anchor: Anchor) -> Result<(), TxError> {
    let mut state = with_cluster();
    by_member(&mut state, self::anchor(10, vec![])).unwrap();
    by_member(&mut state, anchor)
}

fn not_final(height: u64, reason: CertificateError) -> Result<(), TxError> {
    Err(TxError::NotFinal { height, reason })
}

#[test]
fn an_anchor_is_recorded_and_its_messages_are_applied() {
    let mut state = with_cluster();
    let outbox = vec![with_messages(3, vec![created(1)]), with_messages(5, vec![replaced(2), replaced(3)])];
    by_member(&mut state, anchor(9, outbox)).unwrap();
    let record = AnchorRecord { header: header(9, Hash::default()), ledger_height: state.position().height };
    assert_eq!(state.anchor(CLUSTER), Some(record));
    let contract = ContractRecord { cluster: CLUSTER, code: CodeHash([3; 32]), deployer: DEPLOYER };
    assert_eq!(state.contract(CLUSTER, CONTRACT), Some(contract));
    // The owner, who is no member, goes on; the anchored block itself may have messages.
    let messages = with_messages(12, vec![replaced(4)]);
    let next = Anchor { certified: messages.0.clone(), ..anchor(12, vec![messages]) };
    send(&mut state, &keypair(100), LedgerAction::Anchor(Box::new(next))).unwrap();
    assert_eq!(state.contract(CLUSTER, CONTRACT).unwrap().code, CodeHash([4; 32]));
    assert_eq!(state.anchor(CLUSTER).unwrap().header.position.height, 12);
}

#[test]
fn an_unlisted_contract_stays_unlisted() {
    let mut state = with_cluster();
    by_member(&mut state, anchor(9, vec![with_messages(3, vec![replaced(2)])])).unwrap();
    assert_eq!(state.contract(CLUSTER, CONTRACT), None);
}

#[test]
fn anchors_of_a_cluster_of_one() {
    let mut state = with_workers();
    let record = cluster_record(0, members([1]));
    send(&mut state, &keypair(100), LedgerAction::RegisterCluster(record)).unwrap();
    // Certificates of the four-member set do not count here.
    assert!(matches!(by_member(&mut state, anchor(3, vec![])), Err(TxError::NotFinal { .. })));
}

#[test]
fn only_members_and_owner_anchor() {
    let action = LedgerAction::Anchor(Box::new(anchor(9, vec![])));
    assert_eq!(send(&mut with_cluster(), &keypair(50), action), Err(TxError::NotAMember));
    let unknown = Anchor { cluster: ClusterId([0; 32]), ..anchor(9, vec![]) };
    assert_eq!(check(unknown), Err(TxError::UnknownCluster));
}

#[test]
fn heights_only_grow() {
    for height in [0, 9, 10] {
        assert_eq!(check(anchor(height, vec![])), Err(TxError::AnchorTooLow { anchored: 10 }));
    }
    assert_eq!(check(anchor(11, vec![])), Ok(()));
}

#[test]
fn forged_certificates_are_refused() {
    let with = |certified: CertifiedHeader| Anchor { certified, ..anchor(20, vec![]) };
    let empty = Hash::default();
    assert_eq!(check(with(certify(header(20, empty), &[1, 3, 4]))), Ok(()));
    let invalid = not_final(20, CertificateError::InvalidCertificate);
    assert_eq!(check(with(certify(header(20, empty), &[1, 2]))), invalid, "no quorum");
    assert_eq!(check(with(certify(header(20, empty), &[9]))), invalid, "a stranger in a member's place");
    let mut forged = certified(20, empty);
    let last = forged.certificate.len() - 1;
    forged.certificate[last] ^= 1;
    assert!(matches!(check(with(forged)), Err(TxError::NotFinal { height: 20, .. })));
    // The certificate of another header.
    let moved = CertifiedHeader { header: header(21, empty), ..certified(20, empty) };
    assert_eq!(check(with(moved)), not_final(21, CertificateError::WrongHeader));
    // Headers of another cluster and of another epoch, truly signed by the members.
    let foreign = Header { chain: Hash([0; 32]), ..header(20, empty) };
    assert_eq!(check(with(certify(foreign, &[1, 2, 3]))), not_final(20, CertificateError::WrongChain));
    let other_epoch = Header { epoch: 1, ..header(20, empty) };
    assert_eq!(check(with(certify(other_epoch, &[1, 2, 3]))), not_final(20, CertificateError::WrongEpoch));
}

#[test]
fn missing_and_tampered_messages_are_refused() {
    let mismatch = Err(TxError::OutboxMismatch { height: 15 });
    let tamper = |messages: Vec<OutboxMessage>| {
        let (certified, _) = with_messages(15, vec![created(1), replaced(2)]);
        check(anchor(20, vec![(certified, messages)]))
    };
    assert_eq!(tamper(vec![created(1), replaced(2)]), Ok(()));
    for messages in [
        vec![],
        vec![created(1)],
        vec![replaced(2)],
        vec![replaced(2), created(1)],
        vec![created(1), replaced(3)],
        vec![created(1), replaced(2), replaced(2)],
    ] {
        assert_eq!(tamper(messages), mismatch);
    }
    assert_eq!(tamper(vec![created(1); OUTBOX_MAX + 1]), Err(TxError::OutboxTooLong { height: 15 }));
}

#[test]
fn the_anchored_blocks_own_messages_may_not_be_left_out() {
    let (top, _) = with_messages(20, vec![created(1)]);
    let left_out = Anchor { certified: top, ..anchor(20, vec![]) };
    assert_eq!(check(left_out.clone()), Err(TxError::OutboxMissing));
    let other = Anchor { outbox: vec![with_messages(15, vec![created(2)])], ..left_out };
    assert_eq!(check(other), Err(TxError::OutboxMissing));
}

#[test]
fn blocks_with_messages_come_in_order_above_the_last_anchor() {
    let block = |height| with_messages(height, vec![created(1)]);
    let out_of_order = |height| Err(TxError::OutboxOutOfOrder { height });
    assert_eq!(check(anchor(20, vec![block(10)])), out_of_order(10), "already anchored");
    assert_eq!(check(anchor(20, vec![block(21)])), out_of_order(21), "above the anchor");
    assert_eq!(check(anchor(20, vec![block(15), block(14)])), out_of_order(14));
    assert_eq!(check(anchor(20, vec![block(15), block(15)])), out_of_order(15), "twice");
}

#[test]
fn blocks_with_messages_must_be_final() {
    let messages = vec![created(1)];
    let forged = certify(header(15, outbox_root(&messages)), &[1, 2]);
    let refused = check(anchor(20, vec![(forged, messages)]));
    assert_eq!(refused, not_final(15, CertificateError::InvalidCertificate));
}
