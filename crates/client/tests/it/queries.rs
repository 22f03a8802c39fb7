//! Sessions and answers.

use crate::server::Server;
use crate::world::World;
use tallow_client::{ClientError, Keypair, Rejection};
use tallow_crypto::SealError;
use tallow_types::{AccountId, Query, QueryResult, SessionFrame};

fn alice() -> Keypair {
    Keypair::from_uri("//Alice").unwrap()
}

fn balance(first_byte: u8) -> Query {
    Query::Balance(AccountId([first_byte; 32]))
}

#[tokio::test]
async fn many_queries_at_once_share_a_session() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let alice = std::sync::Arc::new(alice());
    let tasks: Vec<_> = (0..64u8)
        .map(|number| {
            let (client, alice) = (client.clone(), alice.clone());
            tokio::spawn(async move { client.query(&alice, balance(number)).await })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        let answer = task.await.unwrap().unwrap();
        assert_eq!(answer.result, QueryResult::Balance(number as u128));
        assert_eq!(answer.height, 10);
    }
    assert_eq!(server.world().sessions_opened, 1);
    client.query(&Keypair::from_uri("//Bob").unwrap(), balance(1)).await.unwrap();
    assert_eq!(server.world().sessions_opened, 2, "each caller has a session");
}

#[tokio::test]
async fn a_forgotten_session_is_opened_again() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    client.query(&alice(), balance(1)).await.unwrap();
    server.world().forget_sessions();
    client.query(&alice(), balance(1)).await.unwrap();
    assert_eq!(server.world().sessions_opened, 2);
}

#[tokio::test]
async fn a_relaunched_worker_is_found_under_its_new_key() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    client.query(&alice(), balance(1)).await.unwrap();
    server.world().relaunch();
    client.query(&alice(), balance(1)).await.unwrap();
}

#[tokio::test]
async fn an_answer_of_another_worker_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    client.query(&alice(), balance(1)).await.unwrap();
    server.world().impostor = Some(Keypair::generate_ed25519());
    let result = client.query(&alice(), balance(1)).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Answer(SealError::Signature)))), "{result:?}");
}

#[tokio::test]
async fn the_answer_to_another_request_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let first = std::sync::Mutex::new(None);
    // Every request gets the answer to the first one.
    server.replace("query", move |body| first.lock().unwrap().get_or_insert(body).clone());
    client.query(&alice(), balance(1)).await.unwrap();
    let result = client.query(&alice(), balance(1)).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Answer(_)))), "{result:?}");
}

#[tokio::test]
async fn an_altered_answer_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    server.tamper("query", |frame: &mut SessionFrame| *frame.ciphertext.last_mut().unwrap() ^= 1);
    let result = client.query(&alice(), balance(1)).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Answer(SealError::Altered)))), "{result:?}");
}

#[tokio::test]
async fn an_answer_older_than_a_receipt_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    client.resume(client.seen(), 11);
    let result = client.query(&alice(), balance(1)).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Old { found: 10, wanted: 11 }))), "{result:?}");
}

#[tokio::test]
async fn an_answer_of_another_kind_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    server.world().forced_result = Some(QueryResult::Logs(Vec::new()));
    let result = client.query(&alice(), balance(1)).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::WrongKind))), "{result:?}");
}

#[tokio::test]
async fn a_query_that_is_too_large_is_not_sent() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let query = Query::Call {
        contract: AccountId::default(),
        input: vec![0; tallow_types::limits::COMMAND_BYTES_MAX],
        value: 0,
        gas_limit: 0,
        estimate: false,
    };
    let result = client.query(&alice(), query).await;
    assert!(matches!(result, Err(ClientError::InputTooLarge { .. })), "{result:?}");
}
