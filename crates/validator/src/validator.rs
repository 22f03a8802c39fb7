//! A running validator.

use crate::app::{Executed, LedgerApp, Tip};
use parity_scale_codec::{Decode, Encode};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tallow_attest::Policy;
use tallow_chain::{ChainError, Handle, Recovery, ThresholdKeys};
use tallow_crypto::{Secret, network_id};
use tallow_ledger::{LedgerState, RestoreError, TxError};
use tallow_store::{Snapshots, StoreError};
use tallow_types::{
    AccountId, CertifiedHeader, Genesis, Hash, Malformed, NetworkId, Position, ProvenRecord, RegistryKey,
    SignedLedgerTx, WorkerId, decode_exact,
};

/// What a validator is started with.
pub struct ValidatorConfig {
    /// Directory of the ledger's log.
    pub log: PathBuf,
    /// Directory of its snapshots.
    pub snapshots: PathBuf,
    /// Key that seals the snapshots on this disk.
    pub snapshot_key: Secret<[u8; 32]>,
    /// What the network is made from.
    pub genesis: Genesis,
    /// The attestation policy whose digest the genesis names.
    pub policy: Policy,
    /// Seed of this validator's ed25519 key.
    pub seed: Secret<[u8; 32]>,
    /// Public polynomial of the group key.
    pub polynomial: Vec<u8>,
    /// This validator's share of it.
    pub share: Secret<Vec<u8>>,
}

