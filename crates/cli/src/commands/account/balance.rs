//! `tallow account balance`

use crate::context::Context;
use crate::failure::Failure;
use serde_json::json;
use tallow_client::{Client, Signer};
use tallow_types::{AccountId, Query, QueryResult};

/// Whose balance.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The account; that of --from when not given.
    account: Option<AccountId>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let client = context.client().await?;
    let account = args.account.unwrap_or_else(|| caller.caller());
    let balance = in_cluster(&client, &caller, account).await?;
    let ledger = client.ledger_balance(account).await?;
    context.remember(&client);
    let document = json!({ "account": account, "balance": balance.to_string(), "ledger_balance": ledger.to_string() });
    context.output.document(&document);
    context.output.text(format!("{balance} in the cluster\n{ledger} on the ledger"));
    Ok(())
}

/// What an account has in the cluster, as the worker says under its signature.
pub(super) async fn in_cluster(
    client: &Client,
    caller: &(impl Signer + ?Sized),
    account: AccountId,
) -> Result<u128, Failure> {
    match client.query(caller, Query::Balance(account)).await?.result {
        QueryResult::Balance(balance) => Ok(balance),
        _ => Err(Failure::failed(anyhow::anyhow!("the client let an answer of another kind pass"))),
    }
}
