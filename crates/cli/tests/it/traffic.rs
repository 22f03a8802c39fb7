//! Load on a network that dies under it, and what must be true after each death: every acknowledged command is there
//! exactly once, no receipt changes, and what was deployed runs.

use crate::process::{Dev, bundle};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tallow_abi::{Bundle, Metadata};
use tallow_client::{Client, ClientError, CommandDraft, Deployed, Keypair, PreparedCommand, Trust};
use tallow_types::{AccountId, Action, NetworkId, Query, QueryResult, Receipt};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Transfers in flight.
const IN_FLIGHT: u64 = 8;
/// Pause between two deployments.
const DEPLOYMENT_PAUSE: Duration = Duration::from_millis(40);

/// A transfer of 1 to an account of its own: the balance there counts how often it took effect.
struct Transfer {
    to: AccountId,
    command: PreparedCommand,
    /// The receipt, once it was acknowledged.
    receipt: Option<Receipt>,
}

/// A contract, each of its own code.
#[derive(Clone)]
struct Flipper {
    wasm: Vec<u8>,
    metadata: Arc<Metadata>,
}

/// All that was sent so far.
pub(crate) struct Traffic {
    runtime: Runtime,
    numbers: Arc<AtomicU64>,
    flipper: Flipper,
    network: Option<NetworkId>,
    transfers: Vec<Transfer>,
    deployed: Vec<Deployed>,
    /// How many of each were checked since the network last died.
    checked: (usize, usize),
}

fn alice() -> Keypair {
    Keypair::from_uri("//Alice").unwrap()
}

fn account(number: u64) -> AccountId {
    AccountId(tallow_crypto::blake2b_256(&number.to_le_bytes()))
}

impl Traffic {
    pub(crate) fn new() -> Self {
        let flipper = Bundle::parse(&std::fs::read(bundle("flipper")).unwrap()).unwrap();
        Self {
            runtime: Runtime::new().unwrap(),
            numbers: Arc::default(),
            flipper: Flipper { wasm: flipper.wasm, metadata: Arc::new(flipper.metadata.unwrap()) },
            network: None,
            transfers: Vec::new(),
            deployed: Vec::new(),
            checked: (0, 0),
        }
    }

    /// Connects to the network, which must be the one it was, and checks what came since the last check. Sends again
    /// what nothing was heard of. The first time there is nothing yet, and a contract is deployed.
    pub(crate) fn check(&mut self, dev: &Dev) -> Client {
        let first = self.network.is_none();
        let client = self.connect(dev);
        if first {
            let number = self.numbers.fetch_add(1, Ordering::Relaxed);
            self.deployed.push(self.runtime.block_on(self.flipper.deploy(&client, number)).unwrap());
        }
        let (transfers, deployed) = self.checked;
        self.runtime.block_on(check_transfers(&client, &mut self.transfers[transfers..]));
        self.runtime.block_on(check_deployed(&client, &self.flipper.metadata, &self.deployed[deployed..]));
        self.checked = (self.transfers.len(), self.deployed.len());
        client
    }

    /// Checks everything from the start on; gives how many transfers and contracts there are.
    pub(crate) fn check_all(&mut self, dev: &Dev) -> (usize, usize) {
        self.checked = (0, 0);
        self.check(dev);
        assert!(self.transfers.iter().all(|transfer| transfer.receipt.is_some()), "all were acknowledged in the end");
        self.checked
    }

    fn connect(&mut self, dev: &Dev) -> Client {
        let trust = self.network.map_or(Trust::OnFirstUse, Trust::Network);
        let client = self.runtime.block_on(Client::connect(&dev.url, trust)).unwrap();
        self.network = Some(client.network());
        client
    }

