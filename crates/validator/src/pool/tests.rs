use super::{Candidate, Ended, Pool};
use crate::SubmitError;
use parity_scale_codec::Encode;
use tallow_crypto::{Keypair, Secret};
use tallow_ledger::{LedgerState, TxError, tx_id};
use tallow_types::limits::{
    BLOCK_BYTES_MAX, LEDGER_BYTES_PER_SIGNER_MAX, LEDGER_POOL_BYTES_MAX, LEDGER_TXS_MAX, LEDGER_TXS_PER_SIGNER_MAX,
    LEDGER_UNFUNDED_BYTES_MAX, LEDGER_UNFUNDED_TXS_MAX,
};
use tallow_types::{AccountId, CodeHash, Genesis, Hash, LedgerAction, LedgerPolicy, LedgerTx, Position};
use tokio::sync::oneshot;

const NOW: u64 = 1_000;

/// Key 1 has 1,000; 10 are enough to send on one's own account.
fn ledger() -> LedgerState {
    LedgerState::genesis(&genesis())
}

fn genesis() -> Genesis {
    Genesis {
        group_key: vec![],
        validators: vec![],
        keyholder: [1; 32],
        time_ms: NOW,
        policy: Hash([0; 32]),
        balances: vec![(key(1).account(), 1_000)],
        ledger: LedgerPolicy { funded_min: 10, ..LedgerPolicy::default() },
    }
}

fn key(number: u16) -> Keypair {
    let mut seed = [9; 32];
    seed[..2].copy_from_slice(&number.to_le_bytes());
    Keypair::ed25519_from_seed(&Secret::new(seed))
}

fn code(number: u8) -> LedgerAction {
    LedgerAction::RegisterCode { code: CodeHash([number; 32]), bytes: 1 }
}

fn tx(state: &LedgerState, signer: u16, nonce: u64, action: LedgerAction) -> Vec<u8> {
    let key = key(signer);
    key.sign_ledger_tx(LedgerTx { network: state.network(), signer: key.public(), nonce, action }).encode()
}

fn add(
    pool: &mut Pool,
    state: &LedgerState,
    signer: u16,
    nonce: u64,
    bytes: Vec<u8>,
) -> Result<oneshot::Receiver<Ended>, SubmitError> {
    let place = (key(signer).account(), nonce);
    let candidate = Candidate { place, id: tx_id(&bytes), bytes, funded: state.is_funded(place.0) };
    pool.add(state, NOW, candidate)
}

fn at() -> Position {
    Position { height: 1, time_ms: NOW + 1 }
}

fn propose(pool: &mut Pool, state: &LedgerState, bytes: usize) -> Vec<Vec<u8>> {
    pool.propose(state, at(), bytes, &|_, _| Ok(()))
}

#[test]
fn nonces_wait_without_a_gap() {
    let (state, mut pool) = (ledger(), Pool::default());
    for given in [1, 2, u64::MAX] {
        let early = add(&mut pool, &state, 2, given, vec![0; 9]);
        assert!(matches!(early, Err(SubmitError::TooEarly { expected: 0, given: g }) if g == given));
    }
    add(&mut pool, &state, 2, 0, vec![1]).unwrap();
    assert!(matches!(add(&mut pool, &state, 2, 0, vec![2]), Err(SubmitError::NonceTaken)));
    add(&mut pool, &state, 2, 1, vec![3]).unwrap();
    assert!(matches!(add(&mut pool, &state, 2, 3, vec![4]), Err(SubmitError::TooEarly { .. })));
    assert!(matches!(add(&mut pool, &state, 3, 1, vec![5]), Err(SubmitError::TooEarly { .. })), "of another signer");
}

#[test]
fn a_signer_has_so_many_places_and_bytes() {
    let (state, mut pool) = (ledger(), Pool::default());
    for nonce in 0..LEDGER_TXS_PER_SIGNER_MAX as u64 {
        add(&mut pool, &state, 1, nonce, vec![0]).unwrap();
    }
    let beyond = add(&mut pool, &state, 1, LEDGER_TXS_PER_SIGNER_MAX as u64, vec![0]);
    assert!(matches!(beyond, Err(SubmitError::Busy)));
    add(&mut pool, &state, 2, 0, vec![0]).unwrap();
    let (half, mut pool) = (vec![0; LEDGER_BYTES_PER_SIGNER_MAX / 2], Pool::default());
    add(&mut pool, &state, 1, 0, half.clone()).unwrap();
    add(&mut pool, &state, 1, 1, half).unwrap();
    assert!(matches!(add(&mut pool, &state, 1, 2, vec![0]), Err(SubmitError::Busy)));
}

#[test]
fn those_without_balance_leave_room_for_others() {
    let (state, mut pool) = (ledger(), Pool::default());
    for signer in 100..100 + LEDGER_UNFUNDED_TXS_MAX as u16 {
        add(&mut pool, &state, signer, 0, vec![0]).unwrap();
    }
    assert!(matches!(add(&mut pool, &state, 99, 0, vec![0]), Err(SubmitError::Busy)));
    add(&mut pool, &state, 1, 0, vec![0]).unwrap();
    let mut pool = Pool::default();
    add(&mut pool, &state, 2, 0, vec![0; LEDGER_UNFUNDED_BYTES_MAX]).unwrap();
    assert!(matches!(add(&mut pool, &state, 3, 0, vec![0]), Err(SubmitError::Busy)));
    add(&mut pool, &state, 1, 0, vec![0]).unwrap();
}

