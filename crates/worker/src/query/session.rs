//! Sessions that clients opened with this replica.

mod known;
mod table;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock, RwLockWriteGuard};
use table::Table;
use tallow_crypto::{ReplayWindow, SessionServer};
use tallow_types::limits::{SESSIONS_KNOWN_MAX, SESSIONS_MAX};
use tallow_types::{QueryRequest, SessionFrame, SessionId};

/// Why a frame is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SessionError {
    #[error("the session is not known here or has expired; open another")]
    Unknown,
    #[error("the frame cannot be opened with the session's key")]
    Envelope,
    #[error("the frame's number was used before, or lies too far behind")]
    Replayed,
}

/// Why no session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InsertError {
    #[error("this opening was used before; make another")]
    Used,
    #[error("busy: too many sessions of this client address within the time that a session lives")]
    Full,
}

/// One open session.
pub(crate) struct Session {
    pub(crate) server: SessionServer,
    window: Mutex<ReplayWindow>,
}

/// All open sessions; the least recently used of the client that has most make room.
pub(crate) struct Sessions {
    table: RwLock<Table<Session>>,
    /// Counts uses, so that they have an order.
    uses: AtomicU64,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { table: RwLock::new(Table::new(SESSIONS_MAX, SESSIONS_KNOWN_MAX)), uses: AtomicU64::new(0) }
    }
}

impl Sessions {
    /// Keeps a session that `client` opened.
    pub(crate) fn insert(&self, server: SessionServer, client: IpAddr, now_ms: u64) -> Result<(), InsertError> {
        let (id, expiry_ms) = (server.session_id(), server.expiry_ms());
        let session = Session { server, window: Mutex::new(ReplayWindow::new()) };
        let opening = table::Opening { id, client, expiry_ms, now_ms };
        self.write().insert(opening, session, self.next_use())
    }

    /// Sessions that are kept.
    pub(crate) fn count(&self) -> usize {
        self.table.read().expect("no code panics while it holds the sessions").len()
    }

    /// Opens a frame: its session must be known and live, its number new.
    pub(crate) fn open(&self, frame: &SessionFrame, now_ms: u64) -> Result<(Arc<Session>, QueryRequest), SessionError> {
        let entry = self.get(&frame.session).ok_or(SessionError::Unknown)?;
        let session = &entry.content;
        if session.server.expiry_ms() < now_ms {
            return Err(SessionError::Unknown);
        }
        let request = session.server.open_request(frame).map_err(|_| SessionError::Envelope)?;
        // Only an authentic frame may use up a number, and keep the session.
        let mut window = session.window.lock().expect("no code panics while it holds a window");
        if !window.accept(frame.number) {
            return Err(SessionError::Replayed);
        }
        drop(window);
        entry.used.store(self.next_use(), Ordering::Relaxed);
        Ok((session.clone(), request))
    }

    fn get(&self, id: &SessionId) -> Option<Arc<table::Entry<Session>>> {
        self.table.read().expect("no code panics while it holds the sessions").get(id)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table<Session>> {
        self.table.write().expect("no code panics while it holds the sessions")
    }

    fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed)
    }
}
