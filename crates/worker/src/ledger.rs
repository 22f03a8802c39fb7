//! The worker's way to the ledger, and what it believes of it.

use futures::future::BoxFuture;
use std::sync::Arc;
use tallow_crypto::Keypair;
use tallow_proof::{LightClient, RecordError};
use tallow_types::{
    AccountId, ClusterId, Genesis, LedgerAction, LedgerTx, NetworkId, ProvenRecord, RegistryKey, SignedLedgerTx,
};

/// A validator as a worker reaches it: in the same process, or over the network. Nothing it says is believed without
/// certificate and proof (invariant 6).
pub trait Ledger: Send + Sync {
    /// What the network was made from.
    fn genesis(&self) -> &Genesis;
    /// Submits a transaction and waits until it is final: its height.
    fn submit(&self, tx: SignedLedgerTx) -> BoxFuture<'_, Result<u64, LedgerError>>;
    /// A record, or its absence, with proof.
    fn record(&self, key: RegistryKey) -> BoxFuture<'_, Result<ProvenRecord, String>>;
    /// The next nonce of an account; a hint.
    fn nonce(&self, account: &AccountId) -> u64;
    /// Height of the newest final block; a hint.
    fn height(&self) -> u64;
    /// Waits until there is a final block above `height`; a hint.
    fn beyond(&self, height: u64) -> BoxFuture<'_, ()>;
}

/// Why the ledger gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It refused, or could not be reached.
    #[error("the ledger refuses: {0}")]
    Refused(String),
    /// It takes no more for now, of this account or of all.
    #[error("the ledger is busy: {0}")]
    Busy(String),
    /// It takes no more for now of accounts without balance.
    #[error("the ledger refuses: {0}")]
    AllowanceUsed(String),
    /// The account cannot pay what it takes.
    #[error("the ledger refuses: {0}")]
    Unpaid(String),
    /// Another transaction of the signer took the nonce; this one had no effect.
    #[error("another transaction of this signer took the nonce")]
    Superseded,
    /// What it said is not proven.
    #[error("the ledger's answer is not proven: {0}")]
    Unproven(String),
}

/// Times an action is sent when its nonce was taken.
const NONCE_ATTEMPTS: u32 = 5;
/// Times a question is asked again because the answer was overtaken.
const STALE_ATTEMPTS: u32 = 5;

/// The ledger with the light client that checks it.
pub struct VerifiedLedger {
    ledger: Arc<dyn Ledger>,
    /// Whoever checks something waits here as a task: many at once must not each hold a thread.
    light: Arc<tokio::sync::Mutex<LightClient>>,
    network: NetworkId,
    /// One transaction at a time per worker, since nonces are sequential.
    sending: tokio::sync::Mutex<()>,
}

impl VerifiedLedger {
    /// Trusts the genesis that `ledger` names, and nothing else of it.
    pub fn new(ledger: Arc<dyn Ledger>) -> Result<Self, LedgerError> {
        let light = LightClient::new(ledger.genesis()).map_err(|error| LedgerError::Unproven(error.to_string()))?;
        let network = light.network();
        Ok(Self {
            ledger,
            light: Arc::new(tokio::sync::Mutex::new(light)),
            network,
            sending: tokio::sync::Mutex::new(()),
        })
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// The ledger, unverified: for passing on what others verify.
    pub fn raw(&self) -> &Arc<dyn Ledger> {
        &self.ledger
    }

    /// Asks for a record and checks it with `check`, a method of the light client, on a thread where that may take its
    /// time: a certificate costs two pairings, which would keep requests waiting.
    pub async fn ask<T: Send + 'static>(
        &self,
        key: RegistryKey,
        check: impl Fn(&mut LightClient, &ProvenRecord) -> Result<T, RecordError> + Clone + Send + 'static,
    ) -> Result<(T, ProvenRecord), LedgerError> {
        for _ in 0..STALE_ATTEMPTS {
            let record = self.ledger.record(key.clone()).await.map_err(LedgerError::Refused)?;
            let (mut light, check) = (self.light.clone().lock_owned().await, check.clone());
            let checking = tokio::task::spawn_blocking(move || (check(&mut light, &record), record));
            match checking.await.map_err(|_| LedgerError::Refused("the worker is shutting down".to_owned()))? {
                (Ok(value), record) => return Ok((value, record)),
                // Another task has seen a newer block since the answer was made.
                (Err(RecordError::Stale { .. }), _) => {}
                (Err(error), _) => return Err(LedgerError::Unproven(error.to_string())),
            }
        }
        Err(LedgerError::Unproven("older than what was seen before".to_owned()))
    }

    /// Height of the newest anchor of a cluster; 0 when there is none.
    pub async fn anchored_height(&self, cluster: ClusterId) -> Result<(u64, ProvenRecord), LedgerError> {
        let (anchor, record) =
            self.ask(RegistryKey::Anchor(cluster), move |light, record| light.anchor(cluster, record)).await?;
        Ok((anchor.map_or(0, |anchor| anchor.header.position.height), record))
    }

    /// Signs and submits an action and waits until it is final. A transaction that an earlier run of this worker left
    /// behind can still take the nonce; then the action is sent again with the next one.
    pub async fn send(&self, key: &Keypair, action: LedgerAction) -> Result<u64, LedgerError> {
        let _turn = self.sending.lock().await;
        for _ in 1..NONCE_ATTEMPTS {
            match self.ledger.submit(self.sign(key, action.clone())).await {
                Err(LedgerError::Superseded) => {}
                ended => return ended,
            }
        }
        self.ledger.submit(self.sign(key, action)).await
    }

    fn sign(&self, key: &Keypair, action: LedgerAction) -> SignedLedgerTx {
        let nonce = self.ledger.nonce(&key.account());
        key.sign_ledger_tx(LedgerTx { network: self.network, signer: key.public(), nonce, action })
    }
}
