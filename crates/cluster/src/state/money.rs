//! What came from the ledger and goes back to it.

use super::{Key, State};
use parity_scale_codec::Encode;
use tallow_state::outbox_head;
use tallow_types::{AccountId, Hash, OutboxMessage};

impl State {
    /// The number of the next message of the inbox: how many were taken.
    pub fn next_message(&self) -> u64 {
        self.read(&Key::NextMessage).unwrap_or_default()
    }

    /// What the ledger holds for this cluster, once it has heard of every withdrawal: deposits that were taken, less what
    /// was withdrawn.
    pub fn backing(&self) -> u128 {
        self.read(&Key::Backing).unwrap_or_default()
    }

    /// Head of the chain of messages to the ledger.
    pub fn outbox_head(&self) -> Hash {
        self.read(&Key::OutboxHead).unwrap_or_default()
    }

    /// Credits a deposit, and counts its message as taken. There is less balance on the ledger than the sum can hold, so
    /// only balance from genesis, which nobody deposited, could make it stop there.
    pub(crate) fn take_deposit(&mut self, to: &AccountId, amount: u128) {
        self.set_balance(to, self.balance(to).saturating_add(amount));
        self.set_backing(self.backing().saturating_add(amount));
        self.write(&Key::NextMessage, Some((self.next_message() + 1).encode()));
    }

    /// Notes that the ledger is to pay this much.
    pub(super) fn pay_out(&mut self, amount: u128) {
        let left = self.backing().checked_sub(amount).expect("a withdrawal is judged by the backing");
        self.set_backing(left);
    }

    /// Adds a block's messages to the chain.
    pub(crate) fn chain_outbox(&mut self, messages: &[OutboxMessage]) {
        if !messages.is_empty() {
            let head = outbox_head(&self.outbox_head(), messages);
            self.write(&Key::OutboxHead, Some(head.encode()));
        }
    }

    fn set_backing(&mut self, amount: u128) {
        self.write(&Key::Backing, (amount > 0).then(|| amount.encode()));
    }
}
