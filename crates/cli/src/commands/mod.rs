//! One file for each command.

pub(crate) mod account;
pub(crate) mod blocks;
pub(crate) mod build;
pub(crate) mod call;
pub(crate) mod cluster;
pub(crate) mod completions;
pub(crate) mod contract;
pub(crate) mod demo;
pub(crate) mod deploy;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod receipt;
pub(crate) mod reference;
pub(crate) mod secret;
pub(crate) mod status;
pub(crate) mod test;
pub(crate) mod timers;
pub(crate) mod verify;

use crate::args::{Command, Local};
use crate::context::Context;
use crate::failure::Failure;

/// Runs a command that needs no network, and so no runtime.
pub(crate) fn run_local(command: Local, context: &Context) -> Result<(), Failure> {
    match command {
        Local::New(args) => new::run(&args, context),
        Local::Build(args) => build::run(&args, context),
        Local::Test(args) => test::run(&args, context),
        Local::Verify(args) => verify::run(&args, context),
        Local::Doctor(args) => doctor::run(&args, context),
        Local::Completions(args) => completions::run(&args),
        Local::Man(args) => man::run(&args, context),
        Local::Reference(args) => reference::run(&args, context),
    }
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::Local(command) => run_local(command, context),
        Command::Demo(args) => demo::run(args, context).await,
        Command::Dev(args) => dev::run(args, context).await,
        Command::Deploy(args) => deploy::run(args, context).await,
        Command::Call(args) => call::run(args, context).await,
        Command::Status(args) => status::run(args, context).await,
        Command::Receipt(args) => receipt::run(&args, context).await,
        Command::Logs(args) => logs::run(&args, context).await,
        Command::Events(args) => events::run(&args, context).await,
        Command::Blocks(args) => blocks::run(&args, context).await,
        Command::Timers(args) => timers::run(&args, context).await,
        Command::Cluster(args) => cluster::run(args, context).await,
        Command::Contract(args) => contract::run(args, context).await,
        Command::Secret(args) => secret::run(args, context).await,
        Command::Account(args) => account::run(args, context).await,
    }
}
