//! `tallow receipt`

use crate::bytes::{Hex, to_hex};
use crate::context::Context;
use crate::failure::Failure;
use crate::local::SentCommand;
use crate::output::{Color, plain};
use crate::resolve::{Returned, code_of, kept_metadata};
use crate::time::utc;
use anyhow::anyhow;
use serde_json::{Value, json};
use std::time::Duration;
use tallow_abi::Metadata;
use tallow_client::{Client, ClientError, Code, Explanation, Link, Verdict};
use tallow_types::{CommandId, Event, Outcome};

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
    let sent = context.local.command(args.id);
    let key = response_key(args, sent.as_ref())?;
    let client = context.client().await?;
    let explanation = client.explain(args.id, key.as_ref(), Duration::from_secs(args.wait)).await;
    let explanation = explanation.map_err(|error| not_found(args.id, error))?;
    context.remember(&client);
    show_links(context, &explanation);
    let mut document = document(&explanation);
    if !explanation.is_proven() {
        let error = anyhow!("the receipt of command {} proves nothing", args.id);
        let hint = "do not believe it: the lines marked `fail` say why; ask another worker by --url";
        return Err(Failure::failed(error.context("not proven")).hint(hint).document(document));
    }
    match &explanation.outcome {
        Some(outcome) => opened(context, &client, outcome, sent, document).await,
        None => {
            document["sealed"] = json!(true);
            context.output.document(&document);
            context.output.text("sealed: only who sent the command can read its outcome (--key HEX)");
            Ok(())
        }
    }
}

fn not_found(id: CommandId, error: ClientError) -> Failure {
    match error {
        ClientError::Api(problem) if problem.code == Code::NotFound => {
            Failure::failed(anyhow!("the worker does not know command {id}"))
                .hint("check the id; a worker keeps receipts for a limited time, and commands until they expire")
        }
        ClientError::NoReceipt { .. } => Failure::failed(anyhow!("the worker has no receipt of command {id}"))
            .hint("check the id; if the command is still under way, give it time with --wait SECONDS"),
        error => error.into(),
    }
}

fn response_key(args: &Args, sent: Option<&SentCommand>) -> Result<Option<[u8; 32]>, Failure> {
    let kept = || sent.and_then(|sent| sent.response_key.parse::<Hex>().ok());
    let Some(Hex(bytes)) = args.key.clone().or_else(kept) else { return Ok(None) };
    let key = bytes.try_into().map_err(|_| Failure::usage(anyhow!("--key is not 32 bytes")));
    key.map(Some).map_err(|failure| failure.hint("give 0x followed by 64 hexadecimal digits"))
}

/// One line for each link of the proof.
fn show_links(context: &Context, explanation: &Explanation) {
    let header = &explanation.receipt.certified.header;
    let output = &context.output;
    output.note(format!(
        "command {}, ordered at height {} of its cluster, {}",
        explanation.id,
        explanation.height(),
        utc(header.position.time_ms)
    ));
    for Link { kind, verdict, detail } in &explanation.links {
        let mark = match verdict {
            Verdict::Proven => output.paint(Color::Green, "ok  "),
            Verdict::Missing => output.paint(Color::Yellow, "--  "),
            Verdict::Failed => output.paint(Color::Red, "fail"),
        };
        output.note(format!("{mark} {:<18} {}", kind.name().replace('_', " "), plain(detail)));
    }
}

/// What every receipt has, sealed or open.
fn document(explanation: &Explanation) -> Value {
    let links: Vec<_> = explanation.links.iter().map(link_document).collect();
    json!({
        "command": explanation.id,
        "height": explanation.height(),
        "time_ms": explanation.receipt.certified.header.position.time_ms,
        "anchored": explanation.anchored.map(|anchored| anchored.ledger_height),
        "proven": explanation.is_proven(),
        "proof": links,
    })
}

fn link_document(link: &Link) -> Value {
    let verdict = match link.verdict {
        Verdict::Proven => "ok",
        Verdict::Missing => "missing",
        Verdict::Failed => "fail",
    };
    json!({ "link": link.kind.name(), "verdict": verdict, "detail": link.detail })
}

/// Shows what came of the command.
async fn opened(
    context: &Context,
    client: &Client,
    outcome: &Outcome,
    sent: Option<SentCommand>,
    mut document: Value,
) -> Result<(), Failure> {
    let metadata = match &sent {
        Some(sent) => metadata(context, client, sent).await,
        None => None,
    };
    let constructor = sent.as_ref().is_some_and(|sent| sent.constructor);
    let name = sent.as_ref().and_then(|sent| sent.message.as_deref());
    let message = metadata.as_ref().zip(name).and_then(|(metadata, name)| match constructor {
        true => metadata.constructor(name).ok(),
        false => metadata.message(name).ok(),
    });
    let returned = Returned::read(&outcome.result, metadata.as_ref(), message, constructor);
    let created = outcome.result.as_ref().ok().and_then(|output| output.created);
    // Events of other contracts than the called one are decoded when their metadata is known here.
    let called = created.or_else(|| sent.as_ref().and_then(|sent| sent.contract));
    let mut events = Vec::with_capacity(outcome.events.len());
    for event in &outcome.events {
        let metadata = match Some(event.contract) == called {
            true => metadata.clone(),
            false => metadata_of_emitter(context, client, event).await,
        };
        events.push(shown_event(event, metadata.as_ref()));
    }
    context.output.note(format!("     gas used           {}", outcome.gas_used));
    context.output.note(format!("     external calls     {}", outcome.calls));
    for (text, _) in &events {
        context.output.note(format!("     event              {text}"));
    }
    extend(&mut document, returned.document());
    document["gas_used"] = json!(outcome.gas_used);
    document["external_calls"] = json!(outcome.calls);
    document["events"] = events.into_iter().map(|(_, document)| document).collect();
    document["contract"] = json!(created);
    document["message"] = json!(name);
    returned.report(context, document)
}

fn extend(document: &mut Value, fields: Value) {
    if let (Some(document), Value::Object(fields)) = (document.as_object_mut(), fields) {
        document.extend(fields);
    }
}

/// An event as text and as JSON; its bytes when nothing is known of it.
fn shown_event(event: &Event, metadata: Option<&Metadata>) -> (String, Value) {
    let Event { contract, topics, data } = event;
    let decoded = metadata.and_then(|metadata| metadata.decode_event(topics, data).ok());
    let text = match &decoded {
        Some(value) => plain(&format!("{value} of {contract}")),
        None => format!("{} of {contract}, {} topic(s)", to_hex(data), topics.len()),
    };
    let decoded = decoded.map(|value| json!({ "text": value.to_string(), "fields": value.to_json() }));
    let document = json!({ "contract": contract, "topics": topics, "data": to_hex(data), "decoded": decoded });
    (text, document)
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

/// What is known of another contract.
async fn metadata_of_emitter(context: &Context, client: &Client, event: &Event) -> Option<Metadata> {
    let record = client.contract(event.contract).await.ok()??;
    kept_metadata(context, record.code).ok().flatten()
}
