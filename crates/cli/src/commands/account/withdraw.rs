//! `tallow account withdraw`

use crate::amount::Amount;
use crate::commands::call::{act, report_act};
use crate::context::Context;
use crate::failure::Failure;
use serde_json::json;
use tallow_client::CommandDraft;
use tallow_types::{AccountId, Action};

/// What to move.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How much.
    amount: Amount,
    /// The account of the ledger that gets it; that of --from when not given.
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<AccountId>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let client = context.client().await?;
    let (amount, to) = (args.amount.0, args.to.unwrap_or_else(|| caller.caller()));
    let draft = CommandDraft::new(Action::Withdraw { to }).value(amount);
    let (receipt, mut document) = act(context, &client, &caller, draft, None).await?;
    // The ledger pays with the anchor.
    let anchored = client.wait_anchored(&receipt.receipt).await?;
    let ledger = client.ledger_balance(to).await?;
    context.remember(&client);
    document["to"] = json!(to);
    document["amount"] = json!(amount.to_string());
    document["anchored"] = json!(anchored.ledger_height);
    document["ledger_balance"] = json!(ledger.to_string());
    report_act(context, &(receipt, document), &format!("withdrew {amount} to {to}, which has {ledger} on the ledger"))
}
