//! What a user of the command line waits for: its start, and calls from the first byte of the process to its exit.

use crate::report::Report;
use crate::server::Server;
use anyhow::{Context, ensure};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Runs of each; the figure is the median.
const RUNS: usize = 31;

/// Measures a release binary against a network of its own.
pub(crate) async fn run(tallow: &Path, bundles: &Path) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let server = Server::start(tallow).await?;
    let home = tempfile::tempdir()?;
    let url = server.client.url().to_owned();
    let program = Program { tallow, home: home.path(), url: &url };
    report.add("process_start_ms", median(|| run_once(&mut Command::new("true")).map(drop))?);
    report.add("http_request_ms", median(|| request(&url))?);
    report.with_target("cli_start_ms", median(|| program.run(&["--version"]).map(drop))?, "< 30 ms".to_owned());
    report.add("cli_help_ms", median(|| program.run(&["--help"]).map(drop))?);
    report.add("cli_completions_ms", median(|| program.run(&["completions", "bash"]).map(drop))?);
    let bundle = bundles.join("flipper.contract").display().to_string();
    let deployed = program.run(&["deploy", &bundle, "--args", "true"])?;
    let contract = String::from_utf8(deployed.stdout)?.trim().to_owned();
    report.with_target(
        "call_query_ms",
        median(|| program.run(&["call", &contract, "get"]).map(drop))?,
        "< 60 ms".to_owned(),
    );
    let command = median(|| program.run(&["call", &contract, "flip"]).map(drop))?;
    report.with_target("call_command_ms", command, "< 60 ms".to_owned());
    Ok(report)
}

/// The program under test, with a home of its own.
struct Program<'a> {
    tallow: &'a Path,
    home: &'a Path,
    url: &'a str,
}

impl Program<'_> {
    fn run(&self, args: &[&str]) -> anyhow::Result<Output> {
        let mut command = Command::new(self.tallow);
        command.args(args).current_dir(self.home).env("TALLOW_HOME", self.home).env("TALLOW_URL", self.url);
        run_once(&mut command)
    }
}

fn run_once(command: &mut Command) -> anyhow::Result<Output> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("starting {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {said}");
    Ok(output)
}

/// A connection, a request and its answer, without a client: what the network alone takes.
fn request(url: &str) -> anyhow::Result<()> {
    let address = url.strip_prefix("http://").context("a URL without TLS")?;
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET /v1/genesis HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    ensure!(answer.starts_with(b"HTTP/1.1 200"), "the worker refused a bare request");
    Ok(())
}

/// Milliseconds that something takes, of several times that in the middle.
fn median(mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let began = Instant::now();
        work()?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times.get(RUNS / 2).map_or(0.0, Duration::as_secs_f64) * 1000.0)
}