/// Why a validator does not start.
#[derive(Debug, thiserror::Error)]
pub enum ValidatorError {
    /// The policy is not that of the genesis.
    #[error("the attestation policy is not the one that the genesis names")]
    Policy,
    /// The engine.
    #[error("the ledger's log")]
    Chain(#[from] ChainError),
    /// The disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A snapshot that cannot be read.
    #[error("the ledger's snapshot")]
    Malformed(#[from] Malformed),
    /// A snapshot that is not what was certified.
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

/// Why a transaction has no effect.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It is not valid.
    #[error(transparent)]
    Refused(TxError),
    /// The signer has sent too much for now.
    #[error(transparent)]
    TooFast(TxError),
    /// The signer has no balance, and those who have none have used up what they share.
    #[error(transparent)]
    AllowanceUsed(TxError),
    /// The signer's balance does not suffice for what the ledger takes.
    #[error(transparent)]
    Unpaid(TxError),
    /// The pool is full, or what this signer may have in it.
    #[error("busy: too many transactions wait for a block; try again")]
    Busy,
    /// The transactions before it are neither final nor on their way.
    #[error("nonce {given} comes too early: the next one of this account is {expected}")]
    TooEarly {
        /// The signer's next nonce.
        expected: u64,
        /// The transaction's.
        given: u64,
    },
    /// Its nonce was used before, or another transaction in the pool has it.
    #[error("the nonce is taken; ask for the next one")]
    NonceTaken,
    /// Another transaction took its nonce, or the validator stopped.
    #[error("superseded by another transaction with this nonce")]
    Superseded,
}

impl From<TxError> for SubmitError {
    fn from(error: TxError) -> Self {
        match error {
            TxError::WrongNonce { expected, given } if given < expected => Self::NonceTaken,
            TxError::WrongNonce { expected, given } => Self::TooEarly { expected, given },
            TxError::TooFast => Self::TooFast(error),
            TxError::AllowanceUsed => Self::AllowanceUsed(error),
            TxError::CannotPay { .. } => Self::Unpaid(error),
            _ => Self::Refused(error),
        }
    }
}

/// A snapshot as it is sealed and written. The header's certificate is checked by those who are shown records.
#[derive(Encode, Decode)]
struct Saved {
    position: Position,
    certified: CertifiedHeader,
    entries: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A running validator.
pub struct Validator {
    genesis: Genesis,
    network: NetworkId,
    app: Arc<LedgerApp>,
    chain: Handle,
    snapshots: Snapshots,
}

impl Validator {
    /// Recovers the ledger and joins consensus.
    pub async fn start(config: ValidatorConfig) -> Result<Self, ValidatorError> {
        if config.policy.digest() != config.genesis.policy {
            return Err(ValidatorError::Policy);
        }
        let network = network_id(&config.genesis);
        let chain_id = Hash(network.0);
        let snapshots = Snapshots::open(&config.snapshots, chain_id, config.snapshot_key)?;
        let (tip, recovery) = recover(&config.genesis, &snapshots).await?;
        let app = Arc::new(LedgerApp::new(config.genesis.clone(), config.policy, tip));
        let settings = tallow_chain::Config {
            genesis_time_ms: config.genesis.time_ms,
            ..tallow_chain::Config::solo(chain_id, config.log)
        };
        let members: Vec<WorkerId> = config.genesis.validators.iter().map(|key| WorkerId(*key)).collect();
        let keys = ThresholdKeys { polynomial: &config.polynomial, share: &config.share };
        let chain = tallow_chain::start_threshold(settings, &config.seed, &members, &keys, app.clone(), recovery)?;
        chain.ready().await?;
        Ok(Self { genesis: config.genesis, network, app, chain, snapshots })
    }

    /// What the network is made from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// Height of the newest final block.
    pub fn height(&self) -> u64 {
        self.app.tip.borrow().state.position().height
    }

    /// Waits until there is a final block above `height`.
    pub async fn beyond(&self, height: u64) {
        let mut tips = self.app.tip.subscribe();
        let higher = tips.wait_for(|tip| tip.state.position().height > height).await;
        drop(higher.expect("the application keeps the sender"));
    }

    /// The next nonce of an account's transactions.
    pub fn nonce(&self, account: &AccountId) -> u64 {
        self.app.tip.borrow().state.nonce(*account, now_ms())
    }

    /// Checks a transaction, queues it and waits until it is final: its height.
    pub async fn submit(&self, tx: SignedLedgerTx) -> Result<u64, SubmitError> {
        let ended = self.app.queue(&tx, now_ms())?;
        self.chain.wake();
        let ended = ended.await.map_err(|_| SubmitError::Superseded)?;
        if !self.app.pool().is_empty() {
            self.chain.wake();
        }
        Ok(ended?)
    }

    /// A record of the newest final state, or its absence, with proof. Waits for the first block.
    pub async fn record(&self, key: RegistryKey) -> ProvenRecord {
        let mut tips = self.app.tip.subscribe();
        if tips.borrow().certified.is_none() {
            self.chain.wake();
        }
        let tip = tips.wait_for(|tip| tip.certified.is_some()).await.expect("the application keeps the sender").clone();
        let certified = tip.certified.expect("it was waited for");
        tip.state.prove(key, (*certified).clone())
    }

    /// Resolves when the engine has stopped, with the reason.
    pub fn failed(&self) -> impl Future<Output = ChainError> + Send + 'static {
        self.chain.failed()
    }

    /// Stops the engine and writes a snapshot for a quick start.
    pub async fn shutdown(self) -> Result<(), StoreError> {
        let Self { chain, app, snapshots, .. } = self;
        let _ = tokio::task::spawn_blocking(|| chain.shutdown()).await; // a panic there was reported by `failed`
        let tip = app.tip.borrow().clone();
        save(&snapshots, &tip).await
    }
}

async fn recover(
    genesis: &Genesis,
    snapshots: &Snapshots,
) -> Result<(Tip, Option<Recovery<Executed>>), ValidatorError> {
    let Some(newest) = snapshots.latest().await? else {
        return Ok((Tip { state: LedgerState::genesis(genesis), certified: None, digest: Default::default() }, None));
    };
    let Saved { position, certified, entries } = decode_exact(&newest.bytes)?;
    let state = LedgerState::restore(genesis, position, &certified.header.commitments.state, entries)?;
    let tip = Tip { state: state.clone(), certified: Some(Arc::new(certified)), digest: newest.digest };
    Ok((tip, Some(Recovery { height: newest.height, digest: newest.digest, state: state.into() })))
}

async fn save(snapshots: &Snapshots, tip: &Tip) -> Result<(), StoreError> {
    let Some(certified) = &tip.certified else { return Ok(()) };
    let entries = tip.state.entries().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
    let position = tip.state.position();
    let saved = Saved { position, certified: (**certified).clone(), entries };
    snapshots.save(position.height, tip.digest, &saved.encode()).await
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
