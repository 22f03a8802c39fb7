//! `tallow call`

use crate::bytes::Hex;
use crate::context::Context;
use crate::failure::Failure;
use crate::local::SentCommand;
use crate::named::ContractName;
use crate::resolve::{self, Input, Returned};
use anyhow::anyhow;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tallow_abi::Metadata;
use tallow_client::{Client, CommandDraft, Signer, VerifiedReceipt};
use tallow_types::limits::COMMAND_GAS_MAX;
use tallow_types::{AccountId, Action, Query, QueryResult};

/// What to call.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project. In a project it may be left out: its own contract is meant.
    contract: ContractName,
    /// The message, as in the contract's source.
    message: Option<String>,
    /// Its arguments, as in Rust: 42, true, "text", 0x00ff, [1, 2], Some(1), { field: 1 }.
    #[arg(allow_negative_numbers = true, conflicts_with = "data")]
    args: Vec<String>,
    /// Run it as a query: it sees the newest final state and leaves no trace.
    #[arg(long, conflicts_with = "command")]
    query: bool,
    /// Run it as a command: ordered, certified, with a receipt.
    #[arg(long)]
    command: bool,
    /// Raw input instead of message and arguments: selector and SCALE-encoded arguments.
    #[arg(long, value_name = "HEX")]
    data: Option<Hex>,
    /// The contract's .contract or .json file; not needed for contracts deployed from here.
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// Balance to move to the contract.
    #[arg(long, default_value_t = 0)]
    value: u128,
    /// Most gas it may use, in picoseconds of execution.
    #[arg(long, value_name = "GAS", value_parser = clap::value_parser!(u64).range(1..=COMMAND_GAS_MAX))]
    gas_limit: Option<u64>,
    /// Wait until the ledger has anchored the command's receipt.
    #[arg(long, conflicts_with = "query")]
    wait_anchored: bool,
}

/// A contract, and the command line that is about it.
struct Called {
    contract: AccountId,
    args: Args,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let args = with_contract(args, context)?;
    let client = context.client().await?;
    let contract = args.contract.resolve(context, &client)?;
    let args = Called { contract, args };
    let metadata = metadata(&args, context, &client).await?;
    let Called { args: Args { data, message, args: words, value, query, command, .. }, .. } = &args;
    let input = match (data, metadata.as_ref(), message) {
        (Some(data), metadata, _) => resolve::raw(data, metadata, false),
        (None, Some(metadata), Some(name)) => resolve::encode(metadata, name, words, false, *value)?,
        _ => unreachable!("without --data there is a message, and its metadata was found"),
    };
    let mutates = input.message.as_ref().is_some_and(|message| message.mutates);
    let called = match *command || mutates && !query {
        true => self::command(&args, context, &client, &caller, metadata.as_ref(), input).await,
        false => self::query(&args, context, &client, &caller, metadata.as_ref(), input).await,
    };
    context.remember(&client);
    called
}

/// A name that is no contract's of the project is the message of its own contract.
fn with_contract(args: Args, context: &Context) -> Result<Args, Failure> {
    let own = match (&args.contract, &context.project) {
        (ContractName::Name(name), Some(project)) if !project.knows(name) => Some((name.clone(), project.name())),
        _ => None,
    };
    let args = match own {
        Some((message, contract)) => {
            let words = args.message.into_iter().chain(args.args).collect();
            Args { contract: ContractName::Name(contract), message: Some(message), args: words, ..args }
        }
        None => args,
    };
    if args.message.is_none() && args.data.is_none() {
        let error = anyhow!("which message? the command line names none");
        return Err(Failure::usage(error).hint("usage: tallow call [CONTRACT] <MESSAGE> [ARGS]..., or --data HEX"));
    }
    Ok(args)
}

/// Raw input does without metadata when there is none.
async fn metadata(
    Called { contract, args }: &Called,
    context: &Context,
    client: &Client,
) -> Result<Option<Metadata>, Failure> {
    let found = resolve::metadata_of(context, client, *contract, args.metadata.as_deref()).await;
    match found {
        Err(failure) if args.data.is_none() || args.metadata.is_some() => Err(failure),
        found => Ok(found.ok()),
    }
}

