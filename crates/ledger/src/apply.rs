//! From one block to the next.

use crate::{Judge, LedgerState, TxError};
use parity_scale_codec::{Decode, Encode};
use tallow_crypto::{Label, account_of, labelled_hash, verify_ledger_tx};
use tallow_state::list_root;
use tallow_types::{
    Commitments, Hash, LedgerAction, LedgerTx, NetworkId, Position, RegistryKey, SignedLedgerTx, decode_exact,
    limits::{LEDGER_TX_BYTES_MAX, LEDGER_TXS_MAX},
};

/// What a block did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The state after it.
    pub state: LedgerState,
    /// What its header must commit to.
    pub commitments: Commitments,
    /// The result of each transaction, in their order.
    pub results: Vec<TxResult>,
}

/// The result of one transaction: a leaf under `Commitments::results`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TxResult {
    /// The transaction; see [`tx_id`].
    pub tx: Hash,
    /// Whether it took effect; if not, it changed nothing.
    pub outcome: Result<(), TxError>,
}

/// Id of a signed transaction as it travels.
pub fn tx_id(bytes: &[u8]) -> Hash {
    labelled_hash(Label::LedgerTx, &[b"signed", bytes])
}

impl LedgerState {
    /// Applies a block of encoded [`SignedLedgerTx`]s. A transaction that may not take effect changes nothing, and its
    /// result says why. The position must come after this state's; the chain sees to that.
    pub fn apply_block(&self, position: Position, txs: &[Vec<u8>], judge: Judge<'_>) -> Applied {
        let mut state = Self { position, ..self.clone() };
        let mut results = Vec::with_capacity(txs.len());
        for (index, bytes) in txs.iter().enumerate() {
            let outcome = if index < LEDGER_TXS_MAX { state.apply(bytes, judge) } else { Err(TxError::BlockFull) };
            results.push(TxResult { tx: tx_id(bytes), outcome });
        }
        let commitments =
            Commitments { results: list_root(results.iter().map(Encode::encode)), ..state.empty_commitments() };
        Applied { state, commitments, results }
    }

    /// Whether a transaction would take effect in the next block, were it at `now_ms`. One whose nonce is still to come
    /// passes when it is well formed and signed: what it does can be judged only in its turn.
    pub fn validate(&self, bytes: &[u8], now_ms: u64, judge: Judge<'_>) -> Result<SignedLedgerTx, TxError> {
        let signed = open(bytes, &self.network)?;
        if signed.tx.nonce <= self.nonce(account_of(&signed.tx.signer)) {
            let position = Position { height: self.position.height + 1, time_ms: now_ms };
            Self { position, ..self.clone() }.execute(&signed.tx, judge)?;
        }
        Ok(signed)
    }

    /// Applies one transaction, or changes nothing.
    fn apply(&mut self, bytes: &[u8], judge: Judge<'_>) -> Result<(), TxError> {
        let signed = open(bytes, &self.network)?;
        let mut next = self.clone();
        next.execute(&signed.tx, judge)?;
        *self = next;
        Ok(())
    }

    /// Executes one transaction; after an error `self` may be changed in part.
    fn execute(&mut self, tx: &LedgerTx, judge: Judge<'_>) -> Result<(), TxError> {
        let account = account_of(&tx.signer);
        let expected = self.nonce(account);
        if tx.nonce != expected {
            return Err(TxError::WrongNonce { expected, given: tx.nonce });
        }
        self.put(RegistryKey::Nonce(account), expected + 1);
        match &tx.action {
            LedgerAction::RegisterWorker(record) => self.register_worker(&tx.signer, record, judge),
            LedgerAction::RegisterCluster(record) => self.register_cluster(account, record),
            LedgerAction::RegisterCode { code, bytes } => self.register_code(*code, *bytes),
            LedgerAction::Anchor(anchor) => self.apply_anchor(&tx.signer, anchor),
            LedgerAction::Transfer { to, amount } => self.transfer(account, *to, *amount),
            LedgerAction::Deposit { cluster, to, amount } => self.deposit(account, *cluster, *to, *amount),
        }
    }
}

/// A transaction of this network that bears its signer's signature.
fn open(bytes: &[u8], network: &NetworkId) -> Result<SignedLedgerTx, TxError> {
    if bytes.len() > LEDGER_TX_BYTES_MAX {
        return Err(TxError::TooLarge);
    }
    let signed: SignedLedgerTx = decode_exact(bytes).map_err(|_| TxError::Malformed)?;
    if signed.tx.network != *network {
        return Err(TxError::WrongNetwork);
    }
    if !verify_ledger_tx(&signed) {
        return Err(TxError::InvalidSignature);
    }
    Ok(signed)
}
