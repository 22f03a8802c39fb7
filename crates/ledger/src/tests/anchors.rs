use super::{
    certificates::{certified, certify, header},
    cluster_id, cluster_record, keypair, send, with_cluster, with_workers,
};
use crate::{LedgerState, TxError};
use tallow_proof::CertificateError;
use tallow_state::outbox_head;
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

/// The head of the outbox after these blocks.
fn head(blocks: &[Vec<OutboxMessage>]) -> Hash {
    blocks.iter().fold(Hash::default(), |head, messages| outbox_head(&head, messages))
}

/// An anchor of a cluster that has said nothing before this.
fn anchor(height: u64, outbox: Vec<Vec<OutboxMessage>>) -> Anchor {
    Anchor { cluster: cluster_id(), certified: certified(height, head(&outbox)), outbox }
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
    let mut said = vec![vec![created(1)], vec![replaced(2), replaced(3)]];
    by_member(&mut state, anchor(9, said.clone())).unwrap();
    let record = AnchorRecord { header: header(9, head(&said)), ledger_height: state.position().height };
    assert_eq!(state.anchor(cluster_id()), Some(record));
    let contract = ContractRecord { cluster: cluster_id(), code: CodeHash([3; 32]), deployer: DEPLOYER };
    assert_eq!(state.contract(cluster_id(), CONTRACT), Some(contract));
    // The owner, who is no member, goes on from there.
    said.push(vec![replaced(4)]);
    let next = Anchor { outbox: vec![vec![replaced(4)]], ..anchor(12, said) };
    send(&mut state, &keypair(100), LedgerAction::Anchor(Box::new(next))).unwrap();
    assert_eq!(state.contract(cluster_id(), CONTRACT).unwrap().code, CodeHash([4; 32]));
    assert_eq!(state.anchor(cluster_id()).unwrap().header.position.height, 12);
}

#[test]
fn an_unlisted_contract_stays_unlisted() {
    let mut state = with_cluster();
    by_member(&mut state, anchor(9, vec![vec![replaced(2)]])).unwrap();
    assert_eq!(state.contract(cluster_id(), CONTRACT), None);
}

#[test]
fn anchors_of_a_cluster_of_one() {
    let mut state = with_workers();
    let record = cluster_record(0, [1]);
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
    let said = vec![vec![created(1), replaced(2)], vec![replaced(3)]];
    let tell = |outbox: Vec<Vec<OutboxMessage>>| check(Anchor { outbox, ..anchor(20, said.clone()) });
    assert_eq!(tell(said.clone()), Ok(()));
    for outbox in [
        vec![],
        vec![vec![]],
        vec![vec![created(1), replaced(2)]],
        vec![vec![replaced(3)]],
        vec![vec![replaced(3)], vec![created(1), replaced(2)]],
        vec![vec![created(1), replaced(2), replaced(3)]],
        vec![vec![created(1)], vec![replaced(2), replaced(3)]],
        vec![vec![created(1), replaced(2)], vec![replaced(4)]],
        vec![vec![created(1), replaced(2)], vec![replaced(3)], vec![replaced(3)]],
    ] {
        assert_eq!(tell(outbox.clone()), Err(TxError::OutboxMismatch), "{outbox:?}");
    }
    assert_eq!(check(anchor(20, vec![vec![created(1); OUTBOX_MAX + 1]])), Err(TxError::OutboxTooLong));
}

#[test]
fn what_was_told_before_is_neither_told_again_nor_forgotten() {
    let first = vec![vec![created(1)]];
    let both = vec![vec![created(1)], vec![replaced(2)]];
    let after_first = |next: Anchor| {
        let mut state = with_cluster();
        by_member(&mut state, anchor(10, first.clone())).unwrap();
        by_member(&mut state, next)
    };
    let news = |outbox| Anchor { outbox, ..anchor(20, both.clone()) };
    assert_eq!(after_first(news(vec![vec![replaced(2)]])), Ok(()));
    assert_eq!(after_first(news(both.clone())), Err(TxError::OutboxMismatch), "told again");
    assert_eq!(after_first(news(vec![])), Err(TxError::OutboxMismatch), "left out");
    // The members cannot take back what they said, not even all together.
    assert_eq!(after_first(anchor(20, vec![])), Err(TxError::OutboxMismatch));
}
