//! Balance on the ledger, and its way into the cluster. The way out is a command, [`tallow_types::Action::Withdraw`].

use crate::{Client, ClientError, Signer, http::Budget};
use std::time::{Duration, Instant};
use tallow_api::{ClusterDocument, PolicyDocument};
use tallow_types::{AccountId, ClusterPolicy, LedgerAction, Malformed, RegistryKey};

/// Pause between two looks at how far the cluster has come with its inbox.
const PAUSE: Duration = Duration::from_millis(20);

/// A deposit that the ledger has taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deposited {
    /// Height of the ledger's block, as the worker says.
    pub ledger_height: u64,
    /// Whether the worker says that the cluster has credited it. If not, it will: the ledger keeps the message until then.
    pub credited: bool,
}

impl Client {
    /// What an account has on the ledger, with the ledger's proof.
    pub async fn ledger_balance(&self, account: AccountId) -> Result<u128, ClientError> {
        let key = RegistryKey::Balance(account);
        self.registry().ask(key, |light, record| light.balance(account, record)).await
    }

    /// Moves balance of the signer from the ledger to an account of the cluster, and waits until the cluster has credited
    /// it, as long as for an anchor ([`crate::Patience`]).
    ///
    /// # Errors
    /// [`ClientError::Api`] when the ledger refuses, [`ClientError::Signer`] for a delegate, which the ledger does not
    /// know. Later errors are of the waiting: the deposit is made, and will be credited.
    pub async fn deposit<S: Signer + ?Sized>(
        &self,
        signer: &S,
        to: AccountId,
        amount: u128,
    ) -> Result<Deposited, ClientError> {
        let cluster = self.cluster_id();
        let ledger_height = self.ledger_tx(signer, LedgerAction::Deposit { cluster, to, amount }).await?;
        let deadline = Instant::now() + self.patience().anchor;
        let credited = tokio::time::timeout_at(deadline.into(), self.credited(ledger_height)).await;
        Ok(Deposited { ledger_height, credited: credited.map_or(Ok(false), |done| done.map(|()| true))? })
    }

    /// What the cluster takes for its work, as the worker says.
    pub async fn policy(&self) -> Result<ClusterPolicy, ClientError> {
        let PolicyDocument { gas_price, byte_price, funded_min } = self.cluster_document().await?.policy;
        let amount = |text: String| text.parse().map_err(|_| Malformed { what: "PolicyDocument" });
        Ok(ClusterPolicy {
            gas_price: amount(gas_price)?,
            byte_price: amount(byte_price)?,
            funded_min: amount(funded_min)?,
        })
    }

    async fn cluster_document(&self) -> Result<ClusterDocument, ClientError> {
        self.http().get(&format!("v1/clusters/{}", self.cluster_id()), Budget::DOCUMENT).await?.json()
    }

    /// Waits until the worker says that the cluster has taken all that its inbox had at a height of the ledger.
    async fn credited(&self, ledger_height: u64) -> Result<(), ClientError> {
        let cluster = self.cluster_id();
        let inbox = loop {
            let key = RegistryKey::Inbox(cluster);
            let inbox = self.registry().ask(key, |light, record| light.inbox(cluster, record)).await?;
            if self.seen().height >= ledger_height {
                break inbox;
            }
            tokio::time::sleep(PAUSE).await;
        };
        while self.cluster_document().await?.inbox_taken < inbox.next {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}
