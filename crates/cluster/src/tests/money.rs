//! Balance from the ledger and back: each deposit once, each withdrawal once, whatever is tried.

mod random;

use super::fixture::{Fixture, NETWORK, cluster_id, header, position};
use super::ledger::{Ledger, by_replica, by_validators};
use crate::{BlockError, BlockOutput, Mempool};
use parity_scale_codec::Encode;
use tallow_crypto::Keypair;
use tallow_ledger::TxError;
use tallow_types::limits::{INBOX_PER_BLOCK_MAX, OUTBOX_MAX};
use tallow_types::{
    AccountId, Action, Anchor, BlockDigest, CallError, ClusterId, Command, Entry, Hash, Header, InboxMessage,
    LedgerAction, NetworkId, OutboxMessage, ProvenRecord, RegistryKey,
};

const THERE: AccountId = AccountId([6; 32]);
/// What Alice has in the cluster from genesis, with nothing behind it.
const UNBACKED: u128 = 1_000_000;

/// A cluster and its ledger.
struct World {
    fixture: Fixture,
    ledger: Ledger,
    /// What the cluster said since the last anchor.
    said: Vec<Vec<OutboxMessage>>,
}

impl World {
    fn new() -> Self {
        let mut fixture = Fixture::new();
        fixture.block(vec![]); // genesis is not anchored
        let balances = vec![(fixture.alice.account(), 10_000), (Keypair::from_uri("//Bob").unwrap().account(), 10_000)];
        let ledger = Ledger::new(&fixture.worker, balances);
        Self { fixture, ledger, said: Vec::new() }
    }

    /// With a deposit of Alice, credited.
    fn with(amount: u128) -> Self {
        let mut world = Self::new();
        world.deposit(amount).unwrap();
        world.take(1);
        world
    }

    fn deposit(&mut self, amount: u128) -> Result<(), TxError> {
        let to = self.fixture.alice.account();
        let alice = Keypair::from_uri("//Alice").unwrap();
        self.ledger.send(&alice, LedgerAction::Deposit { cluster: cluster_id(), to, amount })
    }

    fn block(&mut self, entries: Vec<Vec<u8>>) -> BlockOutput {
        let output = self.fixture.block(entries);
        if !output.outbox.is_empty() {
            self.said.push(output.outbox.clone());
        }
        output
    }

    /// A block with the next messages.
    fn take(&mut self, count: u64) -> BlockOutput {
        let next = self.fixture.state.next_message();
        let entries = (next..next + count).map(|number| inbox(self.ledger.message(number))).collect();
        self.block(entries)
    }

    fn withdraw(&mut self, amount: u128) -> Result<(), CallError> {
        let sent = withdrawal(&mut self.fixture, amount);
        let output = self.block(vec![sent.entry()]);
        self.fixture.outcome(&output, &sent).result.map(drop)
    }

    /// The anchor of the newest block.
    fn anchor(&self) -> Anchor {
        let (at, commitments) = (self.fixture.state.position(), self.fixture.commitments);
        let certified = by_replica(&self.fixture.worker, header(at, BlockDigest([0; 32]), commitments));
        Anchor { cluster: cluster_id(), certified, outbox: self.said.clone() }
    }

    fn send_anchor(&mut self) -> Result<(), TxError> {
        let anchor = LedgerAction::Anchor(Box::new(self.anchor()));
        self.ledger.send(&self.fixture.worker, anchor)?;
        self.said.clear();
        Ok(())
    }

    /// What a block with these entries is refused for.
    fn refusal(&self, entries: &[Vec<u8>]) -> Option<&'static str> {
        let before = self.fixture.state.position();
        let at = position(before.height + 1, before.time_ms + 1);
        let parent = (&self.fixture.state, &self.fixture.digest);
        match self.fixture.cluster.execute(parent, at, entries, &()) {
            Err(BlockError::Invalid { reason, .. }) => Some(reason),
            Err(BlockError::Host { error, .. }) => panic!("{error}"),
            Ok(_) => None,
        }
    }

    fn balance(&self) -> u128 {
        self.fixture.state.balance(&self.fixture.alice.account())
    }
}

