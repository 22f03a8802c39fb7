use super::{block, judge, keypair, next, send, signed, with_cluster, with_workers};
use crate::{LedgerState, TxError, tx_id};
use parity_scale_codec::{Decode, Encode};
use tallow_state::list_root;
use tallow_types::{
    CodeHash, LedgerAction, NetworkId, SignedLedgerTx, WorkerRecord,
    limits::{LEDGER_TX_BYTES_MAX, LEDGER_TXS_MAX},
};

fn code(number: u8) -> LedgerAction {
    LedgerAction::RegisterCode { code: CodeHash([number; 32]), bytes: 10 }
}

#[test]
fn a_replayed_transaction_is_refused() {
    let mut state = with_workers();
    let bytes = signed(&state, &keypair(100), 0, code(1));
    assert_eq!(block(&mut state, bytes.clone()), Ok(()));
    let replay = Err(TxError::WrongNonce { expected: 1, given: 0 });
    assert_eq!(block(&mut state, bytes.clone()), replay);
    assert_eq!(state.validate(&bytes, 0, &judge).map(drop), replay);
    // Within one block too.
    let bytes = signed(&state, &keypair(100), 1, code(2));
    let results = state.apply_block(next(&state), &[bytes.clone(), bytes], &judge).results;
    assert_eq!(results[0].outcome, Ok(()));
    assert_eq!(results[1].outcome, Err(TxError::WrongNonce { expected: 2, given: 1 }));
}

#[test]
fn a_transaction_that_comes_early_waits() {
    let mut state = with_workers();
    let early = signed(&state, &keypair(100), 1, code(1));
    assert!(state.validate(&early, 0, &judge).is_ok(), "it may wait for its turn");
    assert_eq!(block(&mut state, early), Err(TxError::WrongNonce { expected: 0, given: 1 }));
}

#[test]
fn altered_and_foreign_transactions_are_refused() {
    let mut state = with_workers();
    let bytes = signed(&state, &keypair(100), 0, code(1));
    let mut tx = SignedLedgerTx::decode(&mut &bytes[..]).unwrap();
    tx.tx.action = code(2);
    assert_eq!(block(&mut state, tx.encode()), Err(TxError::InvalidSignature));
    let mut tx = SignedLedgerTx::decode(&mut &bytes[..]).unwrap();
    tx.tx.signer = keypair(101).public();
    assert_eq!(block(&mut state, tx.encode()), Err(TxError::InvalidSignature));
    let mut tx = SignedLedgerTx::decode(&mut &bytes[..]).unwrap();
    tx.tx.network = NetworkId([0; 32]);
    assert_eq!(block(&mut state, tx.encode()), Err(TxError::WrongNetwork));
    for malformed in [vec![], bytes[1..].to_vec(), [bytes.clone(), vec![0]].concat()] {
        assert!(matches!(block(&mut state, malformed), Err(TxError::Malformed | TxError::WrongNetwork)));
    }
    assert_eq!(block(&mut state, vec![0; LEDGER_TX_BYTES_MAX + 1]), Err(TxError::TooLarge));
    assert_eq!(block(&mut state, bytes), Ok(()));
}

#[test]
fn a_block_takes_so_many_transactions() {
    let state = with_workers();
    let mut txs = vec![vec![]; LEDGER_TXS_MAX];
    txs.push(signed(&state, &keypair(100), 0, code(1)));
    let results = state.apply_block(next(&state), &txs, &judge).results;
    assert_eq!(results[LEDGER_TXS_MAX - 1].outcome, Err(TxError::Malformed));
    assert_eq!(results[LEDGER_TXS_MAX].outcome, Err(TxError::BlockFull));
}

#[test]
fn the_results_root_is_over_ids_and_outcomes() {
    let state = with_workers();
    let good = signed(&state, &keypair(100), 0, code(1));
    let applied = state.apply_block(next(&state), &[good.clone(), vec![1]], &judge);
    let expected = [(tx_id(&good), Ok(())), (tx_id(&[1]), Err::<(), _>(TxError::Malformed))];
    assert_eq!(applied.commitments.results, list_root(expected.map(|result| result.encode())));
    assert_eq!(applied.commitments.state, applied.state.empty_commitments().state);
    assert_ne!(applied.commitments.state, state.empty_commitments().state);
}

#[test]
fn the_words_of_a_refusal_are_not_agreed_on() {
    let state = with_workers();
    let record = WorkerRecord { evidence: vec![], ..super::worker_record(5) };
    let bytes = signed(&state, &keypair(5), 0, LedgerAction::RegisterWorker(record));
    let commitments = ["one reason", "another"].map(|reason| {
        let judge = |_: &WorkerRecord, _: u64| Err(reason.to_owned());
        state.apply_block(next(&state), std::slice::from_ref(&bytes), &judge).commitments
    });
    assert_eq!(commitments[0], commitments[1]);
}

#[test]
fn the_judge_is_given_the_block_time() {
    let state = with_workers();
    let position = next(&state);
    let bytes = signed(&state, &keypair(5), 0, LedgerAction::RegisterWorker(super::worker_record(5)));
    let judge = |_: &WorkerRecord, now| if now == position.time_ms { Ok(()) } else { Err(String::new()) };
    assert_eq!(state.apply_block(position, &[bytes], &judge).results[0].outcome, Ok(()));
}

#[test]
fn a_block_leaves_the_state_before_it_alone() {
    let state = with_workers();
    let before = state.empty_commitments();
    send(&mut state.clone(), &keypair(100), code(1)).unwrap();
    assert_eq!(state.empty_commitments(), before);
}

#[test]
fn a_snapshot_restores_only_the_certified_state() {
    let state = with_cluster();
    let root = state.empty_commitments().state;
    let entries = || state.entries().map(|(key, value)| (key.to_vec(), value.clone()));
    let restored = LedgerState::restore(state.network(), state.position(), &root, entries()).unwrap();
    assert_eq!(restored.empty_commitments(), state.empty_commitments());
    assert_eq!(restored.cluster(super::CLUSTER), state.cluster(super::CLUSTER));
    assert!(LedgerState::restore(state.network(), state.position(), &root, entries().skip(1)).is_err());
    let altered = entries().chain([(b"more".to_vec(), vec![1].into())]);
    assert!(LedgerState::restore(state.network(), state.position(), &root, altered).is_err());
}
