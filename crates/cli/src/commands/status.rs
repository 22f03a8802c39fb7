//! `tallow status`

use crate::context::Context;
use crate::failure::Failure;
use serde_json::json;

/// Nothing but the worker's URL.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_: Args, context: &Context) -> Result<(), Failure> {
    let client = context.client().await?;
    let status = client.status().await?;
    let anchor = client.anchor().await?;
    context.remember(&client);
    let proven_anchor = anchor.map(|anchor| anchor.header.position.height);
    let mut development = client.development();
    development.extend(status.development.iter().map(|line| crate::output::plain(line)));
    let proven = json!({
        "network": client.network(),
        "cluster": client.cluster_id(),
        "worker": client.worker_id(),
        "replicas": client.replicas(),
        "ledger_height": client.seen().height,
        "anchored_height": proven_anchor,
    });
    context
        .output
        .document(&json!({ "url": client.url(), "proven": proven, "says": status, "development": development }));

    let proven_anchor = proven_anchor.map_or_else(|| "none yet".to_owned(), |height| height.to_string());
    context.output.text(format!(
        "proven by certificates and the registry\n  \
           network          {}\n  \
           cluster          {}, {} replica(s)\n  \
           worker           {}\n  \
           ledger height    at least {}\n  \
           anchored height  {proven_anchor}\n\
         said by the worker at {}\n  \
           version          {}\n  \
           height           {}\n  \
           anchored height  {}\n  \
           ledger height    {}\n  \
           anchors          every {} ms\n  \
           waiting          {} command(s) for external answers\n  \
           disk             {}",
        client.network(),
        client.cluster_id(),
        client.replicas(),
        client.worker_id(),
        client.seen().height,
        client.url(),
        crate::output::plain(&status.version),
        status.height,
        status.anchored_height,
        status.ledger_height,
        status.anchor_interval_ms,
        status.waiting,
        disk(status.disk_free_bytes, status.disk_full),
    ));
    for line in development {
        context.output.text(format!("development: {line}"));
    }
    Ok(())
}

/// How much room the worker's disk has.
fn disk(free_bytes: u64, full: bool) -> String {
    let free = format!("{} MiB free", free_bytes >> 20);
    if full { format!("FULL, {free}: commands and code are refused until there is space") } else { free }
}
