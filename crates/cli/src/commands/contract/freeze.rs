//! `tallow contract freeze`

use crate::commands::call::{act, report_act};
use crate::context::Context;
use crate::failure::Failure;
use anyhow::anyhow;
use tallow_client::CommandDraft;
use tallow_types::{AccountId, Action};

/// Which contract.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address.
    contract: AccountId,
    /// Do it: nobody can take it back.
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    if !args.yes {
        let error = anyhow!("to freeze a contract gives up the right to replace its code, for ever");
        return Err(Failure::usage(error).hint("say --yes if that is what you want"));
    }
    let caller = context.signer()?;
    let client = context.client().await?;
    let draft = CommandDraft::new(Action::Freeze { contract: args.contract });
    let done = act(context, &client, &caller, draft, Some(args.contract)).await?;
    report_act(context, &done, "frozen")
}
