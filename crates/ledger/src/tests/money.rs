//! Balance on the ledger: what moves, and what does not.

use super::{
    certificates::certified, cluster_id, genesis, judge, keypair, next, nonce, pass, send, signed, with_cluster,
};
use crate::{LedgerState, TxError};
use tallow_state::outbox_head;
use tallow_types::limits::{INBOX_MAX, LEDGER_SIGNER_BURST_MS};
use tallow_types::{
    AccountId, Anchor, ClusterId, Genesis, InboxMessage, InboxRecord, LedgerAction, OutboxMessage, RegistryKey,
    decode_exact,
};

fn account(seed: u8) -> AccountId {
    keypair(seed).account()
}

/// All there is: on accounts and in escrows.
fn supply(state: &LedgerState) -> u128 {
    let amount = |(key, value): (&[u8], &std::sync::Arc<[u8]>)| match decode_exact(key).unwrap() {
        RegistryKey::Balance(_) | RegistryKey::Escrow(_) => decode_exact::<u128>(value).unwrap(),
        _ => 0,
    };
    state.entries().map(amount).sum()
}

fn transfer(state: &mut LedgerState, from: u8, to: AccountId, amount: u128) -> Result<(), TxError> {
    send(state, &keypair(from), LedgerAction::Transfer { to, amount })
}

fn deposit(state: &mut LedgerState, from: u8, amount: u128) -> Result<(), TxError> {
    send(state, &keypair(from), LedgerAction::Deposit { cluster: cluster_id(), to: account(60), amount })
}

/// Anchors the next block of the cluster, with these messages.
fn tell(state: &mut LedgerState, messages: Vec<OutboxMessage>) -> Result<(), TxError> {
    let last = state.anchor(cluster_id()).map(|record| record.header);
    let (height, before) = last.map_or((1, Default::default()), |h| (h.position.height + 1, h.commitments.outbox));
    let certified = certified(height, outbox_head(&before, &messages));
    let anchor = Anchor { cluster: cluster_id(), certified, outbox: vec![messages] };
    send(state, &keypair(1), LedgerAction::Anchor(Box::new(anchor)))
}

fn withdrawal(amount: u128) -> OutboxMessage {
    OutboxMessage::Withdrawal { to: account(70), amount }
}

#[test]
fn balance_is_there_from_genesis_and_moves() {
    let mut state = with_cluster();
    assert_eq!(supply(&state), 1_001);
    transfer(&mut state, 50, account(52), 400).unwrap();
    transfer(&mut state, 50, account(50), 600).unwrap();
    transfer(&mut state, 50, account(51), 600).unwrap();
    let has: Vec<_> = [50, 51, 52].map(|seed| state.balance(account(seed))).into();
    assert_eq!(has, [0, 601, 400]);
    assert!(state.record(&RegistryKey::Balance(account(50))).is_none(), "nothing is kept of nothing");
    assert_eq!(supply(&state), 1_001);
}

#[test]
fn nobody_moves_nothing_or_more_than_he_has() {
    let mut state = with_cluster();
    let too_low = |amount| Err(TxError::BalanceTooLow { balance: 1, amount });
    for amount in [2, u128::MAX] {
        assert_eq!(transfer(&mut state, 51, account(52), amount), too_low(amount));
        assert_eq!(transfer(&mut state, 51, account(51), amount), too_low(amount), "not to himself either");
        assert_eq!(deposit(&mut state, 51, amount), too_low(amount));
    }
    assert_eq!(transfer(&mut state, 51, account(52), 0), Err(TxError::ZeroAmount));
    assert_eq!(deposit(&mut state, 51, 0), Err(TxError::ZeroAmount));
    let nowhere = LedgerAction::Deposit { cluster: ClusterId([0; 32]), to: account(51), amount: 1 };
    assert_eq!(send(&mut state, &keypair(51), nowhere), Err(TxError::UnknownCluster));
    assert_eq!((state.balance(account(51)), state.escrow(cluster_id()), supply(&state)), (1, 0, 1_001));
}

