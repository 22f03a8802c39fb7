//! What the ledger takes, to the unit.

use super::{block, genesis, keypair, nonce, policy, send, signed, worker_record};
use crate::{LedgerState, TxError};
use tallow_types::{AccountId, CodeHash, Genesis, LeaseRecord, Leased, LedgerAction, LedgerPolicy, RegistryKey};

const FEES: AccountId = AccountId([77; 32]);
const CODE: LedgerAction = LedgerAction::RegisterCode { code: CodeHash([4; 32]), bytes: 10 };

fn priced() -> LedgerPolicy {
    LedgerPolicy {
        tx_fee: 10,
        byte_fee: 2,
        fees_to: FEES,
        worker_deposit: 1_000,
        cluster_deposit: 3_000,
        code_deposit: 500,
        ..policy()
    }
}

/// Keys 1, 50 and 100 have 10,000 each, of 30,000 there are.
fn ledger(ledger: LedgerPolicy) -> LedgerState {
    let balances = [1, 50, 100].map(|seed| (keypair(seed).account(), 10_000)).to_vec();
    super::start(&Genesis { balances, ledger, ..genesis() })
}

fn balance(state: &LedgerState, seed: u8) -> u128 {
    state.balance(keypair(seed).account())
}

/// The fee of what key `seed` sends next.
fn fee(state: &LedgerState, seed: u8, action: &LedgerAction) -> u128 {
    let key = keypair(seed);
    10 + 2 * signed(state, &key, nonce(state, &key), action.clone()).len() as u128
}

fn held(state: &LedgerState, what: Leased) -> Option<u128> {
    state.typed(RegistryKey::Lease(what)).map(|lease: LeaseRecord| lease.deposit)
}

#[test]
fn a_transaction_costs_what_the_policy_says_and_no_more() {
    let mut state = ledger(priced());
    let transfer = LedgerAction::Transfer { to: keypair(60).account(), amount: 7 };
    let fee = fee(&state, 50, &transfer);
    send(&mut state, &keypair(50), transfer).unwrap();
    assert_eq!((balance(&state, 50), balance(&state, 60)), (10_000 - fee - 7, 7));
    assert_eq!(state.balance(FEES), fee);
}

#[test]
fn deposits_are_held_beside_the_fee_and_taken_once() {
    let mut state = ledger(priced());
    let mut left = 10_000;
    for deposit in [500, 0] {
        left -= fee(&state, 50, &CODE) + deposit;
        send(&mut state, &keypair(50), CODE).unwrap();
        assert_eq!(balance(&state, 50), left);
    }
    assert_eq!(held(&state, Leased::Code(CodeHash([4; 32]))), Some(500));
    let worker = LedgerAction::RegisterWorker(worker_record(1));
    let left = 10_000 - fee(&state, 1, &worker) - 1_000;
    send(&mut state, &keypair(1), worker).unwrap();
    assert_eq!(balance(&state, 1), left);
    let record = super::cluster_record(0, [1]);
    let id = record.cluster;
    let cluster = LedgerAction::RegisterCluster(record);
    let left = 10_000 - fee(&state, 100, &cluster) - 3_000;
    send(&mut state, &keypair(100), cluster).unwrap();
    assert_eq!(balance(&state, 100), left);
    let kept = [Leased::Code(CodeHash([4; 32])), Leased::Cluster(id)].map(|what| held(&state, what));
    assert_eq!(kept, [Some(500), Some(3_000)]);
}

#[test]
fn who_cannot_pay_has_no_place_in_a_block() {
    let mut state = ledger(priced());
    let cost = fee(&state, 60, &CODE) + 500;
    assert!(matches!(send(&mut state, &keypair(60), CODE), Err(TxError::CannotPay { balance: 0, .. })));
    for (endowment, deposit) in [(cost - 1, Err(TxError::CannotPay { balance: 499, amount: 500 })), (cost, Ok(()))] {
        let balances = vec![(keypair(60).account(), endowment)];
        let mut state = super::start(&Genesis { balances, ledger: priced(), ..genesis() });
        assert_eq!(send(&mut state, &keypair(60), CODE), deposit);
        assert_eq!(balance(&state, 60), if deposit.is_ok() { 0 } else { endowment }, "a refusal costs nothing");
    }
}

#[test]
fn a_fee_beyond_every_number_is_paid_by_nobody() {
    let mut state = ledger(LedgerPolicy { tx_fee: u128::MAX, byte_fee: u128::MAX, ..priced() });
    let refused = TxError::CannotPay { balance: 10_000, amount: u128::MAX };
    assert_eq!(send(&mut state, &keypair(50), CODE), Err(refused));
}

#[test]
fn accounts_of_next_to_nothing_are_not_made() {
    let mut state = ledger(LedgerPolicy { balance_min: 100, ..policy() });
    let transfer = |amount| LedgerAction::Transfer { to: keypair(60).account(), amount };
    let refused = TxError::BelowMinimum { balance: 99, least: 100 };
    assert_eq!(send(&mut state, &keypair(50), transfer(99)), Err(refused));
    send(&mut state, &keypair(50), transfer(100)).unwrap();
    send(&mut state, &keypair(50), transfer(1)).unwrap();
    assert_eq!(balance(&state, 60), 101);
}

#[test]
fn the_policy_is_part_of_the_network() {
    let of = |ledger| LedgerState::genesis(&Genesis { ledger, ..genesis() });
    let (mut dear, cheap) = (of(priced()), of(policy()));
    assert_ne!(dear.network(), cheap.network());
    let tx = signed(&cheap, &keypair(50), 0, CODE);
    assert_eq!(block(&mut dear, tx), Err(TxError::WrongNetwork));
}
