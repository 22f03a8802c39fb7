//! Query sessions: one key exchange, then symmetric frames in both directions.
//!
//! The client sets up HPKE to the replica's transport key, signs terms that name that very key exchange, and sends them
//! as its one message. Both sides export a session id and one key for each direction. Requests use their number as
//! nonce. Answers carry a random nonce: a host that replays a session's opening to a replica which has forgotten it
//! can have a request run again, and its second answer must not share a nonce with the first.

use crate::{
    Keypair, Label, SealError, Secret, Statement, TransportSecret, VerifyingKey,
    aead::{Cipher, NONCE_BYTES},
    authority::{bound_to, verify_terms},
    envelope::check_size,
    feed_item_signing_bytes, query_answer_signing_bytes, random_bytes, request_digest,
    transport::{Sealer, send},
};
use parity_scale_codec::Encode;
use std::sync::atomic::{AtomicU64, Ordering};
use tallow_types::{
    AccountId, Authority, CallerSignature, ClusterId, NetworkId, PublicKey, QueryAnswer, QueryRequest,
    SealedSessionOpen, SessionFrame, SessionId, SessionOpen, SessionTerms, SignedQueryAnswer, SigningScheme,
    StreamContent, StreamMessage, WorkerId, decode_exact,
    limits::{COMMAND_BYTES_MAX, SESSION_OPEN_BYTES_MAX, SESSION_TIME_MS_MAX},
};

#[derive(Clone, Copy, Encode)]
enum Direction {
    ToReplica,
    ToClient,
    /// Messages of a stream, of which one request has many.
    Stream,
}

/// Where a session is opened: the additional data of its opening.
#[derive(Clone, Copy, PartialEq, Eq, Encode)]
struct Place<'a> {
    network: &'a NetworkId,
    cluster: &'a ClusterId,
    worker: &'a WorkerId,
}

/// What both sides of a session share.
struct Shared {
    session: SessionId,
    to_replica: Cipher,
    to_client: Cipher,
}

impl Shared {
    fn new(export: impl Fn(Label) -> Secret<[u8; 32]>) -> Self {
        Self {
            session: SessionId(*export(Label::SessionId).expose()),
            to_replica: Cipher::new(&export(Label::SessionToReplica)),
            to_client: Cipher::new(&export(Label::SessionToClient)),
        }
    }

    fn aad(&self, number: u64, direction: Direction) -> Vec<u8> {
        (self.session, number, direction).encode()
    }

    fn check_session(&self, frame: &SessionFrame) -> Result<(), SealError> {
        if frame.session == self.session { Ok(()) } else { Err(SealError::Misplaced) }
    }
}

/// The nonce of a request: its number, big-endian, behind zeros.
fn counter_nonce(number: u64) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[NONCE_BYTES - 8..].copy_from_slice(&number.to_be_bytes());
    nonce
}

/// The client's side of a session. May be shared between threads: every request gets its own number.
pub struct SessionClient {
    shared: Shared,
    worker: VerifyingKey,
    expiry_ms: u64,
    next: AtomicU64,
}

/// A session that is about to be opened: its terms are made and not signed yet.
pub struct SessionDraft {
    terms: SessionTerms,
    sealer: Sealer,
    verifier: VerifyingKey,
}

impl SessionDraft {
    /// Begins a session of `caller` with the replica at `place`.
    ///
    /// `transport` is the replica's transport key, from its proven registry record; the session ends at `expiry_ms`
    /// (milliseconds since the Unix epoch), at most [`SESSION_TIME_MS_MAX`] ahead of the replica's clock.
    ///
    /// # Errors
    /// [`SealError::Key`] when `transport` or `worker` is no key.
    pub fn new(
        transport: &[u8; 32],
        (network, cluster, worker): (&NetworkId, &ClusterId, &WorkerId),
        caller: PublicKey,
        expiry_ms: u64,
    ) -> Result<Self, SealError> {
        let verifier = VerifyingKey::worker(worker).ok_or(SealError::Key)?;
        let (encapsulated, sealer) = send(transport, Label::SealSession)?;
        let (network, cluster, worker) = (*network, *cluster, *worker);
        let terms = SessionTerms { network, cluster, worker, caller, encapsulated, expiry_ms };
        Ok(Self { terms, sealer, verifier })
    }

    /// What the caller or its delegate signs.
    pub const fn terms(&self) -> &SessionTerms {
        &self.terms
    }

