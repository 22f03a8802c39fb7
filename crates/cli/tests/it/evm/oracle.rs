//! The contract with its surroundings: exchange, chain, feed.

use super::node::{Anvil, Proxy};
use crate::process::{Dev, Machine, bundle};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tallow_abi::{Bundle, Metadata};
use tallow_client::{Client, ClientError, CommandDraft, Keypair, PreparedCommand, Trust};
use tallow_types::{AccountId, Action, NetworkId};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// An account of anvil's, which has funds.
const RICH: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
/// The chain id of anvil.
const CHAIN: u64 = 31_337;
/// The first price is one more than this.
const CENTS: u64 = 6_700_000;

/// A contract that posts prices, each price another.
pub(super) struct Oracle {
    runtime: Runtime,
    machine: Machine,
    anvil: Anvil,
    pub(super) proxy: Proxy,
    network: NetworkId,
    contract: AccountId,
    metadata: Arc<Metadata>,
    /// Its account on the chain.
    account: String,
    /// Where it posts.
    feed: String,
    client: std::cell::RefCell<Option<Client>>,
}

/// A command that can be sent again and again.
pub(super) struct Command {
    message: &'static str,
    prepared: PreparedCommand,
}

/// A command on its way.
type Sending = JoinHandle<Result<String, ClientError>>;

