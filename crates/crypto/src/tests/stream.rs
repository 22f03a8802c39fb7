//! Sealed streams: whoever carries the messages can hold back the end, and nothing else.

use super::{CLUSTER, NETWORK, seed};
use crate::*;
use tallow_types::{
    AccountId, ClusterId, CommandId, Event, FeedContent, FeedItem, FeedPosition, Query, QueryRequest, SessionFrame,
    StreamContent, StreamMessage, Topic,
};

const NOW: u64 = 1_000_000;

/// A session with a stream in it.
struct World {
    key: Keypair,
    server: SessionServer,
    client: SessionClient,
    request: SessionFrame,
}

impl World {
    fn new() -> Self {
        let transport = TransportSecret::from_bytes(&seed(1));
        let (key, alice) = (Keypair::ed25519_from_seed(&seed(2)), Keypair::from_uri("//Alice").unwrap());
        let worker = key.worker().unwrap();
        let (sealed, client) =
            SessionClient::open(&transport.public(), &NETWORK, &CLUSTER, &worker, NOW + 1_000, &alice).unwrap();
        let server = SessionServer::accept(&transport, &NETWORK, &CLUSTER, &worker, NOW, &sealed).unwrap();
        let request = client.seal_request(&subscription()).unwrap();
        assert_eq!(server.open_request(&request), Ok(subscription()));
        Self { key, server, client, request }
    }

    fn message(&self, number: u64, signer: &Keypair) -> SessionFrame {
        let item = item(number);
        let signature = signer.sign(&feed_item_signing_bytes(&CLUSTER, &item));
        let content = StreamContent::Item { item, signature };
        self.server.seal_message(self.request.number, &StreamMessage { number, content })
    }

    fn open(&self, number: u64, frame: &SessionFrame) -> Result<StreamContent, SealError> {
        self.client.open_message(&CLUSTER, &self.request, number, frame)
    }
}

fn subscription() -> QueryRequest {
    let query = Query::Subscribe { contract: Some(AccountId([3; 32])), topics: vec![Topic::Events], from: None };
    QueryRequest { query, min_height: 0 }
}

fn item(index: u64) -> FeedItem {
    let event = Event { contract: AccountId([3; 32]), topics: vec![], data: vec![4] };
    let content = FeedContent::Event { command: CommandId([5; 32]), event };
    FeedItem { position: FeedPosition { height: 6, index }, time_ms: 7, content }
}

#[test]
fn messages_come_in_their_order_and_signed() {
    let world = World::new();
    for number in 0..3 {
        let opened = world.open(number, &world.message(number, &world.key)).unwrap();
        assert!(matches!(opened, StreamContent::Item { item: found, .. } if found == item(number)));
    }
    let idle = StreamMessage { number: 3, content: StreamContent::Idle(FeedPosition::block(9)) };
    let sealed = world.server.seal_message(world.request.number, &idle);
    assert_eq!(world.open(3, &sealed), Ok(idle.content));
}

#[test]
fn a_message_cannot_be_left_out_moved_or_altered() {
    let world = World::new();
    let second = world.message(1, &world.key);
    assert_eq!(world.open(0, &second), Err(SealError::Misplaced), "the first is missing");
    assert_eq!(world.open(2, &second), Err(SealError::Misplaced), "it comes again");
    let mut altered = second.clone();
    *altered.ciphertext.last_mut().unwrap() ^= 1;
    assert_eq!(world.open(1, &altered), Err(SealError::Altered));
    let other = world.client.seal_request(&subscription()).unwrap();
    let elsewhere = world.client.open_message(&CLUSTER, &other, 1, &second);
    assert_eq!(elsewhere, Err(SealError::Altered), "it is of another stream of the session");
    assert_eq!(World::new().open(1, &second), Err(SealError::Misplaced), "it is of another session");
    assert!(world.client.open_answer(&second).is_err(), "a message is no answer");
}

#[test]
fn an_item_is_the_replicas_word_about_this_cluster() {
    let world = World::new();
    let forged = world.message(0, &Keypair::ed25519_from_seed(&seed(9)));
    assert_eq!(world.open(0, &forged), Err(SealError::Signature));
    let good = world.message(0, &world.key);
    let elsewhere = world.client.open_message(&ClusterId([9; 32]), &world.request, 0, &good);
    assert_eq!(elsewhere, Err(SealError::Signature));
}
