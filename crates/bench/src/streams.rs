//! A thousand subscribers: how long until the last of them has an event, and what they cost, beside a bare broadcast
//! over the same HTTP stack.

use crate::baseline::free_port;
use crate::report::Report;
use crate::server::{Server, memory_mb};
use anyhow::{Context, bail, ensure};
use axum::extract::State;
use axum::response::IntoResponse;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tallow_abi::{Bundle, Metadata};
use tallow_client::{Client, CommandDraft, Keypair};
use tallow_types::{AccountId, Action, Compat};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

/// Subscribers of the one worker.
const SUBSCRIBERS: usize = 1_000;
/// Events whose way to the last subscriber is measured.
const EVENTS: usize = 200;
/// Events before that.
const WARM_UP: usize = 10;
/// Pause between two events.
const PAUSE: Duration = Duration::from_millis(20);
/// Time for one event to reach all, after which something is broken.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is looked for in the stream: it comes once with each event.
const MARK: &[u8] = b"\nevent: event\n";
/// Milliseconds, and MB, that are to be reached.
const LAST_MS_MAX: f64 = 100.0;
const MEMORY_MB_MAX: f64 = 100.0;

/// Measures the baseline, then the worker.
pub(crate) async fn run(report: &mut Report, tallow: &Path, bundles: &Path) -> anyhow::Result<()> {
    let bare = bare().await.context("the bare broadcast")?;
    let server = Server::start(tallow).await?;
    let alice = Keypair::from_uri("//Alice").context("a development account")?;
    let probe = Probe::deploy(&server.client, &alice, bundles).await?;
    let before = server.resident_mb()?;
    let path = format!("/v1/stream?topics=events&contract={}", probe.contract);
    let mut audience = Audience::gather(server.client.url(), &path).await?;
    let last = audience.measure(async |number| probe.mark(&server.client, &alice, number).await).await?;
    let alone = receipts(&server.client, &alice, &probe).await?;
    let memory = server.resident_mb()? - before;
    report.with_target("stream_last_ms_p99", last.quantile(0.99), format!("< {LAST_MS_MAX}"));
    report.add("stream_last_ms_p50", last.quantile(0.5));
    report.add("stream_spread_ms_p99", last.spread(0.99));
    report.add("stream_command_ms_p50", alone);
    report.add("bare_last_ms_p99", bare.last.quantile(0.99));
    report.add("bare_last_ms_p50", bare.last.quantile(0.5));
    report.add("bare_spread_ms_p99", bare.last.spread(0.99));
    report.with_target("stream_memory_mb", memory, format!("< {MEMORY_MB_MAX}"));
    report.add("bare_memory_mb", bare.memory_mb);
    Ok(())
}

/// The contract whose events everyone may see.
struct Probe {
    contract: AccountId,
    metadata: Metadata,
}

impl Probe {
    async fn deploy(client: &Client, owner: &Keypair, bundles: &Path) -> anyhow::Result<Self> {
        let Bundle { wasm, code_hash, metadata } = Bundle::parse(&std::fs::read(bundles.join("probe.contract"))?)?;
        let metadata = metadata.context("the bundle has metadata")?;
        client.upload_code(owner, wasm).await?;
        let input = metadata.encode_constructor("new", &[])?;
        let (code, salt, compat) = (code_hash, Vec::new(), Compat::Tallow);
        let action = Action::Instantiate { code, input, salt, compat, public_events: true };
        let receipt = client.command(owner, CommandDraft::new(action)).await?;
        let contract = receipt.outcome.result.map_err(anyhow::Error::from)?.created.context("a contract")?;
        Ok(Self { contract, metadata })
    }

    /// Has the contract emit an event.
    async fn mark(&self, client: &Client, caller: &Keypair, number: usize) -> anyhow::Result<()> {
        let input = self.metadata.encode_call("mark", &[number.to_string(), "\"here\"".to_owned()])?;
        let draft = CommandDraft::new(Action::Call { contract: self.contract, input });
        client.command(caller, draft).await?.outcome.result.map_err(anyhow::Error::from)?;
        Ok(())
    }
}

