//! The whole path, as a user has it: sealing, sending, executing, certifying and verifying, all inside the timed window.

use crate::baseline::{self, Echo};
use crate::fixture::{self, Fixture};
use crate::load::{self, Measured};
use crate::report::Report;
use crate::server::Server;
use crate::{apply, consensus, slow};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tallow_client::Client;
use tallow_crypto::Keypair;

/// Times that the bases and what is compared with them are measured in turn: a machine whose speed changes changes it for
/// both.
const TURNS: usize = 5;
/// Time of one load of a turn.
const TURN_LOAD: Duration = Duration::from_secs(1);
/// Time of a load whose tail counts.
const LOAD: Duration = Duration::from_secs(5);
/// Operations in flight where throughput is measured.
const MANY: u64 = 64;
/// Commands in flight where throughput is measured: enough to fill blocks while the log syncs.
const MANY_COMMANDS: u64 = 256;
/// Receipts followed to their anchor.
const ANCHORED: usize = 20;

/// A client with who calls and what is called.
#[derive(Clone)]
struct Target {
    client: Client,
    owner: Arc<Keypair>,
    flipper: Arc<Fixture>,
}

/// Runs everything.
pub(crate) async fn run(tallow: &Path, bundles: &Path) -> anyhow::Result<Report> {
    let mut report = Report::default();
    disk(&mut report)?;
    let server = Server::start(tallow).await?;
    report.with_target("startup_ms", server.startup.as_secs_f64() * 1_000.0, "< 2000".to_owned());
    report.with_target("idle_cpu_pct", server.cpu_pct(Duration::from_secs(5)).await?, "< 3".to_owned());

    let owner = Arc::new(Keypair::from_uri("//Alice")?);
    let flipper = Arc::new(Fixture::deploy(&server.client, &owner, bundles, "flipper", &["false"]).await?);
    let target = Target { client: server.client.clone(), owner, flipper };
    let command_per_s = turns(&mut report, &target).await?;
    command_tail(&mut report, &target, 0.2 * command_per_s).await?;
    anchors(&mut report, &target).await?;
    slow::run(&mut report, &server.client, &target.owner, bundles, &target.flipper).await?;
    report.with_target("rss_mb", server.resident_mb()?, "< 250 after the demo".to_owned());
    drop(server);
    applying(&mut report, bundles)?;
    Ok(report)
}

/// A load of commands, as it is given on the command line: `IN_FLIGHT:SECONDS[:PER_SECOND]`.
pub(crate) struct Load {
    in_flight: u64,
    duration: Duration,
    rate: Option<f64>,
}

impl Load {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let in_flight = parts.next()?.parse().ok()?;
        let duration = Duration::from_secs(parts.next()?.parse().ok()?);
        let rate = parts.next().map(str::parse).transpose().ok()?;
        Some(Self { in_flight, duration, rate })
    }
}

/// Loads of commands and nothing else, one after the other on one worker, to be profiled or traced.
pub(crate) async fn only_commands(tallow: &Path, bundles: &Path, loads: Vec<Load>) -> anyhow::Result<()> {
    let server = Server::start(tallow).await?;
    let owner = Arc::new(Keypair::from_uri("//Alice")?);
    let flipper = Arc::new(Fixture::deploy(&server.client, &owner, bundles, "flipper", &["false"]).await?);
    let target = Target { client: server.client.clone(), owner, flipper };
    for Load { in_flight, duration, rate } in loads {
        let measured = command_load(&target, in_flight, duration, rate).await?;
        let [p50, p90, p99, p999, all] = [0.5, 0.9, 0.99, 0.999, 1.0].map(|share| measured.quantile_ms(share));
        let per_s = measured.per_second();
        println!("{per_s:.0} commands/s; p50 {p50:.2}, p90 {p90:.2}, p99 {p99:.2}, p99.9 {p999:.2}, all {all:.2} ms");
    }
    Ok(())
}

fn disk(report: &mut Report) -> anyhow::Result<()> {
    let disk = baseline::fdatasync()?;
    report.add("fdatasync_p50_ms", disk.p50_ms);
    report.add("fdatasync_p99_ms", disk.p99_ms);
    report.add("fdatasync_max_ms", disk.max_ms);
    Ok(())
}

/// What one turn measured, or the median of all.
#[derive(Debug)]
struct Turn {
    echo_p50_ms: f64,
    echo_per_s: f64,
    empty_block_ms: f64,
    query_p50_ms: f64,
    query_p99_ms: f64,
    query_per_s: f64,
    command_p50_ms: f64,
    command_per_s: f64,
}

impl Turn {
    async fn measure(echo: &Echo, target: &Target) -> anyhow::Result<Self> {
        let echo_p50_ms = echo.measure(1, TURN_LOAD).await?.quantile_ms(0.5);
        let query = query_load(target, 1).await?;
        let empty_block_ms = consensus::empty_block_p50_ms().await?;
        let command_p50_ms = command_load(target, 1, TURN_LOAD, None).await?.quantile_ms(0.5);
        Ok(Self {
            echo_p50_ms,
            echo_per_s: echo.measure(MANY, TURN_LOAD).await?.per_second(),
            empty_block_ms,
            query_p50_ms: query.quantile_ms(0.5),
            query_p99_ms: query.quantile_ms(0.99),
            query_per_s: query_load(target, MANY).await?.per_second(),
            command_p50_ms,
            command_per_s: command_load(target, MANY_COMMANDS, TURN_LOAD, None).await?.per_second(),
        })
    }

