//! `tallow secret rm`

use crate::commands::call::{act, report_act};
use crate::context::Context;
use crate::failure::Failure;
use crate::named::ContractName;
use tallow_client::CommandDraft;
use tallow_types::Action;

/// Which secret.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project.
    contract: ContractName,
    /// The secret's name.
    name: String,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let client = context.client().await?;
    let contract = args.contract.resolve(context, &client)?;
    let action = Action::RemoveSecret { contract, name: args.name.clone() };
    let done = act(context, &client, &caller, CommandDraft::new(action), Some(contract)).await?;
    report_act(context, &done, &format!("{} forgotten", crate::output::plain(&args.name)))
}
