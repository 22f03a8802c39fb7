//! `tallow logs`

use crate::commands::events::lagged;
use crate::context::Context;
use crate::failure::Failure;
use crate::named::ContractName;
use crate::output::plain;
use serde_json::json;
use std::sync::Arc;
use tallow_client::{Client, Signer, Subscription, Told};
use tallow_types::{AccountId, FeedContent, FeedItem, LogRecord, Query, QueryResult, Topic};

/// Which logs.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project; the project's own contract when not given.
    contract: Option<ContractName>,
    /// Number of the first record wanted.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    since: u64,
    /// Most records wanted.
    #[arg(long, default_value_t = 256, value_name = "RECORDS")]
    limit: u32,
    /// Go on with new records until Ctrl-C.
    #[arg(long)]
    follow: bool,
}

/// Which records of which contract.
struct Wanted {
    contract: AccountId,
    since: u64,
    limit: u32,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let contract = ContractName::or_project(args.contract.as_ref(), context)?;
    let client = context.client().await?;
    let wanted = Wanted { contract: contract.resolve(context, &client)?, since: args.since, limit: args.limit };
    if args.follow {
        return follow(&wanted, context, &client, &caller).await;
    }
    for record in &records(&wanted, &client, &caller, args.since).await? {
        show(context, record);
    }
    Ok(())
}

/// What there is, then what comes: the stream is opened first, so that nothing falls between.
async fn follow(args: &Wanted, context: &Context, client: &Client, caller: &Arc<dyn Signer>) -> Result<(), Failure> {
    let subscription = Subscription { contract: Some(args.contract), topics: vec![Topic::Logs], from: None };
    let mut stream = client.subscribe(caller, subscription).await?;
    let (mut since, mut seen) = (args.since, None);
    loop {
        let records = records(args, client, caller, since).await?;
        let Some(last) = records.last() else { break };
        since = last.sequence.saturating_add(1);
        seen = Some((last.sequence, last.time_ms));
        records.iter().for_each(|record| show(context, record));
    }
    loop {
        match stream.next().await? {
            Told::Item(FeedItem { content: FeedContent::Log { record, .. }, .. }) => {
                // A replica that starts again numbers its records anew, later.
                let old = seen.is_some_and(|(number, time_ms)| record.sequence <= number && record.time_ms <= time_ms);
                if !old && record.sequence >= args.since {
                    show(context, &record);
                }
            }
            Told::Lagged { missed, resume } => lagged(context, missed, resume),
            Told::Item(_) | Told::Idle(_) => {}
        }
    }
}

async fn records(
    args: &Wanted,
    client: &Client,
    caller: &Arc<dyn Signer>,
    from: u64,
) -> Result<Vec<LogRecord>, Failure> {
    let query = Query::Logs { contract: args.contract, from, limit: args.limit };
    match client.query(caller, query).await?.result {
        QueryResult::Logs(records) => Ok(records),
        _ => Err(Failure::failed(anyhow::anyhow!("the client let an answer of another kind pass"))),
    }
}

/// One record a line; with `--json`, one document a line.
fn show(context: &Context, record: &LogRecord) {
    let LogRecord { sequence, time_ms, height, level, text } = record;
    let level = level_name(*level);
    context.output.document(&json!({
        "sequence": sequence, "time_ms": time_ms, "height": height, "level": level, "text": text,
    }));
    context.output.text(format!("{sequence:>5}  {time_ms}  height {height}  {level:<5}  {}", plain(text)));
}

fn level_name(level: u8) -> &'static str {
    match level {
        1 => "error",
        2 => "warn",
        3 => "info",
        4 => "debug",
        _ => "trace",
    }
}
