//! An archive whose syncs serve several blocks each.
//!
//! The block store asks for a sync of its archives after each block. A participant alone waits for none of them: it
//! delivers blocks as soon as its votes are durable (see [`crate::finalizer`]), and after a crash the store archives
//! again what its cache and the votes hold, which is far more than what is gathered here. But each sync takes the disk
//! and four hand-overs between threads from the next block. So the handles of some requests complete with the sync of a
//! later one: never before their writes are durable.

use crate::status::Status;
use commonware_consensus::{
    marshal::store::{Blocks, Certificates},
    simplex::types::Finalization,
    types::Height,
};
use commonware_cryptography::Digestible;
use commonware_runtime::{Clock, Error, Handle};
use commonware_storage::archive::Identifier;
use commonware_utils::channel::{oneshot, watch};
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use std::time::{Duration, SystemTime};

/// Requests served by one sync.
const GATHERED: usize = 16;
/// Time after a sync in which requests are gathered, so that those of a quiet chain do not wait for long.
const GATHER: Duration = Duration::from_secs(2);

/// A sync under way.
type Sync = Shared<BoxFuture<'static, Result<(), Error>>>;

/// See the module.
pub(crate) struct Gathered<A, E> {
    archive: A,
    requests: Requests,
    /// `None` if each request is served at once.
    gather: Option<(E, watch::Receiver<Status>)>,
}

/// Requests that wait for a sync, and the time of the last one.
struct Requests {
    waiting: Vec<oneshot::Sender<Sync>>,
    synced: SystemTime,
}

impl Requests {
    /// Takes a request to wait for a later sync, unless one is due at `now`.
    fn defer(&mut self, now: SystemTime) -> Option<Handle<()>> {
        let recent = now.duration_since(self.synced).is_ok_and(|since| since < GATHER);
        if !recent || self.waiting.len() + 1 >= GATHERED {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.push(sender);
        Some(Handle::from_future(async move {
            match receiver.await {
                Ok(sync) => sync.await,
                // The store was dropped.
                Err(_) => Err(Error::Closed),
            }
        }))
    }

    /// Has all requests wait for this sync, which was started at `now`.
    fn serve(&mut self, sync: BoxFuture<'static, Result<(), Error>>, now: SystemTime) -> Handle<()> {
        let sync = sync.shared();
        for waiting in self.waiting.drain(..) {
            let _ = waiting.send(sync.clone()); // nobody waits any more
        }
        self.synced = now;
        Handle::from_future(sync)
    }
}

impl<A, E: Clock> Gathered<A, E> {
    /// Gathers requests while the chain is ready; with `alone` false it never does.
    pub(crate) fn new(archive: A, clock: E, status: watch::Receiver<Status>, alone: bool) -> Self {
        let requests = Requests { waiting: Vec::new(), synced: SystemTime::UNIX_EPOCH };
        Self { archive, requests, gather: alone.then_some((clock, status)) }
    }

    /// The time, if requests may be gathered now. Before a chain is ready its blocks do wait for the archive.
    fn may_gather(&self) -> Option<SystemTime> {
        self.gather.as_ref().filter(|(_, status)| status.borrow().ready).map(|(clock, _)| clock.current())
    }

    fn defer(&mut self) -> Option<Handle<()>> {
        let now = self.may_gather()?;
        self.requests.defer(now)
    }

    fn serve(&mut self, sync: Handle<()>) -> Handle<()> {
        let now = self.may_gather().unwrap_or(SystemTime::UNIX_EPOCH);
        self.requests.serve(sync.boxed(), now)
    }

    /// Applies an operation that consumes the archive and returns it.
    async fn apply<X: Future<Output = Result<A, F>>, F>(self, operation: impl FnOnce(A) -> X) -> Result<Self, F> {
        let Self { archive, requests, gather } = self;
        Ok(Self { archive: operation(archive).await?, requests, gather })
    }

    /// After a sync that was waited for.
    fn synced(mut self) -> Self {
        drop(self.serve(Handle::ready(Ok(()))));
        self
    }

    /// A handle for everything written so far: of a sync started by `start`, or of a later one.
    async fn request<X: Future<Output = Result<(A, Handle<()>), F>>, F>(
        mut self,
        start: impl FnOnce(A) -> X,
    ) -> Result<(Self, Handle<()>), F> {
        if let Some(handle) = self.defer() {
            return Ok((self, handle));
        }
        let Self { archive, requests, gather } = self;
        let (archive, sync) = start(archive).await?;
        let mut this = Self { archive, requests, gather };
        let handle = this.serve(sync);
        Ok((this, handle))
    }
}

impl<A: Certificates, E: Clock> Certificates for Gathered<A, E> {
    type BlockDigest = A::BlockDigest;
    type Commitment = A::Commitment;
    type Scheme = A::Scheme;
    type Error = A::Error;

