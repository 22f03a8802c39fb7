//! The public API, version 1: paths, JSON documents, and the SCALE bodies of sealed messages.
//!
//! | method, path | request body | answer |
//! |---|---|---|
//! | `GET /v1/status` | | JSON [`Status`] |
//! | `GET /v1/genesis` | | SCALE [`tallow_types::Genesis`] |
//! | `GET /v1/registry/{key}` (hex of the encoded `RegistryKey`) | | SCALE [`tallow_types::ProvenRecord`] |
//! | `POST /v1/sessions` | SCALE `SealedSessionOpen` | 201, empty: both sides derive the session's id |
//! | `POST /v1/query` | SCALE `SessionFrame` | SCALE `SessionFrame` |
//! | `POST /v1/commands?wait_ms=` | SCALE `SealedCommand` | 200 SCALE [`ReceiptAnswer`], or 202 JSON [`Accepted`] |
//! | `GET /v1/receipts/{id}?wait_ms=&anchored=` | | 200 SCALE [`ReceiptAnswer`], or 202 JSON [`Accepted`] |
//! | `POST /v1/code?code=&wait_ms=` | Wasm | JSON [`CodeStored`] |
//! | `POST /v1/ledger` | SCALE `SignedLedgerTx` | JSON [`LedgerTxDone`] |
//! | `GET /v1/nonce/{account}` | | JSON [`LedgerNonce`] |
//! | `GET /v1/accounts/{account}` | | JSON [`AccountDocument`] |
//! | `GET /v1/clusters`, `/v1/clusters/{id}` | | JSON [`ClusterPage`], [`ClusterDocument`] |
//! | `GET /v1/contracts`, `/v1/contracts/{address}` | | JSON [`ContractPage`], [`ContractDocument`] |
//! | `GET /v1/code`, `/v1/code/{hash}` | | JSON [`CodePage`], [`CodeDocument`] |
//! | `GET /v1/blocks`, `/v1/blocks/{height}` | | JSON [`BlockPage`], [`BlockDocument`] |
//! | `GET /v1/receipts` | | JSON [`ReceiptPage`] |
//! | `GET /v1/receipts/{id}` with `Accept: application/json` | | JSON [`ReceiptDocument`] |
//! | `GET /v1/anchors` | | JSON [`AnchorPage`] |
//! | `GET /v1/timers` | | JSON [`TimersDocument`] |
//! | `GET /v1/stream?topics=&contract=&from=` | | `text/event-stream`, see the module `stream` |
//! | `GET /v1/ws?topics=&contract=&from=` | | the same over a WebSocket: [`SocketMessage`] |
//! | `POST /v1/subscribe` | SCALE `SessionFrame` | `text/event-stream` of sealed `SessionFrame`s |
//! | `GET /health` | | JSON [`Health`]: the process lives |
//! | `GET /ready` | | JSON [`Readiness`]; 503 when it should get no requests |
//! | `GET /metrics` | | OpenMetrics text, for the worker's own machine |
//! | `GET /openapi.json` | | this API's OpenAPI document |
//!
//! Lists take `limit` (1 to 100) and `after`, the `next` of the page before. JSON is a hint; each document says how what
//! it shows is proven.
//!
//! Logs are a query ([`tallow_types::Query::Logs`]), sealed as any other. Errors are `application/problem+json`
//! (RFC 9457) with a stable [`Code`].

mod resources;
mod stream;

pub use resources::*;
pub use stream::*;

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};
use tallow_state::{Opening, Proof};
use tallow_types::{
    AccountId, ClusterId, CodeHash, CommandId, FeedPosition, NetworkId, ProvenRecord, Receipt, WorkerId,
};
use utoipa::ToSchema;

