//! The keyholder's side: requests in, grants out.

use crate::{
    KeyError, KeyGrant, KeyRequest,
    grant::{Purpose, check_epoch_key},
};
use parity_scale_codec::Encode;
use tallow_attest::{Binding, Policy};
use tallow_crypto::{ClusterSecrets, Secret, network_id, vouch_signing_bytes, vouching_key};
use tallow_proof::{LightClient, RecordError, Seen, VerifyHeader};
use tallow_types::{ClusterId, ClusterRecord, Genesis, PublicKey, RegistryKey, Signature, WorkerRecord};

/// Releases cluster secrets to those who may have them.
pub trait Keyholder {
    /// Judges a request as of `now_ms` (milliseconds since the Unix epoch) and answers it.
    ///
    /// # Errors
    /// [`KeyError`] says which rule is broken. After [`RecordError::Stale`] a request with newer records may succeed.
    fn handle(&mut self, now_ms: u64, request: &KeyRequest) -> Result<KeyGrant, KeyError>;

    /// The public key to which commands of an epoch of a cluster are sealed, with the keyholders' word for it: what the
    /// cluster's record must name. Anybody may ask; it says nothing of who owns the cluster.
    fn vouch(&self, cluster: &ClusterId, epoch: u64) -> Vouched;
}

/// A cluster's key in an epoch, with the keyholders' signature (`ClusterRecord::vouch`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vouched {
    /// The X25519 key.
    pub epoch_key: [u8; 32],
    /// The signature.
    pub signature: Signature,
}

/// A keyholder that holds the whole master secret, for development.
pub struct DevKeyholder<V> {
    light: LightClient<V>,
    policy: Policy,
    master: Secret<[u8; 32]>,
}

impl<V: VerifyHeader> DevKeyholder<V> {
    /// A keyholder of the network that `genesis` makes, which `light` follows.
    ///
    /// # Errors
    /// [`KeyError::WrongNetwork`], [`KeyError::WrongPolicy`] when `policy` is not the one that the genesis names, and
    /// [`KeyError::WrongMaster`] when `master` is not the secret behind the key that it names.
    pub fn new(
        light: LightClient<V>,
        genesis: &Genesis,
        policy: Policy,
        master: Secret<[u8; 32]>,
    ) -> Result<Self, KeyError> {
        if light.network() != network_id(genesis) {
            return Err(KeyError::WrongNetwork);
        }
        let (found, expected) = (policy.digest(), genesis.policy);
        if found != expected {
            return Err(KeyError::WrongPolicy { found, expected });
        }
        if vouching_key(&master).public() != PublicKey::Ed25519(genesis.keyholder) {
            return Err(KeyError::WrongMaster);
        }
        Ok(Self { light, policy, master })
    }

    /// The newest of the ledger that it has seen: to be kept, and given back with [`DevKeyholder::resume`] after a
    /// restart, or a worker that was removed could show it the records of before.
    pub fn seen(&self) -> Seen {
        self.light.seen()
    }

    /// Goes on from what was seen before a restart; never backwards.
    pub fn resume(&mut self, seen: Seen) {
        self.light.resume(seen);
    }

    /// Both records, believed. The older one is looked at first, since the light client never goes back.
    fn records(&mut self, request: &KeyRequest) -> Result<(ClusterRecord, WorkerRecord), KeyError> {
        let height = |record: &tallow_types::ProvenRecord| record.certified.header.position.height;
        if height(&request.worker) < height(&request.cluster) {
            let worker = self.worker(request)?;
            Ok((self.cluster(request)?, worker))
        } else {
            Ok((self.cluster(request)?, self.worker(request)?))
        }
    }

    fn cluster(&mut self, request: &KeyRequest) -> Result<ClusterRecord, KeyError> {
        let RegistryKey::Cluster(id) = request.cluster.key else { return Err(KeyError::WrongRecord("cluster")) };
        let found = self.light.cluster(id, &request.cluster).map_err(refused("cluster"))?;
        let record = found.ok_or(KeyError::Unknown("cluster"))?;
        if record.cluster == id { Ok(record) } else { Err(KeyError::WrongRecord("cluster")) }
    }

    fn worker(&mut self, request: &KeyRequest) -> Result<WorkerRecord, KeyError> {
        let RegistryKey::Worker(id) = request.worker.key else { return Err(KeyError::WrongRecord("worker")) };
        let found = self.light.worker(id, &request.worker).map_err(refused("worker"))?;
        let record = found.ok_or(KeyError::Unknown("worker"))?;
        if record.worker == id { Ok(record) } else { Err(KeyError::WrongRecord("worker")) }
    }
}

impl<V: VerifyHeader> Keyholder for DevKeyholder<V> {
    fn handle(&mut self, now_ms: u64, request: &KeyRequest) -> Result<KeyGrant, KeyError> {
        let (cluster, worker) = self.records(request)?;
        if !cluster.members.contains(&worker.worker) {
            let ClusterRecord { cluster, epoch, .. } = cluster;
            return Err(KeyError::NotMember { worker: worker.worker, cluster, epoch });
        }
        tallow_attest::verify(&worker.evidence, &Binding::from(&worker), &self.policy, now_ms)?;
        let secrets = ClusterSecrets::derive(&self.master, &cluster.cluster, cluster.epoch);
        check_epoch_key(&cluster, &secrets)?;
        let purpose = Purpose {
            network: self.light.network(),
            cluster: &cluster.cluster,
            epoch: cluster.epoch,
            worker: &worker.worker,
            transport: worker.transport,
        };
        let sealed = secrets.seal(&worker.transport, &purpose.encode())?;
        Ok(KeyGrant { cluster: cluster.cluster, epoch: cluster.epoch, sealed })
    }

    fn vouch(&self, cluster: &ClusterId, epoch: u64) -> Vouched {
        let epoch_key = ClusterSecrets::derive(&self.master, cluster, epoch).epoch_transport().public();
        let signed = vouch_signing_bytes(&self.light.network(), cluster, epoch, &epoch_key);
        Vouched { epoch_key, signature: vouching_key(&self.master).sign(&signed) }
    }
}

fn refused(record: &'static str) -> impl FnOnce(RecordError) -> KeyError {
    move |source| KeyError::Record { record, source }
}
