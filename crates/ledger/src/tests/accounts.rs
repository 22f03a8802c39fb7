//! What an account may send, and what keeps a transaction from taking effect twice.

use super::{block, block_at, genesis, judge, keypair, next, nonce, pass, policy, send, signed, with_workers};
use crate::{InvalidBlock, LedgerState, TxError};
use tallow_types::limits::{
    LEDGER_SIGNER_BURST_MS, LEDGER_SIGNER_TX_MS, LEDGER_SMALL_TX_BYTES_MAX, NONCE_TERM_MS, NONCES_PER_TERM,
};
use tallow_types::{CodeHash, Genesis, LedgerAction, LedgerPolicy, NonceRecord, Position, RegistryKey};

fn code(number: u64) -> LedgerAction {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&number.to_le_bytes());
    LedgerAction::RegisterCode { code: CodeHash(hash), bytes: 10 }
}

fn remembered(state: &LedgerState, seed: u8) -> bool {
    state.record(&RegistryKey::Nonce(keypair(seed).account())).is_some()
}

#[test]
fn an_account_that_is_forgotten_begins_above_all_it_used() {
    let mut state = with_workers();
    let old: Vec<_> = (0..3).map(|nonce| signed(&state, &keypair(100), nonce, code(nonce))).collect();
    old.iter().for_each(|tx| block(&mut state, tx.clone()).unwrap());
    pass(&mut state, NONCE_TERM_MS);
    assert!(remembered(&state, 100), "what was sent in the last term can still come again");
    pass(&mut state, NONCE_TERM_MS);
    assert!(!remembered(&state, 100));
    let expected = 2 * NONCES_PER_TERM;
    assert_eq!(nonce(&state, &keypair(100)), expected);
    for (given, tx) in old.into_iter().enumerate() {
        let given = given as u64;
        assert_eq!(block(&mut state, tx), Err(TxError::WrongNonce { expected, given }), "a replay");
    }
    send(&mut state, &keypair(100), code(9)).unwrap();
    assert_eq!(nonce(&state, &keypair(100)), expected + 1);
}

#[test]
fn the_first_nonce_is_that_of_this_term_or_the_last() {
    let mut state = with_workers();
    pass(&mut state, 5 * NONCE_TERM_MS);
    for (given, taken) in [(3, false), (4, true), (5, true), (6, false)] {
        let given = given * NONCES_PER_TERM;
        let first = signed(&state, &keypair(100), given, code(1));
        assert_eq!(block(&mut state.clone(), first).is_ok(), taken, "{given}");
    }
    let beside = signed(&state, &keypair(100), 5 * NONCES_PER_TERM + 1, code(1));
    assert!(block(&mut state, beside).is_err());
}

/// However an account's transactions spread over the terms, none is taken a second time.
#[test]
fn no_transaction_takes_effect_twice_over_many_terms() {
    let mut state = with_workers();
    let mut sent = Vec::new();
    for round in 0..24u64 {
        let action = code(round);
        let tx = signed(&state, &keypair(100), nonce(&state, &keypair(100)), action);
        block(&mut state, tx.clone()).unwrap();
        sent.push(tx);
        pass(&mut state, NONCE_TERM_MS / 8 * (1 + round % 11));
        for tx in &sent {
            assert!(block(&mut state.clone(), tx.clone()).is_err(), "round {round}");
        }
    }
}

#[test]
fn who_has_balance_is_remembered() {
    let mut state = with_workers();
    send(&mut state, &keypair(50), code(1)).unwrap();
    pass(&mut state, 9 * NONCE_TERM_MS);
    assert!(remembered(&state, 50));
    assert_eq!(nonce(&state, &keypair(50)), 1);
    let all = LedgerAction::Transfer { to: keypair(51).account(), amount: 1_000 };
    send(&mut state, &keypair(50), all).unwrap();
    pass(&mut state, 1);
    assert!(!remembered(&state, 50), "with the balance goes the nonce of long ago");
}

#[test]
fn an_account_sends_no_faster_than_it_may() {
    let mut state = with_workers();
    let burst = LEDGER_SIGNER_BURST_MS / LEDGER_SIGNER_TX_MS;
    let txs = |count| -> Vec<_> { (0..count).map(|nonce| signed(&state, &keypair(100), nonce, code(nonce))).collect() };
    let apply = |txs: &[Vec<u8>]| state.apply_block(next(&state), txs, &judge).map(|applied| applied.state);
    let reason = TxError::TooFast;
    let refused = apply(&txs(burst + 1)).map(drop);
    assert_eq!(refused, Err(InvalidBlock::Ineffective { index: burst as usize, reason: reason.clone() }));
    state = apply(&txs(burst)).unwrap();
    let another = signed(&state, &keypair(100), burst, code(burst));
    let later = |state: &LedgerState, time_ms| {
        let Position { height, time_ms: now_ms } = state.position();
        Position { height: height + 1, time_ms: now_ms + time_ms }
    };
    let early = later(&state, LEDGER_SIGNER_TX_MS - 1);
    assert_eq!(block_at(&mut state, early, another.clone()), Err(reason));
    send(&mut state.clone(), &keypair(101), code(1)).unwrap(); // nobody else is held up
    let in_time = later(&state, LEDGER_SIGNER_TX_MS);
    assert_eq!(block_at(&mut state, in_time, another), Ok(()));
    let record = NonceRecord { next: burst + 1, paced_ms: in_time.time_ms + LEDGER_SIGNER_BURST_MS };
    assert_eq!(state.nonce_record(keypair(100).account()), Some(record));
}

/// A ledger on which one must have 1,000, and others share 3 transactions and one more each second.
fn with_allowance() -> LedgerState {
    let ledger = LedgerPolicy { funded_min: 1_000, unfunded_tx_ms: 1_000, unfunded_burst: 3, ..policy() };
    super::start(&Genesis { ledger, ..genesis() })
}

#[test]
fn accounts_without_balance_share_one_allowance() {
    let mut state = with_allowance();
    for seed in 100..103 {
        send(&mut state, &keypair(seed), code(u64::from(seed))).unwrap();
    }
    for seed in [100, 103, 51] {
        assert_eq!(
            send(&mut state, &keypair(seed), code(1)),
            Err(TxError::AllowanceUsed),
            "fresh, used, nearly funded"
        );
    }
    for number in 0..50 {
        send(&mut state, &keypair(50), code(number)).unwrap();
    }
    // Fifty blocks took five seconds: there is room for three again, not for five.
    for seed in 104..107 {
        send(&mut state, &keypair(seed), code(u64::from(seed))).unwrap();
    }
    assert_eq!(send(&mut state, &keypair(107), code(1)), Err(TxError::AllowanceUsed));
}

#[test]
fn large_transactions_take_more_of_the_allowance() {
    let mut state = with_allowance();
    let record = tallow_types::WorkerRecord { endpoint: "a".repeat(200), ..super::worker_record(1) };
    send(&mut state, &keypair(1), LedgerAction::RegisterWorker(record.clone())).unwrap();
    let evidence = vec![0; 2 * LEDGER_SMALL_TX_BYTES_MAX];
    let large = LedgerAction::RegisterWorker(tallow_types::WorkerRecord { evidence, ..record });
    assert_eq!(send(&mut state, &keypair(1), large), Err(TxError::AllowanceUsed), "it takes three, two are left");
}
