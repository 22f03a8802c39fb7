//! `tallow account`: one file for each subcommand.

mod balance;
mod transfer;

use crate::context::Context;
use crate::failure::Failure;

/// What to do with accounts.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show what an account has in the cluster.
    Balance(balance::Args),
    /// Move balance to another account of the cluster.
    Transfer(transfer::Args),
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::Balance(args) => balance::run(&args, context).await,
        Command::Transfer(args) => transfer::run(&args, context).await,
    }
}
