//! `tallow status`

use crate::commands::cluster::{anchor_document, anchor_text, survives};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::plain;
use crate::time::span;
use serde_json::json;
use tallow_client::{Client, Status};
use tallow_types::AnchorRecord;

/// Nothing but the worker's URL.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// Version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) async fn run(_: Args, context: &Context) -> Result<(), Failure> {
    let client = context.client().await?;
    let status = client.status().await?;
    let anchor = client.anchor().await?;
    context.remember(&client);
    let mut development = client.development();
    development.extend(status.development.iter().map(|line| plain(line)));
    let proven = json!({
        "network": client.network(),
        "cluster": client.cluster_id(),
        "worker": client.worker_id(),
        "replicas": client.replicas(),
        "survives": survives(client.replicas()),
        "ledger_height": client.seen().height,
        "anchored_height": anchor.as_ref().map(|anchor| anchor.header.position.height),
        "anchor": anchor.as_ref().map(anchor_document),
        "height": client.height(),
    });
    context.output.document(&json!({
        "url": client.url(), "version": VERSION, "proven": proven, "says": status, "development": development,
    }));
    for line in lines(&client, &status, anchor.as_ref()) {
        context.output.text(line);
    }
    for line in development {
        context.output.text(format!("development: {line}"));
    }
    if status.version != VERSION {
        let says = plain(&status.version);
        context.output.warn(format!("the worker says it is of version {says}; this program is of version {VERSION}"));
    }
    Ok(())
}

fn lines(client: &Client, status: &Status, anchor: Option<&AnchorRecord>) -> Vec<String> {
    let replicas = client.replicas();
    vec![
        "proven by certificates and the registry".to_owned(),
        format!("  network          {}", client.network()),
        format!("  cluster          {}", client.cluster_id()),
        format!("  replicas         {replicas}; survives {} that fail or lie", survives(replicas)),
        format!("  worker           {}", client.worker_id()),
        format!("  ledger height    at least {}", client.seen().height),
        format!("  anchored         {}", anchor_text(anchor)),
        format!("  height           at least {}, by receipts seen here", client.height()),
        format!("said by the worker at {}", client.url()),
        format!("  version          {}", plain(&status.version)),
        format!("  height           {}", status.height),
        format!("  anchored height  {}{}", status.anchored_height, behind(status)),
        format!("  ledger height    {}", status.ledger_height),
        format!("  anchors          every {}", span(status.anchor_interval_ms)),
        format!("  waiting          {} command(s) for external answers", status.waiting),
        format!("  disk             {}", disk(status.disk_free_bytes, status.disk_full)),
    ]
}

/// How many blocks the anchors are behind.
fn behind(status: &Status) -> String {
    match status.height.saturating_sub(status.anchored_height) {
        0 => String::new(),
        blocks => format!(", {blocks} block(s) behind"),
    }
}

/// How much room the worker's disk has.
fn disk(free_bytes: u64, full: bool) -> String {
    let free = format!("{} MiB free", free_bytes >> 20);
    if full { format!("FULL, {free}: commands and code are refused until there is space") } else { free }
}
