//! Serves connections, each within its bounds: a client that is slow, silent or rude costs its own connection, and that
//! not for long.

use super::connections::{Activity, Place, Watched};
use super::edge::Edge;
use super::rates::client_of;
use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::Request;
use axum::http::request::Parts;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tallow_types::limits::{
    API_HEAD_BYTES_MAX, API_HEAD_MS_MAX, API_HEADERS_MAX, API_RESETS_MAX, API_STREAMS_PER_CONNECTION_MAX,
};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

/// Pause after a connection could not be accepted, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Time between two looks at what the rate limits remember.
const TIDY_PAUSE: Duration = Duration::from_secs(1);
/// Time for the last words on a connection.
const FAREWELL: Duration = Duration::from_secs(1);
/// What a client is told for whom there is no connection.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\n\
    connection: close\r\n\r\n\
    {\"code\":\"busy\",\"status\":503,\"title\":\"The worker is busy; try again.\",\"detail\":\"too many connections\"}";

/// Says when to stop.
pub(crate) type Stop = watch::Receiver<bool>;

/// The client whose connection a request came by, as limits count clients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client(pub(super) IpAddr);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    /// Every request of a connection has it; one that came by no connection is nobody's.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// Serves the API until it is to stop: then no connection is taken any more, and those that are there may end what they are
/// at, for a moment. When it is dropped, they end at once.
pub(super) async fn serve(listener: TcpListener, router: Router, edge: Arc<Edge>, mut stop: Stop) -> io::Result<()> {
    let (builder, connections) = (Arc::new(protocol()), edge.connections.clone());
    let (mut tasks, mut ticks) = (JoinSet::new(), interval(TIDY_PAUSE));
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let client = client_of(peer.ip());
                    match connections.admit(client) {
                        Some(place) => tasks.spawn(connection(builder.clone(), router.clone(), stream, client, place, stop.clone())),
                        None => {
                            edge.refused_connection();
                            tasks.spawn(turn_away(stream))
                        }
                    };
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection was not accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = tasks.join_next() => {}
            _ = ticks.tick() => edge.rates.tidy(),
            () = stopped(&mut stop) => break,
        }
    }
    drop(listener);
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// Resolves when the worker is to stop.
async fn stopped(stop: &mut Stop) {
    // Who could say it has gone without a word: then there is nobody to stop it but by dropping it.
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// HTTP/1.1 and HTTP/2, told apart by their first bytes.
fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(API_HEAD_MS_MAX))
        .max_headers(API_HEADERS_MAX)
        .max_buf_size(API_HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        // WebSockets over HTTP/2 begin with it.
        .enable_connect_protocol()
        .max_concurrent_streams(API_STREAMS_PER_CONNECTION_MAX)
        .max_pending_accept_reset_streams(API_RESETS_MAX)
        .max_local_error_reset_streams(API_RESETS_MAX)
        .max_header_list_size(u32::try_from(API_HEAD_BYTES_MAX).unwrap_or(u32::MAX));
    builder
}

async fn connection(
    builder: Arc<Builder<TokioExecutor>>,
    router: Router,
    stream: TcpStream,
    client: IpAddr,
    place: Place,
    mut stop: Stop,
) {
    // Answers are small and awaited, so nothing is gained by Nagle's algorithm. It works with it too.
    let _ = stream.set_nodelay(true);
    let activity = Activity::begin();
    let watched = Watched { stream, activity: activity.clone(), _place: place };
    let (requests, router) = (activity.clone(), TowerToHyperService::new(router));
    let service = service_fn(move |request: Request<Incoming>| {
        requests.request();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Client(client));
        router.call(request)
    });
    let mut serving = pin!(builder.serve_connection_with_upgrades(TokioIo::new(watched), service));
    tokio::select! {
        // What went wrong between a client and this worker is the client's to know.
        _ = serving.as_mut() => return,
        () = activity.ceases() => {}
        () = stopped(&mut stop) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = timeout(FAREWELL, serving).await; // it had its time
}

/// Tells a client that there is no connection for it, if it listens.
async fn turn_away(mut stream: TcpStream) {
    let told = async {
        stream.write_all(FULL).await?;
        stream.shutdown().await
    };
    let _ = timeout(FAREWELL, told).await; // it may have gone
}
