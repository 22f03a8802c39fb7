//! Which networks, registries and workers are believed.

use crate::server::{Server, connect};
use crate::world::World;
use tallow_client::{ClientError, Rejection, Trust};
use tallow_proof::RecordError;
use tallow_types::{AccountId, CodeHash, Hash, NetworkId, ProvenRecord};

#[tokio::test]
async fn an_honest_worker_is_believed() {
    let server = Server::start(World::new(1)).await;
    let network = server.world().network;
    let client = server.connect().await.unwrap();
    assert_eq!(client.network(), network);
    assert_eq!(client.worker_id(), server.world().worker);
    assert_eq!(client.seen().height, 5);
    assert_eq!(client.development().len(), 1, "simulated attestation is visible");
    connect(&server.url, Trust::Network(network)).await.unwrap();
}

#[tokio::test]
async fn another_network_than_the_pinned_one_is_refused() {
    let server = Server::start(World::new(1)).await;
    let result = connect(&server.url, Trust::Network(NetworkId([9; 32]))).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::WrongNetwork { .. }))));
}

#[tokio::test]
async fn a_registry_certified_by_another_group_key_is_refused() {
    // The genesis is of one network, the rest of another that has the same records.
    let genesis = World::new(2).genesis;
    let server = Server::start(World::new(1)).await;
    server.tamper("genesis", move |served| *served = genesis.clone());
    let result = server.connect().await;
    assert!(
        matches!(result, Err(ClientError::Rejected(Rejection::Record(RecordError::WrongNetwork)))),
        "{}",
        show(result)
    );

    // Relabelled as the pinned network, its certificate still is of another key.
    let pinned = World::new(2).network;
    server.tamper("registry", move |record: &mut ProvenRecord| record.certified.header.chain = Hash(pinned.0));
    let result = server.connect().await;
    assert!(
        matches!(result, Err(ClientError::Rejected(Rejection::Record(RecordError::NotFinal(_))))),
        "{}",
        show(result)
    );
}

#[tokio::test]
async fn altered_records_are_refused() {
    let server = Server::start(World::new(1)).await;
    server.tamper("registry", |record: &mut ProvenRecord| {
        if let Some(byte) = record.value.as_mut().and_then(|value| value.last_mut()) {
            *byte ^= 1;
        }
    });
    let result = server.connect().await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Record(_)))), "{}", show(result));
}

#[tokio::test]
async fn a_record_hidden_from_the_client_is_noticed() {
    let server = Server::start(World::new(1)).await;
    server.tamper("registry", |record: &mut ProvenRecord| record.value = None);
    let result = server.connect().await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Record(_)))), "{}", show(result));
}

#[tokio::test]
async fn the_ledger_never_moves_backwards() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    assert_eq!(client.code(CodeHash([1; 32])).await.unwrap(), None);
    server.world().ledger_height = 4;
    let result = client.code(CodeHash([1; 32])).await;
    let Err(ClientError::Rejected(Rejection::Record(RecordError::Stale { height: 4, seen: 5 }))) = result else {
        panic!("{result:?}");
    };
    let again = server.connect().await.unwrap();
    again.resume(client.seen(), 0);
    assert!(again.contract(AccountId::default()).await.is_err(), "what an earlier client saw counts");
}

#[tokio::test]
async fn absence_is_proven_too() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    assert_eq!(client.contract(AccountId([7; 32])).await.unwrap(), None);
}

#[tokio::test]
async fn no_server_is_a_clear_error() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let result = connect(&format!("http://{free}"), Trust::OnFirstUse).await;
    assert!(matches!(result, Err(ClientError::Unreachable { .. })), "{}", show(result));
    for url in ["ftp://127.0.0.1", "nonsense", "http://"] {
        assert!(matches!(connect(url, Trust::OnFirstUse).await, Err(ClientError::Url { .. })), "{url}");
    }
}

fn show(result: Result<tallow_client::Client, ClientError>) -> String {
    result.map_or_else(|error| format!("{error:?}"), |_| "it connected".to_owned())
}
