use super::*;
use crate::tests::world::TestWorld;
use tallow_types::{Hash, limits::EVENT_BYTES_MAX};

const A: AccountId = AccountId([1; 32]);
const B: AccountId = AccountId([2; 32]);

fn value(text: &str) -> Value {
    Some(text.as_bytes().into())
}

#[test]
fn a_dropped_layer_leaves_nothing_behind() {
    let world = TestWorld::new();
    let mut overlay = Overlay::new();
    overlay.set_storage(A, b"k".to_vec(), value("kept")).unwrap();
    overlay.push();
    overlay.set_storage(A, b"k".to_vec(), value("dropped")).unwrap();
    overlay.set_contract(
        B,
        Some(ContractInfo { code: Default::default(), deployer: A, compat: Default::default(), public_events: false }),
    );
    overlay.emit(Event { contract: A, topics: vec![], data: vec![] }).unwrap();
    assert_eq!(overlay.storage(&world, &A, b"k"), value("dropped"));
    overlay.rollback();
    assert_eq!(overlay.storage(&world, &A, b"k"), value("kept"));
    assert_eq!(overlay.contract(&world, &B), None);
    let (changes, events, _) = overlay.finish();
    assert_eq!((changes.storage.len(), changes.contracts.len(), events.len()), (1, 0, 0));
}

#[test]
fn a_committed_layer_wins_over_the_one_below() {
    let world = TestWorld::new();
    let mut overlay = Overlay::new();
    overlay.set_storage(A, b"k".to_vec(), value("old")).unwrap();
    overlay.push();
    overlay.set_storage(A, b"k".to_vec(), None).unwrap();
    overlay.commit();
    assert_eq!(overlay.storage(&world, &A, b"k"), None);
    let (changes, ..) = overlay.finish();
    assert_eq!(changes.storage[&(A, b"k".to_vec())], None);
}

#[test]
fn transfers_keep_the_sum_and_refuse_what_is_not_there() {
    let mut world = TestWorld::new();
    world.balances.insert(A, 10);
    let mut overlay = Overlay::new();
    overlay.transfer(&world, A, B, 4).unwrap();
    overlay.transfer(&world, A, A, 6).unwrap();
    assert_eq!(overlay.transfer(&world, A, B, 7), Err(CallError::TransferFailed));
    overlay.transfer(&world, A, A, 7).unwrap();
    overlay.transfer(&world, B, A, 0).unwrap();
    assert_eq!((overlay.balance(&world, &A), overlay.balance(&world, &B)), (6, 4));
    world.balances.insert(B, u128::MAX);
    assert_eq!(Overlay::new().transfer(&world, A, B, 1), Err(CallError::TransferFailed));
}

#[test]
fn a_terminated_contract_keeps_no_storage() {
    let mut overlay = Overlay::new();
    overlay.set_storage(A, b"k".to_vec(), value("v")).unwrap();
    overlay.set_storage(B, b"k".to_vec(), value("v")).unwrap();
    overlay.set_contract(A, None);
    let (changes, ..) = overlay.finish();
    assert_eq!(changes.storage.keys().map(|(contract, _)| *contract).collect::<Vec<_>>(), [B]);
    assert_eq!(changes.contracts[&A], None);
}

#[test]
fn writes_are_bounded_even_when_they_are_dropped() {
    let mut overlay = Overlay::new();
    let megabyte: Value = Some(vec![0; 1 << 20].into());
    for round in 0..CALL_WRITES_BYTES_MAX >> 20 {
        overlay.push();
        let written = overlay.set_storage(A, vec![], megabyte.clone());
        assert_eq!(written.is_ok(), round < CALL_WRITES_BYTES_MAX >> 20);
        overlay.rollback();
    }
    assert_eq!(overlay.set_storage(A, vec![0], None), Err(CallError::ValueTooLarge));
}

#[test]
fn events_of_a_call_fit_an_answer_whatever_their_form() {
    for (topics, data) in [(0, EVENT_BYTES_MAX), (4, 100), (4, EVENT_BYTES_MAX)] {
        let mut overlay = Overlay::new();
        let event = Event { contract: A, topics: vec![Hash([1; 32]); topics], data: vec![0; data] };
        let emitted = (0..=EVENTS_MAX).take_while(|_| overlay.emit(event.clone()).is_ok()).count();
        let fits = (EVENTS_BYTES_MAX / (data + 32 * topics + EVENT_ITEM_BYTES)).min(EVENTS_MAX);
        assert_eq!(emitted, fits, "{topics} topics, {data} bytes");
        assert_eq!(overlay.emit(event), Err(CallError::ValueTooLarge));
        let (.., events, _) = overlay.finish();
        assert!(parity_scale_codec::Encode::encoded_size(&events) <= EVENTS_BYTES_MAX + 8);
    }
}
