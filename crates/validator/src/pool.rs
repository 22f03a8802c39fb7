//! Transactions that wait for a block, and who waits for them.

use crate::SubmitError;
use std::collections::BTreeMap;
use tallow_ledger::{LedgerState, TxError, TxResult};
use tallow_types::limits::LEDGER_TXS_MAX;
use tallow_types::{AccountId, Hash};
use tokio::sync::oneshot;

/// How a transaction ended: the height of its block, or why it was refused there.
pub(crate) type Ended = Result<u64, TxError>;

struct Waiting {
    bytes: Vec<u8>,
    reply: oneshot::Sender<Ended>,
}

/// Bounded; by signer and nonce, so that a signer's transactions are proposed in order.
#[derive(Default)]
pub(crate) struct Pool {
    waiting: BTreeMap<(AccountId, u64), (Hash, Waiting)>,
}

impl Pool {
    /// Takes a transaction, unless the pool is full or the signer's nonce is taken.
    pub(crate) fn add(
        &mut self,
        signer: AccountId,
        nonce: u64,
        id: Hash,
        bytes: Vec<u8>,
    ) -> Result<oneshot::Receiver<Ended>, SubmitError> {
        if self.waiting.contains_key(&(signer, nonce)) {
            return Err(SubmitError::NonceTaken);
        }
        if self.waiting.len() >= LEDGER_TXS_MAX {
            return Err(SubmitError::Busy);
        }
        let (reply, receiver) = oneshot::channel();
        self.waiting.insert((signer, nonce), (id, Waiting { bytes, reply }));
        Ok(receiver)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Transactions for a block on top of `parent`: those whose nonces are not used yet, within `bytes`.
    pub(crate) fn propose(&self, parent: &LedgerState, mut bytes: usize) -> Vec<Vec<u8>> {
        let usable = self.waiting.iter().filter(|((signer, nonce), _)| *nonce >= parent.nonce(*signer));
        let fits = |tx: &&Vec<u8>| {
            let fits = tx.len() <= bytes;
            bytes = bytes.saturating_sub(tx.len());
            fits
        };
        usable.map(|(_, (_, waiting))| &waiting.bytes).take_while(fits).cloned().collect()
    }

    /// Tells the outcome of a final block's transactions, and drops those whose nonce it used up.
    pub(crate) fn settle(&mut self, state: &LedgerState, results: &[TxResult]) {
        let height = state.position().height;
        let outcomes: BTreeMap<Hash, &Result<(), TxError>> = results.iter().map(|r| (r.tx, &r.outcome)).collect();
        let ended: Vec<_> = self
            .waiting
            .iter()
            .filter(|((signer, nonce), (id, _))| outcomes.contains_key(id) || *nonce < state.nonce(*signer))
            .map(|(key, _)| *key)
            .collect();
        for key in ended {
            let (id, waiting) = self.waiting.remove(&key).expect("it was found a moment ago");
            // Without an outcome another transaction took the nonce; dropping the sender says so.
            if let Some(outcome) = outcomes.get(&id) {
                let _ = waiting.reply.send((*outcome).clone().map(|()| height)); // the asker may have gone
            }
        }
    }
}
