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

/// Time of one load.
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
    let echo = baselines(&mut report).await?;
    let server = Server::start(tallow).await?;
    report.with_target("startup_ms", server.startup.as_secs_f64() * 1_000.0, "< 2000".to_owned());
    report.with_target("idle_cpu_pct", server.cpu_pct(Duration::from_secs(5)).await?, "< 3".to_owned());

    let owner = Arc::new(Keypair::from_uri("//Alice")?);
    let flipper = Arc::new(Fixture::deploy(&server.client, &owner, bundles, "flipper", &["false"]).await?);
    let target = Target { client: server.client.clone(), owner, flipper };
    queries(&mut report, &target, &echo).await?;
    commands(&mut report, &target, &echo).await?;
    anchors(&mut report, &target).await?;
    slow::run(&mut report, &server.client, &target.owner, bundles, &target.flipper).await?;
    report.with_target("rss_mb", server.resident_mb()?, "< 250 after the demo".to_owned());
    drop(server);
    applying(&mut report, bundles)?;
    Ok(report)
}

/// Latency and throughput of the bare echo.
struct EchoFigures {
    p50_ms: f64,
    per_s: f64,
    empty_block_ms: f64,
}

async fn baselines(report: &mut Report) -> anyhow::Result<EchoFigures> {
    let echo = Echo::start().await?;
    let p50_ms = echo.measure(1, LOAD).await?.quantile_ms(0.5);
    let per_s = echo.measure(MANY, LOAD).await?.per_second();
    drop(echo);
    let empty_block_ms = consensus::empty_block_p50_ms().await?;
    report.add("echo_p50_ms", p50_ms);
    report.add("echo_per_s", per_s);
    let disk = baseline::fdatasync()?;
    report.add("fdatasync_p50_ms", disk.p50_ms);
    report.add("fdatasync_p99_ms", disk.p99_ms);
    report.add("fdatasync_max_ms", disk.max_ms);
    report.add("empty_block_p50_ms", empty_block_ms);
    Ok(EchoFigures { p50_ms, per_s, empty_block_ms })
}

async fn query_load(target: &Target, tasks: u64) -> anyhow::Result<Measured> {
    let target = target.clone();
    load::run(tasks, LOAD, None, move |_| {
        let target = target.clone();
        async move { fixture::query(&target.client, &target.owner, target.flipper.query("get")?).await }
    })
    .await
}

async fn queries(report: &mut Report, target: &Target, echo: &EchoFigures) -> anyhow::Result<()> {
    let alone = query_load(target, 1).await?;
    let (p50, limit) = (alone.quantile_ms(0.5), 4.0 * echo.p50_ms);
    report.with_target("query_p50_ms", p50, format!("< 4x echo = {limit:.3}"));
    report.with_target("query_p99_ms", alone.quantile_ms(0.99), "< 5".to_owned());
    let per_s = query_load(target, MANY).await?.per_second();
    report.with_target("query_per_s", per_s, format!(">= 8000 and >= 0.1x echo = {:.0}", 0.1 * echo.per_s));
    report.add("query_p50_to_echo_ratio", p50 / echo.p50_ms);
    Ok(())
}

async fn command_load(target: &Target, tasks: u64, rate: Option<f64>) -> anyhow::Result<Measured> {
    let target = target.clone();
    load::run(tasks, LOAD, rate, move |_| {
        let target = target.clone();
        async move {
            fixture::command(&target.client, &target.owner, target.flipper.command("flip")?).await?;
            Ok(())
        }
    })
    .await
}

async fn commands(report: &mut Report, target: &Target, echo: &EchoFigures) -> anyhow::Result<()> {
    let p50 = command_load(target, 1, None).await?.quantile_ms(0.5);
    let limit = 1.5 * echo.empty_block_ms + 4.0 * echo.p50_ms;
    report.with_target("command_p50_ms", p50, format!("< 1.5x empty block + 4x echo = {limit:.3}"));
    let per_s = command_load(target, MANY_COMMANDS, None).await?.per_second();
    report.with_target("command_per_s", per_s, ">= 3000".to_owned());
    let rate = Some(0.2 * per_s);
    let tail = load::tail(async || Ok(command_load(target, MANY, rate).await?.quantile_ms(0.99))).await?;
    report.with_target("command_p99_ms", tail.median_ms, "< 15 at 20 % of maximum load".to_owned());
    report.add("command_p99_worst_ms", tail.worst_ms);
    report.add("command_p50_to_empty_block_ratio", p50 / echo.empty_block_ms);
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
