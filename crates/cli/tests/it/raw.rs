//! The API by hand, without what the client checks before it sends.

use crate::process::Dev;
use parity_scale_codec::Encode;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tallow_crypto::{Keypair, SessionClient, seal_command};
use tallow_types::limits::COMMAND_GAS_MAX;
use tallow_types::{
    AccountId, Action, ClusterId, ClusterRecord, Command, NetworkId, ProvenRecord, RegistryKey, SealedCommand,
    SealedSessionOpen, SignedCommand, WorkerId, WorkerRecord, decode_exact,
};

/// The API as an attacker uses it: by hand.
pub(crate) struct Raw {
    pub(crate) http: reqwest::Client,
    pub(crate) url: String,
    pub(crate) network: NetworkId,
    pub(crate) cluster: ClusterRecord,
    pub(crate) worker: WorkerRecord,
    pub(crate) alice: Keypair,
}

pub(crate) fn now_ms() -> u64 {
    u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}

impl Raw {
    pub(crate) async fn new(dev: &Dev) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = dev.url.clone();
        let status: Value =
            serde_json::from_slice(&http.get(format!("{url}/v1/status")).send().await.unwrap().bytes().await.unwrap())
                .unwrap();
        let id = |name: &str| status[name].as_str().unwrap().to_owned();
        let record = |key: RegistryKey| {
            let request = http.get(format!("{url}/v1/registry/{}", hex::encode(key.encode())));
            async move {
                let bytes = request.send().await.unwrap().bytes().await.unwrap();
                decode_exact::<ProvenRecord>(&bytes).unwrap().value.unwrap()
            }
        };
        let cluster: ClusterId = id("cluster").parse().unwrap();
        let worker: WorkerId = id("worker").parse().unwrap();
        let cluster = decode_exact(&record(RegistryKey::Cluster(cluster)).await).unwrap();
        let worker = decode_exact(&record(RegistryKey::Worker(worker)).await).unwrap();
        let network = id("network").parse().unwrap();
        Self { http: http.clone(), url, network, cluster, worker, alice: Keypair::from_uri("//Alice").unwrap() }
    }

    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        let answer = self.http.post(format!("{}{path}", self.url)).body(body).send().await.unwrap();
        (answer.status(), answer.bytes().await.unwrap().to_vec())
    }

    /// Posts what must be refused with this code.
    #[track_caller]
    pub(crate) fn refused(&self, (status, body): (StatusCode, Vec<u8>), expected: (u16, &str)) {
        let problem: Value = serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{status}: {body:?}"));
        assert_eq!((status.as_u16(), problem["code"].as_str().unwrap()), expected, "{problem}");
        assert_eq!(problem["status"], json!(status.as_u16()));
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }

    pub(crate) fn command(&self) -> Command {
        Command {
            network: self.network,
            cluster: self.cluster.cluster,
            caller: self.alice.public(),
            action: Action::Transfer { to: AccountId([9; 32]) },
            value: 1,
            gas_limit: COMMAND_GAS_MAX,
            nonce: now_ms(),
            expiry_ms: now_ms() + 60_000,
            response_key: [1; 32],
        }
    }

    pub(crate) fn seal(&self, command: Command) -> SealedCommand {
        self.seal_signed(&self.alice.sign_command(command))
    }

    pub(crate) fn seal_signed(&self, signed: &SignedCommand) -> SealedCommand {
        seal_command(&self.cluster.epoch_key, &self.network, &self.cluster.cluster, self.cluster.epoch, signed).unwrap()
    }

    pub(crate) fn session(&self) -> (SealedSessionOpen, SessionClient) {
        self.session_for(&self.worker.worker, now_ms() + 60_000)
    }

    pub(crate) fn session_for(&self, worker: &WorkerId, expiry_ms: u64) -> (SealedSessionOpen, SessionClient) {
        let (transport, cluster) = (&self.worker.transport, &self.cluster.cluster);
        SessionClient::open(transport, &self.network, cluster, worker, expiry_ms, &self.alice).unwrap()
    }
}
