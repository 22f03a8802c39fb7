//! Somebody who has nothing to do with an attack, and what he sees of it.

use crate::scene::{Scene, call};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tallow_client::{Client, Keypair};
use tallow_types::{AccountId, Query};
use tokio::task::JoinHandle;

/// Selector of `increment` of the contract `probe`, a small command.
const INCREMENT: [u8; 4] = [0x12, 0xbd, 0x51, 0xd3];
/// Selector of `get` of the contract `probe`, a small query.
const GET: [u8; 4] = [0x2f, 0x86, 0x5b, 0xd9];
/// Pause between two of his calls.
const PAUSE: Duration = Duration::from_millis(20);

/// A user with a contract of his own, who calls it by turns as command and as query.
pub(crate) struct Bystander {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Seen>,
}

/// What he saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// How long each command took until its receipt was verified.
    pub(crate) commands: Vec<Duration>,
    /// How long each query took until its answer was verified.
    pub(crate) queries: Vec<Duration>,
    /// Calls that failed, with the reason.
    pub(crate) failed: Vec<String>,
}

impl Bystander {
    /// Deploys his contract as //Bob, and begins to call it.
    pub(crate) fn start(scene: &Scene) -> Self {
        let deployed = scene.machine.ok(&scene.dev, &["deploy", &crate::process::bundle("probe"), "--from", "//Bob"]);
        let contract: AccountId = deployed["contract"].as_str().unwrap().parse().unwrap();
        let client = scene.runtime.block_on(scene.client());
        let stop = Arc::new(AtomicBool::new(false));
        let task = scene.runtime.spawn(live(client, contract, stop.clone()));
        Self { stop, task }
    }

    /// Ends his calls: what he saw. The last one may still take its time.
    pub(crate) async fn ask(self) -> Seen {
        self.stop.store(true, Ordering::Release);
        self.task.await.unwrap()
    }
}

impl Seen {
    /// Checks that nothing failed, that there were calls, and that the slowest took no longer than these.
    #[track_caller]
    pub(crate) fn unharmed(&self, command: Duration, query: Duration) {
        let slowest = |calls: &[Duration]| calls.iter().max().copied().expect("he made calls");
        println!(
            "bystander: {} calls, {} failed, slowest command {:?}, slowest query {:?}",
            self.commands.len() + self.queries.len(),
            self.failed.len(),
            slowest(&self.commands),
            slowest(&self.queries)
        );
        assert_eq!(self.failed, Vec::<String>::new());
        assert!(slowest(&self.commands) <= command, "a command took {:?}, not {command:?}", slowest(&self.commands));
        assert!(slowest(&self.queries) <= query, "a query took {:?}, not {query:?}", slowest(&self.queries));
    }
}

async fn live(client: Client, contract: AccountId, stop: Arc<AtomicBool>) -> Seen {
    let bob = Keypair::from_uri("//Bob").unwrap();
    let mut seen = Seen::default();
    while !stop.load(Ordering::Acquire) {
        let began = Instant::now();
        match call(&client, &bob, contract, INCREMENT.to_vec()).await {
            Ok(_) => seen.commands.push(began.elapsed()),
            Err(error) => seen.failed.push(error.to_string()),
        }
        let query = Query::Call { contract, input: GET.to_vec(), value: 0, gas_limit: 0, estimate: false };
        let began = Instant::now();
        match client.query(&bob, query).await {
            Ok(_) => seen.queries.push(began.elapsed()),
            Err(error) => seen.failed.push(error.to_string()),
        }
        tokio::time::sleep(PAUSE).await;
    }
    seen
}
