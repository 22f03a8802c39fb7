//! `tallow contract freeze`

use crate::commands::call::{act, report_act};
use crate::context::Context;
use crate::failure::Failure;
use crate::named::ContractName;
use anyhow::anyhow;
use tallow_client::CommandDraft;
use tallow_types::Action;

/// Which contract.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project.
    contract: ContractName,
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
    let contract = args.contract.resolve(context, &client)?;
    let draft = CommandDraft::new(Action::Freeze { contract });
    let done = act(context, &client, &caller, draft, Some(contract)).await?;
    report_act(context, &done, "frozen")
}
