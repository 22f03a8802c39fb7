//! Benchmarks of the whole: drives the release binary from a separate process over real sockets, and measures the
//! baselines of the same machine in the same run. Started by `cargo xtask bench`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it prints a table, and how far it is")]

mod apply;
mod baseline;
mod cli;
mod consensus;
mod e2e;
mod fixture;
mod late;
mod load;
mod prices;
mod report;
mod server;
mod slow;
mod streams;
mod waiting;

use anyhow::{Context, bail};
use std::path::PathBuf;

/// Usage, for who starts it by hand.
const USAGE: &str = "\
    usage: tallow-bench e2e|waiting|streams|cli TALLOW_BINARY BUNDLES_DIR OUT.json | tallow-bench prices OUT.json [KERNEL] | tallow-bench echo|late|broadcast PORT \
    | tallow-bench commands TALLOW_BINARY BUNDLES_DIR IN_FLIGHT:SECONDS[:PER_SECOND] ..";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["echo", port] => runtime.block_on(baseline::serve_echo(port.parse().context(USAGE)?)),
        ["late", port] => runtime.block_on(late::serve(port.parse().context(USAGE)?)),
        ["broadcast", port] => runtime.block_on(streams::serve(port.parse().context(USAGE)?)),
        ["streams", tallow, bundles, out] => {
            let mut report = report::Report::default();
            runtime.block_on(streams::run(&mut report, &PathBuf::from(tallow), &PathBuf::from(bundles)))?;
            report.print();
            report.write(&PathBuf::from(out))
        }
        ["waiting", tallow, bundles, out] => {
            let mut report = report::Report::default();
            runtime.block_on(waiting::run(&mut report, &PathBuf::from(tallow), &PathBuf::from(bundles)))?;
            report.print();
            report.write(&PathBuf::from(out))
        }
        ["prices", out, ref only @ ..] => {
            let mut report = report::Report::default();
            prices::run(&mut report, only.first().copied().unwrap_or_default())?;
            report.write(&PathBuf::from(out))
        }
        ["cli", tallow, bundles, out] => {
            let report = runtime.block_on(cli::run(&PathBuf::from(tallow), &PathBuf::from(bundles)))?;
            report.print();
            report.write(&PathBuf::from(out))
        }
        ["commands", tallow, bundles, ref loads @ ..] => {
            let loads =
                loads.iter().map(|load| e2e::Load::parse(load).context(USAGE)).collect::<anyhow::Result<_>>()?;
            runtime.block_on(e2e::only_commands(&PathBuf::from(tallow), &PathBuf::from(bundles), loads))
        }
        ["e2e", tallow, bundles, out] => {
            let report = runtime.block_on(e2e::run(&PathBuf::from(tallow), &PathBuf::from(bundles)))?;
            report.print();
            report.write(&PathBuf::from(out))
        }
        _ => bail!(USAGE),
    }
}