    /// What to send to the replica, and the client's side.
    pub fn open(mut self, authority: Authority) -> (SealedSessionOpen, SessionClient) {
        let SessionTerms { network, cluster, worker, encapsulated, expiry_ms, .. } = self.terms.clone();
        let place = Place { network: &network, cluster: &cluster, worker: &worker };
        let opening = SessionOpen { terms: self.terms, authority };
        let ciphertext = self.sealer.seal(&place.encode(), &opening.encode());
        let shared = Shared::new(|label| self.sealer.export(label));
        let client = SessionClient { shared, worker: self.verifier, expiry_ms, next: AtomicU64::new(0) };
        (SealedSessionOpen { encapsulated, ciphertext }, client)
    }
}

impl SessionClient {
    /// Opens a session with a replica for the key's own account: as [`SessionDraft::new`] and [`SessionDraft::open`].
    ///
    /// # Errors
    /// [`SealError::Key`] when `transport` or `worker` is no key.
    pub fn open(
        transport: &[u8; 32],
        network: &NetworkId,
        cluster: &ClusterId,
        worker: &WorkerId,
        expiry_ms: u64,
        keypair: &Keypair,
    ) -> Result<(SealedSessionOpen, Self), SealError> {
        let draft = SessionDraft::new(transport, (network, cluster, worker), keypair.public(), expiry_ms)?;
        let signature = keypair.sign(&Statement::Session(draft.terms()).signing_bytes(SigningScheme::Raw));
        Ok(draft.open(Authority::Caller(CallerSignature { scheme: SigningScheme::Raw, signature })))
    }

    /// The session's id.
    pub const fn session_id(&self) -> SessionId {
        self.shared.session
    }

    /// When it ends, milliseconds since the Unix epoch.
    pub const fn expiry_ms(&self) -> u64 {
        self.expiry_ms
    }

    /// Seals a request under the next number.
    ///
    /// # Errors
    /// [`SealError::TooLarge`] when it exceeds what a replica takes.
    pub fn seal_request(&self, request: &QueryRequest) -> Result<SessionFrame, SealError> {
        let plaintext = request.encode();
        check_size(plaintext.len(), COMMAND_BYTES_MAX)?;
        // 2^64 requests are out of reach, so numbers, which are nonces, never come again.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let aad = self.shared.aad(number, Direction::ToReplica);
        let ciphertext = self.shared.to_replica.seal(&counter_nonce(number), &aad, &[], &plaintext);
        Ok(SessionFrame { session: self.shared.session, number, ciphertext })
    }

    /// Opens an answer. Who it is from and what it answers is not judged here: see [`Self::open_answer_to`].
    ///
    /// # Errors
    /// [`SealError`] when it is of another session, altered or malformed.
    pub fn open_answer(&self, frame: &SessionFrame) -> Result<SignedQueryAnswer, SealError> {
        self.shared.check_session(frame)?;
        let (nonce, sealed) = frame.ciphertext.split_first_chunk().ok_or(SealError::Altered)?;
        let aad = self.shared.aad(frame.number, Direction::ToClient);
        Ok(decode_exact(&self.shared.to_client.open(nonce, &aad, sealed)?)?)
    }

    /// Opens the answer to `request` and checks that it is that, and signed by the replica.
    ///
    /// # Errors
    /// As [`Self::open_answer`]; [`SealError::Misplaced`] when it answers another request, [`SealError::Signature`]
    /// when the replica did not sign it.
    pub fn open_answer_to(&self, request: &SessionFrame, frame: &SessionFrame) -> Result<QueryAnswer, SealError> {
        let SignedQueryAnswer { answer, signature } = self.open_answer(frame)?;
        if frame.number != request.number || answer.request != request_digest(request) {
            return Err(SealError::Misplaced);
        }
        if !self.worker.verify(&query_answer_signing_bytes(&answer), &signature) {
            return Err(SealError::Signature);
        }
        Ok(answer)
    }

    /// Opens message `number` of the stream that answers `request`; its item, if it is one, is signed by the replica.
    ///
    /// # Errors
    /// As [`Self::open_answer_to`]; [`SealError::Misplaced`] also when another message was to come.
    pub fn open_message(
        &self,
        cluster: &ClusterId,
        request: &SessionFrame,
        number: u64,
        frame: &SessionFrame,
    ) -> Result<StreamContent, SealError> {
        self.shared.check_session(frame)?;
        let (nonce, sealed) = frame.ciphertext.split_first_chunk().ok_or(SealError::Altered)?;
        let aad = self.shared.aad(request.number, Direction::Stream);
        let message: StreamMessage = decode_exact(&self.shared.to_client.open(nonce, &aad, sealed)?)?;
        if frame.number != request.number || message.number != number {
            return Err(SealError::Misplaced);
        }
        match &message.content {
            StreamContent::Item { item, signature }
                if !self.worker.verify(&feed_item_signing_bytes(cluster, item), signature) =>
            {
                Err(SealError::Signature)
            }
            _ => Ok(message.content),
        }
    }
}

