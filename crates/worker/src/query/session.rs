//! Sessions that clients opened with this replica.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, RwLock};
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

/// One open session.
pub(crate) struct Session {
    pub(crate) server: SessionServer,
    window: Mutex<ReplayWindow>,
}

/// All open sessions; the oldest make room.
#[derive(Default)]
pub(crate) struct Sessions(RwLock<Table>);

#[derive(Default)]
#[allow(clippy::disallowed_types, reason = "looked up by key only, never iterated")]
struct Table {
    by_id: std::collections::HashMap<SessionId, Arc<Session>>,
    order: VecDeque<SessionId>,
    /// (expiry, id) of every session that could be opened again: an opening is good for one session, or whoever
    /// recorded it could open it once more and replay its requests.
    known: BTreeSet<(u64, SessionId)>,
}

/// Why no session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InsertError {
    #[error("this opening was used before; make another")]
    Used,
    #[error("busy: too many sessions")]
    Full,
}

impl Table {
    fn insert(&mut self, session: Session, now_ms: u64) -> Result<(), InsertError> {
        let (id, expiry_ms) = (session.server.session_id(), session.server.expiry_ms());
        while self.known.first().is_some_and(|(expiry_ms, _)| *expiry_ms < now_ms) {
            let (_, expired) = self.known.pop_first().expect("it is not empty");
            self.by_id.remove(&expired);
        }
        if self.known.len() >= SESSIONS_KNOWN_MAX {
            return Err(InsertError::Full);
        }
        if !self.known.insert((expiry_ms, id)) {
            return Err(InsertError::Used);
        }
        self.by_id.insert(id, Arc::new(session));
        self.order.push_back(id);
        while self.order.len() > SESSIONS_MAX {
            let oldest = self.order.pop_front().expect("it is not empty");
            self.by_id.remove(&oldest);
        }
        Ok(())
    }
}

impl Sessions {
    /// Keeps a session that was opened.
    pub(crate) fn insert(&self, server: SessionServer, now_ms: u64) -> Result<(), InsertError> {
        let session = Session { server, window: Mutex::new(ReplayWindow::new()) };
        self.0.write().expect("no code panics while it holds the sessions").insert(session, now_ms)
    }

    /// Sessions that are kept.
    pub(crate) fn count(&self) -> usize {
        self.0.read().expect("no code panics while it holds the sessions").by_id.len()
    }

    /// Opens a frame: its session must be known and live, its number new.
    pub(crate) fn open(&self, frame: &SessionFrame, now_ms: u64) -> Result<(Arc<Session>, QueryRequest), SessionError> {
        let table = self.0.read().expect("no code panics while it holds the sessions");
        let session = table.by_id.get(&frame.session).cloned().ok_or(SessionError::Unknown)?;
        drop(table);
        if session.server.expiry_ms() < now_ms {
            return Err(SessionError::Unknown);
        }
        let request = session.server.open_request(frame).map_err(|_| SessionError::Envelope)?;
        // Only an authentic frame may use up a number.
        let mut window = session.window.lock().expect("no code panics while it holds a window");
        if !window.accept(frame.number) {
            return Err(SessionError::Replayed);
        }
        drop(window);
        Ok((session, request))
    }
}
