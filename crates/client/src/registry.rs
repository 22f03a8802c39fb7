//! Registry records: asked for, proven, judged.

use crate::{ClientError, Rejection, cluster::ClusterKeys, http::Budget, http::Http, now_ms};
use parity_scale_codec::Encode;
use std::sync::{Mutex, MutexGuard};
use tallow_attest::{AttestError, Binding, Identity, Policy};
use tallow_proof::{LightClient, RecordError, Seen};
use tallow_types::{ClusterId, ClusterRecord, ProvenRecord, RegistryKey, WorkerId, WorkerRecord, decode_exact};

/// The ledger's registry, as one worker serves it.
pub(crate) struct Registry {
    http: Http,
    policy: Policy,
    light: Mutex<LightClient>,
}

/// What the registry proves of a worker and its cluster.
pub(crate) struct Known {
    pub(crate) worker: WorkerRecord,
    pub(crate) cluster: ClusterKeys,
    /// Whether the worker's evidence is simulated.
    pub(crate) simulated: bool,
}

impl Registry {
    pub(crate) fn new(http: Http, policy: Policy, light: LightClient) -> Self {
        Self { http, policy, light: Mutex::new(light) }
    }

    /// What the registry proves of `worker` as a replica of `cluster`.
    pub(crate) async fn know(&self, worker: WorkerId, cluster: ClusterId) -> Result<Known, ClientError> {
        let (record, proven) = tokio::join!(self.cluster(cluster), self.worker(worker));
        let record = record?;
        if !record.members.contains(&worker) {
            return Err(Rejection::NotAMember { worker, cluster }.into());
        }
        let worker = proven?;
        let identity = self.identity(&worker).map_err(Rejection::Attestation)?;
        Ok(Known { worker, cluster: ClusterKeys::new(record)?, simulated: identity.simulated })
    }

    /// What a worker's evidence proves under the network's policy.
    pub(crate) fn identity(&self, worker: &WorkerRecord) -> Result<Identity, AttestError> {
        tallow_attest::verify(&worker.evidence, &Binding::from(worker), &self.policy, now_ms())
    }

    /// A cluster.
    pub(crate) async fn cluster(&self, id: ClusterId) -> Result<ClusterRecord, ClientError> {
        let record = self.ask(RegistryKey::Cluster(id), |light, record| light.cluster(id, record)).await?;
        let record = record.ok_or(Rejection::UnknownCluster(id))?;
        if record.cluster == id { Ok(record) } else { Err(Rejection::Misfiled.into()) }
    }

    /// A worker.
    pub(crate) async fn worker(&self, id: WorkerId) -> Result<WorkerRecord, ClientError> {
        let record = self.ask(RegistryKey::Worker(id), |light, record| light.worker(id, record)).await?;
        let record = record.ok_or(Rejection::UnknownWorker(id))?;
        if record.worker == id { Ok(record) } else { Err(Rejection::Misfiled.into()) }
    }

    /// Asks for a record and has the light client check it.
    pub(crate) async fn ask<T>(
        &self,
        key: RegistryKey,
        check: impl FnOnce(&mut LightClient, &ProvenRecord) -> Result<T, RecordError>,
    ) -> Result<T, ClientError> {
        let before = self.light().clone();
        let path = format!("v1/registry/{}", hex::encode(key.encode()));
        let answer = self.http.get(&path, Budget::DOCUMENT).await?;
        let record: ProvenRecord = decode_exact(&answer.body)?;
        Ok(self.check(before, |light| check(light, &record))?)
    }

    /// Checks an answer by what was seen *before* its request: of two requests at once, the answer to one may be older
    /// than that to the other, and arrive after it. What is learnt counts for all later requests.
    pub(crate) fn check<T>(
        &self,
        mut before: LightClient,
        check: impl FnOnce(&mut LightClient) -> Result<T, RecordError>,
    ) -> Result<T, RecordError> {
        let value = check(&mut before)?;
        self.light().resume(before.seen());
        Ok(value)
    }

    /// The light client as it is now.
    pub(crate) fn snapshot(&self) -> LightClient {
        self.light().clone()
    }

    pub(crate) fn seen(&self) -> Seen {
        self.light().seen()
    }

    pub(crate) fn resume(&self, seen: Seen) {
        self.light().resume(seen);
    }

    fn light(&self) -> MutexGuard<'_, LightClient> {
        self.light.lock().expect("no code panics while it holds the light client")
    }
}
