//! Where an attack takes place: a network, and clients of it.

use crate::process::{Dev, Machine, bundle};
use serde_json::Value;
use tallow_client::{Client, CommandDraft, Deployed, Keypair, Trust, VerifiedReceipt};
use tallow_types::{AccountId, Action};
use tokio::runtime::Runtime;

/// Entry points of a contract in text form: `deploy` and `call` that do nothing.
pub(crate) const NO_OP_ENTRIES: &str = r#"(func (export "deploy")) (func (export "call"))"#;

/// A network under attack.
pub(crate) struct Scene {
    pub(crate) machine: Machine,
    pub(crate) dev: Dev,
    pub(crate) runtime: Runtime,
}

impl Scene {
    /// A network of `tallow dev` with these further arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let machine = Machine::new();
        let dev = Dev::start(&machine, arguments);
        Self { machine, dev, runtime: Runtime::new().unwrap() }
    }

    /// A verifying client of its own, with sessions of its own.
    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.dev.url, Trust::OnFirstUse).await.unwrap()
    }

    /// Deploys a committed bundle through the CLI as //Alice: its address in hexadecimal.
    pub(crate) fn deploy(&self, name: &str) -> String {
        self.machine.ok(&self.dev, &["deploy", &bundle(name)])["contract"].as_str().unwrap().to_owned()
    }

    /// A JSON document of the API.
    pub(crate) async fn document(&self, path: &str) -> Value {
        let answer = http().get(format!("{}{path}", self.dev.url)).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// Height of the cluster log.
    pub(crate) async fn height(&self) -> u64 {
        self.document("/v1/status").await["height"].as_u64().unwrap()
    }

    /// Resident memory of the network's process in MiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn resident_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.dev.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }
}

/// An HTTP client that no environment sends elsewhere.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A key that has never been used: what anybody has for nothing.
pub(crate) fn stranger() -> Keypair {
    Keypair::generate_ed25519()
}

/// A contract's module from the text form of its items; memory is imported, as ink! does.
pub(crate) fn module(items: &str) -> Vec<u8> {
    wat::parse_str(format!(r#"(module (import "env" "memory" (memory 2 1024)) {items})"#)).unwrap()
}

/// Deploys a module by its bytes, with nothing for its constructor.
pub(crate) async fn deploy(client: &Client, signer: &Keypair, wasm: Vec<u8>) -> Deployed {
    client.deploy(signer, wasm, vec![0; 4], rand_salt(), 0).await.unwrap()
}

/// Calls a contract by a command.
pub(crate) async fn call(
    client: &Client,
    signer: &Keypair,
    contract: AccountId,
    input: Vec<u8>,
) -> Result<VerifiedReceipt, tallow_client::ClientError> {
    client.command(signer, CommandDraft::new(Action::Call { contract, input })).await
}

fn rand_salt() -> Vec<u8> {
    crate::raw::now_ms().to_le_bytes().to_vec()
}
