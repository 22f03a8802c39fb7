//! `tallow cluster policy`

use crate::commands::call::{act, report_act};
use crate::context::Context;
use crate::failure::Failure;
use serde_json::{Value, json};
use tallow_client::CommandDraft;
use tallow_types::{Action, ClusterPolicy};

/// What to change; without it, what the cluster takes is shown.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What each 10^9 gas costs, in the smallest unit of balance.
    #[arg(long, value_name = "AMOUNT")]
    gas_price: Option<u128>,
    /// What each byte of a command, or of an answer to its external calls, costs.
    #[arg(long, value_name = "AMOUNT")]
    byte_price: Option<u128>,
    /// What an account must have to send commands on its own account; those that have less share a small part of the
    /// cluster.
    #[arg(long, value_name = "AMOUNT")]
    funded_min: Option<u128>,
}

impl Args {
    fn changed(&self, policy: ClusterPolicy) -> ClusterPolicy {
        ClusterPolicy {
            gas_price: self.gas_price.unwrap_or(policy.gas_price),
            byte_price: self.byte_price.unwrap_or(policy.byte_price),
            funded_min: self.funded_min.unwrap_or(policy.funded_min),
        }
    }
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let client = context.client().await?;
    let found = client.policy().await?;
    let policy = args.changed(found);
    if [args.gas_price, args.byte_price, args.funded_min].iter().all(Option::is_none) {
        context.remember(&client);
        context.output.document(&document(&found));
        context.output.text(text(&found));
        return Ok(());
    }
    let caller = context.signer()?;
    let done = act(context, &client, &caller, CommandDraft::new(Action::SetPolicy { policy }), None).await?;
    report_act(context, &done, &text(&policy))
}

/// A policy in a document: amounts as text, since they do not fit a JSON number.
pub(super) fn document(policy: &ClusterPolicy) -> Value {
    let ClusterPolicy { gas_price, byte_price, funded_min } = policy;
    let [gas_price, byte_price, funded_min] = [gas_price, byte_price, funded_min].map(ToString::to_string);
    json!({ "gas_price": gas_price, "byte_price": byte_price, "funded_min": funded_min })
}

/// A policy in words.
pub(super) fn text(policy: &ClusterPolicy) -> String {
    let ClusterPolicy { gas_price, byte_price, funded_min } = policy;
    format!("{gas_price} for each 10^9 gas, {byte_price} for each byte; funded from a balance of {funded_min} on")
}