/// Serves prices as the exchange does.
async fn serve_prices() -> String {
    let asked = Arc::new(AtomicU64::new(0));
    let price = move || {
        let cents = CENTS + 1 + asked.fetch_add(1, Ordering::Relaxed);
        std::future::ready(format!(r#"{{"data":{{"amount":"{}.{:02}"}}}}"#, cents / 100, cents % 100))
    };
    let router = axum::Router::new().route("/v2/prices/BTC-USD/spot", axum::routing::get(price));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Deploys the feed that listens to this account.
async fn deploy_feed(anvil: &Anvil, oracle: &str) -> String {
    let file = std::env::var_os("TALLOW_TEST_FEED").expect("`cargo xtask evm` says where the feed's code is");
    let code = std::fs::read_to_string(file).unwrap();
    let data = format!("0x{}{:0>64}", code.trim(), oracle.trim_start_matches("0x"));
    let hash = anvil.ask("eth_sendTransaction", json!([{ "from": RICH, "data": data }])).await;
    let receipt = anvil.ask("eth_getTransactionReceipt", json!([hash])).await;
    receipt["contractAddress"].as_str().unwrap().to_owned()
}

impl Oracle {
    /// Starts a chain, an exchange and a network; deploys the contract and its feed; gives its account funds.
    pub(super) fn start() -> Self {
        let (runtime, machine) = (Runtime::new().unwrap(), Machine::new());
        let anvil = runtime.block_on(Anvil::start());
        let (proxy, node) = runtime.block_on(Proxy::start(&anvil.url));
        let prices = runtime.block_on(serve_prices());

        let dev = Dev::start(&machine, &["--data-dir", &machine.path("data")]);
        let args = [format!("{prices:?}"), format!("{node:?}"), CHAIN.to_string(), "0".to_owned()];
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let deploy = ["deploy", &bundle("evm-oracle"), "--constructor", "new", "--args"];
        let deployed = machine.ok(&dev, &[&deploy[..], &args].concat());
        let contract = deployed["contract"].as_str().unwrap();
        let account = machine.ok(&dev, &["call", contract, "address"])["value"].as_str().unwrap().to_owned();
        let feed = runtime.block_on(deploy_feed(&anvil, &account));
        machine.ok(&dev, &["call", contract, "set_feed", &format!("{feed:?}")]);
        let funds = json!([{ "from": RICH, "to": account, "value": "0xde0b6b3a7640000" }]);
        runtime.block_on(anvil.ask("eth_sendTransaction", funds));

        let network = runtime.block_on(Client::connect(&dev.url, Trust::OnFirstUse)).unwrap().network();
        let metadata = Bundle::parse(&std::fs::read(bundle("evm-oracle")).unwrap()).unwrap().metadata.unwrap();
        let contract = contract.parse().unwrap();
        let (metadata, client) = (Arc::new(metadata), std::cell::RefCell::default());
        Self { runtime, machine, anvil, proxy, network, contract, metadata, account, feed, client }
    }

    /// Starts the network again, with the data it had.
    pub(super) fn dev(&self) -> Dev {
        let dev = Dev::start(&self.machine, &["--data-dir", &self.machine.path("data")]);
        let client = self.runtime.block_on(Client::connect(&dev.url, Trust::Network(self.network))).unwrap();
        *self.client.borrow_mut() = Some(client);
        dev
    }

    fn client(&self) -> Client {
        self.client.borrow().clone().expect("the network runs")
    }

    /// Calls a message as a user does; its result in text.
    pub(super) fn cli(&self, dev: &Dev, message: &str) -> String {
        let (_, called) = self.machine.json(dev, &["call", &self.contract.to_string(), message]);
        let data = called["data"].as_str().unwrap_or_else(|| panic!("{message} returned nothing: {called}"));
        let data = hex::decode(data.trim_start_matches("0x")).unwrap();
        self.metadata.decode_return(message, &data).unwrap().to_string()
    }

    /// A command that calls a message.
    pub(super) fn prepare(&self, message: &'static str) -> Command {
        let input = self.metadata.encode_call(message, &[]).unwrap();
        let draft = CommandDraft::new(Action::Call { contract: self.contract, input });
        let alice = Keypair::from_uri("//Alice").unwrap();
        Command { message, prepared: self.runtime.block_on(self.client().prepare(&alice, draft)).unwrap() }
    }

    /// Sends a command; its result, in text, comes later.
    pub(super) fn send(&self, command: &Command) -> Sending {
        let (client, metadata) = (self.client(), self.metadata.clone());
        let (message, prepared) = (command.message, command.prepared.clone());
        self.runtime.spawn(async move {
            let output = client.send(&prepared).await?.outcome.result.expect("the contract returns");
            Ok(metadata.decode_return(message, &output.data).unwrap().to_string())
        })
    }

    pub(super) fn finish(&self, sending: Sending) -> Result<String, ClientError> {
        self.runtime.block_on(sending).unwrap()
    }

    /// Waits until the request came on which the proxy's fault lies.
    pub(super) fn reached(&self) {
        self.runtime.block_on(self.proxy.reached());
    }

    pub(super) fn set_balance(&self, wei: u128) {
        self.runtime.block_on(self.anvil.ask("anvil_setBalance", json!([self.account, format!("{wei:#x}")])));
    }

    /// Mines transactions at once, or not.
    pub(super) fn automine(&self, on: bool) {
        self.runtime.block_on(self.anvil.ask("evm_setAutomine", json!([on])));
    }

    pub(super) fn mine(&self) {
        self.runtime.block_on(self.anvil.ask("evm_mine", json!([])));
    }

    fn events(&self) -> Vec<Value> {
        let filter = json!([{ "address": self.feed, "fromBlock": "0x0" }]);
        self.runtime.block_on(self.anvil.ask("eth_getLogs", filter)).as_array().unwrap().clone()
    }

    /// The prices that were posted, by the feed's events.
    pub(super) fn feed(&self) -> Vec<u64> {
        let cents = |event: &Value| u64::from_str_radix(&event["data"].as_str().unwrap()[2..], 16).unwrap();
        self.events().iter().map(cents).collect()
    }

    /// The result of a command names a transaction that is in the chain, and succeeded.
    pub(super) fn check_mined(&self, result: &str) {
        assert!(result.contains("Mined") && result.contains("success: true"), "{result}");
        let events = self.events();
        let named = |event: &&Value| result.contains(event["transactionHash"].as_str().unwrap());
        assert_eq!(events.iter().filter(named).count(), 1, "{result}: {events:?}");
    }

    /// The account made one transaction for each price, and no price was posted twice.
    pub(super) fn check_whole(&self) {
        let mut prices = self.feed();
        let count = prices.len();
        prices.sort_unstable();
        prices.dedup();
        assert_eq!(prices.len(), count, "each price is another command's");
        let latest = json!([self.account, "latest"]);
        let nonce = self.runtime.block_on(self.anvil.number("eth_getTransactionCount", latest));
        assert_eq!(nonce, count as u64, "transactions of the account");
        // The feed's own variables: the newest price and how many there were.
        let stored = |slot| {
            let place = json!([self.feed, slot, "latest"]);
            self.runtime.block_on(self.anvil.number("eth_getStorageAt", place))
        };
        assert_eq!((Some(&stored("0x0")), stored("0x1")), (self.feed().last(), count as u64));
    }
}
