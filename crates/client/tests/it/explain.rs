//! Receipts whose links are judged one by one.

use crate::server::Server;
use crate::world::World;
use std::time::Duration;
use tallow_api::ReceiptAnswer;
use tallow_client::{Client, CommandDraft, Explanation, Keypair, LinkKind, PreparedCommand, Verdict};
use tallow_types::{AccountId, Action};

async fn sent(client: &Client) -> PreparedCommand {
    let action = Action::Call { contract: AccountId([7; 32]), input: vec![1, 2, 3, 4] };
    let alice = Keypair::from_uri("//Alice").unwrap();
    let command = client.prepare(&alice, CommandDraft::new(action)).await.unwrap();
    let receipt = client.send(&command).await.unwrap().receipt;
    client.wait_anchored(&receipt).await.unwrap();
    command
}

async fn explained(client: &Client, command: &PreparedCommand) -> Explanation {
    let key = command.response_key();
    client.explain(command.id(), Some(&key), Duration::from_secs(1)).await.unwrap()
}

fn of(explanation: &Explanation, wanted: Verdict) -> Vec<LinkKind> {
    explanation.links.iter().filter(|link| link.verdict == wanted).map(|link| link.kind).collect()
}

#[tokio::test]
async fn every_link_of_a_good_receipt_holds() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    let command = sent(&client).await;
    let explanation = explained(&client, &command).await;
    use LinkKind::{Anchor, Certificate, ClusterRecord, Header, Leaf, LedgerCertificate, Outcome, Path};
    let all = [Outcome, Leaf, Path, Header, Certificate, ClusterRecord, LedgerCertificate, Anchor];
    let proven = of(&explanation, Verdict::Proven);
    assert!(explanation.is_proven());
    // Without asking for the anchor, the worker may not have shown it.
    assert_eq!(proven[..7], all[..7], "{:?}", explanation.links);
    assert_eq!(explanation.outcome.as_ref().unwrap().gas_used, 3);
    let worker = server.world().worker.to_string();
    let certificate = explanation.links.iter().find(|link| link.kind == Certificate).unwrap();
    assert!(certificate.detail.contains(&format!("1 of 1 replica(s): {worker}")), "{}", certificate.detail);

    let sealed = client.explain(command.id(), None, Duration::from_secs(1)).await.unwrap();
    assert!(sealed.is_proven() && sealed.outcome.is_none());
    assert!(of(&sealed, Verdict::Missing).contains(&Outcome));
}

#[tokio::test]
async fn the_broken_link_is_named() {
    type Alter = fn(&mut ReceiptAnswer);
    let foreign = |answer: &mut ReceiptAnswer| {
        let chain = answer.receipt.certified.header.chain;
        let certify = crate::certificates::cluster(chain, &[99; 32]);
        answer.receipt.certified = certify(answer.receipt.certified.header.clone());
    };
    let alterations: [(Alter, &[LinkKind]); 6] = [
        (|answer| *answer.receipt.sealed.last_mut().unwrap() ^= 1, &[LinkKind::Outcome, LinkKind::Path]),
        (|answer| answer.receipt.command.0[0] ^= 1, &[LinkKind::Leaf]),
        (|answer| answer.receipt.path[0].sibling.0[0] ^= 1, &[LinkKind::Path]),
        (|answer| answer.receipt.certified.header.epoch += 1, &[LinkKind::Header]),
        (|answer| *answer.receipt.certified.certificate.last_mut().unwrap() ^= 1, &[LinkKind::Certificate]),
        (foreign, &[LinkKind::Certificate]),
    ];
    for (index, (alter, broken)) in alterations.into_iter().enumerate() {
        let server = Server::start(World::new(1)).await;
        let client = server.connect().await.unwrap();
        let command = sent(&client).await;
        server.tamper("receipts", move |answer: &mut ReceiptAnswer| {
            alter(answer);
            answer.anchor = None;
        });
        let explanation = explained(&client, &command).await;
        assert!(!explanation.is_proven(), "{index}");
        assert_eq!(of(&explanation, Verdict::Failed), broken, "{index}: {:?}", explanation.links);
    }
}