#[test]
fn a_genesis_with_more_than_a_number_holds_gives_what_there_is() {
    let rich = vec![(account(1), u128::MAX - 1), (account(2), 2), (account(1), 5)];
    let mut state = super::start(&Genesis { balances: rich, ..genesis() });
    assert_eq!((state.balance(account(1)), state.balance(account(2))), (u128::MAX - 1, 1));
    transfer(&mut state, 1, account(2), u128::MAX - 1).unwrap();
    assert_eq!(state.balance(account(2)), u128::MAX);
}

#[test]
fn a_deposit_is_in_escrow_and_in_the_inbox() {
    let mut state = with_cluster();
    deposit(&mut state, 50, 30).unwrap();
    deposit(&mut state, 51, 1).unwrap();
    assert_eq!((state.escrow(cluster_id()), state.balance(account(50)), supply(&state)), (31, 970, 1_001));
    assert_eq!(state.inbox(cluster_id()), InboxRecord { first: 0, next: 2 });
    let message = |from, amount| Some(InboxMessage::Deposit { from: account(from), to: account(60), amount });
    assert_eq!(state.message(cluster_id(), 0), message(50, 30));
    assert_eq!(state.message(cluster_id(), 1), message(51, 1));
    assert_eq!(state.message(cluster_id(), 2), None);
}

/// Deposits one at a time, as many in a block as one account may send.
fn deposit_often(state: &mut LedgerState, times: u64) {
    let action = LedgerAction::Deposit { cluster: cluster_id(), to: account(60), amount: 1 };
    let mut left = times;
    while left > 0 {
        let (some, first) = (left.min(200), nonce(state, &keypair(50)));
        let txs: Vec<_> = (first..first + some).map(|n| signed(state, &keypair(50), n, action.clone())).collect();
        pass(state, LEDGER_SIGNER_BURST_MS);
        *state = state.apply_block(next(state), &txs, &judge).unwrap().state;
        assert_eq!(state.check_invariants(), Ok(()));
        left -= some;
    }
}

#[test]
fn an_inbox_is_bounded_and_emptied_by_what_the_cluster_took() {
    let mut state = with_cluster();
    deposit_often(&mut state, 1_000);
    tell(&mut state, vec![OutboxMessage::InboxTaken { next: 900 }, withdrawal(1_000)]).unwrap();
    assert_eq!(state.inbox(cluster_id()), InboxRecord { first: 900, next: 1_000 });
    assert!(state.message(cluster_id(), 899).is_none() && state.message(cluster_id(), 900).is_some());
    transfer(&mut state, 70, account(50), 1_000).unwrap();
    deposit_often(&mut state, 900 + INBOX_MAX - 1_000);
    let before = state.balance(account(50));
    assert_eq!(deposit(&mut state, 50, 1), Err(TxError::InboxFull));
    assert_eq!(state.balance(account(50)), before, "a refused deposit takes nothing");
    // What cannot have been taken, and what was told before, changes nothing and holds up nothing.
    for next in [0, 900, 900 + INBOX_MAX + 1, u64::MAX] {
        tell(&mut state, vec![OutboxMessage::InboxTaken { next }]).unwrap();
        assert_eq!(state.inbox(cluster_id()).first, 900);
    }
    tell(&mut state, vec![OutboxMessage::InboxTaken { next: 901 }]).unwrap();
    assert_eq!(deposit(&mut state, 50, 1), Ok(()));
    assert_eq!(supply(&state), 1_001);
}

#[test]
fn a_cluster_gets_back_what_was_deposited_and_no_more() {
    let mut state = with_cluster();
    deposit(&mut state, 50, 100).unwrap();
    tell(&mut state, vec![withdrawal(30), withdrawal(30)]).unwrap();
    assert_eq!((state.balance(account(70)), state.escrow(cluster_id())), (60, 40));
    // All replicas together cannot get more, and what cannot be paid does not hold up the rest.
    tell(&mut state, vec![withdrawal(41), withdrawal(u128::MAX), withdrawal(0), withdrawal(40), withdrawal(1)])
        .unwrap();
    assert_eq!((state.balance(account(70)), state.escrow(cluster_id())), (100, 0));
    assert_eq!(supply(&state), 1_001);
}
