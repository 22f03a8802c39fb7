//! `tallow contract`: one file for each subcommand.

mod freeze;
mod list;
mod show;
mod upgrade;

use crate::context::Context;
use crate::failure::Failure;

/// What to do with contracts.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the contracts of the cluster, and which of them the ledger proves.
    List(list::Args),
    /// Show what the ledger lists of a contract, with proof.
    Show(show::Args),
    /// Replace a contract's code; its admin may, if it was deployed with --upgradable.
    Upgrade(upgrade::Args),
    /// Give up, for ever, the right to replace a contract's code.
    Freeze(freeze::Args),
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::List(args) => list::run(&args, context).await,
        Command::Show(args) => show::run(&args, context).await,
        Command::Upgrade(args) => upgrade::run(&args, context).await,
        Command::Freeze(args) => freeze::run(&args, context).await,
    }
}
