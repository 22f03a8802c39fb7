//! Code and ledger transactions.

use crate::{
    Client, ClientError, CommandDraft, Rejection, Signer, VerifiedReceipt, http::Budget, signer::own_signature,
};
use parity_scale_codec::Encode;
use std::time::Duration;
use tallow_api::{Code, CodeStored, LedgerNonce, LedgerTxDone};
use tallow_crypto::{Statement, code_hash};
use tallow_types::limits::{CODE_BYTES_MAX, POLL_TIME_MS_MAX};
use tallow_types::{
    AccountId, Action, AnchorRecord, CodeHash, CodeRecord, Compat, ContractRecord, LedgerAction, LedgerTx, RegistryKey,
    SignedLedgerTx,
};

/// A contract that came of a deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deployed {
    /// Hash of its code.
    pub code: CodeHash,
    /// Its address; `None` when the constructor failed, as the receipt's outcome says.
    pub contract: Option<AccountId>,
    /// The receipt of the command that ran the constructor.
    pub receipt: VerifiedReceipt,
}

impl Client {
    /// A contract of this client's cluster, or `None` when the ledger proves to list none. A contract is listed from
    /// the first anchor after the command that made it.
    pub async fn contract(&self, address: AccountId) -> Result<Option<ContractRecord>, ClientError> {
        let cluster = self.cluster_id();
        let key = RegistryKey::Contract(cluster, address);
        self.registry().ask(key, |light, record| light.contract(cluster, address, record)).await
    }

    /// Registered code, or `None` when the ledger proves to list none.
    pub async fn code(&self, hash: CodeHash) -> Result<Option<CodeRecord>, ClientError> {
        self.registry().ask(RegistryKey::Code(hash), |light, record| light.code(hash, record)).await
    }

    /// The cluster's newest anchor, or `None` when the ledger proves to hold none.
    pub async fn anchor(&self) -> Result<Option<AnchorRecord>, ClientError> {
        let cluster = self.cluster_id();
        self.registry().ask(RegistryKey::Anchor(cluster), |light, record| light.anchor(cluster, record)).await
    }

    /// Sends a ledger transaction and waits until it is final: the height that the worker says it has. What it changed
    /// is to be read from the registry, with proof.
    pub async fn ledger_tx<S: Signer + ?Sized>(&self, signer: &S, action: LedgerAction) -> Result<u64, ClientError> {
        let _turn = self.inner.ledger.lock().await;
        let path = format!("v1/nonce/{}", signer.caller());
        let LedgerNonce { nonce, .. } = self.http().get(&path, Budget::DOCUMENT).await?.json()?;
        let tx = LedgerTx { network: self.network(), signer: signer.caller_key(), nonce, action };
        let signature = own_signature(signer, Statement::LedgerTx(&tx)).await?;
        let budget = Budget::DOCUMENT.waiting(Duration::from_millis(POLL_TIME_MS_MAX));
        let answer = self.http().post("v1/ledger", SignedLedgerTx { tx, signature }.encode(), budget).await?;
        Ok(answer.json::<LedgerTxDone>()?.height)
    }

    /// Registers code on the ledger unless it is registered, and brings it to the cluster.
    pub async fn upload_code<S: Signer + ?Sized>(&self, signer: &S, wasm: Vec<u8>) -> Result<CodeHash, ClientError> {
        let bytes = wasm.len();
        if bytes > CODE_BYTES_MAX {
            return Err(ClientError::InputTooLarge { what: "code", bytes, limit: CODE_BYTES_MAX });
        }
        let hash = code_hash(&wasm);
        self.register_code(signer, hash, bytes).await?;
        let wait = Duration::from_millis(POLL_TIME_MS_MAX);
        let path = format!("v1/code?code={hash}&wait_ms={}", wait.as_millis());
        let stored: CodeStored = self.http().post(&path, wasm, Budget::DOCUMENT.waiting(wait)).await?.json()?;
        if stored.code == hash { Ok(hash) } else { Err(Rejection::OtherCode.into()) }
    }

    async fn register_code<S: Signer + ?Sized>(
        &self,
        signer: &S,
        code: CodeHash,
        bytes: usize,
    ) -> Result<(), ClientError> {
        if self.code(code).await?.is_some() {
            return Ok(());
        }
        let bytes = u32::try_from(bytes).expect("code is smaller than 4 GiB");
        match self.ledger_tx(signer, LedgerAction::RegisterCode { code, bytes }).await {
            // Somebody else may have registered it since.
            Err(error) if error.code() == Some(Code::TransactionRefused) && self.code(code).await?.is_some() => Ok(()),
            other => other.map(drop),
        }
    }

    /// Uploads code and makes a contract of it: `input` is the selector and the arguments of the constructor.
    pub async fn deploy<S: Signer + ?Sized>(
        &self,
        signer: &S,
        wasm: Vec<u8>,
        input: Vec<u8>,
        salt: Vec<u8>,
        value: u128,
    ) -> Result<Deployed, ClientError> {
        let code = self.upload_code(signer, wasm).await?;
        let draft =
            CommandDraft::new(Action::Instantiate { code, input, salt, compat: Compat::Tallow, public_events: false })
                .value(value);
        let receipt = self.command(signer, draft).await?;
        let contract = receipt.outcome.result.as_ref().ok().and_then(|output| output.created);
        Ok(Deployed { code, contract, receipt })
    }
}
