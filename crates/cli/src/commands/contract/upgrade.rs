//! `tallow contract upgrade`

use crate::commands::call::{merge, send};
use crate::commands::deploy::keep_metadata;
use crate::context::Context;
use crate::failure::{Failure, call_hint};
use crate::local::SentCommand;
use crate::named::ContractName;
use crate::resolve::{self, Input, Returned};
use anyhow::anyhow;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use tallow_abi::{Bundle, Metadata};
use tallow_client::{Client, CommandDraft, Signer};
use tallow_types::{AccountId, Action, CallError, CodeHash, ContractStatus, Query, QueryResult};

/// What to upgrade.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project.
    contract: ContractName,
    /// The new code: a .contract bundle, or a .wasm module.
    file: PathBuf,
    /// Message of the new code to call in the same command; the old code stays if it fails or reverts.
    #[arg(long, value_name = "MESSAGE")]
    migrate: Option<String>,
    /// Arguments of that message, as in Rust: 42, true, "text", 0x00ff, [1, 2], Some(1), { field: 1 }.
    #[arg(long, num_args = 0.., allow_negative_numbers = true, value_name = "ARG", requires = "migrate")]
    args: Vec<String>,
    /// Check everything and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Go on although messages disappear.
    #[arg(long)]
    force: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let (bundle, file) = resolve::bundle(&args.file, args.migrate.is_none())?;
    let migration = migration(args, &bundle)?;
    let client = context.client().await?;
    let contract = args.contract.resolve(context, &client)?;
    let before = status(&client, &caller, contract).await?;
    check_right(&caller, &before)?;
    let gone = gone(context, before.code, bundle.metadata.as_ref())?;
    for message in &gone {
        context.output.warn(format!("the new code has no message `{message}`, which the old one has"));
    }
    if args.dry_run {
        return dry_run(context, &client, &bundle, &before, &gone).await;
    }
    if !gone.is_empty() && !args.force {
        let error = anyhow!("messages would disappear: {}", gone.join(", "));
        return Err(Failure::usage(error).hint("who calls them will fail; say --force if that is meant"));
    }
    keep_metadata(context, &bundle, &file);
    upgrade(contract, context, &client, &caller, bundle, migration).await
}

async fn upgrade(
    contract: AccountId,
    context: &Context,
    client: &Client,
    caller: &Arc<dyn Signer>,
    bundle: Bundle,
    migration: Option<Input>,
) -> Result<(), Failure> {
    let Bundle { wasm, code_hash: code, metadata } = bundle;
    client.upload_code(caller, wasm).await?;
    let (migrate, message) = migration.map_or((None, None), |input| (Some(input.bytes), input.message));
    let migrates = migrate.is_some();
    let action = Action::Upgrade { contract, code, migrate };
    let sent = SentCommand {
        response_key: String::new(),
        contract: Some(contract),
        code: Some(code),
        message: message.as_ref().map(|message| message.label.clone()),
        constructor: false,
    };
    let (receipt, latency_ms) = send(context, client, caller, CommandDraft::new(action), sent).await?;
    context.remember(client);
    let metadata = metadata.as_ref().filter(|_| migrates);
    let returned = Returned::read(&receipt.outcome.result, metadata, message.as_ref(), false);
    let mut document = json!({ "contract": contract, "code": code });
    let fields = returned.document();
    document.as_object_mut().expect("it is an object").extend(fields.as_object().cloned().unwrap_or_default());
    merge(&mut document, &receipt, latency_ms);
    if let Some((error, hint)) = returned.error {
        let error = anyhow!("{error}").context("the contract keeps its old code");
        return Err(Failure::failed(error).hint(hint).document(document));
    }
    context.output.note(format!("command {} final at height {}, {latency_ms} ms", receipt.id, receipt.height));
    context.output.text(format!("{contract} runs code {code} now"));
    context.output.document(&document);
    Ok(())
}

fn migration(args: &Args, bundle: &Bundle) -> Result<Option<Input>, Failure> {
    let Some(name) = &args.migrate else { return Ok(None) };
    let metadata = bundle.metadata.as_ref().ok_or_else(|| {
        Failure::usage(anyhow!("{} has no metadata, so its messages cannot be called by name", args.file.display()))
            .hint("give the .contract file")
    })?;
    resolve::encode(metadata, name, &args.args, false, 0).map(Some)
}

/// What the contract is, as the worker says under its signature.
pub(crate) async fn status(
    client: &Client,
    caller: &(impl Signer + ?Sized),
    contract: AccountId,
) -> Result<ContractStatus, Failure> {
    match client.query(caller, Query::Contract(contract)).await?.result {
        QueryResult::Contract(Some(status)) => Ok(status),
        QueryResult::Contract(None) => Err(Failure::failed(anyhow!("there is no contract {contract} in this cluster"))
            .hint(call_hint(&CallError::ContractNotFound))),
        _ => Err(Failure::failed(anyhow!("the client let an answer of another kind pass"))),
    }
}

/// The cluster judges by itself; this says it before code is uploaded.
fn check_right(caller: &(impl Signer + ?Sized), status: &ContractStatus) -> Result<(), Failure> {
    let error = match status.admin {
        Some(admin) if admin == caller.caller() => return Ok(()),
        Some(_) => CallError::NotPermitted,
        None => CallError::NotUpgradable,
    };
    Err(Failure::failed(anyhow!("{error} ({})", error.name())).hint(call_hint(&error)))
}

/// Messages of the old code that the new code lacks, as far as the metadata of both is known here.
fn gone(context: &Context, old: CodeHash, new: Option<&Metadata>) -> Result<Vec<String>, Failure> {
    let (Some(new), Some(old)) = (new, resolve::kept_metadata(context, old)?) else { return Ok(Vec::new()) };
    let kept = |selector: &[u8; 4]| new.messages().iter().any(|message| message.selector == *selector);
    Ok(old.messages().iter().filter(|message| !kept(&message.selector)).map(|message| message.label.clone()).collect())
}

async fn dry_run(
    context: &Context,
    client: &Client,
    bundle: &Bundle,
    before: &ContractStatus,
    gone: &[String],
) -> Result<(), Failure> {
    let registered = client.code(bundle.code_hash).await?.is_some();
    context.remember(client);
    let (old, new) = (before.code, bundle.code_hash);
    context.output.document(&json!({
        "dry_run": true, "old_code": old, "code": new, "registered": registered, "messages_gone": gone,
    }));
    let listed = if registered { "is registered" } else { "will be registered and uploaded" };
    context.output.text(format!("{old} would be replaced by {new}, which {listed}; {} messages disappear", gone.len()));
    Ok(())
}