fn inbox(record: ProvenRecord) -> Vec<u8> {
    Entry::Inbox(Box::new(record)).encode()
}

fn withdrawal(fixture: &mut Fixture, amount: u128) -> super::fixture::Sent {
    let draft = fixture.draft(Action::Withdraw { to: THERE });
    fixture.seal(Command { value: amount, ..draft })
}

#[test]
fn a_deposit_is_credited_once_and_the_ledger_hears_of_it() {
    let mut world = World::new();
    world.deposit(30).unwrap();
    world.deposit(12).unwrap();
    let output = world.take(2);
    assert_eq!(world.balance(), UNBACKED + 42);
    assert_eq!((world.fixture.state.next_message(), world.fixture.state.backing()), (2, 42));
    assert_eq!(output.outbox, [OutboxMessage::InboxTaken { next: 2 }]);
    // Neither again nor in another order.
    assert!(world.refusal(&[inbox(world.ledger.message(0))]).is_some());
    assert!(world.refusal(&[inbox(world.ledger.message(1))]).is_some());
    world.send_anchor().unwrap();
    assert_eq!(world.ledger.state.inbox(cluster_id()).first, 2);
    let restored = world.fixture.cluster.restore(world.fixture.state.snapshot()).unwrap();
    assert_eq!((restored.next_message(), restored.backing()), (2, 42));
}

#[test]
fn an_old_proof_is_as_good_as_a_new_one() {
    let mut world = World::new();
    world.deposit(30).unwrap();
    let old = inbox(world.ledger.message(0));
    world.deposit(12).unwrap();
    world.block(vec![old]);
    assert_eq!(world.balance(), UNBACKED + 30);
}

#[test]
fn what_is_not_the_next_proven_message_makes_a_block_invalid() {
    let mut world = World::new();
    for amount in [30, 12] {
        world.deposit(amount).unwrap();
    }
    let good = world.ledger.message(0);
    let refused = |record: ProvenRecord| world.refusal(&[inbox(record)]);
    assert_eq!(refused(good.clone()), None);
    let not_next = Some("not the next message of this cluster's inbox");
    let not_proven = Some("message of the inbox is not proven");
    assert_eq!(refused(world.ledger.message(1)), not_next, "out of order");
    assert_eq!(world.refusal(&[inbox(good.clone()), inbox(good.clone())]), not_next, "twice");
    let foreign = RegistryKey::Message(ClusterId([9; 32]), 0);
    assert_eq!(refused(world.ledger.prove(foreign)), not_next, "another cluster's");
    assert_eq!(refused(world.ledger.prove(RegistryKey::Escrow(cluster_id()))), not_next, "another record");
    // A larger amount, another account, no proof.
    let more = InboxMessage::Deposit { from: THERE, to: THERE, amount: u128::MAX };
    assert_eq!(refused(ProvenRecord { value: Some(more.encode()), ..good.clone() }), not_proven);
    assert_eq!(refused(ProvenRecord { value: None, ..good.clone() }), not_proven);
    assert_eq!(refused(ProvenRecord { proof: vec![], ..good.clone() }), not_proven);
    // The proof of another message under this one's key.
    let other = world.ledger.message(1);
    assert_eq!(refused(ProvenRecord { key: good.key.clone(), ..other }), not_proven);
    // Headers that the validators did not certify, and one of another network that they did.
    let mut forged = good.clone();
    *forged.certified.certificate.last_mut().unwrap() ^= 1;
    assert_eq!(refused(forged), not_proven);
    let by_worker = by_replica(&world.fixture.worker, world.ledger.header());
    assert_eq!(refused(ProvenRecord { certified: by_worker, ..good.clone() }), not_proven);
    assert_ne!(NETWORK, NetworkId([8; 32]));
    let elsewhere = by_validators(Header { chain: Hash([8; 32]), ..world.ledger.header() });
    assert_eq!(refused(ProvenRecord { certified: elsewhere, ..good }), not_proven);
}

#[test]
fn a_message_that_is_proven_to_be_absent_is_none() {
    let world = World::new();
    let refusal = world.refusal(&[inbox(world.ledger.message(0))]);
    assert_eq!(refusal, Some("there is no such message in the inbox"));
}

