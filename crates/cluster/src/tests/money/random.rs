//! Deposits, withdrawals, anchors and restarts in any order: nothing is made, nothing is lost.

use super::{THERE, UNBACKED, World, inbox};
use crate::tests::fixture::cluster_id;
use proptest::prelude::*;
use tallow_ledger::LedgerState;
use tallow_types::{InboxMessage, LedgerAction, OutboxMessage};

/// All that the ledger began with.
const SUPPLY: u128 = 20_000;

#[derive(Clone, Debug)]
enum Step {
    Deposit(u128),
    Take(u64),
    Withdraw(u128),
    Anchor,
    /// The newest anchor is sent twice.
    AnchorTwice,
    /// An anchor arrives that leaves out what the cluster said.
    AnchorWithout,
    /// A message that was taken is proposed again.
    TakeAgain,
    /// Cluster and ledger go on from their snapshots.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0u128..12_000).prop_map(Step::Deposit),
        3 => (1u64..4).prop_map(Step::Take),
        3 => (0u128..12_000).prop_map(Step::Withdraw),
        2 => Just(Step::Anchor),
        1 => Just(Step::AnchorTwice),
        1 => Just(Step::AnchorWithout),
        1 => Just(Step::TakeAgain),
        1 => Just(Step::Restart),
    ]
}

impl World {
    fn perform(&mut self, step: &Step) {
        match step {
            Step::Deposit(amount) => {
                let can = (1..=self.on_ledger()).contains(amount);
                assert_eq!(self.deposit(*amount).is_ok(), can);
            }
            Step::Take(count) => {
                let waiting = self.ledger.state.inbox(cluster_id()).next - self.fixture.state.next_message();
                self.take(waiting.min(*count));
            }
            Step::Withdraw(amount) => {
                let can = (1..=self.fixture.state.backing()).contains(amount);
                assert_eq!(self.withdraw(*amount).is_ok(), can);
            }
            Step::Anchor => drop(self.send_anchor()),
            Step::AnchorTwice => {
                let anchor = LedgerAction::Anchor(Box::new(self.anchor()));
                drop(self.send_anchor());
                assert!(self.ledger.send(&self.fixture.worker, anchor).is_err());
            }
            Step::AnchorWithout => {
                let mut anchor = self.anchor();
                anchor.outbox.pop();
                let sent = self.ledger.send(&self.fixture.worker, LedgerAction::Anchor(Box::new(anchor)));
                assert!(sent.is_err() || self.said.is_empty());
            }
            Step::TakeAgain => {
                let kept = self.ledger.state.inbox(cluster_id());
                if (kept.first..self.fixture.state.next_message()).next().is_some() {
                    assert!(self.refusal(&[inbox(self.ledger.message(kept.first))]).is_some());
                }
            }
            Step::Restart => self.restart(),
        }
    }

    fn restart(&mut self) {
        self.fixture.state = self.fixture.cluster.restore(self.fixture.state.snapshot()).unwrap();
        let state = &self.ledger.state;
        let entries: Vec<_> = state.entries().map(|(key, value)| (key.to_vec(), value.clone())).collect();
        let root = state.empty_commitments().state;
        self.ledger.state = LedgerState::restore(&self.ledger.genesis, state.position(), &root, entries).unwrap();
    }

    fn on_ledger(&self) -> u128 {
        self.ledger.state.balance(self.fixture.alice.account())
    }

    fn check(&self) {
        let state = &self.ledger.state;
        let bob = tallow_crypto::Keypair::from_uri("//Bob").unwrap().account();
        let escrow = state.escrow(cluster_id());
        assert_eq!(self.on_ledger() + state.balance(bob) + state.balance(THERE) + escrow, SUPPLY, "nothing is made");
        let coming: u128 = (self.fixture.state.next_message()..state.inbox(cluster_id()).next)
            .map(|number| match state.message(cluster_id(), number) {
                Some(InboxMessage::Deposit { amount, .. }) => amount,
                None => panic!("message {number} is kept until it is taken"),
            })
            .sum();
        let going: u128 = self
            .said
            .iter()
            .flatten()
            .map(|message| if let OutboxMessage::Withdrawal { amount, .. } = message { *amount } else { 0 })
            .sum();
        let backing = self.fixture.state.backing();
        assert_eq!(escrow, backing + coming + going, "the cluster knows what is there for it");
        assert_eq!(self.balance(), UNBACKED + backing, "and whose it is");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_made_and_nothing_is_lost(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in &steps {
            world.perform(step);
            world.check();
        }
        // What is under way arrives.
        let waiting = world.ledger.state.inbox(cluster_id()).next - world.fixture.state.next_message();
        for _ in 0..waiting {
            world.take(1);
        }
        world.block(vec![]);
        world.send_anchor().unwrap();
        world.check();
        assert_eq!(world.ledger.state.escrow(cluster_id()), world.fixture.state.backing());
    }
}
