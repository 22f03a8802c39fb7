//! Query sessions: one per caller, opened when first needed and again when it ends.

use crate::{Client, ClientError, Rejection, Signer, http::Budget, now_ms};
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tallow_api::Code;
use tallow_crypto::{SessionClient, SessionDraft, Statement};
use tallow_types::limits::{SESSION_TIME_MS_MAX, SESSION_WINDOW};
use tokio::sync::Semaphore;

/// Sessions that one client keeps; a caller that is dropped opens another.
const SESSIONS_KEPT_MAX: usize = 4_096;
/// Milliseconds a session is asked to last: far from the limit, since clocks differ.
const SESSION_TIME_MS: u64 = SESSION_TIME_MS_MAX / 2;
/// Milliseconds before its end at which a session is no longer used.
const SESSION_MARGIN_MS: u64 = 30_000;
/// Requests of one session in flight: however they overtake each other, none falls behind the replica's window.
const IN_FLIGHT_MAX: usize = SESSION_WINDOW as usize / 2;

/// An open session.
pub(crate) struct Session {
    pub(crate) keys: SessionClient,
    pub(crate) in_flight: Semaphore,
}

/// One caller's session. The lock is held while it is opened, so that many queries at once open one.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<Session>>>>;

/// Sessions by encoded public key.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<Vec<u8>, Slot>>);

impl Sessions {
    fn slot(&self, caller: Vec<u8>) -> Slot {
        let mut slots = self.0.lock().expect("no code panics while it holds the sessions");
        if !slots.contains_key(&caller) && slots.len() >= SESSIONS_KEPT_MAX {
            slots.pop_first();
        }
        slots.entry(caller).or_default().clone()
    }
}

impl Session {
    fn is_live(&self) -> bool {
        now_ms().saturating_add(SESSION_MARGIN_MS) < self.keys.expiry_ms()
    }
}

impl Client {
    /// The caller's session, opened if there is none, or if it is `refused`, the one that the replica does not know.
    pub(crate) async fn session<S: Signer + ?Sized>(
        &self,
        caller: &S,
        refused: Option<&Arc<Session>>,
    ) -> Result<Arc<Session>, ClientError> {
        let slot = self.inner.sessions.slot(caller.caller_key().encode());
        let mut slot = slot.lock().await;
        match slot.as_ref() {
            Some(session) if session.is_live() && !refused.is_some_and(|refused| Arc::ptr_eq(refused, session)) => {
                return Ok(session.clone());
            }
            _ => {}
        }
        let session = Arc::new(self.open_session(caller).await?);
        *slot = Some(session.clone());
        Ok(session)
    }

    /// Opens a session; if the replica cannot open what was sealed to it, its key may be a new one.
    async fn open_session<S: Signer + ?Sized>(&self, caller: &S) -> Result<Session, ClientError> {
        match self.try_open_session(caller).await {
            Err(error) if error.code() == Some(Code::EnvelopeRefused) => {
                self.refresh().await?;
                self.try_open_session(caller).await
            }
            other => other,
        }
    }

    async fn try_open_session<S: Signer + ?Sized>(&self, caller: &S) -> Result<Session, ClientError> {
        let known = self.known();
        let (worker, cluster) = (&known.worker, &known.cluster.record.cluster);
        let wanted = now_ms().saturating_add(SESSION_TIME_MS);
        let expiry_ms = caller.valid_until_ms().map_or(wanted, |until| until.min(wanted));
        let place = (&self.network(), cluster, &worker.worker);
        let draft = SessionDraft::new(&worker.transport, place, caller.caller_key(), expiry_ms);
        let draft = draft.map_err(Rejection::Key)?;
        let authority = caller.authorise(Statement::Session(draft.terms())).await?;
        let (opening, keys) = draft.open(authority);
        self.http().post("v1/sessions", opening.encode(), Budget::DOCUMENT).await?;
        Ok(Session { keys, in_flight: Semaphore::new(IN_FLIGHT_MAX) })
    }
}
