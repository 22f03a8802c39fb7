//! How many connections there may be, and what one of them has been doing.

use super::ApiConfig;
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;
use tallow_types::limits::{API_FIRST_REQUEST_MS_MAX, API_IDLE_MS_MAX};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

/// Counts connections, by client and in total.
pub(super) struct Connections {
    most: usize,
    most_per_client: usize,
    exempt_loopback: bool,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    total: usize,
    by_client: BTreeMap<IpAddr, usize>,
}

/// A counted connection, until it is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    client: IpAddr,
}

impl Connections {
    pub(super) fn new(config: &ApiConfig) -> Arc<Self> {
        Arc::new(Self {
            most: config.connections,
            most_per_client: config.connections_per_address,
            exempt_loopback: config.exempt_loopback,
            open: Mutex::default(),
        })
    }

    /// Counts a connection of `client`, if it may have one more.
    pub(super) fn admit(self: &Arc<Self>, client: IpAddr) -> Option<Place> {
        let mut open = self.lock();
        let exempt = self.exempt_loopback && client.is_loopback();
        let own = open.by_client.get(&client).copied().unwrap_or(0);
        if open.total >= self.most || (own >= self.most_per_client && !exempt) {
            return None;
        }
        open.total += 1;
        open.by_client.insert(client, own + 1);
        Some(Place { connections: self.clone(), client })
    }

    /// Connections there are.
    pub(super) fn count(&self) -> usize {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().expect("no code panics while it holds the connections")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        open.total -= 1;
        match open.by_client.get_mut(&self.client) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                open.by_client.remove(&self.client);
            }
        }
    }
}

/// When a connection did something.
pub(super) struct Activity {
    began: Instant,
    /// Milliseconds from the beginning to the last byte that came or went.
    last_ms: AtomicU64,
    requested: AtomicBool,
}

impl Activity {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), last_ms: AtomicU64::new(0), requested: AtomicBool::new(false) })
    }

    /// Notes that a whole request came.
    pub(super) fn request(&self) {
        self.requested.store(true, Ordering::Relaxed);
    }

    fn bytes(&self) {
        let elapsed = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(elapsed, Ordering::Relaxed);
    }

    /// Resolves when the connection holds its place for nothing.
    pub(super) async fn ceases(&self) {
        loop {
            let until = self.began + Duration::from_millis(self.limit_ms());
            if Instant::now() >= until {
                return;
            }
            sleep_until(until).await;
        }
    }

    /// Milliseconds after its beginning at which it ceases, if nothing more happens: the first request has its time, and
    /// every byte gives some more.
    fn limit_ms(&self) -> u64 {
        match self.requested.load(Ordering::Relaxed) {
            true => self.last_ms.load(Ordering::Relaxed) + API_IDLE_MS_MAX,
            false => API_FIRST_REQUEST_MS_MAX,
        }
    }
}

/// A client's stream, which keeps its place and notes its activity for as long as anyone has it: also beyond HTTP, as a
/// WebSocket.
pub(super) struct Watched {
    pub(super) stream: TcpStream,
    pub(super) activity: Arc<Activity>,
    pub(super) _place: Place,
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() {
            self.activity.bytes();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if written.is_ready() {
            self.activity.bytes();
        }
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        if written.is_ready() {
            self.activity.bytes();
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_client_and_in_total_and_given_back() {
        let config = ApiConfig { connections: 3, connections_per_address: 2, ..ApiConfig::default() };
        let connections = Connections::new(&config);
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let first = connections.admit(one).unwrap();
        let _second = connections.admit(one).unwrap();
        assert!(connections.admit(one).is_none(), "one client has its share");
        let _third = connections.admit(other).unwrap();
        assert!(connections.admit(other).is_none(), "the total is reached");
        drop(first);
        assert_eq!(connections.count(), 2);
        assert!(connections.admit(one).is_some());
        assert_eq!(connections.count(), 2, "a place is given back at once");
    }

    #[tokio::test]
    async fn who_asks_nothing_is_closed_sooner_than_who_rests() {
        let activity = Activity::begin();
        activity.bytes();
        assert_eq!(activity.limit_ms(), API_FIRST_REQUEST_MS_MAX, "bytes alone are no request");
        activity.request();
        tokio::time::sleep(Duration::from_millis(20)).await;
        activity.bytes();
        assert!(activity.limit_ms() >= API_IDLE_MS_MAX + 20);
    }
}
