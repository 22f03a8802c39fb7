//! `tallow account faucet`

use super::balance::in_cluster;
use crate::amount::Amount;
use crate::commands::call::{act, report_act};
use crate::context::Context;
use crate::failure::Failure;
use anyhow::anyhow;
use std::sync::Arc;
use tallow_client::{CommandDraft, Keypair, Signer};
use tallow_types::{AccountId, Action};

/// Accounts whose keys everybody knows; the first that is not the receiver gives.
const GIVERS: [&str; 2] = ["//Alice", "//Bob"];

/// Whom to give to.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The account; that of --from when not given.
    account: Option<AccountId>,
    /// How much.
    #[arg(long, default_value = "1_000_000_000_000")]
    amount: Amount,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let to = match args.account {
        Some(account) => account,
        None => context.signer()?.caller(),
    };
    let client = context.client().await?;
    // What the client found by itself: a worker cannot talk anybody into it.
    if client.development().is_empty() {
        let error = anyhow!("this is not a development network: nobody gives balance away here");
        return Err(Failure::usage(error).hint("ask somebody who has balance for a transfer"));
    }
    let (name, giver) = giver(&to)?;
    let draft = CommandDraft::new(Action::Transfer { to }).value(args.amount.0);
    let done = act(context, &client, &giver, draft, None).await?;
    let balance = in_cluster(&client, &giver, to).await?;
    report_act(
        context,
        &done,
        &format!("development account {name} gave {} to {to}, which has {balance}", args.amount.0),
    )
}

fn giver(to: &AccountId) -> Result<(&'static str, Arc<dyn Signer>), Failure> {
    for name in GIVERS {
        let key = Keypair::from_uri(name).map_err(|error| Failure::failed(error.into()))?;
        if key.account() != *to {
            return Ok((name, Arc::new(key)));
        }
    }
    unreachable!("the givers are two different accounts")
}