/// Media type of SCALE bodies.
pub const SCALE: &str = "application/octet-stream";
/// Media type of Wasm, which is as good as [`SCALE`] where code is taken.
pub const WASM: &str = "application/wasm";
/// Media type of JSON documents.
pub const JSON: &str = "application/json";
/// Media type of errors.
pub const PROBLEM: &str = "application/problem+json";
/// Port of `tallow dev` when none is named.
pub const DEV_PORT: u16 = 7300;

/// What a worker says of itself. Nothing here is proven: a client checks what matters against the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// The network.
    #[schema(value_type = String)]
    pub network: NetworkId,
    /// The cluster.
    #[schema(value_type = String)]
    pub cluster: ClusterId,
    /// The worker.
    #[schema(value_type = String)]
    pub worker: WorkerId,
    /// Height of the cluster log's newest final block.
    pub height: u64,
    /// Newest anchored height.
    pub anchored_height: u64,
    /// Height of the ledger.
    pub ledger_height: u64,
    /// Milliseconds between anchors.
    pub anchor_interval_ms: u64,
    /// Commands that wait for external answers.
    pub waiting: u64,
    /// Replicas of the cluster.
    pub replicas: u32,
    /// Bytes that can still be written to the worker's disk.
    pub disk_free_bytes: u64,
    /// Whether that is too little: new commands and code are refused with `disk_full` until there is more.
    pub disk_full: bool,
    /// Development shortcuts in force, one line each; empty in production.
    pub development: Vec<String>,
}

/// A command was taken and has no receipt yet; ask for it at `/v1/receipts/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// The command.
    #[schema(value_type = String)]
    pub id: CommandId,
    /// `pending` (not yet ordered), `waiting` (for an external answer) or `finalised` (not yet anchored).
    pub state: CommandState,
}

/// How far a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// Not yet in a block.
    Pending,
    /// Ordered; an external call has no answer yet.
    Waiting,
    /// Final; not yet anchored.
    Finalised,
}

/// Code is stored and contracts can be made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodeStored {
    /// Its hash.
    #[schema(value_type = String)]
    pub code: CodeHash,
}

/// A ledger transaction is final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerTxDone {
    /// Height of its block.
    pub height: u64,
}

/// The next nonce of an account's ledger transactions; a hint, not proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerNonce {
    /// The account.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// Its next nonce.
    pub nonce: u64,
}

/// A receipt, with its anchor when there is one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ReceiptAnswer {
    /// The receipt.
    pub receipt: Receipt,
    /// Proof that the ledger has anchored it.
    pub anchor: Option<AnchorProof>,
}

/// Proof that a block of a cluster log is anchored: the ledger's record of a header at or above it, and the block's
/// digest under that header's state commitment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AnchorProof {
    /// The ledger's `AnchorRecord` of the cluster.
    pub record: ProvenRecord,
    /// Opening of the anchored header's state commitment, and the proof of `history_key(height)` under its root; `None`
    /// when the anchored header is the block's own.
    pub history: Option<(Opening, Proof)>,
}

/// The process lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Version of the program.
    pub version: String,
}

/// Whether the worker should get requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Readiness {
    /// Whether it should.
    pub ready: bool,
    /// Why not; empty when it should.
    pub reasons: Vec<NotReady>,
}

/// A reason not to send requests to a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotReady {
    /// What it is.
    pub code: NotReadyCode,
    /// What it is about.
    pub detail: String,
}

/// Reasons not to send requests to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotReadyCode {
    /// The replica is behind what the ledger has anchored, so it answers no queries.
    BehindAnchor,
    /// The ledger gives no proven answer.
    LedgerUnreachable,
    /// Nothing new is taken for want of space.
    DiskFull,
    /// Work waits, and the cluster log does not go on.
    Stalled,
}

