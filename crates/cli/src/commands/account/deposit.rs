//! `tallow account deposit`

use super::balance::in_cluster;
use crate::amount::Amount;
use crate::context::Context;
use crate::failure::Failure;
use serde_json::json;
use tallow_client::Deposited;
use tallow_types::AccountId;

/// What to move.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How much.
    amount: Amount,
    /// The account of the cluster that gets it; that of --from when not given.
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<AccountId>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let client = context.client().await?;
    let (from, amount) = (caller.caller(), args.amount.0);
    let to = args.to.unwrap_or(from);
    let Deposited { ledger_height, credited } = client.deposit(&caller, to, amount).await?;
    let balance = in_cluster(&client, &caller, to).await?;
    let ledger = client.ledger_balance(from).await?;
    context.remember(&client);
    context.output.document(&json!({
        "from": from,
        "to": to,
        "amount": amount.to_string(),
        "ledger_height": ledger_height,
        "credited": credited,
        "balance": balance.to_string(),
        "ledger_balance": ledger.to_string(),
    }));
    if credited {
        context.output.note(format!("deposited {amount} for {to}, which has {balance} in the cluster"));
    } else {
        context.output.warn(format!(
            "the ledger took {amount} for {to} at height {ledger_height}; the cluster has not credited it yet and will"
        ));
    }
    Ok(())
}
