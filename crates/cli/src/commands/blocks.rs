//! `tallow blocks`

use crate::commands::events::lagged;
use crate::context::Context;
use crate::failure::Failure;
use serde_json::json;
use tallow_client::{BlockStream, Client, ClientError, Code, Told, VerifiedBlock};
use tallow_crypto::header_digest;
use tallow_types::FeedPosition;

/// Which blocks.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// First height wanted; the newest blocks when not given.
    #[arg(long, value_name = "HEIGHT")]
    since: Option<u64>,
    /// Newest blocks shown when no height is given.
    #[arg(long, value_name = "BLOCKS", default_value_t = 10)]
    limit: u64,
    /// Go on with new blocks until Ctrl-C.
    #[arg(long)]
    follow: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let client = context.client().await?;
    let newest = client.status().await?.height;
    let from = args.since.unwrap_or_else(|| newest.saturating_add(1).saturating_sub(args.limit).max(1));
    let mut stream = follow(&client, from, args.since.is_none()).await?;
    loop {
        match stream.next().await? {
            Told::Item(block) => show(context, &block),
            Told::Idle(_) if !args.follow => break,
            Told::Idle(_) => {}
            Told::Lagged { missed, resume } => lagged(context, missed, resume),
        }
    }
    context.remember(&client);
    Ok(())
}

/// Follows from a height on; from the oldest one that is kept, if that is later and `lenient`.
async fn follow(client: &Client, height: u64, lenient: bool) -> Result<BlockStream, Failure> {
    match client.follow_blocks(Some(FeedPosition::block(height))).await {
        Err(ClientError::Api(problem)) if lenient && problem.code == Code::FeedGone => {
            Ok(client.follow_blocks(problem.oldest).await?)
        }
        other => Ok(other?),
    }
}

/// One block a line; with `--json`, one document a line. The counts are the worker's word, the rest is certified.
fn show(context: &Context, block: &VerifiedBlock) {
    let VerifiedBlock { certified, entries, receipts } = block;
    let header = &certified.header;
    let (height, time_ms, digest) = (header.position.height, header.position.time_ms, header_digest(header));
    context.output.document(&json!({
        "height": height, "time_ms": time_ms, "digest": digest, "parent": header.parent, "epoch": header.epoch,
        "view": header.view, "leader": header.leader, "entries": entries, "receipts": receipts,
        "state": header.commitments.state, "results": header.commitments.results,
    }));
    context.output.text(format!("{height:>8}  {time_ms}  {digest}  {entries} entries, {receipts} receipts"));
}
