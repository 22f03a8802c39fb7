//! Streams: what becomes final, verified item by item, resumed when the connection breaks.

use crate::events::{EventSource, ServerEvent};
use crate::session::Session;
use crate::{Client, ClientError, Rejection, Signer};
use parity_scale_codec::Encode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tallow_api::{BlockDocument, Code, Lagged, STREAM_LAGGED, STREAM_SEALED, stream_event};
use tallow_proof::VerifyHeader;
use tallow_types::{
    AccountId, CertifiedHeader, FeedItem, FeedPosition, Malformed, Query, QueryRefusal, QueryRequest, SessionFrame,
    StreamContent, Topic, decode_exact,
};

/// How long a broken stream is tried to be taken up again.
const RESUME_TIME: Duration = Duration::from_secs(60);
/// Pause before the first such attempt; each further one is twice as long, up to the most.
const RESUME_PAUSE: Duration = Duration::from_millis(50);
const RESUME_PAUSE_MAX: Duration = Duration::from_secs(2);

/// What to follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    /// Contract whose events and log lines are wanted; without one there are the public events of all, and no lines.
    pub contract: Option<AccountId>,
    /// What is wanted.
    pub topics: Vec<Topic>,
    /// First place of the feed wanted; what comes from now on when none is given.
    pub from: Option<FeedPosition>,
}

/// What a follower is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told<T> {
    /// An item.
    Item(T),
    /// All before this place was told; also a sign of life.
    Idle(FeedPosition),
    /// Items from `missed` on are lost: the follower, or the connection, was too slow. It goes on with `resume`.
    Lagged {
        /// First place that may be missing.
        missed: FeedPosition,
        /// First place that follows.
        resume: FeedPosition,
    },
}

/// A block that the cluster's members certified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedBlock {
    /// Its header.
    pub certified: CertifiedHeader,
    /// Entries the worker says it has.
    pub entries: u32,
    /// Commands the worker says it completed.
    pub receipts: u32,
}

/// When to give up a stream that broke.
#[derive(Default)]
struct Patience {
    broken: Option<(Instant, Duration)>,
}

impl Patience {
    fn restored(&mut self) {
        self.broken = None;
    }

    /// Waits before another attempt; the error when there is none.
    async fn wait(&mut self, error: ClientError) -> Result<(), ClientError> {
        let (since, pause) = self.broken.unwrap_or((Instant::now(), RESUME_PAUSE));
        if !is_passing(&error) || since.elapsed() > RESUME_TIME {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        self.broken = Some((since, (pause * 2).min(RESUME_PAUSE_MAX)));
        Ok(())
    }
}

/// Whether the stream may go on later.
fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } | ClientError::Timeout { .. } => true,
        ClientError::Refused(refusal) => {
            matches!(refusal, QueryRefusal::Busy | QueryRefusal::Behind { .. } | QueryRefusal::Stale)
        }
        _ => matches!(error.code(), Some(Code::SessionUnknown | Code::Replayed | Code::Busy | Code::Unavailable)),
    }
}

/// An open sealed stream.
struct Sealed {
    source: EventSource,
    session: Arc<Session>,
    request: SessionFrame,
    /// Number of the next message.
    number: u64,
}

/// A sealed stream of a caller: each item signed by the replica, none left out.
pub struct FeedStream<'a, S: ?Sized> {
    client: Client,
    caller: &'a S,
    subscription: Subscription,
    open: Option<Sealed>,
    /// A session that did not serve: another is opened in its place.
    refused: Option<Arc<Session>>,
    /// What came with the opening.
    first: Option<StreamContent>,
    patience: Patience,
}

impl Client {
    /// Follows the feed as `caller`. Events and log lines of a contract are for its deployer, unless its events are
    /// public.
    ///
    /// # Errors
    /// [`ClientError::Refused`]: the caller may not see this, or that part of the feed is no longer kept.
    pub async fn subscribe<'a, S: Signer + ?Sized>(
        &self,
        caller: &'a S,
        subscription: Subscription,
    ) -> Result<FeedStream<'a, S>, ClientError> {
        let (client, patience) = (self.clone(), Patience::default());
        let (open, refused, first) = (None, None, None);
        let mut stream = FeedStream { client, caller, subscription, open, refused, first, patience };
        match stream.connect().await {
            // The replica forgot the session: now another is opened.
            Err(error) if matches!(error.code(), Some(Code::SessionUnknown | Code::Replayed)) => {
                stream.connect().await?
            }
            other => other?,
        }
        Ok(stream)
    }
}

