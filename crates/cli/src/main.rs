//! `tallow`: runs, deploys and calls fat contracts.

mod amount;
mod args;
mod bytes;
mod commands;
mod context;
mod failure;
mod keystore;
mod local;
mod output;
mod password;
mod private;
mod resolve;
mod signer;
mod time;

use args::Cli;
use clap::Parser;
use context::Context;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    let context = Context::new(cli.global);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return context.output.fail(&failure::Failure::failed(error.into())),
    };
    let result = runtime.block_on(commands::run(cli.command, &context));
    // A task that does not end must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => context.output.fail(&failure),
    }
}

/// Warnings of our own parts, and errors of all others, unless `TALLOW_LOG` says otherwise (`info`, `tallow=debug` ...).
fn log_to_stderr() {
    let wanted = std::env::var("TALLOW_LOG").unwrap_or_default();
    let wanted = if wanted.is_empty() { "error,tallow=warn" } else { &wanted };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::builder().parse_lossy(wanted))
        .with_writer(std::io::stderr)
        .init();
}
