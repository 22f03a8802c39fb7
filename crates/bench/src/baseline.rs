//! What the machine can do at most: a bare handler on the same HTTP stack, a bare fdatasync, the consensus engine
//! alone.

use crate::load::{self, Measured};
use anyhow::Context;
use axum::serve::ListenerExt;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Bytes of an echoed body: about those of a sealed query.
const ECHO_BYTES: usize = 256;

/// Serves `POST /` by answering with the body.
pub(crate) async fn serve_echo(port: u16) -> anyhow::Result<()> {
    let router = axum::Router::new().route("/", axum::routing::post(|body: axum::body::Bytes| async move { body }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

/// The echo server in a process of its own, as the worker is.
pub(crate) struct Echo {
    process: Child,
    url: String,
}

impl Echo {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let port = free_port()?;
        let process =
            Command::new(std::env::current_exe()?).args(["echo", &port.to_string()]).stdin(Stdio::null()).spawn()?;
        let url = format!("http://127.0.0.1:{port}/");
        let this = Self { process, url };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(this);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("the echo server does not listen")
    }

    /// Latency with one request in flight, or throughput with many.
    pub(crate) async fn measure(&self, tasks: u64, duration: Duration) -> anyhow::Result<Measured> {
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
        let url = self.url.clone();
        load::run(tasks, duration, None, move |_| {
            let request = client.post(&url).body(vec![7; ECHO_BYTES]);
            async move {
                let body = request.send().await?.error_for_status()?.bytes().await?;
                anyhow::ensure!(body.len() == ECHO_BYTES, "the echo differs");
                Ok(())
            }
        })
        .await
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the disk takes for a small append and fdatasync, milliseconds.
pub(crate) struct Fdatasync {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

/// Appends and syncs, one after the other with a pause between, as a log under light load does.
pub(crate) fn fdatasync() -> anyhow::Result<Fdatasync> {
    let mut file = tempfile::tempfile().context("a file for fdatasync")?;
    let mut samples = Vec::new();
    for _ in 0..2_000 {
        file.write_all(&[7; 256])?;
        let started = Instant::now();
        file.sync_data()?;
        samples.push(started.elapsed().as_secs_f64() * 1_000.0);
        std::thread::sleep(Duration::from_millis(1));
    }
    samples.sort_by(f64::total_cmp);
    let last = samples.len() - 1;
    Ok(Fdatasync { p50_ms: samples[last / 2], p99_ms: samples[last * 99 / 100], max_ms: samples[last] })
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
