//! Whose key is it? An adversary names a cluster of his own, or a key of his own for the real one, and waits for somebody
//! to seal a secret to it.

use crate::process::{Machine, Ran};
use crate::raw::now_ms;
use crate::scene::{Scene, http, stranger};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use parity_scale_codec::Encode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tallow_client::{Client, ClientError, Keypair, Trust};
use tallow_crypto::{TransportSecret, consented, open_command, unsigned_cluster, vouch};
use tallow_types::{
    ClusterId, ClusterRecord, LedgerAction, NetworkId, ProvenRecord, RegistryKey, SealedCommand, decode_exact,
};

/// What is to stay secret.
const SECRET: &str = "the password of the house";

/// An endpoint between victim and worker that passes everything on, keeps what it sees, and names another cluster.
struct Relay {
    url: String,
    seen: Arc<Seen>,
}

struct Seen {
    worker: String,
    names: Mutex<Option<ClusterId>>,
    commands: Mutex<Vec<Vec<u8>>>,
}

impl Relay {
    fn start(scene: &Scene) -> Self {
        let names = Mutex::default();
        let seen = Arc::new(Seen { worker: scene.dev.url.clone(), names, commands: Mutex::default() });
        let router = Router::new().fallback(pass_on).with_state(seen.clone());
        let url = scene.runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, router).await });
            url
        });
        Self { url, seen }
    }

    /// From now on, names this cluster in the worker's status.
    fn names(&self, cluster: ClusterId) {
        *self.seen.names.lock().unwrap() = Some(cluster);
    }

    /// Whether one of the commands that went through opens with this key.
    fn opens(&self, network: NetworkId, cluster: ClusterId, key: &TransportSecret) -> bool {
        let commands = self.seen.commands.lock().unwrap();
        let sealed = commands.iter().filter_map(|bytes| decode_exact::<SealedCommand>(bytes).ok());
        let mut sealed = sealed.collect::<Vec<_>>().into_iter();
        sealed.any(|sealed| open_command(key, &network, &cluster, &sealed).is_ok())
    }
}