/// An error, as RFC 9457 has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Stable code of the error, which programs may match on.
    pub code: Code,
    /// The HTTP status.
    pub status: u16,
    /// The error in a sentence.
    pub title: String,
    /// What was wrong with this request, and what to do.
    pub detail: String,
    /// For `feed_gone`: the oldest place of the feed that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub oldest: Option<FeedPosition>,
    /// The request's id, as in the header `X-Request-Id` and in the worker's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $title:literal;)*) => {
        /// Stable codes of the API's errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// Its name in documents.
            pub fn name(self) -> String {
                let name = match self { $(Self::$name => stringify!($name),)* };
                let mut text = String::with_capacity(name.len() + 4);
                for letter in name.chars() {
                    if letter.is_ascii_uppercase() && !text.is_empty() {
                        text.push('_');
                    }
                    text.push(letter.to_ascii_lowercase());
                }
                text
            }
            /// The HTTP status it travels with.
            pub const fn status(self) -> u16 { match self { $(Self::$name => $status,)* } }
            /// The error in a sentence.
            pub const fn title(self) -> &'static str { match self { $(Self::$name => $title,)* } }
            /// As a problem document.
            pub fn problem(self, detail: impl Into<String>) -> Problem {
                Problem {
                    code: self,
                    status: self.status(),
                    title: self.title().to_owned(),
                    detail: detail.into(),
                    oldest: None,
                    request_id: None,
                }
            }
        }
    };
}

codes! {
    /// The body or a parameter cannot be decoded.
    Malformed = 400 "The request cannot be decoded.";
    /// An envelope cannot be opened, or belongs elsewhere.
    EnvelopeRefused = 400 "The envelope cannot be opened.";
    /// The session is not known, or a frame of it cannot be opened.
    SessionUnknown = 401 "The session is not known; open another.";
    /// The number of a frame was used before.
    Replayed = 409 "The request was seen before.";
    /// The command was ordered before.
    CommandSeen = 409 "The command was ordered before.";
    /// The caller may not see this.
    NotPermitted = 403 "Not permitted.";
    /// A page of another site asks, which the worker's operator does not name.
    OriginRefused = 403 "Pages of that site may not use this worker.";
    /// The request is for another host: this worker does not go by that name.
    Misdirected = 421 "The request is for another host.";
    /// That part of the feed is no longer kept; `oldest` says from where on it is.
    FeedGone = 410 "That part of the feed is no longer kept.";
    /// The command expired.
    CommandExpired = 410 "The command expired.";
    /// A command is not acceptable.
    CommandRefused = 422 "The command cannot be taken.";
    /// A ledger transaction is not acceptable.
    TransactionRefused = 422 "The ledger refuses the transaction.";
    /// Code is not acceptable.
    CodeRefused = 422 "The code cannot be taken.";
    /// No such thing.
    NotFound = 404 "There is no such thing.";
    /// The body is too large.
    TooLarge = 413 "The request is too large.";
    /// A bound is reached.
    Busy = 503 "The worker is busy; try again.";
    /// The worker cannot serve.
    Unavailable = 503 "The worker cannot serve this now.";
    /// The worker's disk is full: it takes nothing new until there is space. What it has stays.
    DiskFull = 507 "The worker's disk is full.";
    /// A fault of the worker.
    Internal = 500 "The worker failed.";
    /// The path does not have this method; `Allow` lists those it has.
    MethodNotAllowed = 405 "The path does not have this method.";
    /// The client accepts none of the media types that the answer may have.
    NotAcceptable = 406 "No acceptable media type.";
    /// The body did not arrive in time.
    RequestTimeout = 408 "The request did not arrive in time.";
    /// The path takes bodies of another media type.
    UnsupportedMediaType = 415 "The body has the wrong media type.";
    /// Too many requests came from this address, or altogether; `Retry-After` says when to try again.
    RateLimited = 429 "Too many requests; try again later.";
    /// Accounts without balance have used up what they share; those with balance go on.
    AllowanceUsed = 429 "Accounts without balance have used up what they share.";
    /// The account's balance does not suffice for what this costs.
    PaymentRequired = 402 "The account cannot pay for this.";
}
