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
mod telemetry;
mod template;
mod time;

use args::{Cli, Command};
use clap::{CommandFactory, FromArgMatches};
use context::Context;
use failure::Failure;
use std::process::ExitCode;
use tallow_telemetry::span;
use telemetry::{Role, Telemetry};
use tracing::{Instrument, Span};

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let output = output::Output::new(cli.global.json);
    let result = Context::new(cli.global, &matches).and_then(|context| match cli.command {
        Command::Local(command) => commands::run_local(command, &context),
        command => on_runtime(matches.subcommand_name().unwrap_or_default(), commands::run(command, &context)),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.fail(&failure),
    }
}

/// Runs what needs the network, by the name of the command. A command that needs none does not wait for this.
fn on_runtime(name: &str, command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let role = if matches!(name, "dev" | "demo") { Role::Worker } else { Role::Client };
    let telemetry = Telemetry::start(role).map_err(|error| {
        Failure::usage(error.context("no traces can be exported"))
            .hint("see OTEL_EXPORTER_OTLP_ENDPOINT in docs/operate.md")
    })?;
    // A worker's traces begin with its clients.
    let span = match role {
        Role::Worker => Span::none(),
        Role::Client => span!("command line", otel.name = format_args!("tallow {name}")),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::failed(error.into()).hint("this machine is out of threads or files: see `tallow doctor`")
    })?;
    let result = runtime.block_on(command.instrument(span));
    // A task that does not end must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    drop(telemetry);
    result
}
