//! What goes by itself: records that nothing refers to when their lease is over, and the nonces of accounts that have
//! nothing and send nothing. When each is due follows from the state alone, so every validator forgets it in the same
//! block.

use crate::{LedgerState, account::forgettable_ms};
use tallow_types::limits::LEDGER_PRUNED_PER_BLOCK_MAX;
use tallow_types::{AccountId, ClusterRecord, LeaseRecord, Leased, RegistryKey};

/// A record that can go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Due {
    Nonce(AccountId),
    Lease(Leased),
}

impl Due {
    /// What an entry of the map bears on.
    pub(crate) fn of(key: &RegistryKey) -> Option<Self> {
        match key {
            RegistryKey::Nonce(account) => Some(Self::Nonce(*account)),
            RegistryKey::Lease(what) => Some(Self::Lease(*what)),
            _ => None,
        }
    }
}

impl LedgerState {
    /// Block time from which on this goes; `None` if it is not there, or is needed.
    pub(crate) fn due_ms(&self, due: &Due) -> Option<u64> {
        match due {
            Due::Nonce(account) => {
                let record = self.nonce_record(*account)?;
                (self.balance(*account) == 0).then(|| forgettable_ms(record.next))
            }
            Due::Lease(what) => {
                let lease: LeaseRecord = self.typed(RegistryKey::Lease(*what))?;
                (self.uses(*what) == 0).then_some(lease.until_ms)
            }
        }
    }

    /// Makes a change that bears on when something is due, and keeps the order of what is due.
    pub(crate) fn change(&mut self, due: Due, change: impl FnOnce(&mut Self)) {
        if let Some(before) = self.due_ms(&due) {
            self.due.remove(&(before, due));
        }
        change(self);
        if let Some(after) = self.due_ms(&due) {
            self.due.insert((after, due));
        }
    }

    /// Removes what is due, as much as one block may.
    pub(crate) fn prune(&mut self) {
        for _ in 0..LEDGER_PRUNED_PER_BLOCK_MAX {
            match self.due.get_min().copied() {
                Some((due_ms, due)) if due_ms <= self.position.time_ms => self.forget(due),
                _ => break,
            }
        }
    }

    fn forget(&mut self, due: Due) {
        match due {
            Due::Nonce(account) => self.change(due, |state| state.remove(RegistryKey::Nonce(account))),
            Due::Lease(what) => self.end_lease(what),
        }
    }

    /// How many records refer to this one.
    pub(crate) fn uses(&self, what: Leased) -> u32 {
        self.typed(RegistryKey::Uses(what)).unwrap_or_default()
    }

    /// Begins the lease of what `payer` registers, for a deposit, or begins its time anew.
    pub(crate) fn lease(&mut self, what: Leased, payer: AccountId, deposit: u128) -> Result<(), crate::TxError> {
        let until_ms = self.position.time_ms.saturating_add(self.policy.lease_ms);
        let lease = match self.typed::<LeaseRecord>(RegistryKey::Lease(what)) {
            Some(lease) => LeaseRecord { until_ms, ..lease },
            None => {
                self.take(payer, deposit)?;
                LeaseRecord { payer, deposit, until_ms }
            }
        };
        self.change(Due::Lease(what), |state| state.put(RegistryKey::Lease(what), lease));
        Ok(())
    }

    /// Another record refers to this one from now on.
    pub(crate) fn hold(&mut self, what: Leased) {
        self.set_uses(what, self.uses(what).saturating_add(1));
    }

    /// One record less refers to this one.
    pub(crate) fn release(&mut self, what: Leased) {
        self.set_uses(what, self.uses(what).saturating_sub(1));
    }

    pub(crate) fn set_uses(&mut self, what: Leased, uses: u32) {
        let key = RegistryKey::Uses(what);
        self.change(Due::Lease(what), |state| if uses == 0 { state.remove(key) } else { state.put(key, uses) });
    }

    /// Removes a record, and gives the deposit back.
    fn end_lease(&mut self, what: Leased) {
        let Some(LeaseRecord { payer, deposit, .. }) = self.typed(RegistryKey::Lease(what)) else { return };
        match what {
            Leased::Worker(worker) => self.remove(RegistryKey::Worker(worker)),
            Leased::Code(code) => self.remove(RegistryKey::Code(code)),
            Leased::Cluster(cluster) => {
                let members = self.cluster(cluster).map(|record: ClusterRecord| record.members).unwrap_or_default();
                members.into_iter().for_each(|member| self.release(Leased::Worker(member)));
                self.remove(RegistryKey::Cluster(cluster));
            }
        }
        self.change(Due::Lease(what), |state| state.remove(RegistryKey::Lease(what)));
        self.credit(payer, deposit);
    }
}