    /// Sends until the network is dead, of which `death` takes care meanwhile.
    pub(crate) fn run(&mut self, client: &Client, death: impl FnOnce()) {
        let mut transfers = JoinSet::new();
        for _ in 0..IN_FLIGHT {
            transfers.spawn_on(transfer(client.clone(), self.numbers.clone()), self.runtime.handle());
        }
        let deployments = self.runtime.spawn(deploy(client.clone(), self.flipper.clone(), self.numbers.clone()));
        death();
        self.transfers.extend(self.runtime.block_on(transfers.join_all()).into_iter().flatten());
        self.deployed.extend(self.runtime.block_on(deployments).unwrap());
    }

    /// How many transfers were sent.
    pub(crate) fn sent(&self) -> usize {
        self.transfers.len()
    }
}

/// Sends transfers until the network dies; gives all of them, acknowledged or not.
async fn transfer(client: Client, numbers: Arc<AtomicU64>) -> Vec<Transfer> {
    let mut sent = Vec::new();
    loop {
        let to = account(numbers.fetch_add(1, Ordering::Relaxed));
        let command = client.prepare(&alice(), CommandDraft::new(Action::Transfer { to }).value(1)).await.unwrap();
        let receipt = client.send(&command).await.ok().map(|receipt| {
            assert!(receipt.outcome.result.is_ok(), "{:?}", receipt.outcome);
            receipt.receipt
        });
        let died = receipt.is_none();
        sent.push(Transfer { to, command, receipt });
        if died {
            return sent;
        }
    }
}

/// Deploys code of which there is nothing yet, again and again; gives what was acknowledged.
async fn deploy(client: Client, flipper: Flipper, numbers: Arc<AtomicU64>) -> Vec<Deployed> {
    let mut deployed = Vec::new();
    loop {
        match flipper.deploy(&client, numbers.fetch_add(1, Ordering::Relaxed)).await {
            Ok(new) => deployed.push(new),
            Err(_) => return deployed,
        }
        tokio::time::sleep(DEPLOYMENT_PAUSE).await;
    }
}

impl Flipper {
    /// Deploys code with `number` in a custom section, which makes it other code.
    async fn deploy(&self, client: &Client, number: u64) -> Result<Deployed, ClientError> {
        let number = number.to_le_bytes();
        let section = [&[0, 10, 1, b'n'][..], &number].concat();
        let wasm = [&self.wasm[..], &section].concat();
        let input = self.metadata.encode_constructor("new", &["true".to_owned()]).unwrap();
        client.deploy(&alice(), wasm, input, number.to_vec(), 0).await
    }
}

async fn check_transfers(client: &Client, transfers: &mut [Transfer]) {
    for Transfer { to, command, receipt } in transfers {
        match receipt {
            Some(receipt) => {
                let now = client.receipt(command.id()).await.unwrap().receipt;
                assert_eq!(now, *receipt, "a receipt does not change");
            }
            None => {
                assert!(balance(client, *to).await <= 1, "not twice");
                *receipt = Some(client.send(command).await.unwrap().receipt);
            }
        }
        assert_eq!(balance(client, *to).await, 1, "exactly once");
    }
}

async fn balance(client: &Client, account: AccountId) -> u128 {
    match client.query(&alice(), Query::Balance(account)).await.unwrap().result {
        QueryResult::Balance(balance) => balance,
        other => panic!("{other:?}"),
    }
}

async fn check_deployed(client: &Client, metadata: &Metadata, deployed: &[Deployed]) {
    for Deployed { code, contract, receipt } in deployed {
        assert!(client.code(*code).await.unwrap().is_some(), "registered code stays registered");
        let now = client.receipt(receipt.id).await.unwrap().receipt;
        assert_eq!(now, receipt.receipt, "a receipt does not change");
        let (contract, input) = (contract.unwrap(), metadata.encode_call("get", &[]).unwrap());
        let query = Query::Call { contract, input, value: 0, gas_limit: 0, estimate: false };
        let QueryResult::Called { result, .. } = client.query(&alice(), query).await.unwrap().result else {
            panic!("a call is answered as a call");
        };
        assert_eq!(metadata.decode_return("get", &result.unwrap().data).unwrap().to_string(), "true");
    }
}
