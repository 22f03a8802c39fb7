//! `tallow secret`: one file for each subcommand.

mod dotenv;
mod list;
mod rm;
mod set;

use crate::context::Context;
use crate::failure::Failure;

/// What to do with a contract's secrets.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Keep a value that the contract can read and nobody else; from standard input or a file.
    Set(set::Args),
    /// Show names, sizes and dates of a contract's secrets; never their values.
    List(list::Args),
    /// Forget a secret.
    Rm(rm::Args),
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::Set(args) => set::run(&args, context).await,
        Command::List(args) => list::run(&args, context).await,
        Command::Rm(args) => rm::run(&args, context).await,
    }
}