impl<S: Signer + ?Sized> FeedStream<'_, S> {
    /// The next thing told. Waits as long as there is none; a stream that breaks is taken up where it was.
    ///
    /// # Errors
    /// When that does not succeed for a minute, or the worker says something that is not to be believed.
    pub async fn next(&mut self) -> Result<Told<FeedItem>, ClientError> {
        loop {
            let error = match self.read().await {
                Ok(content) => return self.told(content),
                Err(error) => error,
            };
            self.refused = self.open.take().map(|open| open.session).or(self.refused.take());
            self.patience.wait(error).await?;
            match self.connect().await {
                Ok(()) => {}
                Err(ClientError::Refused(QueryRefusal::Gone { oldest })) => {
                    let missed = self.subscription.from.replace(oldest).unwrap_or(oldest);
                    return Ok(Told::Lagged { missed, resume: oldest });
                }
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Opens the stream, and waits for the first thing told: from then on it is known where to go on.
    async fn connect(&mut self) -> Result<(), ClientError> {
        let session = self.client.session(self.caller, self.refused.as_ref()).await?;
        let opened = self.open_in(&session).await;
        let full = |error: &ClientError| error.code() == Some(Code::Busy);
        self.refused = opened.as_ref().is_err_and(|error| !full(error)).then_some(session);
        opened
    }

    async fn open_in(&mut self, session: &Arc<Session>) -> Result<(), ClientError> {
        let Subscription { contract, topics, from } = self.subscription.clone();
        let query = Query::Subscribe { contract, topics, from };
        let request = QueryRequest { query, min_height: self.client.height() };
        let request = session.keys.seal_request(&request).map_err(crate::error::too_large("query"))?;
        let source = self.client.http().post_stream("v1/subscribe", request.encode()).await?;
        let mut open = Sealed { source, session: session.clone(), request, number: 0 };
        match open.next(&self.client).await? {
            StreamContent::Refused(refusal) => Err(ClientError::Refused(refusal)),
            content => {
                self.first = Some(content);
                self.open = Some(open);
                Ok(())
            }
        }
    }

    async fn read(&mut self) -> Result<StreamContent, ClientError> {
        if let Some(content) = self.first.take() {
            return Ok(content);
        }
        match &mut self.open {
            Some(open) => open.next(&self.client).await,
            None => Err(broken(&self.client)),
        }
    }

    fn told(&mut self, content: StreamContent) -> Result<Told<FeedItem>, ClientError> {
        self.patience.restored();
        let (next, told) = match content {
            StreamContent::Item { item, .. } => (item.position.next(), Told::Item(self.judge(item)?)),
            StreamContent::Idle(next) => (next, Told::Idle(next)),
            StreamContent::Lagged { missed, resume } => (resume, Told::Lagged { missed, resume }),
            StreamContent::Refused(refusal) => return Err(ClientError::Refused(refusal)),
        };
        // Places grow.
        if self.subscription.from.is_some_and(|from| next < from) {
            return Err(Rejection::OutOfOrder.into());
        }
        self.subscription.from = Some(next);
        Ok(told)
    }

    /// An item must be one that was asked for, in its order.
    fn judge(&self, item: FeedItem) -> Result<FeedItem, ClientError> {
        let Subscription { contract, topics, from } = &self.subscription;
        let foreign = match (item.content.contract(), contract) {
            (Some(of), Some(wanted)) => of != wanted,
            _ => false,
        };
        if foreign || !topics.contains(&item.content.topic()) {
            return Err(Rejection::WrongKind.into());
        }
        if from.is_some_and(|from| item.position < from) {
            return Err(Rejection::OutOfOrder.into());
        }
        Ok(item)
    }
}

impl Sealed {
    /// The next message, opened and checked.
    async fn next(&mut self, client: &Client) -> Result<StreamContent, ClientError> {
        loop {
            let event = self.source.next().await?.ok_or_else(|| broken(client))?;
            if event.name != STREAM_SEALED {
                continue;
            }
            let frame: SessionFrame = decode_exact(&bytes(&event.data)?)?;
            let (cluster, number) = (client.cluster_id(), self.number);
            let opened = self.session.keys.open_message(&cluster, &self.request, number, &frame);
            self.number += 1;
            return Ok(opened.map_err(Rejection::Answer)?);
        }
    }
}

/// A stream that the server ended: it is taken up again.
fn broken(client: &Client) -> ClientError {
    ClientError::Timeout { url: client.url().to_owned(), after: Duration::ZERO }
}

fn bytes(text: &str) -> Result<Vec<u8>, ClientError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode(digits).map_err(|_| Malformed { what: "hexadecimal" }.into())
}

/// The blocks of the cluster log, each certified.
pub struct BlockStream {
    client: Client,
    from: Option<FeedPosition>,
    open: Option<EventSource>,
    patience: Patience,
}

impl Client {
    /// Follows the cluster log from a place on, or from now on.
    ///
    /// # Errors
    /// `feed_gone` when that part of the feed is no longer kept.
    pub async fn follow_blocks(&self, from: Option<FeedPosition>) -> Result<BlockStream, ClientError> {
        let mut stream = BlockStream { client: self.clone(), from, open: None, patience: Patience::default() };
        stream.connect().await?;
        Ok(stream)
    }
}

impl BlockStream {
    /// The next block. Waits as long as there is none; a stream that breaks is taken up where it was.
    ///
    /// # Errors
    /// As [`FeedStream::next`].
    pub async fn next(&mut self) -> Result<Told<VerifiedBlock>, ClientError> {
        loop {
            let read = match &mut self.open {
                Some(open) => open.next().await.and_then(|event| event.ok_or_else(|| broken(&self.client))),
                None => self.connect().await.and(Ok(ServerEvent::default())),
            };
            match read {
                Ok(event) => {
                    self.patience.restored();
                    if let Some(told) = self.told(event)? {
                        return Ok(told);
                    }
                }
                Err(ClientError::Api(problem)) if let Some(resume) = problem.oldest => {
                    let missed = self.from.replace(resume).unwrap_or(resume);
                    return Ok(Told::Lagged { missed, resume });
                }
                Err(error) => {
                    self.open = None;
                    self.patience.wait(error).await?;
                }
            }
        }
    }

    async fn connect(&mut self) -> Result<(), ClientError> {
        let from = self.from.map_or_else(String::new, |from| format!("&from={from}"));
        let path = format!("v1/stream?topics={}{from}", Topic::Blocks.name());
        self.open = Some(self.client.http().get_stream(&path).await?);
        Ok(())
    }

    fn told(&mut self, event: ServerEvent) -> Result<Option<Told<VerifiedBlock>>, ClientError> {
        let malformed = || ClientError::from(Malformed { what: "event" });
        if event.name == STREAM_LAGGED {
            let Lagged { missed, resume } = serde_json::from_str(&event.data).map_err(|_| malformed())?;
            self.from = Some(resume);
            return Ok(Some(Told::Lagged { missed, resume }));
        }
        let id = event.id.map(|id| id.parse::<FeedPosition>()).transpose().map_err(|_| malformed())?;
        let Some(next) = id.map(FeedPosition::next) else { return Ok(None) };
        if self.from.is_some_and(|from| next < from) {
            return Err(Rejection::OutOfOrder.into());
        }
        self.from = Some(next);
        if event.name != stream_event(Topic::Blocks) {
            return Ok(Some(Told::Idle(next)));
        }
        let block = self.verify(&event.data)?;
        if FeedPosition::block(block.certified.header.position.height).next() != next {
            return Err(Rejection::OutOfOrder.into());
        }
        Ok(Some(Told::Item(block)))
    }

    fn verify(&self, data: &str) -> Result<VerifiedBlock, ClientError> {
        let document: BlockDocument =
            serde_json::from_str(data).map_err(|_| ClientError::from(Malformed { what: "block" }))?;
        let certified: CertifiedHeader = decode_exact(&bytes(&document.certified.unwrap_or_default())?)?;
        self.client.known().cluster.verify(&certified).map_err(Rejection::Block)?;
        self.client.saw(certified.header.position.height);
        Ok(VerifiedBlock { certified, entries: document.entries, receipts: document.receipts })
    }
}
