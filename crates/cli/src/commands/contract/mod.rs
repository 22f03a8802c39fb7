//! `tallow contract`: one file for each subcommand.

mod list;
mod show;

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
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::List(args) => list::run(&args, context).await,
        Command::Show(args) => show::run(&args, context).await,
    }
}