/// The replica's side of a session.
pub struct SessionServer {
    shared: Shared,
    caller: PublicKey,
    /// Contracts that the caller's delegate is bound to.
    contracts: Option<Vec<AccountId>>,
    expiry_ms: u64,
}

impl SessionServer {
    /// Accepts a session opening: it is for this place, signed by its caller or a delegate for this key exchange, and
    /// ends within
    /// [`SESSION_TIME_MS_MAX`] of `now_ms` (milliseconds since the Unix epoch).
    ///
    /// The same opening gives the same session. Refusing to open a session twice is for the keeper of the sessions.
    ///
    /// # Errors
    /// [`SealError`]: which of these it is not.
    pub fn accept(
        transport: &TransportSecret,
        network: &NetworkId,
        cluster: &ClusterId,
        worker: &WorkerId,
        now_ms: u64,
        sealed: &SealedSessionOpen,
    ) -> Result<Self, SealError> {
        check_size(sealed.encoded_size(), SESSION_OPEN_BYTES_MAX)?;
        let place = Place { network, cluster, worker };
        let mut opener = transport.receive(&sealed.encapsulated, Label::SealSession)?;
        let SessionOpen { terms, authority } = decode_exact(&opener.open(&place.encode(), &sealed.ciphertext)?)?;
        check_terms(&terms, place, &sealed.encapsulated, now_ms)?;
        verify_terms(&terms, &authority, now_ms)?;
        let shared = Shared::new(|label| opener.export(label));
        let contracts = authority.delegation().and_then(bound_to).map(<[AccountId]>::to_vec);
        Ok(Self { shared, caller: terms.caller, contracts, expiry_ms: terms.expiry_ms })
    }

    /// The session's id.
    pub const fn session_id(&self) -> SessionId {
        self.shared.session
    }

    /// Who asks.
    pub const fn caller(&self) -> PublicKey {
        self.caller
    }

    /// Whether it may ask what the caller alone may see of a contract: unless it is a delegate's who is bound to others.
    pub fn is_for(&self, contract: &AccountId) -> bool {
        self.contracts.as_ref().is_none_or(|contracts| contracts.contains(contract))
    }

    /// When it ends, milliseconds since the Unix epoch.
    pub const fn expiry_ms(&self) -> u64 {
        self.expiry_ms
    }

    /// Opens a request. Whether its number was used before is for a [`crate::ReplayWindow`] to say, afterwards.
    ///
    /// # Errors
    /// [`SealError`] when it is too large, of another session, altered or malformed.
    pub fn open_request(&self, frame: &SessionFrame) -> Result<QueryRequest, SealError> {
        check_size(frame.ciphertext.len(), COMMAND_BYTES_MAX + crate::aead::TAG_BYTES)?;
        self.shared.check_session(frame)?;
        let aad = self.shared.aad(frame.number, Direction::ToReplica);
        Ok(decode_exact(&self.shared.to_replica.open(&counter_nonce(frame.number), &aad, &frame.ciphertext)?)?)
    }

    /// Seals the answer to request `number`.
    pub fn seal_answer(&self, number: u64, answer: &SignedQueryAnswer) -> SessionFrame {
        self.seal(number, Direction::ToClient, &answer.encode())
    }

    /// Seals a message of the stream that answers request `number`.
    pub fn seal_message(&self, number: u64, message: &StreamMessage) -> SessionFrame {
        self.seal(number, Direction::Stream, &message.encode())
    }

    fn seal(&self, number: u64, direction: Direction, plaintext: &[u8]) -> SessionFrame {
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        let aad = self.shared.aad(number, direction);
        let ciphertext = self.shared.to_client.seal(&nonce, &aad, &nonce, plaintext);
        SessionFrame { session: self.shared.session, number, ciphertext }
    }
}

/// Whether a session's terms are those of this place, this key exchange and this time.
fn check_terms(terms: &SessionTerms, place: Place<'_>, encapsulated: &[u8; 32], now_ms: u64) -> Result<(), SealError> {
    let named = Place { network: &terms.network, cluster: &terms.cluster, worker: &terms.worker };
    if named != place || terms.encapsulated != *encapsulated {
        return Err(SealError::Foreign);
    }
    if terms.expiry_ms <= now_ms {
        return Err(SealError::Expired);
    }
    if terms.expiry_ms > now_ms.saturating_add(SESSION_TIME_MS_MAX) {
        return Err(SealError::TooLong);
    }
    Ok(())
}