    async fn put(
        self,
        height: Height,
        digest: A::BlockDigest,
        finalization: &Finalization<A::Scheme, A::Commitment>,
    ) -> Result<Self, A::Error> {
        self.apply(|archive| archive.put(height, digest, finalization)).await
    }

    async fn sync(self) -> Result<Self, A::Error> {
        Ok(self.apply(A::sync).await?.synced())
    }

    async fn start_sync(self) -> Result<(Self, Handle<()>), A::Error> {
        self.request(A::start_sync).await
    }

    async fn get(
        &self,
        id: Identifier<'_, A::BlockDigest>,
    ) -> Result<Option<Finalization<A::Scheme, A::Commitment>>, A::Error> {
        self.archive.get(id).await
    }

    async fn has(&self, height: Height) -> Result<bool, A::Error> {
        self.archive.has(height).await
    }

    async fn prune(self, min: Height) -> Result<Self, A::Error> {
        self.apply(|archive| archive.prune(min)).await
    }

    fn last_index(&self) -> Option<Height> {
        self.archive.last_index()
    }

    fn ranges_from(&self, from: Height) -> impl Iterator<Item = (Height, Height)> {
        self.archive.ranges_from(from)
    }
}

impl<A: Blocks, E: Clock> Blocks for Gathered<A, E> {
    type Block = A::Block;
    type Error = A::Error;

    async fn put(self, digest: <A::Block as Digestible>::Digest, block: &A::Block) -> Result<Self, A::Error> {
        self.apply(|archive| archive.put(digest, block)).await
    }

    async fn sync(self) -> Result<Self, A::Error> {
        Ok(self.apply(A::sync).await?.synced())
    }

    async fn start_sync(self) -> Result<(Self, Handle<()>), A::Error> {
        self.request(A::start_sync).await
    }

    async fn get(&self, id: Identifier<'_, <A::Block as Digestible>::Digest>) -> Result<Option<A::Block>, A::Error> {
        self.archive.get(id).await
    }

    async fn prune(self, min: Height) -> Result<Self, A::Error> {
        self.apply(|archive| archive.prune(min)).await
    }

    fn missing_items(&self, start: Height, max: usize) -> Vec<Height> {
        self.archive.missing_items(start, max)
    }

    fn next_gap(&self, value: Height) -> (Option<Height>, Option<Height>) {
        self.archive.next_gap(value)
    }

    fn last_index(&self) -> Option<Height> {
        self.archive.last_index()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::channel::oneshot as test_oneshot;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn requests() -> Requests {
        Requests { waiting: Vec::new(), synced: NOW }
    }

    #[test]
    fn a_request_completes_with_the_sync_of_a_later_one_and_not_before() {
        let mut requests = requests();
        let mut first = requests.defer(NOW).expect("a sync was made just now");
        let (done, sync) = test_oneshot::channel::<()>();
        let mut second = requests.serve(sync.map(|_| Ok(())).boxed(), NOW);
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        done.send(()).unwrap();
        assert!(matches!(first.now_or_never(), Some(Ok(()))) && matches!(second.now_or_never(), Some(Ok(()))));
    }

    #[test]
    fn a_failed_sync_fails_all_whom_it_serves() {
        let mut requests = requests();
        let first = requests.defer(NOW).unwrap();
        let second = requests.serve(async { Err(Error::WriteFailed) }.boxed(), NOW);
        for handle in [first, second] {
            assert!(matches!(handle.now_or_never(), Some(Err(Error::WriteFailed))));
        }
    }

    #[test]
    fn requests_are_gathered_up_to_a_number_and_for_a_time() {
        let mut requests = requests();
        assert!(requests.defer(NOW + GATHER).is_none(), "the last sync is long ago");
        assert_eq!((0..GATHERED).map_while(|_| requests.defer(NOW)).count(), GATHERED - 1);
    }

    #[test]
    fn the_end_of_the_store_ends_the_wait() {
        let mut requests = requests();
        let handle = requests.defer(NOW).unwrap();
        drop(requests);
        assert!(matches!(handle.now_or_never(), Some(Err(Error::Closed))));
    }
}
