//! `tallow cluster system-contract`

use crate::commands::call::{act, report_act};
use crate::context::Context;
use crate::failure::Failure;
use serde_json::json;
use tallow_client::CommandDraft;
use tallow_types::{AccountId, Action, Query, QueryResult};

/// Which contract.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract to name; without it, the one that is named is shown.
    contract: Option<AccountId>,
    /// Name none.
    #[arg(long, conflicts_with = "contract")]
    none: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let client = context.client().await?;
    if args.contract.is_some() || args.none {
        let draft = CommandDraft::new(Action::SetSystemContract { contract: args.contract });
        let done = act(context, &client, &caller, draft, None).await?;
        let named = args.contract.map_or_else(|| "none".to_owned(), |contract| contract.to_string());
        return report_act(context, &done, &format!("system contract {named}"));
    }
    let QueryResult::SystemContract(contract) = client.query(&caller, Query::SystemContract).await?.result else {
        return Err(Failure::failed(anyhow::anyhow!("the client let an answer of another kind pass")));
    };
    context.remember(&client);
    context.output.document(&json!({ "system_contract": contract }));
    match contract {
        Some(contract) => context.output.text(contract),
        None => context.output.note("the cluster has no system contract"),
    }
    Ok(())
}
