//! Sealed streams: a session's subscription, each message sealed for its caller.

use super::problem::{Failure, body};
use super::queries::session_failure;
use super::server::Client;
use super::streams::{event_stream, refused};
use crate::clock::now_ms;
use crate::context::Context;
use crate::feed::{Delivery, SubscribeError, Subscriber, Wanted};
use crate::query::{Session, snapshot};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use parity_scale_codec::Encode;
use std::convert::Infallible;
use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tallow_api::{Code, STREAM_SEALED};
use tallow_crypto::account_of;
use tallow_types::{
    AccountId, FeedPosition, Query, QueryRefusal, QueryRequest, SessionFrame, StreamContent, StreamMessage, Topic,
};
use tokio::time::{Instant, timeout_at};

pub(crate) async fn subscribe(
    State(context): State<Arc<Context>>,
    Client(client): Client,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let frame: SessionFrame = body(bytes)?;
    let (session, request) = context.sessions.open(&frame, now_ms()).map_err(session_failure)?;
    let QueryRequest { query: Query::Subscribe { contract, topics, from }, min_height } = request else {
        return Err(Failure::new(Code::Malformed, "this is not a subscription; queries are posted to /v1/query"));
    };
    let caller = account_of(&session.server.caller());
    let until = Instant::now() + Duration::from_millis(session.server.expiry_ms().saturating_sub(now_ms()));
    let mut seal = Seal { context: context.clone(), session, request: frame.number, next: 0 };
    // A delegate for other contracts sees of this one what everybody does.
    let caller = contract.is_none_or(|contract| seal.session.server.is_for(&contract)).then_some(&caller);
    let follower = match follow(&context, client, caller, Asked { topics: &topics, contract, from, min_height }).await?
    {
        Ok(subscriber) => subscriber,
        Err(refusal) => return Ok(event_stream(Body::from(seal.event(StreamContent::Refused(refusal))))),
    };
    // The session's end is the stream's: what its caller may see is decided anew with the next one.
    let stream = futures::stream::unfold((follower, seal), move |(mut subscriber, mut seal)| async move {
        let delivery = timeout_at(until, subscriber.next()).await.ok()??;
        let events = seal.delivery(delivery);
        Some((Ok::<_, Infallible>(events), (subscriber, seal)))
    });
    Ok(event_stream(Body::from_stream(stream)))
}

/// What a subscription asks for.
struct Asked<'a> {
    topics: &'a [Topic],
    contract: Option<AccountId>,
    from: Option<FeedPosition>,
    min_height: u64,
}

/// The subscriber; or why there is none, to be told sealed.
async fn follow(
    context: &Context,
    client: IpAddr,
    caller: Option<&AccountId>,
    Asked { topics, contract, from, min_height }: Asked<'_>,
) -> Result<Result<Subscriber, QueryRefusal>, Failure> {
    let state = match snapshot(context, min_height).await {
        Ok(state) => state,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Ok(wanted) = Wanted::permit(&state, caller, topics, contract) else {
        return Ok(Err(QueryRefusal::NotPermitted));
    };
    match Subscriber::new(&context.published.feed, client, wanted, from) {
        Ok(subscriber) => Ok(Ok(subscriber)),
        Err(SubscribeError::Gone { oldest }) => Ok(Err(QueryRefusal::Gone { oldest })),
        Err(SubscribeError::Ahead { height }) => Ok(Err(QueryRefusal::Behind { height })),
        Err(full @ SubscribeError::Full) => Err(refused(full)),
    }
}

/// Seals the messages of one stream, and numbers them.
struct Seal {
    context: Arc<Context>,
    session: Arc<Session>,
    /// Number of the request that the stream answers.
    request: u64,
    next: u64,
}

impl Seal {
    fn delivery(&mut self, delivery: Delivery) -> Bytes {
        match delivery {
            Delivery::Idle(next) => self.event(StreamContent::Idle(next)),
            Delivery::Lagged { missed, resume } => self.event(StreamContent::Lagged { missed, resume }),
            Delivery::Items(items) => {
                let context = self.context.clone();
                let cluster = &context.cluster.genesis().cluster;
                let events = items.iter().map(|kept| {
                    let signature = kept.signature(&context.key, cluster);
                    self.event(StreamContent::Item { item: kept.item.clone(), signature })
                });
                events.collect::<Vec<_>>().concat().into()
            }
        }
    }

    fn event(&mut self, content: StreamContent) -> Bytes {
        let message = StreamMessage { number: self.next, content };
        self.next += 1;
        let frame = self.session.server.seal_message(self.request, &message).encode();
        let mut event = String::with_capacity(2 * frame.len() + 32);
        let _ = write!(event, "event: {STREAM_SEALED}\ndata: 0x{}\n\n", hex::encode(frame)); // a string takes all
        event.into()
    }
}
