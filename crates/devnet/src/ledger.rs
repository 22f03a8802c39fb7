//! The validator of the same process, as a worker reaches it.

use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use tallow_types::{AccountId, Genesis, ProvenRecord, RegistryKey, SignedLedgerTx};
use tallow_validator::{SubmitError, Validator};
use tallow_worker::{Ledger, LedgerError};

/// See the module.
pub(crate) struct InProcess(pub(crate) Arc<Validator>);

impl Ledger for InProcess {
    fn genesis(&self) -> &Genesis {
        self.0.genesis()
    }

    fn submit(&self, tx: SignedLedgerTx) -> BoxFuture<'_, Result<u64, LedgerError>> {
        async move { self.0.submit(tx).await.map_err(refusal) }.boxed()
    }

    fn record(&self, key: RegistryKey) -> BoxFuture<'_, Result<ProvenRecord, String>> {
        async move { Ok(self.0.record(key).await) }.boxed()
    }

    fn nonce(&self, account: &AccountId) -> u64 {
        self.0.nonce(account)
    }

    fn height(&self) -> u64 {
        self.0.height()
    }

    fn beyond(&self, height: u64) -> BoxFuture<'_, ()> {
        self.0.beyond(height).boxed()
    }
}

fn refusal(error: SubmitError) -> LedgerError {
    let text = error.to_string();
    match error {
        SubmitError::Superseded | SubmitError::NonceTaken => LedgerError::Superseded,
        SubmitError::Busy | SubmitError::TooFast(_) => LedgerError::Busy(text),
        SubmitError::AllowanceUsed(_) => LedgerError::AllowanceUsed(text),
        SubmitError::Unpaid(_) => LedgerError::Unpaid(text),
        SubmitError::Refused(_) | SubmitError::TooEarly { .. } => LedgerError::Refused(text),
    }
}
