//! `tallow contract show`

use crate::context::Context;
use crate::failure::Failure;
use crate::resolve;
use serde_json::json;
use tallow_types::AccountId;

/// Which contract.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address.
    contract: AccountId,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let client = context.client().await?;
    let record = resolve::listed(&client, args.contract).await?;
    context.remember(&client);
    context.output.document(&json!({
        "contract": args.contract, "cluster": record.cluster, "code": record.code, "deployer": record.deployer,
    }));
    let (code, deployer, cluster) = (record.code, record.deployer, record.cluster);
    context.output.text(format!("code      {code}\ndeployer  {deployer}\ncluster   {cluster}"));
    Ok(())
}
