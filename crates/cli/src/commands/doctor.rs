//! `tallow doctor`: what this machine needs to build, run and call contracts, and whether it has it.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Color;
use anyhow::anyhow;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tallow_build::{Program, Toolchain};
use tallow_client::{ClientError, Rejection};

/// Free space that building a contract and running a network take, bytes.
const FREE_BYTES_MIN: u64 = 2 << 30;
/// Open files that a network with some hundred clients takes.
const FILES_MIN: u64 = 1_024;
/// Memory mappings that the engine's pool takes.
const MAPS_MIN: u64 = 65_530;
/// Longest time that the worker may take to prove itself.
const WORKER_PATIENCE: Duration = Duration::from_secs(10);
/// Seconds since the Unix epoch of the start of 2026: no clock of this program's time is before it.
const CLOCK_MIN: u64 = 1_767_225_600;

/// Nothing.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// How a check went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Warn,
    Fail,
}

/// One line of the report.
struct Check {
    name: &'static str,
    state: State,
    /// What was found.
    found: String,
    /// What to do; nothing when all is well.
    advice: String,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: State::Ok, found: found.into(), advice: String::new() }
    }

    fn bad(name: &'static str, state: State, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, state, found: found.into(), advice: advice.into() }
    }
}

pub(crate) fn run(_: &Args, context: &Context) -> Result<(), Failure> {
    let mut checks = vec![toolchain(), linker(), clock(), home(context), disk(), port()];
    checks.extend(limits());
    crate::on_runtime("doctor", async {
        checks.extend(worker(context).await);
        Ok(())
    })?;
    show(context, &checks)
}

fn toolchain() -> Check {
    match Toolchain::find(Path::new(".")) {
        Ok(found) => Check::ok("toolchain", format!("{} builds Wasm ({})", found.compiler(), found.origin())),
        Err(missing) => Check::bad("toolchain", State::Fail, missing.lacks, missing.install),
    }
}

/// Macros and the metadata program are programs of this machine.
fn linker() -> Check {
    match Program::new("cc").arg("--version").probe() {
        Some(version) => Check::ok("linker", version.lines().next().unwrap_or("cc").to_owned()),
        None => Check::bad("linker", State::Fail, "there is no cc", "install a C compiler, such as gcc or clang"),
    }
}

/// Commands expire by the clock, and evidence has an age.
fn clock() -> Check {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if now >= CLOCK_MIN {
        return Check::ok("clock", format!("{now} s since 1970"));
    }
    Check::bad("clock", State::Fail, "the clock is in the past", "set the clock: commands expire by it")
}

/// Whether what must be remembered can be.
fn home(context: &Context) -> Check {
    match context.local.check() {
        Ok(root) => Check::ok("memory", format!("{} can be written", root.display())),
        Err(error) => Check::bad(
            "memory",
            State::Warn,
            format!("nothing can be remembered: {error}"),
            "give a folder that can be written to by TALLOW_HOME",
        ),
    }
}

#[cfg(unix)]
fn disk() -> Check {
    let advice = "free some space: building and running take about 2 GiB";
    match nix::sys::statvfs::statvfs(".") {
        Err(error) => Check::bad("disk", State::Warn, format!("the free space is not known: {error}"), advice),
        Ok(disk) => {
            // The types differ between systems.
            #[allow(clippy::useless_conversion, reason = "u32 on some systems")]
            let free = u64::from(disk.blocks_available()).saturating_mul(u64::from(disk.fragment_size()));
            let found = format!("{} MiB free here", free >> 20);
            if free >= FREE_BYTES_MIN {
                Check::ok("disk", found)
            } else {
                Check::bad("disk", State::Warn, found, advice)
            }
        }
    }
}

#[cfg(not(unix))]
fn disk() -> Check {
    Check::bad("disk", State::Warn, "the free space is not known", "keep about 2 GiB free")
}

/// Whether `tallow dev` could listen, or does.
fn port() -> Check {
    let address = ("127.0.0.1", tallow_api::DEV_PORT);
    match std::net::TcpListener::bind(address) {
        Ok(_) => Check::ok("port", format!("{} is free for `tallow dev`", address.1)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Check::ok("port", format!("{} is in use, perhaps by `tallow dev`", address.1))
        }
        Err(error) => Check::bad(
            "port",
            State::Warn,
            format!("{} cannot be opened: {error}", address.1),
            "choose another one with `tallow dev --port`",
        ),
    }
}