/// Keys from 100 on have balance.
fn of_many_accounts() -> LedgerState {
    let balances = (100..200).map(|number| (key(number).account(), 10)).collect();
    LedgerState::genesis(&Genesis { balances, ..genesis() })
}

#[test]
fn the_pool_has_so_many_bytes() {
    let state = of_many_accounts();
    let (full, mut pool) = (LEDGER_POOL_BYTES_MAX / LEDGER_BYTES_PER_SIGNER_MAX, Pool::default());
    for signer in 100..100 + full as u16 {
        add(&mut pool, &state, signer, 0, vec![0; LEDGER_BYTES_PER_SIGNER_MAX]).unwrap();
    }
    assert!(matches!(add(&mut pool, &state, 199, 0, vec![0]), Err(SubmitError::Busy)));
}

#[test]
fn the_pool_has_so_many_places() {
    let (state, mut pool) = (of_many_accounts(), Pool::default());
    for number in 0..LEDGER_TXS_MAX {
        let (signer, nonce) = (number / LEDGER_TXS_PER_SIGNER_MAX, number % LEDGER_TXS_PER_SIGNER_MAX);
        add(&mut pool, &state, 100 + signer as u16, nonce as u64, vec![0]).unwrap();
    }
    assert!(matches!(add(&mut pool, &state, 199, 0, vec![0]), Err(SubmitError::Busy)));
}

#[test]
fn what_takes_no_effect_is_left_out_and_its_sender_told() {
    let (state, mut pool) = (ledger(), Pool::default());
    let transfer = |amount| LedgerAction::Transfer { to: AccountId([3; 32]), amount };
    let [first, poor, after] = [transfer(600), transfer(500), transfer(400)];
    let txs: Vec<_> = (0..).zip([first, poor, after]).map(|(nonce, action)| tx(&state, 1, nonce, action)).collect();
    let mut waiting: Vec<_> =
        (0..).zip(&txs).map(|(nonce, tx)| add(&mut pool, &state, 1, nonce, tx.clone()).unwrap()).collect();
    let other = tx(&state, 2, 0, code(1));
    let mut other_waits = add(&mut pool, &state, 2, 0, other.clone()).unwrap();
    let block = propose(&mut pool, &state, BLOCK_BYTES_MAX);
    assert_eq!(block, [txs[0].clone(), other], "who has balance comes first");
    let too_low = TxError::BalanceTooLow { balance: 400, amount: 500 };
    assert_eq!(waiting[1].try_recv(), Ok(Err(too_low)));
    // What was behind it can never come: when the block is final, that is said too.
    let applied = state.apply_block(at(), &block, &|_, _| Ok(())).unwrap();
    pool.settle(&applied.state, &applied.ids);
    assert_eq!(waiting[0].try_recv(), Ok(Ok(1)));
    assert_eq!(other_waits.try_recv(), Ok(Ok(1)));
    assert_eq!(waiting[2].try_recv(), Err(oneshot::error::TryRecvError::Closed));
    assert!(pool.is_empty());
}

#[test]
fn signers_have_turns_and_a_block_its_bytes() {
    let (state, mut pool) = (ledger(), Pool::default());
    let txs = |signer: u16| [0, 1].map(|nonce| tx(&state, signer, nonce, code(1)));
    let all: Vec<_> = [2, 3].map(txs).into();
    for (signer, txs) in [2, 3].into_iter().zip(&all) {
        for (nonce, tx) in (0..).zip(txs) {
            drop(add(&mut pool, &state, signer, nonce, tx.clone()).unwrap());
        }
    }
    let mut firsts = [all[0][0].clone(), all[1][0].clone()];
    let size = firsts[0].len();
    let mut block = propose(&mut pool, &state, 2 * size);
    block.sort();
    firsts.sort();
    assert_eq!(block, firsts);
    assert_eq!(propose(&mut pool, &state, 2 * size - 1).len(), 1);
    assert_eq!(propose(&mut pool, &state, BLOCK_BYTES_MAX).len(), 4, "what had no room is still there");
}

#[test]
fn what_another_transaction_overtook_is_dropped() {
    let (state, mut pool) = (ledger(), Pool::default());
    let mut waits = add(&mut pool, &state, 2, 0, tx(&state, 2, 0, code(1))).unwrap();
    let mut next = add(&mut pool, &state, 2, 1, tx(&state, 2, 1, code(1))).unwrap();
    let other = tx(&state, 2, 0, code(2));
    let applied = state.apply_block(at(), &[other], &|_, _| Ok(())).unwrap();
    pool.settle(&applied.state, &applied.ids);
    assert_eq!(waits.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    assert_eq!(next.try_recv(), Err(oneshot::error::TryRecvError::Empty), "it comes next now");
    let at = Position { height: 2, time_ms: NOW + 50 };
    assert_eq!(pool.propose(&applied.state, at, BLOCK_BYTES_MAX, &|_, _| Ok(())).len(), 1);
}