async fn pass_on(State(seen): State<Arc<Seen>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().unwrap().as_str().to_owned();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    if path.starts_with("/v1/commands") {
        seen.commands.lock().unwrap().push(body.to_vec());
    }
    let asked = http().request(head.method, format!("{}{path}", seen.worker)).body(body).send().await.unwrap();
    let (status, headers) = (asked.status(), asked.headers().clone());
    let body = asked.bytes().await.unwrap();
    let kind = headers.get("content-type").cloned();
    let body = if path == "/v1/status" { renamed(&seen, &body) } else { body };
    let mut response = (status, body).into_response();
    if let Some(kind) = kind {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

fn renamed(seen: &Seen, body: &Bytes) -> Bytes {
    let Some(cluster) = *seen.names.lock().unwrap() else { return body.clone() };
    let mut status: Value = serde_json::from_slice(body).unwrap();
    status["cluster"] = json!(cluster);
    status.to_string().into()
}

async fn real_record(client: &Client, url: &str) -> ClusterRecord {
    let key = RegistryKey::Cluster(client.cluster_id());
    let answer = http().get(format!("{url}/v1/registry/{}", hex::encode(key.encode()))).send().await.unwrap();
    let proven: ProvenRecord = decode_exact(&answer.bytes().await.unwrap()).unwrap();
    decode_exact(&proven.value.unwrap()).unwrap()
}

/// Registers a cluster as `owner`, and says why it is refused.
async fn refused(client: &Client, owner: &Keypair, record: ClusterRecord) -> String {
    match client.ledger_tx(owner, LedgerAction::RegisterCluster(record)).await {
        Err(ClientError::Api(problem)) => problem.detail,
        other => panic!("the ledger took it: {other:?}"),
    }
}

/// As the victim types it.
fn set_secret(machine: &Machine, url: &str, contract: &str) -> Ran {
    machine.run_with_input(&["secret", "set", contract, "HOUSE", "--url", url], SECRET)
}

#[test]
fn a_strangers_cluster_with_the_honest_worker_gets_no_secret() {
    let scene = Scene::start(&[]);
    let relay = Relay::start(&scene);
    let contract = &scene.deploy("probe");
    let client = scene.runtime.block_on(scene.client());
    let (network, real) = (client.network(), client.cluster_id());
    // The victim has been here before: his program keeps network and cluster of this address.
    let status = scene.machine.run(&["status", "--url", &relay.url]);
    assert_eq!(status.code, 0, "{}", status.stderr);

    let (owner, key) = (stranger(), TransportSecret::generate());
    let record = unsigned_cluster(&network, owner.account(), now_ms(), 0, key.public());
    let members = scene.runtime.block_on(real_record(&client, &scene.dev.url)).members;
    let forged_word = vouch(&network, &owner, &record);
    let forged = ClusterRecord { members, vouch: forged_word, consents: vec![forged_word], ..record };
    let cluster = forged.cluster;
    let why = scene.runtime.block_on(refused(&client, &owner, forged));
    assert!(why.contains("do not vouch for the key"), "{why}");

    relay.names(cluster);
    let ran = set_secret(&scene.machine, &relay.url, contract);
    assert!(!relay.opens(network, cluster, &key) && !relay.opens(network, real, &key), "the stranger reads the secret");
    assert_eq!(ran.code, 0, "the lie about the cluster changes nothing for who knows it: {}", ran.stderr);
    let listed = scene.machine.ok(&scene.dev, &["secret", "list", contract]);
    assert!(listed.to_string().contains("HOUSE"), "{listed}");

    // Who comes for the first time has nothing but the worker's word, and gets no further with it.
    let newcomer = Machine::new();
    let ran = set_secret(&newcomer, &relay.url, contract);
    ran.fails(5, "lists no cluster", "");
}

#[test]
fn the_owner_of_a_cluster_cannot_take_its_callers() {
    let scene = Scene::start(&[]);
    let relay = Relay::start(&scene);
    let contract = &scene.deploy("probe");
    let client = scene.runtime.block_on(scene.client());
    let network = client.network();
    let owner = Keypair::from_uri("//Alice").unwrap();
    let record = scene.runtime.block_on(real_record(&client, &scene.dev.url));
    assert_eq!(record.owner, owner.account(), "the attack is the owner's");

    // His own key for the next epoch, with the old words, and with his own.
    let key = TransportSecret::generate();
    let next = ClusterRecord { epoch: 1, epoch_key: key.public(), ..record };
    let own_word = ClusterRecord { vouch: vouch(&network, &owner, &next), ..next.clone() };
    for forged in [next.clone(), own_word] {
        let why = scene.runtime.block_on(refused(&client, &owner, forged));
        assert!(why.contains("do not vouch for the key"), "{why}");
    }
    // A worker of his own, which he has every right to, beside which the honest one never agreed to be.
    let mine = stranger();
    let alone = consented(&network, ClusterRecord { vouch: vouch(&network, &mine, &next), ..next }, &[&mine]);
    let why = scene.runtime.block_on(refused(&client, &owner, alone));
    assert!(why.contains("not a registered worker"), "{why}");

    let ran = set_secret(&scene.machine, &relay.url, contract);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!relay.opens(network, client.cluster_id(), &key), "the owner reads the secret");
    scene.machine.ok(&scene.dev, &["call", contract, "increment"]);
}

#[test]
fn a_deposit_goes_to_the_cluster_that_is_meant() {
    let scene = Scene::start(&[]);
    let relay = Relay::start(&scene);
    assert_eq!(scene.machine.run(&["status", "--url", &relay.url]).code, 0);
    relay.names(ClusterId([7; 32]));
    let before = scene.machine.ok(&scene.dev, &["account", "balance"]);
    let ran = scene.machine.run(&["account", "deposit", "1000", "--url", &relay.url, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let after = scene.machine.ok(&scene.dev, &["account", "balance"]);
    let of = |document: &Value, place: &str| document[place].to_string().trim_matches('"').parse::<u128>().unwrap();
    assert_eq!(of(&after, "balance") - of(&before, "balance"), 1000, "{before} {after}");

    let pinned = scene.runtime.block_on(async {
        let client = scene.client().await;
        Client::connect(&relay.url, Trust::Pinned(client.pin()))
            .await
            .map(|relayed| relayed.cluster_id() == client.cluster_id())
    });
    assert!(pinned.unwrap(), "a pinned client does not listen to a worker's status");
}
