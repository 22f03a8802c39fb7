//! `tallow contract`: one file for each subcommand.

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
    /// Show what the ledger lists of a contract, with proof.
    Show(show::Args),
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::Show(args) => show::run(&args, context).await,
    }
}