/// What a command takes to its receipt while all listen, milliseconds.
async fn receipts(client: &Client, caller: &Keypair, probe: &Probe) -> anyhow::Result<f64> {
    let mut times = Vec::new();
    for number in 0..EVENTS / 4 {
        let started = Instant::now();
        probe.mark(client, caller, number).await?;
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
        tokio::time::sleep(PAUSE).await;
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// From the cause of an event to the first and to the last subscriber, milliseconds.
struct Reached {
    last: Vec<f64>,
    spread: Vec<f64>,
}

impl Reached {
    fn quantile(&self, share: f64) -> f64 {
        quantile(&self.last, share)
    }

    fn spread(&self, share: f64) -> f64 {
        quantile(&self.spread, share)
    }
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below the length")]
    let index = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[index]
}

/// All subscribers, each on a connection of its own.
struct Audience {
    heard: mpsc::UnboundedReceiver<Instant>,
    _subscribers: JoinSet<anyhow::Result<()>>,
}

impl Audience {
    /// Opens all streams; each is open when its answer has begun.
    async fn gather(url: &str, path: &str) -> anyhow::Result<Self> {
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let (told, heard) = mpsc::unbounded_channel();
        let mut subscribers = JoinSet::new();
        for _ in 0..SUBSCRIBERS {
            let mut stream = TcpStream::connect(&address).await?;
            stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).await?;
            let mut buffer = Vec::with_capacity(1_024);
            while !buffer.windows(4).any(|end| end == b"\r\n\r\n") {
                ensure!(stream.read_buf(&mut buffer).await? > 0, "a stream was not opened");
            }
            ensure!(buffer.starts_with(b"HTTP/1.1 200"), "refused: {}", String::from_utf8_lossy(&buffer));
            subscribers.spawn(listen(stream, told.clone()));
        }
        Ok(Self { heard, _subscribers: subscribers })
    }

    /// Causes events one by one, and waits each time until all have it.
    async fn measure(&mut self, cause: impl AsyncFn(usize) -> anyhow::Result<()>) -> anyhow::Result<Reached> {
        let mut reached = Reached { last: Vec::new(), spread: Vec::new() };
        for number in 0..WARM_UP + EVENTS {
            let began = Instant::now();
            let (caused, all) = tokio::join!(cause(number), self.all());
            caused?;
            let (first, last) = all?;
            if number >= WARM_UP {
                reached.last.push((last - began).as_secs_f64() * 1_000.0);
                reached.spread.push((last - first).as_secs_f64() * 1_000.0);
            }
            tokio::time::sleep(PAUSE).await;
        }
        reached.last.sort_by(f64::total_cmp);
        reached.spread.sort_by(f64::total_cmp);
        Ok(reached)
    }

    async fn all(&mut self) -> anyhow::Result<(Instant, Instant)> {
        let mut times = Vec::with_capacity(SUBSCRIBERS);
        let gathered = async {
            while times.len() < SUBSCRIBERS {
                times.push(self.heard.recv().await.context("all subscribers are gone")?);
            }
            anyhow::Ok(())
        };
        if tokio::time::timeout(PATIENCE, gathered).await.is_err() {
            bail!("only {} of {SUBSCRIBERS} subscribers got the event", times.len());
        }
        let first = times.iter().min().context("a subscriber")?;
        Ok((*first, *times.iter().max().context("a subscriber")?))
    }
}

/// Tells of each event that comes.
async fn listen(mut stream: TcpStream, told: mpsc::UnboundedSender<Instant>) -> anyhow::Result<()> {
    let mut buffer = Vec::with_capacity(4_096);
    while stream.read_buf(&mut buffer).await? > 0 {
        let now = Instant::now();
        while let Some(at) = buffer.windows(MARK.len()).position(|window| window == MARK) {
            told.send(now)?;
            buffer.drain(..at + MARK.len());
        }
        // What is left may hold the beginning of a mark.
        buffer.drain(..buffer.len().saturating_sub(MARK.len()));
    }
    bail!("a stream ended")
}

/// What the bare broadcast took.
struct Bare {
    last: Reached,
    memory_mb: f64,
}

/// The bare broadcast, in a process of its own.
struct Broadcaster(Child);

impl Drop for Broadcaster {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn bare() -> anyhow::Result<Bare> {
    let port = free_port()?;
    let program = std::env::current_exe()?;
    let process = Command::new(program).args(["broadcast", &port.to_string()]).stdin(Stdio::null()).spawn()?;
    let process = Broadcaster(process);
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        ensure!(started.elapsed() < PATIENCE, "nobody listens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = memory_mb(process.0.id(), "VmRSS:")?;
    let url = format!("http://127.0.0.1:{port}");
    let mut audience = Audience::gather(&url, "/stream").await?;
    let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let last = audience
        .measure(async |_| {
            client.post(format!("{url}/emit")).send().await?.error_for_status()?;
            Ok(())
        })
        .await?;
    Ok(Bare { last, memory_mb: memory_mb(process.0.id(), "VmRSS:")? - before })
}

/// Serves `GET /stream`, and `POST /emit`, which sends an event of the size of a real one to all.
pub(crate) async fn serve(port: u16) -> anyhow::Result<()> {
    let (sender, _) = broadcast::channel::<axum::body::Bytes>(64);
    let router = axum::Router::new()
        .route("/stream", axum::routing::get(stream))
        .route("/emit", axum::routing::post(emit))
        .with_state(sender);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn emit(State(sender): State<broadcast::Sender<axum::body::Bytes>>) {
    let data = "0".repeat(400);
    let _ = sender.send(format!("id: 1-1\nevent: event\ndata: {data}\n\n").into()); // without listeners nobody misses it
}

async fn stream(State(sender): State<broadcast::Sender<axum::body::Bytes>>) -> impl IntoResponse {
    let first = axum::body::Bytes::from_static(b": idle\n\n");
    let stream = futures::stream::unfold((sender.subscribe(), Some(first)), |(mut receiver, first)| async move {
        let next = match first {
            Some(first) => first,
            None => receiver.recv().await.ok()?,
        };
        Some((Ok::<_, std::convert::Infallible>(next), (receiver, None)))
    });
    ([(axum::http::header::CONTENT_TYPE, "text/event-stream")], axum::body::Body::from_stream(stream))
}
