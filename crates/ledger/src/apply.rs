//! From one block to the next.

use crate::{Judge, LedgerState, TxError};
use tallow_crypto::{Label, account_of, labelled_hash, verify_ledger_tx};
use tallow_state::list_root;
use tallow_types::{
    AccountId, Commitments, Hash, LedgerAction, LedgerTx, Position, SignedLedgerTx, decode_exact,
    limits::{
        EVIDENCE_BYTES_MAX, LEDGER_CLUSTER_TX_BYTES_MAX, LEDGER_SMALL_TX_BYTES_MAX, LEDGER_TX_BYTES_MAX, LEDGER_TXS_MAX,
    },
};

/// What a block did.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The state after it.
    pub state: LedgerState,
    /// What its header must commit to.
    pub commitments: Commitments,
    /// The id of each transaction, in their order: all took effect.
    pub ids: Vec<Hash>,
}

/// Why no validator may vote for a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBlock {
    /// It has too many transactions.
    #[error("more than {LEDGER_TXS_MAX} transactions")]
    Full,
    /// One of its transactions takes no effect, so nobody has paid for its place.
    #[error("transaction {index} takes no effect: {reason}")]
    Ineffective {
        /// Which one.
        index: usize,
        /// Why.
        #[source]
        reason: TxError,
    },
}

/// Id of a signed transaction as it travels; the leaf under `Commitments::results`.
pub fn tx_id(bytes: &[u8]) -> Hash {
    labelled_hash(Label::LedgerTx, &[b"signed", bytes])
}

impl LedgerState {
    /// Applies a block of encoded [`SignedLedgerTx`]s, each of which must take effect: what fails has no place in the log,
    /// where it would be kept by all and paid by none. The position must come after this state's; the chain sees to that.
    ///
    /// # Errors
    /// [`InvalidBlock`] if no validator may vote for the block.
    pub fn apply_block(&self, position: Position, txs: &[Vec<u8>], judge: Judge<'_>) -> Result<Applied, InvalidBlock> {
        if txs.len() > LEDGER_TXS_MAX {
            return Err(InvalidBlock::Full);
        }
        let mut state = self.begin(position);
        for (index, bytes) in txs.iter().enumerate() {
            state.apply(bytes, judge).map_err(|reason| InvalidBlock::Ineffective { index, reason })?;
        }
        let ids: Vec<Hash> = txs.iter().map(|bytes| tx_id(bytes)).collect();
        let commitments = Commitments { results: list_root(ids.iter().map(|id| id.0)), ..state.empty_commitments() };
        Ok(Applied { state, commitments, ids })
    }

    /// The state on which the first transaction of the block at `position` is applied: what is due by then is gone.
    pub fn begin(&self, position: Position) -> Self {
        let mut state = Self { position, ..self.clone() };
        state.prune();
        state
    }

    /// Whether a transaction would take effect in the next block, were it at `now_ms`.
    pub fn validate(&self, bytes: &[u8], now_ms: u64, judge: Judge<'_>) -> Result<(), TxError> {
        let time_ms = now_ms.max(self.position.time_ms);
        self.begin(Position { height: self.position.height + 1, time_ms }).apply(bytes, judge)
    }

    /// Applies one transaction of the block that this state has begun, or changes nothing.
    pub fn apply(&mut self, bytes: &[u8], judge: Judge<'_>) -> Result<(), TxError> {
        let signed = self.parse(bytes)?;
        let mut next = self.clone();
        let account = next.admit(&signed.tx, bytes.len())?;
        // After the cheap checks: a replay costs no verification.
        if !verify_ledger_tx(&signed) {
            return Err(TxError::InvalidSignature);
        }
        next.execute(account, &signed.tx, judge)?;
        *self = next;
        Ok(())
    }

    /// Reads a transaction of this network, of a size that its kind may have. Whether it is signed is another matter.
    fn parse(&self, bytes: &[u8]) -> Result<SignedLedgerTx, TxError> {
        if bytes.len() > LEDGER_TX_BYTES_MAX {
            return Err(TxError::TooLarge { limit: LEDGER_TX_BYTES_MAX });
        }
        let signed: SignedLedgerTx = decode_exact(bytes).map_err(|_| TxError::Malformed)?;
        if signed.tx.network != self.network {
            return Err(TxError::WrongNetwork);
        }
        let limit = bytes_max(&signed.tx.action);
        if bytes.len() > limit { Err(TxError::TooLarge { limit }) } else { Ok(signed) }
    }

    /// Whether these are a transaction of this network with its signer's signature.
    pub fn check(&self, bytes: &[u8]) -> Result<(), TxError> {
        if verify_ledger_tx(&self.parse(bytes)?) { Ok(()) } else { Err(TxError::InvalidSignature) }
    }

    /// Takes from the sender what sending takes: a nonce, a share of what may be sent, the fee.
    fn admit(&mut self, tx: &LedgerTx, bytes: usize) -> Result<AccountId, TxError> {
        let account = account_of(&tx.signer);
        self.use_nonce(account, tx.nonce, bytes)?;
        self.use_allowance(account, bytes)?;
        self.pay_fee(account, bytes)?;
        Ok(account)
    }

    /// Does what a transaction says; after an error `self` may be changed in part.
    fn execute(&mut self, account: AccountId, tx: &LedgerTx, judge: Judge<'_>) -> Result<(), TxError> {
        match &tx.action {
            LedgerAction::RegisterWorker(record) => self.register_worker(&tx.signer, record, judge),
            LedgerAction::RegisterCluster(record) => self.register_cluster(account, record),
            LedgerAction::RegisterCode { code, bytes } => self.register_code(account, *code, *bytes),
            LedgerAction::Anchor(anchor) => self.apply_anchor(&tx.signer, anchor),
            LedgerAction::Transfer { to, amount } => self.transfer(account, *to, *amount),
            LedgerAction::Deposit { cluster, to, amount } => self.deposit(account, *cluster, *to, *amount),
        }
    }
}

/// Bytes that a transaction of this kind may have: what is small by nature carries nothing else into the log.
const fn bytes_max(action: &LedgerAction) -> usize {
    match action {
        LedgerAction::Anchor(_) => LEDGER_TX_BYTES_MAX,
        LedgerAction::RegisterWorker(_) => EVIDENCE_BYTES_MAX + LEDGER_SMALL_TX_BYTES_MAX,
        LedgerAction::RegisterCluster(_) => LEDGER_CLUSTER_TX_BYTES_MAX,
        LedgerAction::RegisterCode { .. } | LedgerAction::Transfer { .. } | LedgerAction::Deposit { .. } => {
            LEDGER_SMALL_TX_BYTES_MAX
        }
    }
}
