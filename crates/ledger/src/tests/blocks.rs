use super::{block, genesis, judge, keypair, next, send, signed, with_cluster, with_workers};
use crate::{InvalidBlock, LedgerState, TxError, tx_id};
use parity_scale_codec::{Decode, Encode};
use tallow_crypto::{Keypair, Secret};
use tallow_state::list_root;
use tallow_types::{
    CodeHash, LedgerAction, NetworkId, SignedLedgerTx, WorkerRecord,
    limits::{EVIDENCE_BYTES_MAX, LEDGER_SMALL_TX_BYTES_MAX, LEDGER_TX_BYTES_MAX, LEDGER_TXS_MAX},
};

fn code(number: u8) -> LedgerAction {
    LedgerAction::RegisterCode { code: CodeHash([number; 32]), bytes: 10 }
}

#[test]
fn a_replayed_transaction_is_refused() {
    let mut state = with_workers();
    let bytes = signed(&state, &keypair(100), 0, code(1));
    assert_eq!(block(&mut state, bytes.clone()), Ok(()));
    assert_eq!(block(&mut state, bytes), Err(TxError::WrongNonce { expected: 1, given: 0 }));
}

#[test]
fn nobody_votes_for_a_block_with_a_transaction_that_takes_no_effect() {
    let state = with_workers();
    let (good, late) = (signed(&state, &keypair(100), 0, code(1)), signed(&state, &keypair(100), 2, code(3)));
    let apply = |txs: &[Vec<u8>]| state.apply_block(next(&state), txs, &judge).map(|applied| applied.ids);
    let ineffective = |index, reason| Err(InvalidBlock::Ineffective { index, reason });
    assert_eq!(apply(std::slice::from_ref(&good)), Ok(vec![tx_id(&good)]));
    let wrong = |expected, given| TxError::WrongNonce { expected, given };
    assert_eq!(apply(&[late.clone(), good.clone()]), ineffective(0, wrong(0, 2)), "too early");
    assert_eq!(apply(&[good.clone(), late]), ineffective(1, wrong(1, 2)), "too early after another");
    assert_eq!(apply(&[good.clone(), good.clone()]), ineffective(1, wrong(1, 0)), "a replay");
    let poor = LedgerAction::Transfer { to: keypair(50).account(), amount: 1 };
    let poor = signed(&state, &keypair(100), 1, poor);
    let too_low = TxError::BalanceTooLow { balance: 0, amount: 1 };
    assert_eq!(apply(&[good.clone(), poor]), ineffective(1, too_low), "well formed, paced, of no effect");
    assert_eq!(apply(&[good, vec![]]), ineffective(1, TxError::Malformed));
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
    let limit = LEDGER_TX_BYTES_MAX;
    assert_eq!(block(&mut state, vec![0; limit + 1]), Err(TxError::TooLarge { limit }));
    assert_eq!(block(&mut state, bytes), Ok(()));
}

/// A registration of this many bytes in all, by key 5.
fn padded(state: &LedgerState, action: impl Fn(usize) -> LedgerAction, bytes: usize) -> Vec<u8> {
    let empty = signed(state, &keypair(5), 0, action(0)).len();
    // Lengths of more than 16,383 take two bytes more than that of nothing, or three.
    let sizes = (0..8).map(|overhead| signed(state, &keypair(5), 0, action(bytes - empty - overhead)));
    sizes.into_iter().find(|tx| tx.len() == bytes).unwrap()
}

#[test]
fn what_is_small_by_nature_carries_nothing_else_into_the_log() {
    let state = with_workers();
    let evidence =
        |bytes| LedgerAction::RegisterWorker(WorkerRecord { evidence: vec![1; bytes], ..super::worker_record(5) });
    let limit = EVIDENCE_BYTES_MAX + LEDGER_SMALL_TX_BYTES_MAX;
    let refused = TxError::EvidenceRefused { reason: "not good".to_owned() };
    assert_eq!(block(&mut state.clone(), padded(&state, evidence, limit)), Err(refused));
    let larger = padded(&state, evidence, limit + 1);
    assert_eq!(block(&mut state.clone(), larger), Err(TxError::TooLarge { limit }));
}

#[test]
fn a_block_takes_so_many_transactions() {
    let state = with_workers();
    let txs = |count: usize| -> Vec<Vec<u8>> {
        let keys = (0..count).map(|number| {
            let mut seed = [200; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            Keypair::ed25519_from_seed(&Secret::new(seed))
        });
        keys.map(|key| signed(&state, &key, 0, code(1))).collect()
    };
    let mut all = txs(LEDGER_TXS_MAX + 1);
    let apply = |txs: &[Vec<u8>]| state.apply_block(next(&state), txs, &judge).map(|applied| applied.ids.len());
    assert_eq!(apply(&all), Err(InvalidBlock::Full));
    all.pop();
    assert_eq!(apply(&all), Ok(LEDGER_TXS_MAX));
}

#[test]
fn the_results_root_is_over_the_ids() {
    let state = with_workers();
    let (first, second) = (signed(&state, &keypair(100), 0, code(1)), signed(&state, &keypair(101), 0, code(2)));
    let applied = state.apply_block(next(&state), &[first.clone(), second.clone()], &judge).unwrap();
    assert_eq!(applied.commitments.results, list_root([first, second].map(|tx| tx_id(&tx).0)));
    assert_eq!(applied.commitments.state, applied.state.empty_commitments().state);
    assert_ne!(applied.commitments.state, state.empty_commitments().state);
}

#[test]
fn the_judge_is_given_the_block_time() {
    let state = with_workers();
    let position = next(&state);
    let bytes = signed(&state, &keypair(5), 0, LedgerAction::RegisterWorker(super::worker_record(5)));
    let judge = |_: &WorkerRecord, now| if now == position.time_ms { Ok(()) } else { Err(String::new()) };
    assert!(state.apply_block(position, &[bytes], &judge).is_ok());
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
    let restored = LedgerState::restore(&genesis(), state.position(), &root, entries()).unwrap();
    assert_eq!(restored.empty_commitments(), state.empty_commitments());
    assert_eq!(restored.cluster(super::cluster_id()), state.cluster(super::cluster_id()));
    assert_eq!(restored.check_invariants(), Ok(()));
    assert!(LedgerState::restore(&genesis(), state.position(), &root, entries().skip(1)).is_err());
    let altered = entries().chain([(b"more".to_vec(), vec![1].into())]);
    assert!(LedgerState::restore(&genesis(), state.position(), &root, altered).is_err());
}