#[test]
fn a_block_takes_a_bounded_number_of_messages() {
    let mut world = World::new();
    let mut pool = Mempool::new();
    for number in 0..=INBOX_PER_BLOCK_MAX as u64 {
        world.deposit(1).unwrap();
        pool.add_message(number, world.ledger.message(number));
    }
    let all: Vec<_> = (0..=INBOX_PER_BLOCK_MAX as u64).map(|number| inbox(world.ledger.message(number))).collect();
    assert_eq!(world.refusal(&all), Some("more messages of the inbox than a block takes"));
    // What the pool proposes is what a block takes, in order, and what was taken leaves it.
    for taken in [INBOX_PER_BLOCK_MAX, 1] {
        let entries = pool.propose(&world.fixture.state, position(1, 1));
        assert_eq!(entries.len(), taken);
        world.block(entries);
        pool.settle(&BlockOutput::default(), &world.fixture.state);
    }
    assert!(pool.is_empty());
    assert_eq!(world.balance(), UNBACKED + INBOX_PER_BLOCK_MAX as u128 + 1);
}

#[test]
fn the_pool_proposes_no_message_whose_turn_has_not_come() {
    let mut world = World::new();
    world.deposit(1).unwrap();
    world.deposit(1).unwrap();
    let mut pool = Mempool::new();
    pool.add_message(1, world.ledger.message(1));
    assert!(pool.propose(&world.fixture.state, position(1, 1)).is_empty());
}

#[test]
fn a_withdrawal_is_burnt_here_and_paid_there_once() {
    let mut world = World::with(100);
    world.withdraw(60).unwrap();
    assert_eq!((world.balance(), world.fixture.state.backing()), (UNBACKED + 40, 40));
    assert_eq!(world.ledger.state.balance(THERE), 0, "not before the anchor");
    let anchor = LedgerAction::Anchor(Box::new(world.anchor()));
    world.send_anchor().unwrap();
    assert_eq!((world.ledger.state.balance(THERE), world.ledger.state.escrow(cluster_id())), (60, 40));
    let again = world.ledger.send(&world.fixture.worker, anchor);
    assert!(matches!(again, Err(TxError::AnchorTooLow { .. })), "{again:?}");
    assert_eq!(world.ledger.state.balance(THERE), 60);
}

#[test]
fn what_cannot_be_paid_is_not_burnt() {
    let mut world = World::with(100);
    let before = world.balance();
    assert_eq!(world.withdraw(0), Err(CallError::ZeroAmount));
    assert_eq!(world.withdraw(101), Err(CallError::NotBacked), "there is more, but nobody deposited it");
    assert_eq!(world.withdraw(UNBACKED + 101), Err(CallError::TransferFailed));
    assert_eq!(world.withdraw(u128::MAX), Err(CallError::TransferFailed));
    assert_eq!(world.balance(), before);
    assert_eq!(world.withdraw(100), Ok(()));
    assert_eq!(world.withdraw(1), Err(CallError::NotBacked));
}

#[test]
fn a_block_without_room_for_the_message_burns_nothing() {
    let mut world = World::new();
    world.deposit(1_000).unwrap();
    let mut entries = vec![inbox(world.ledger.message(0))];
    let sent: Vec<_> = (0..OUTBOX_MAX).map(|_| withdrawal(&mut world.fixture, 1)).collect();
    entries.extend(sent.iter().map(super::fixture::Sent::entry));
    let output = world.block(entries);
    let results: Vec<_> = sent.iter().map(|sent| world.fixture.outcome(&output, sent).result).collect();
    let (last, paid) = results.split_last().unwrap();
    assert!(paid.iter().all(Result::is_ok));
    assert_eq!(*last, Err(CallError::OutboxFull));
    assert_eq!(output.outbox.len(), OUTBOX_MAX);
    assert_eq!(output.outbox.last(), Some(&OutboxMessage::InboxTaken { next: 1 }), "its place is kept");
    assert_eq!(world.fixture.state.backing(), 1_001 - OUTBOX_MAX as u128);
    world.send_anchor().unwrap();
    assert_eq!(world.ledger.state.balance(THERE), OUTBOX_MAX as u128 - 1);
}
