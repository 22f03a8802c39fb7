//! `tallow logs`

use crate::context::Context;
use crate::failure::Failure;
use crate::output::plain;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tallow_client::{Client, Signer};
use tallow_types::{AccountId, LogRecord, Query, QueryResult};

/// Pause between two questions for new records.
const FOLLOW_PAUSE: Duration = Duration::from_millis(500);

/// Which logs.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address.
    contract: AccountId,
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

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let client = context.client().await?;
    let mut since = args.since;
    loop {
        let records = records(args, &client, &caller, since).await?;
        since = records.last().map_or(since, |last| last.sequence.saturating_add(1));
        for record in &records {
            show(context, record);
        }
        if !args.follow {
            return Ok(());
        }
        tokio::time::sleep(FOLLOW_PAUSE).await;
    }
}

async fn records(args: &Args, client: &Client, caller: &Arc<dyn Signer>, from: u64) -> Result<Vec<LogRecord>, Failure> {
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
