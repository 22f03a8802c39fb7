//! Clusters as the ledger lists them.

use crate::{Client, ClientError, Rejection, http::Budget};
use tallow_api::{ContractDocument, ContractPage};
use tallow_attest::{AttestError, Identity};
use tallow_types::{AccountId, AnchorRecord, ClusterId, ClusterRecord, RegistryKey, WorkerRecord};

/// A cluster with its replicas and its newest anchor: all of it proven by the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedCluster {
    /// Its record.
    pub record: ClusterRecord,
    /// Its replicas, in the order of the record.
    pub replicas: Vec<ListedReplica>,
    /// Its newest anchor; `None` when the ledger proves to hold none.
    pub anchor: Option<AnchorRecord>,
}

/// A replica's record, and what its evidence proves today.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedReplica {
    /// The record.
    pub record: WorkerRecord,
    /// What its evidence proves, or why nothing.
    pub identity: Result<Identity, AttestError>,
}

impl Client {
    /// Any cluster of the network.
    ///
    /// # Errors
    /// [`Rejection::UnknownCluster`] when the ledger proves to list none of this id.
    pub async fn listed_cluster(&self, id: ClusterId) -> Result<ListedCluster, ClientError> {
        let registry = self.registry();
        let record = registry.cluster(id).await?;
        let mut replicas = Vec::with_capacity(record.members.len());
        for member in &record.members {
            let record = registry.worker(*member).await?;
            let identity = registry.identity(&record);
            replicas.push(ListedReplica { record, identity });
        }
        let anchor = registry.ask(RegistryKey::Anchor(id), |light, record| light.anchor(id, record)).await?;
        match &anchor {
            Some(anchor) if anchor.header.chain.0 != id.0 => Err(Rejection::Misfiled.into()),
            _ => Ok(ListedCluster { record, replicas, anchor }),
        }
    }

    /// A page of this cluster's contracts, by address, as the worker lists them: what is to be believed of one,
    /// [`Client::contract`] proves.
    pub async fn contracts(&self, after: Option<AccountId>, limit: u32) -> Result<ContractPage, ClientError> {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let path = format!("v1/contracts?limit={limit}{after}");
        self.http().get(&path, Budget::DOCUMENT).await?.json()
    }

    /// What the worker says of one contract.
    pub async fn contract_document(&self, address: AccountId) -> Result<ContractDocument, ClientError> {
        self.http().get(&format!("v1/contracts/{address}"), Budget::DOCUMENT).await?.json()
    }
}