    fn median(turns: &[Self]) -> Self {
        let median = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = turns.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        Self {
            echo_p50_ms: median(|turn| turn.echo_p50_ms),
            echo_per_s: median(|turn| turn.echo_per_s),
            empty_block_ms: median(|turn| turn.empty_block_ms),
            query_p50_ms: median(|turn| turn.query_p50_ms),
            query_p99_ms: median(|turn| turn.query_p99_ms),
            query_per_s: median(|turn| turn.query_per_s),
            command_p50_ms: median(|turn| turn.command_p50_ms),
            command_per_s: median(|turn| turn.command_per_s),
        }
    }

    fn report(&self, report: &mut Report) {
        let (query_limit, command_limit) = (4.0 * self.echo_p50_ms, 1.5 * self.empty_block_ms + 4.0 * self.echo_p50_ms);
        let query_floor = 0.1 * self.echo_per_s;
        report.add("echo_p50_ms", self.echo_p50_ms);
        report.add("echo_per_s", self.echo_per_s);
        report.add("empty_block_p50_ms", self.empty_block_ms);
        report.with_target("query_p50_ms", self.query_p50_ms, format!("< 4x echo = {query_limit:.3}"));
        report.with_target("query_p99_ms", self.query_p99_ms, "< 5".to_owned());
        report.with_target("query_per_s", self.query_per_s, format!(">= 8000 and >= 0.1x echo = {query_floor:.0}"));
        report.add("query_p50_to_echo_ratio", self.query_p50_ms / self.echo_p50_ms);
        let target = format!("< 1.5x empty block + 4x echo = {command_limit:.3}");
        report.with_target("command_p50_ms", self.command_p50_ms, target);
        report.with_target("command_per_s", self.command_per_s, ">= 3000".to_owned());
        report.add("command_p50_to_empty_block_ratio", self.command_p50_ms / self.empty_block_ms);
    }
}

/// Measures in turns; gives the commands per second.
async fn turns(report: &mut Report, target: &Target) -> anyhow::Result<f64> {
    let echo = Echo::start().await?;
    let mut turns = Vec::with_capacity(TURNS);
    for number in 1..=TURNS {
        let turn = Turn::measure(&echo, target).await?;
        eprintln!("turn {number} of {TURNS}: {turn:.3?}");
        turns.push(turn);
    }
    let median = Turn::median(&turns);
    median.report(report);
    Ok(median.command_per_s)
}

async fn query_load(target: &Target, tasks: u64) -> anyhow::Result<Measured> {
    let target = target.clone();
    load::run(tasks, TURN_LOAD, None, move |_| {
        let target = target.clone();
        async move { fixture::query(&target.client, &target.owner, target.flipper.query("get")?).await }
    })
    .await
}

async fn command_load(target: &Target, tasks: u64, duration: Duration, rate: Option<f64>) -> anyhow::Result<Measured> {
    let target = target.clone();
    load::run(tasks, duration, rate, move |_| {
        let target = target.clone();
        async move {
            fixture::command(&target.client, &target.owner, target.flipper.command("flip")?).await?;
            Ok(())
        }
    })
    .await
}

/// The slowest of many commands under light load, `rate` of them a second.
async fn command_tail(report: &mut Report, target: &Target, rate: f64) -> anyhow::Result<()> {
    let tail = load::tail(async || Ok(command_load(target, MANY, LOAD, Some(rate)).await?.quantile_ms(0.99))).await?;
    report.with_target("command_p99_ms", tail.median_ms, "< 15 at 20 % of maximum load".to_owned());
    report.add("command_p99_worst_ms", tail.worst_ms);
    Ok(())
}

/// From the receipt to the verified anchor.
async fn anchors(report: &mut Report, target: &Target) -> anyhow::Result<()> {
    let interval_ms = target.client.status().await?.anchor_interval_ms as f64;
    let mut samples = Vec::new();
    for _ in 0..ANCHORED {
        let started = Instant::now();
        let receipt = fixture::command(&target.client, &target.owner, target.flipper.command("flip")?).await?;
        target.client.wait_anchored(&receipt.receipt).await?;
        samples.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    samples.sort_by(f64::total_cmp);
    let limit = interval_ms + 50.0;
    report.with_target("anchored_p50_ms", samples[samples.len() / 2], format!("< interval + 50 = {limit:.0}"));
    Ok(())
}

fn applying(report: &mut Report, bundles: &Path) -> anyhow::Result<()> {
    let small = apply::command_us(bundles, 1_000)?;
    let large = apply::command_us(bundles, 1_000_000)?;
    report.add("apply_us_1e3_keys", small);
    report.with_target("apply_us_1e6_keys", large, format!("<= 2x that at 10^3 = {:.3}", 2.0 * small));
    report.add("map_block_us_1e3_keys", apply::map_us(1_000));
    report.add("map_block_us_1e6_keys", apply::map_us(1_000_000));
    Ok(())
}
