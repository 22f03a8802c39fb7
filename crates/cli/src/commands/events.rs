//! `tallow events`

use crate::bytes::to_hex;
use crate::context::Context;
use crate::failure::Failure;
use crate::named::ContractName;
use crate::output::plain;
use crate::resolve::{kept_metadata, metadata_file};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tallow_abi::Metadata;
use tallow_client::{Client, ClientError, FeedStream, Signer, Subscription, Told};
use tallow_types::{AccountId, CommandId, Event, FeedContent, FeedItem, FeedPosition, QueryRefusal, Topic};

/// Which events.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project; without it, all events that deployers made public.
    contract: Option<ContractName>,
    /// First place of the feed wanted, as the events show it; the oldest that is kept when not given.
    #[arg(long, value_name = "POSITION")]
    since: Option<FeedPosition>,
    /// Go on with new events until Ctrl-C.
    #[arg(long)]
    follow: bool,
    /// The contract's .contract file or metadata; not needed for contracts deployed from here.
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let given = args.metadata.as_deref().map(metadata_file).transpose()?;
    let caller = context.signer()?;
    let client = context.client().await?;
    let contract = args.contract.as_ref().map(|named| named.resolve(context, &client)).transpose()?;
    let subscription = Subscription { contract, topics: vec![Topic::Events], from: args.since };
    let mut stream = subscribe(&client, &caller, subscription).await?;
    let mut decoder = Decoder { context, client: &client, given, known: BTreeMap::new() };
    loop {
        match stream.next().await? {
            Told::Item(FeedItem { position, time_ms, content: FeedContent::Event { command, event } }) => {
                show(context, &mut decoder, (position, time_ms), command, &event).await;
            }
            Told::Idle(_) if !args.follow => return Ok(()),
            Told::Idle(_) | Told::Item(_) => {}
            Told::Lagged { missed, resume } => lagged(context, missed, resume),
        }
    }
}

/// Follows from where it is said or, without that, from the oldest place that is kept.
async fn subscribe<'a>(
    client: &Client,
    caller: &'a Arc<dyn Signer>,
    subscription: Subscription,
) -> Result<FeedStream<'a, Arc<dyn Signer>>, Failure> {
    if subscription.from.is_some() {
        return Ok(client.subscribe(caller, subscription).await?);
    }
    let all = Subscription { from: Some(FeedPosition::default()), ..subscription };
    match client.subscribe(caller, all.clone()).await {
        Err(ClientError::Refused(QueryRefusal::Gone { oldest })) => {
            Ok(client.subscribe(caller, Subscription { from: Some(oldest), ..all }).await?)
        }
        other => Ok(other?),
    }
}

/// Says that items are missing.
pub(crate) fn lagged(context: &Context, missed: FeedPosition, resume: FeedPosition) {
    context.output.warn(format!("what came from {missed} to {resume} is missing: the worker no longer has it"));
}

/// Metadata of the contracts whose events come.
struct Decoder<'a> {
    context: &'a Context,
    client: &'a Client,
    given: Option<Metadata>,
    known: BTreeMap<AccountId, Option<Metadata>>,
}

impl Decoder<'_> {
    /// The event as text and as JSON, when something is known of it.
    async fn decode(&mut self, event: &Event) -> Option<(String, Value)> {
        if !self.known.contains_key(&event.contract) {
            let found = self.kept(event.contract).await;
            self.known.insert(event.contract, found);
        }
        let kept = self.known.get(&event.contract).and_then(Option::as_ref);
        let decoded = self.given.as_ref().or(kept)?.decode_event(&event.topics, &event.data).ok()?;
        let name = match &decoded {
            tallow_abi::Value::Struct { name, .. } => name.clone(),
            _ => None,
        };
        Some((decoded.to_string(), json!({ "name": name, "fields": decoded.to_json() })))
    }

    async fn kept(&self, contract: AccountId) -> Option<Metadata> {
        let record = self.client.contract(contract).await.ok().flatten()?;
        kept_metadata(self.context, record.code).ok().flatten()
    }
}

/// One event a line; with `--json`, one document a line.
async fn show(
    context: &Context,
    decoder: &mut Decoder<'_>,
    (position, time_ms): (FeedPosition, u64),
    command: CommandId,
    event: &Event,
) {
    let decoded = decoder.decode(event).await;
    let (contract, data) = (event.contract, to_hex(&event.data));
    let value = decoded.as_ref().map_or(Value::Null, |(_, value)| value.clone());
    context.output.document(&json!({
        "position": position, "time_ms": time_ms, "command": command, "contract": contract, "event": value,
        "topics": event.topics, "data": data,
    }));
    let text = decoded.map_or(data, |(text, _)| plain(&text));
    context.output.text(format!("{position:<10}  {time_ms}  {contract}  {text}"));
}