async fn query(
    Called { contract, args }: &Called,
    context: &Context,
    client: &Client,
    caller: &Arc<dyn Signer>,
    metadata: Option<&Metadata>,
    input: Input,
) -> Result<(), Failure> {
    let Input { bytes, message } = input;
    let gas_limit = args.gas_limit.unwrap_or(0);
    let query = Query::Call { contract: *contract, input: bytes, value: args.value, gas_limit, estimate: false };
    let began = Instant::now();
    let answer = client.query(caller, query).await?;
    let latency_ms = millis(began);
    let QueryResult::Called { result, gas_used, .. } = &answer.result else {
        return Err(Failure::failed(anyhow!("the client let an answer of another kind pass")));
    };
    let returned = Returned::read(result, metadata, message.as_ref(), false);
    let mut document = returned.document();
    document["height"] = json!(answer.height);
    document["gas_used"] = json!(gas_used);
    document["latency_ms"] = json!(latency_ms);
    context.output.note(format!(
        "query at height {}, gas {gas_used}, {latency_ms} ms, signed by {}",
        answer.height,
        client.worker_id()
    ));
    returned.report(context, document)
}

async fn command(
    Called { contract, args }: &Called,
    context: &Context,
    client: &Client,
    caller: &Arc<dyn Signer>,
    metadata: Option<&Metadata>,
    input: Input,
) -> Result<(), Failure> {
    let Input { bytes, message } = input;
    let draft = CommandDraft::new(Action::Call { contract: *contract, input: bytes })
        .value(args.value)
        .gas_limit(args.gas_limit.unwrap_or(COMMAND_GAS_MAX));
    let sent = SentCommand {
        response_key: String::new(),
        contract: Some(*contract),
        code: None,
        message: message.as_ref().map(|message| message.label.clone()),
        constructor: false,
    };
    let (receipt, latency_ms) = send(context, client, caller, draft, sent).await?;
    let returned = Returned::read(&receipt.outcome.result, metadata, message.as_ref(), false);
    let mut document = returned.document();
    merge(&mut document, &receipt, latency_ms);
    if args.wait_anchored {
        document["anchored"] = json!(client.wait_anchored(&receipt.receipt).await?.ledger_height);
    }
    context.output.note(format!(
        "command {} final at height {}, gas {}, {latency_ms} ms",
        receipt.id, receipt.height, receipt.outcome.gas_used
    ));
    returned.report(context, document)
}

/// Sends a command, after the key of its receipt is kept.
pub(crate) async fn send(
    context: &Context,
    client: &Client,
    caller: &Arc<dyn Signer>,
    draft: CommandDraft,
    sent: SentCommand,
) -> Result<(VerifiedReceipt, f64), Failure> {
    let began = Instant::now();
    let prepared = client.prepare(caller, draft).await?;
    let sent = SentCommand { response_key: crate::bytes::to_hex(&prepared.response_key()), ..sent };
    if let Err(error) = context.local.set_command(prepared.id(), &sent) {
        context.output.warn(format!("`tallow receipt` will not be able to open this receipt: {error}"));
    }
    let receipt = client.send(&prepared).await?;
    Ok((receipt, millis(began)))
}

/// Adds what a receipt says.
pub(crate) fn merge(document: &mut serde_json::Value, receipt: &VerifiedReceipt, latency_ms: f64) {
    document["command"] = json!(receipt.id);
    document["height"] = json!(receipt.height);
    document["gas_used"] = json!(receipt.outcome.gas_used);
    document["external_calls"] = json!(receipt.outcome.calls);
    document["latency_ms"] = json!(latency_ms);
    document["anchored"] = json!(receipt.anchored.map(|anchored| anchored.ledger_height));
}

/// Milliseconds since `began`, to the microsecond.
pub(crate) fn millis(began: Instant) -> f64 {
    began.elapsed().as_micros() as f64 / 1000.0
}

/// Sends a command that calls no contract, and fails as it failed.
pub(crate) async fn act(
    context: &Context,
    client: &Client,
    caller: &Arc<dyn Signer>,
    draft: CommandDraft,
    contract: Option<AccountId>,
) -> Result<(VerifiedReceipt, serde_json::Value), Failure> {
    let sent = SentCommand { response_key: String::new(), contract, code: None, message: None, constructor: false };
    let (receipt, latency_ms) = send(context, client, caller, draft, sent).await?;
    context.remember(client);
    let mut document = json!({});
    merge(&mut document, &receipt, latency_ms);
    match &receipt.outcome.result {
        Ok(_) => Ok((receipt, document)),
        Err(error) => {
            let text = crate::output::plain(&format!("{error} ({})", error.name()));
            document["error"] = json!(text);
            Err(Failure::failed(anyhow!(text)).hint(crate::failure::call_hint(error)).document(document))
        }
    }
}

/// Says what [`act`] did.
pub(crate) fn report_act(
    context: &Context,
    (receipt, document): &(VerifiedReceipt, serde_json::Value),
    what: &str,
) -> Result<(), Failure> {
    context.output.document(document);
    context.output.note(format!("{what}: command {} final at height {}", receipt.id, receipt.height));
    Ok(())
}