#[cfg(unix)]
fn limits() -> Vec<Check> {
    use rustix::process::{Resource, getrlimit};
    let mut checks = Vec::new();
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    checks.push(at_least("open files", files, FILES_MIN, "raise the limit with `ulimit -n 65536`"));
    let maps = std::fs::read_to_string("/proc/sys/vm/max_map_count").ok();
    if let Some(maps) = maps.and_then(|text| text.trim().parse().ok()) {
        let advice = "as root: sysctl vm.max_map_count=262144; with less, fewer contracts run at once";
        checks.push(at_least("memory maps", maps, MAPS_MIN, advice));
    }
    checks
}

#[cfg(not(unix))]
fn limits() -> Vec<Check> {
    Vec::new()
}

#[cfg(unix)]
fn at_least(name: &'static str, found: u64, wanted: u64, advice: &str) -> Check {
    let text = if found == u64::MAX { "no limit".to_owned() } else { format!("up to {found}") };
    if found >= wanted { Check::ok(name, text) } else { Check::bad(name, State::Warn, text, advice) }
}

/// The worker that commands would use: whether it answers, proves itself, and is of this version.
async fn worker(context: &Context) -> Vec<Check> {
    let url = &context.global.url;
    let client = match tokio::time::timeout(WORKER_PATIENCE, context.connect()).await {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => return vec![unreachable(error)],
        Err(_) => {
            let found = format!("{url} does not prove itself in {} s", WORKER_PATIENCE.as_secs());
            return vec![Check::bad("worker", State::Warn, found, "use another worker by --url")];
        }
    };
    let mut checks = vec![Check::ok("worker", format!("{url} is proven to be of network {}", client.network()))];
    checks.push(match client.status().await {
        Ok(status) => version(&status.version),
        Err(error) => unreachable(error),
    });
    let development = client.development();
    if !development.is_empty() {
        let found = "a development network: attestation is simulated, accounts are known to everyone";
        checks.push(Check::bad("network", State::Warn, found, "keep nothing of value there"));
    }
    checks
}

/// Without a network much can be done; a worker that proves itself false is another matter.
fn unreachable(error: ClientError) -> Check {
    let state = if matches!(error, ClientError::Rejected(_)) { State::Fail } else { State::Warn };
    let name =
        if matches!(error, ClientError::Rejected(Rejection::WrongNetwork { .. })) { "network" } else { "worker" };
    let failure = Failure::from(error);
    Check::bad(name, state, format!("{:#}", failure.error), failure.hint)
}

fn version(of_worker: &str) -> Check {
    let own = env!("CARGO_PKG_VERSION");
    let of_worker = crate::output::plain(of_worker);
    if of_worker == own {
        return Check::ok("version", format!("{own}, as the worker's"));
    }
    let found = format!("this program is {own}, the worker {of_worker}");
    Check::bad("version", State::Warn, found, "use the version of tallow that belongs to the worker")
}

fn show(context: &Context, checks: &[Check]) -> Result<(), Failure> {
    let output = &context.output;
    for check in checks {
        let state = match check.state {
            State::Ok => output.paint(Color::Green, "ok  "),
            State::Warn => output.paint(Color::Yellow, "warn"),
            State::Fail => output.paint(Color::Red, "fail"),
        };
        output.text(format!("{state}  {:<11}  {}", check.name, check.found));
        if !check.advice.is_empty() {
            output.text(format!("{:19}{}", "", check.advice));
        }
    }
    let failed = checks.iter().filter(|check| check.state == State::Fail).count();
    let document = json!({ "failed": failed, "checks": checks.iter().map(document).collect::<Vec<_>>() });
    if failed == 0 {
        output.document(&document);
        return Ok(());
    }
    let error = anyhow!("{failed} of {} checks failed", checks.len());
    Err(Failure::failed(error).hint("the lines above say what to do").document(document))
}

fn document(check: &Check) -> serde_json::Value {
    let state = match check.state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Fail => "fail",
    };
    json!({ "name": check.name, "state": state, "found": check.found, "advice": check.advice })
}
