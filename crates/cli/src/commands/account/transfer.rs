//! `tallow account transfer`

use crate::amount::Amount;
use crate::commands::call::{act, report_act};
use crate::context::Context;
use crate::failure::Failure;
use tallow_client::CommandDraft;
use tallow_types::{AccountId, Action};

/// What to move.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The receiving account.
    to: AccountId,
    /// How much.
    amount: Amount,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let client = context.client().await?;
    let draft = CommandDraft::new(Action::Transfer { to: args.to }).value(args.amount.0);
    let done = act(context, &client, &caller, draft, None).await?;
    report_act(context, &done, &format!("moved {} to {}", args.amount.0, args.to))
}
