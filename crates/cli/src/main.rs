//! `tallow`: runs, deploys and calls fat contracts.

mod amount;
mod args;
mod bytes;
mod commands;
mod context;
mod failure;
mod keystore;
mod local;
mod named;
mod output;
mod password;
mod private;
mod project;
mod resolve;
mod signer;
mod template;
mod time;

use args::{Cli, Command};
use clap::{CommandFactory, FromArgMatches};
use context::Context;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let output = output::Output::new(cli.global.json);
    let result = Context::new(cli.global, &matches).and_then(|context| match cli.command {
        Command::Local(command) => commands::run_local(command, &context),
        command => on_runtime(commands::run(command, &context)),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.fail(&failure),
    }
}

/// Runs what needs the network. A command that needs none does not wait for this.
fn on_runtime(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    log_to_stderr();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::failed(error.into()).hint("this machine is out of threads or files: see `tallow doctor`")
    })?;
    let result = runtime.block_on(command);
    // A task that does not end must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
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
