//! `tallow secret list`

use crate::context::Context;
use crate::failure::Failure;
use crate::named::ContractName;
use serde_json::json;
use tallow_types::{Query, QueryResult, SecretInfo};

/// Whose secrets.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project. In a project it may be left out: its own contract is meant.
    contract: Option<ContractName>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let named = ContractName::or_project(args.contract.as_ref(), context)?;
    let caller = context.signer()?;
    let client = context.client().await?;
    let contract = named.resolve(context, &client)?;
    let QueryResult::Secrets(secrets) = client.query(&caller, Query::Secrets(contract)).await?.result else {
        return Err(Failure::failed(anyhow::anyhow!("the client let an answer of another kind pass")));
    };
    context.remember(&client);
    let document =
        |SecretInfo { name, bytes, set_ms }: &SecretInfo| json!({ "name": name, "bytes": bytes, "set_ms": set_ms });
    context.output.document(&json!({ "secrets": secrets.iter().map(document).collect::<Vec<_>>() }));
    for SecretInfo { name, bytes, set_ms } in &secrets {
        context.output.text(format!("{:<32}  {bytes:>6} bytes  set at {set_ms}", crate::output::plain(name)));
    }
    if secrets.is_empty() {
        context.output.note("the contract has no secrets");
    }
    Ok(())
}
