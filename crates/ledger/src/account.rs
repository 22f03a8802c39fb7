//! What an account may send: nonces, pace, the common allowance of those without balance, fees.
//!
//! Blocks come on demand, so a quota for each block would bound nothing. What may be sent is bounded by block time: each
//! account has used up its share to some time, which no transaction may push further ahead of the block than a burst.

use crate::{LedgerState, TxError, due::Due};
use tallow_types::limits::{
    LEDGER_SIGNER_BURST_MS, LEDGER_SIGNER_BYTES_PER_MS, LEDGER_SIGNER_TX_MS, LEDGER_SMALL_TX_BYTES_MAX, NONCE_TERM_MS,
    NONCES_PER_TERM,
};
use tallow_types::{AccountId, NonceRecord, RegistryKey};

impl LedgerState {
    /// The nonce that an account's next transaction needs in a block of time `now_ms`.
    pub fn nonce(&self, account: AccountId, now_ms: u64) -> u64 {
        self.nonce_record(account).map_or_else(|| first_nonce(now_ms), |record| record.next)
    }

    /// Whether a block of time `now_ms` takes this nonce next. Of an account that the ledger does not remember it takes
    /// the first of the last term too, so that what was signed before midnight holds a while longer.
    pub fn takes_nonce(&self, account: AccountId, nonce: u64, now_ms: u64) -> bool {
        match self.nonce_record(account) {
            Some(record) => nonce == record.next,
            None => nonce == first_nonce(now_ms) || nonce == first_nonce(now_ms.saturating_sub(NONCE_TERM_MS)),
        }
    }

    /// Whether an account has enough to send on its own account, rather than on the common allowance.
    pub fn is_funded(&self, account: AccountId) -> bool {
        self.balance(account) >= self.policy.funded_min
    }

    pub(crate) fn nonce_record(&self, account: AccountId) -> Option<NonceRecord> {
        self.typed(RegistryKey::Nonce(account))
    }

    pub(crate) fn set_nonce(&mut self, account: AccountId, record: NonceRecord) {
        self.change(Due::Nonce(account), |state| state.put(RegistryKey::Nonce(account), record));
    }

    pub(crate) fn use_nonce(&mut self, account: AccountId, nonce: u64, bytes: usize) -> Result<(), TxError> {
        let now_ms = self.position.time_ms;
        if !self.takes_nonce(account, nonce, now_ms) {
            return Err(TxError::WrongNonce { expected: self.nonce(account, now_ms), given: nonce });
        }
        let paced_ms = self.nonce_record(account).map_or(0, |record| record.paced_ms);
        let paced_ms = pace(paced_ms, now_ms, time_of(bytes), LEDGER_SIGNER_BURST_MS).ok_or(TxError::TooFast)?;
        self.set_nonce(account, NonceRecord { next: nonce.saturating_add(1), paced_ms });
        Ok(())
    }

    pub(crate) fn use_allowance(&mut self, account: AccountId, bytes: usize) -> Result<(), TxError> {
        if self.is_funded(account) {
            return Ok(());
        }
        let unit_ms = self.policy.unfunded_tx_ms;
        let units = 1 + (bytes / LEDGER_SMALL_TX_BYTES_MAX) as u64;
        let burst_ms = unit_ms.saturating_mul(u64::from(self.policy.unfunded_burst));
        let used_ms = self.typed(RegistryKey::Allowance).unwrap_or_default();
        let used_ms = pace(used_ms, self.position.time_ms, unit_ms.saturating_mul(units), burst_ms);
        self.put(RegistryKey::Allowance, used_ms.ok_or(TxError::AllowanceUsed)?);
        Ok(())
    }

    pub(crate) fn pay_fee(&mut self, account: AccountId, bytes: usize) -> Result<(), TxError> {
        let policy = self.policy;
        let fee = policy.byte_fee.saturating_mul(bytes as u128).saturating_add(policy.tx_fee);
        self.take(account, fee)?;
        self.credit(policy.fees_to, fee);
        Ok(())
    }

    /// Takes what the ledger asks for, which may be nothing.
    pub(crate) fn take(&mut self, account: AccountId, amount: u128) -> Result<(), TxError> {
        let balance = self.balance(account);
        let left = balance.checked_sub(amount).ok_or(TxError::CannotPay { balance, amount })?;
        self.set_balance(account, left);
        Ok(())
    }
}

/// The nonce with which an account begins that the ledger does not remember: above all that it can have used in the terms
/// before the last, when it may have been forgotten. So no transaction takes effect again.
fn first_nonce(now_ms: u64) -> u64 {
    (now_ms / NONCE_TERM_MS).saturating_mul(NONCES_PER_TERM)
}

/// Block time from which on an account may be forgotten whose next nonce this is: then it begins above it.
pub(crate) fn forgettable_ms(next: u64) -> u64 {
    (next.div_ceil(NONCES_PER_TERM) + 1).saturating_mul(NONCE_TERM_MS)
}

/// Milliseconds of an account's share that a transaction takes.
const fn time_of(bytes: usize) -> u64 {
    LEDGER_SIGNER_TX_MS + bytes as u64 / LEDGER_SIGNER_BYTES_PER_MS
}

/// The time to which a share is used up after taking `cost_ms` of it, unless that is more than a burst ahead.
fn pace(used_ms: u64, now_ms: u64, cost_ms: u64, burst_ms: u64) -> Option<u64> {
    let used_ms = used_ms.max(now_ms).saturating_add(cost_ms);
    (used_ms <= now_ms.saturating_add(burst_ms)).then_some(used_ms)
}
