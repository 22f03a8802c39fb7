//! The worker's API over HTTP, with a place where a test may alter an answer.

use crate::world::World;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tallow_api::{Accepted, Code, CodeStored, CommandState, LedgerNonce, LedgerTxDone, PROBLEM, Problem};
use tallow_client::{Client, ClientError, Options, Patience, Trust};
use tallow_types::{AccountId, CommandId};

/// Alters the body of a SCALE answer.
type Tamper = Box<dyn Fn(Vec<u8>) -> Vec<u8> + Send>;

/// A worker that serves a world.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    /// By the first segment of the path after the version.
    tampers: Mutex<BTreeMap<&'static str, Tamper>>,
    /// Whether commands are taken without an answer at once.
    slow: Mutex<bool>,
}

impl Server {
    pub(crate) async fn start(world: World) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { world: Mutex::new(world), tampers: Mutex::default(), slow: Mutex::new(false) });
        let router = router().with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// From now on, commands are answered with 202.
    pub(crate) fn be_slow(&self) {
        *self.shared.slow.lock().unwrap() = true;
    }

    /// From now on, answers of this endpoint are altered as decoded documents.
    pub(crate) fn tamper<T: Decode + Encode>(&self, endpoint: &'static str, alter: impl Fn(&mut T) + Send + 'static) {
        self.replace(endpoint, move |body| {
            let mut document = T::decode_all(&mut body.as_slice()).unwrap();
            alter(&mut document);
            document.encode()
        });
    }

    /// From now on, answers of this endpoint are replaced.
    pub(crate) fn replace(&self, endpoint: &'static str, tamper: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static) {
        self.shared.tampers.lock().unwrap().insert(endpoint, Box::new(tamper));
    }

    pub(crate) async fn connect(&self) -> Result<Client, ClientError> {
        connect(&self.url, Trust::OnFirstUse).await
    }
}

/// Connects with the patience of a test.
pub(crate) async fn connect(url: &str, trust: Trust) -> Result<Client, ClientError> {
    let short = Duration::from_millis(700);
    let patience = Patience { request: short, receipt: short, anchor: short };
    Client::connect_with(url, trust, Options { patience, ..Options::default() }).await
}

type App = State<Arc<Shared>>;
type Answer = Result<Response, Refusal>;

/// A problem as a response.
struct Refusal(Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap();
        (status, [(header::CONTENT_TYPE, PROBLEM)], Json(self.0)).into_response()
    }
}

fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/genesis", get(genesis))
        .route("/v1/registry/{key}", get(registry))
        .route("/v1/sessions", post(sessions))
        .route("/v1/query", post(query))
        .route("/v1/commands", post(commands))
        .route("/v1/receipts/{id}", get(receipts))
        .route("/v1/code", post(code))
        .route("/v1/ledger", post(ledger))
        .route("/v1/nonce/{account}", get(nonce))
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn scale(&self, endpoint: &str, document: &impl Encode) -> Response {
        let body = document.encode();
        let body = match self.tampers.lock().unwrap().get(endpoint) {
            Some(tamper) => tamper(body),
            None => body,
        };
        body.into_response()
    }
}

fn decode<T: Decode>(bytes: &[u8]) -> Result<T, Refusal> {
    T::decode_all(&mut &*bytes).map_err(|error| Refusal(Code::Malformed.problem(error.to_string())))
}

async fn status(State(app): App) -> impl IntoResponse {
    Json(app.world().status())
}

async fn genesis(State(app): App) -> Response {
    let genesis = app.world().genesis.clone();
    app.scale("genesis", &genesis)
}

async fn registry(State(app): App, Path(key): Path<String>) -> Answer {
    let bytes = hex::decode(key).map_err(|error| Refusal(Code::Malformed.problem(error.to_string())))?;
    let record = app.world().record(decode(&bytes)?);
    Ok(app.scale("registry", &record))
}

async fn sessions(State(app): App, body: Bytes) -> Answer {
    app.world().open_session(&decode(&body)?)?;
    Ok(StatusCode::CREATED.into_response())
}

async fn query(State(app): App, body: Bytes) -> Answer {
    let answer = app.world().query(&decode(&body)?)?;
    Ok(app.scale("query", &answer))
}

async fn commands(State(app): App, body: Bytes) -> Answer {
    let id = app.world().command(&decode(&body)?)?;
    if *app.slow.lock().unwrap() {
        return Ok((StatusCode::ACCEPTED, Json(Accepted { id, state: CommandState::Pending })).into_response());
    }
    let receipt = app.world().receipt(id)?;
    Ok(app.scale("commands", &receipt))
}

async fn receipts(State(app): App, Path(id): Path<CommandId>, Query(query): Query<BTreeMap<String, String>>) -> Answer {
    let anchored = query.get("anchored").is_some_and(|anchored| anchored == "true");
    let receipt = if anchored { app.world().anchored_receipt(id)? } else { app.world().receipt(id)? };
    Ok(app.scale("receipts", &receipt))
}

async fn code(State(app): App, body: Bytes) -> Answer {
    let code = tallow_crypto::code_hash(&body);
    if !app.world().has_code(code) {
        return Err(Refusal(Code::CodeRefused.problem("not registered")));
    }
    Ok(Json(CodeStored { code }).into_response())
}

async fn ledger(State(app): App, body: Bytes) -> Answer {
    let height = app.world().ledger_tx(&decode(&body)?)?;
    Ok(Json(LedgerTxDone { height }).into_response())
}

async fn nonce(Path(account): Path<AccountId>) -> impl IntoResponse {
    Json(LedgerNonce { account, nonce: 0 })
}
