//! `tallow receipt`

use crate::bytes::Hex;
use crate::commands::call::merge;
use crate::context::Context;
use crate::failure::Failure;
use crate::local::SentCommand;
use crate::resolve::{Returned, code_of, kept_metadata};
use anyhow::anyhow;
use serde_json::json;
use std::time::Duration;
use tallow_abi::Metadata;
use tallow_client::{Client, ClientError, Code, ProvenReceipt};
use tallow_types::CommandId;

/// Which receipt.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The command's id.
    id: CommandId,
    /// Key that opens the outcome; not needed for commands sent from here.
    #[arg(long, value_name = "HEX")]
    key: Option<Hex>,
    /// Seconds to wait for it.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    wait: u64,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let client = context.client().await?;
    let receipt =
        client.receipt_within(args.id, Duration::from_secs(args.wait)).await.map_err(|error| match error {
            ClientError::Api(problem) if problem.code == Code::NotFound => {
                Failure::failed(anyhow!("the worker does not know command {}", args.id))
                    .hint("check the id; a worker keeps receipts for a limited time, and commands until they expire")
            }
            ClientError::NoReceipt { .. } => {
                Failure::failed(anyhow!("the worker has no receipt of command {}", args.id))
                    .hint("check the id; if the command is still under way, give it time with --wait SECONDS")
            }
            error => error.into(),
        })?;
    let sent = context.local.command(args.id);
    let anchored = receipt.anchored.map(|anchored| anchored.ledger_height);
    context.remember(&client);
    context.output.note(format!(
        "command {} is final at height {} of cluster {}, {}",
        receipt.id,
        receipt.height,
        client.cluster_id(),
        anchored.map_or_else(|| "not anchored yet".to_owned(), |height| format!("anchored at ledger height {height}"))
    ));
    match response_key(args, sent.as_ref())? {
        Some(key) => opened(context, &client, receipt, &key, sent).await,
        None => {
            let document =
                json!({ "command": receipt.id, "height": receipt.height, "anchored": anchored, "sealed": true });
            context.output.document(&document);
            context.output.text("sealed: only who sent the command can read its outcome (--key HEX)");
            Ok(())
        }
    }
}

fn response_key(args: &Args, sent: Option<&SentCommand>) -> Result<Option<[u8; 32]>, Failure> {
    let kept = || sent.and_then(|sent| sent.response_key.parse::<Hex>().ok());
    let Some(Hex(bytes)) = args.key.clone().or_else(kept) else { return Ok(None) };
    let key = bytes.try_into().map_err(|_| Failure::usage(anyhow!("--key is not 32 bytes")));
    key.map(Some).map_err(|failure| failure.hint("give 0x followed by 64 hexadecimal digits"))
}

async fn opened(
    context: &Context,
    client: &Client,
    receipt: ProvenReceipt,
    key: &[u8; 32],
    sent: Option<SentCommand>,
) -> Result<(), Failure> {
    let receipt = receipt.open(key)?;
    let metadata = match &sent {
        Some(sent) => metadata(context, client, sent).await,
        None => None,
    };
    let constructor = sent.as_ref().is_some_and(|sent| sent.constructor);
    let name = sent.and_then(|sent| sent.message);
    let message = metadata.as_ref().zip(name).and_then(|(metadata, name)| match constructor {
        true => metadata.constructor(&name).ok(),
        false => metadata.message(&name).ok(),
    });
    let returned = Returned::read(&receipt.outcome.result, metadata.as_ref(), message, constructor);
    let mut document = returned.document();
    merge(&mut document, &receipt, 0.0);
    document.as_object_mut().map(|fields| fields.remove("latency_ms"));
    document["contract"] = json!(receipt.outcome.result.as_ref().ok().and_then(|output| output.created));
    returned.report(context, document)
}

/// What is known of the called contract; the receipt is readable without it.
async fn metadata(context: &Context, client: &Client, sent: &SentCommand) -> Option<Metadata> {
    let code = match (sent.code, sent.contract) {
        (Some(code), _) => code,
        (None, Some(contract)) => code_of(client, contract).await.ok()?,
        (None, None) => return None,
    };
    kept_metadata(context, code).ok().flatten()
}
