//! Commands, receipts, anchors, code.

use crate::server::Server;
use crate::world::World;
use parity_scale_codec::Encode;
use tallow_api::ReceiptAnswer;
use tallow_client::{Client, ClientError, Code, CommandDraft, Keypair, Rejection, VerifiedReceipt};
use tallow_proof::{AnchorError, ReceiptError};
use tallow_types::{AccountId, Action, CommandId, Hash, Query};

fn alice() -> Keypair {
    Keypair::from_uri("//Alice").unwrap()
}

fn draft(nonce: u64) -> CommandDraft {
    let action = Action::Call { contract: AccountId([7; 32]), input: vec![1, 2, 3, 4] };
    CommandDraft { nonce: Some(nonce), ..CommandDraft::new(action) }
}

async fn command(client: &Client, nonce: u64) -> Result<VerifiedReceipt, ClientError> {
    client.command(&alice(), draft(nonce)).await
}

#[tokio::test]
async fn a_command_comes_back_with_its_outcome() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let receipt = command(&client, 42).await.unwrap();
    assert_eq!(receipt.outcome.result.unwrap().data, 42u64.encode());
    assert_eq!((receipt.height, client.height()), (11, 11));
    assert_eq!(receipt.anchored, None);
    client.query(&alice(), Query::Balance(AccountId::default())).await.unwrap();
}

#[tokio::test]
async fn a_slow_command_is_followed_to_its_receipt() {
    let server = Server::start(World::new(1)).await;
    server.be_slow();
    let client = server.connect().await.unwrap();
    assert_eq!(command(&client, 42).await.unwrap().outcome.gas_used, 3);
}

#[tokio::test]
async fn the_same_command_twice_takes_effect_once() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let prepared = client.prepare(&alice(), draft(1)).await.unwrap();
    let first = client.send(&prepared).await.unwrap();
    let second = client.send(&prepared).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(server.world().executed, 1);
}

#[tokio::test]
async fn commands_of_equal_content_differ() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let draft = CommandDraft { nonce: None, ..draft(0) };
    let first = client.prepare(&alice(), draft.clone()).await.unwrap();
    let second = client.prepare(&alice(), draft).await.unwrap();
    assert_ne!(first.id(), second.id());
    assert_ne!(first.response_key(), second.response_key());
}

#[tokio::test]
async fn altered_receipts_are_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    type Alter = fn(&mut ReceiptAnswer);
    let alterations: [(&str, Alter); 5] = [
        ("outcome", |answer| *answer.receipt.sealed.last_mut().unwrap() ^= 1),
        ("path", |answer| answer.receipt.path[0].sibling.0[0] ^= 1),
        ("header", |answer| answer.receipt.certified.header.position.height += 1),
        ("certificate", |answer| *answer.receipt.certified.certificate.last_mut().unwrap() ^= 1),
        ("no certificate", |answer| answer.receipt.certified.certificate.clear()),
    ];
    for (name, alter) in alterations {
        server.tamper("commands", alter);
        let result = command(&client, 1).await;
        assert!(matches!(result, Err(ClientError::Rejected(Rejection::Receipt(_)))), "{name}: {result:?}");
    }
    assert_eq!(client.height(), 0, "nothing is learnt from a receipt that is refused");
}

#[tokio::test]
async fn the_receipt_of_another_command_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let other = command(&client, 1).await.unwrap().receipt;
    server.tamper("commands", move |answer: &mut ReceiptAnswer| answer.receipt = other.clone());
    let result = command(&client, 2).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Receipt(ReceiptError::WrongCommand)))), "{result:?}");
}

#[tokio::test]
async fn an_outcome_relabelled_as_another_commands_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let other = command(&client, 1).await.unwrap().receipt;
    server.tamper("commands", move |answer: &mut ReceiptAnswer| {
        let command = answer.receipt.command;
        answer.receipt = other.clone();
        answer.receipt.command = command;
    });
    let result = command(&client, 2).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Receipt(ReceiptError::NotInBlock)))), "{result:?}");
}

#[tokio::test]
async fn a_receipt_certified_by_another_cluster_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let foreign = crate::certificates::cluster(Hash(client.cluster_id().0), &[99; 32]);
    server.tamper("commands", move |answer: &mut ReceiptAnswer| {
        // Everything holds except that other keys certified the header.
        answer.receipt.certified = foreign(answer.receipt.certified.header.clone());
    });
    let result = command(&client, 1).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::Receipt(ReceiptError::NotFinal(_))))), "{result:?}");
}

#[tokio::test]
async fn anchors_are_proven() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let receipt = command(&client, 1).await.unwrap().receipt;
    let anchored = client.wait_anchored(&receipt).await.unwrap();
    assert_eq!((anchored.height, anchored.ledger_height), (14, 6));
    assert_eq!(client.seen().height, 6);
    let proven = client.receipt(receipt.command).await.unwrap();
    assert_eq!(proven.receipt, receipt);
}

#[tokio::test]
async fn forged_anchors_are_refused() {
    type Alter = fn(&mut ReceiptAnswer);
    let alterations: [(&str, Alter); 4] = [
        ("no link", |answer| answer.anchor.as_mut().unwrap().history = None),
        ("opening", |answer| answer.anchor.as_mut().unwrap().history.as_mut().unwrap().0.root.0[0] ^= 1),
        ("record", |answer| *answer.anchor.as_mut().unwrap().record.value.as_mut().unwrap().last_mut().unwrap() ^= 1),
        ("certificate", |answer| {
            *answer.anchor.as_mut().unwrap().record.certified.certificate.last_mut().unwrap() ^= 1;
        }),
    ];
    for (name, alter) in alterations {
        let server = Server::start(World::new(1)).await;
        let client = server.connect().await.unwrap();
        let receipt = command(&client, 1).await.unwrap().receipt;
        server.tamper("receipts", alter);
        let result = client.wait_anchored(&receipt).await;
        let refused = matches!(
            result,
            Err(ClientError::Rejected(
                Rejection::Anchor(AnchorError::NoLink | AnchorError::WrongOpening) | Rejection::Record(_)
            ))
        );
        assert!(refused, "{name}: {result:?}");
        assert_eq!(client.height(), 11, "{name}");
    }
}

#[tokio::test]
async fn a_receipt_that_changes_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let (first, second) = (command(&client, 1).await.unwrap(), command(&client, 2).await.unwrap());
    server.world().receipts.insert(first.id, second.receipt);
    let result = client.wait_anchored(&first.receipt).await;
    assert!(matches!(result, Err(ClientError::Rejected(Rejection::ChangedReceipt))), "{result:?}");
}

#[tokio::test]
async fn a_receipt_of_an_unknown_command_is_a_problem_with_its_code() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let error = client.receipt(CommandId([9; 32])).await.unwrap_err();
    assert_eq!(error.code(), Some(Code::NotFound));
}

#[tokio::test]
async fn code_is_registered_once_and_uploaded() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let wasm = b"\0asm\x01\0\0\0".to_vec();
    let hash = client.upload_code(&alice(), wasm.clone()).await.unwrap();
    assert_eq!(client.code(hash).await.unwrap().unwrap().bytes, 8);
    let height = server.world().ledger_height;
    client.upload_code(&alice(), wasm).await.unwrap();
    assert_eq!(server.world().ledger_height, height, "it is not registered again");
}
