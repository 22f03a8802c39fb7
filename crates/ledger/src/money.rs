//! Balance on the ledger, and its way into clusters and out of them.
//!
//! All of it is there from genesis; it only moves: between accounts, into a cluster's escrow, and out again when an
//! anchor tells of a withdrawal. A cluster says for itself whose the escrow is, and never gets more than was deposited.

use crate::{LedgerState, TxError, due::Due};
use tallow_types::limits::INBOX_MAX;
use tallow_types::{AccountId, ClusterId, InboxMessage, InboxRecord, Leased, NonceRecord, RegistryKey};

impl LedgerState {
    /// What an account has.
    pub fn balance(&self, account: AccountId) -> u128 {
        self.typed(RegistryKey::Balance(account)).unwrap_or_default()
    }

    /// What was deposited into a cluster and not withdrawn.
    pub fn escrow(&self, cluster: ClusterId) -> u128 {
        self.typed(RegistryKey::Escrow(cluster)).unwrap_or_default()
    }

    /// What is still kept of a cluster's inbox.
    pub fn inbox(&self, cluster: ClusterId) -> InboxRecord {
        self.typed(RegistryKey::Inbox(cluster)).unwrap_or_default()
    }

    /// A message to a cluster that is still kept.
    pub fn message(&self, cluster: ClusterId, number: u64) -> Option<InboxMessage> {
        self.typed(RegistryKey::Message(cluster, number))
    }

    /// Gives accounts what the genesis says, and the nonce 0 to begin with. What is beyond the greatest number there is
    /// not, so that no later sum overflows.
    pub(crate) fn endow(&mut self, balances: &[(AccountId, u128)]) {
        let mut left = u128::MAX;
        for (account, amount) in balances {
            let amount = left.min(*amount);
            left -= amount;
            self.credit(*account, amount);
            self.set_nonce(*account, NonceRecord { next: 0, paced_ms: 0 });
        }
    }

    pub(crate) fn transfer(&mut self, from: AccountId, to: AccountId, amount: u128) -> Result<(), TxError> {
        self.debit(from, amount)?;
        self.credit(to, amount);
        let (balance, least) = (self.balance(to), self.policy.balance_min);
        if balance < least { Err(TxError::BelowMinimum { balance, least }) } else { Ok(()) }
    }

    pub(crate) fn deposit(
        &mut self,
        from: AccountId,
        cluster: ClusterId,
        to: AccountId,
        amount: u128,
    ) -> Result<(), TxError> {
        if self.cluster(cluster).is_none() {
            return Err(TxError::UnknownCluster);
        }
        let InboxRecord { first, next } = self.inbox(cluster);
        if next - first >= INBOX_MAX {
            return Err(TxError::InboxFull);
        }
        self.debit(from, amount)?;
        self.set_amount(RegistryKey::Escrow(cluster), self.escrow(cluster).saturating_add(amount));
        self.put(RegistryKey::Message(cluster, next), InboxMessage::Deposit { from, to, amount });
        self.put(RegistryKey::Inbox(cluster), InboxRecord { first, next: next + 1 });
        self.set_uses(Leased::Cluster(cluster), 1);
        Ok(())
    }

    /// Pays a withdrawal. A cluster whose replicas keep to the rules withdraws no more than its escrow; one that does not
    /// gets nothing, and its anchor stands, since other messages and receipts hang on it.
    pub(crate) fn withdraw(&mut self, cluster: ClusterId, to: AccountId, amount: u128) {
        let Some(left) = self.escrow(cluster).checked_sub(amount) else { return };
        self.set_amount(RegistryKey::Escrow(cluster), left);
        self.credit(to, amount);
    }

    /// Forgets messages that the cluster took. What it says of messages that it cannot have seen counts for nothing.
    pub(crate) fn inbox_taken(&mut self, cluster: ClusterId, taken: u64) {
        let InboxRecord { first, next } = self.inbox(cluster);
        if taken <= first || taken > next {
            return;
        }
        for number in first..taken {
            self.remove(RegistryKey::Message(cluster, number));
        }
        self.put(RegistryKey::Inbox(cluster), InboxRecord { first: taken, next });
    }

    fn debit(&mut self, account: AccountId, amount: u128) -> Result<(), TxError> {
        if amount == 0 {
            return Err(TxError::ZeroAmount);
        }
        let balance = self.balance(account);
        let left = balance.checked_sub(amount).ok_or(TxError::BalanceTooLow { balance, amount })?;
        self.set_balance(account, left);
        Ok(())
    }

    /// Sums stay within what there is, which [`LedgerState::endow`] bounds.
    pub(crate) fn credit(&mut self, account: AccountId, amount: u128) {
        self.set_balance(account, self.balance(account).saturating_add(amount));
    }

    pub(crate) fn set_balance(&mut self, account: AccountId, amount: u128) {
        self.change(Due::Nonce(account), |state| state.set_amount(RegistryKey::Balance(account), amount));
    }

    fn set_amount(&mut self, key: RegistryKey, amount: u128) {
        if amount == 0 {
            self.remove(key);
        } else {
            self.put(key, amount);
        }
    }
}
