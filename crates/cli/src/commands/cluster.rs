//! `tallow cluster`

mod policy;
mod system_contract;

use crate::bytes::to_hex;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::plain;
use crate::signer::now_ms;
use crate::time::{span, utc};
use anyhow::anyhow;
use serde_json::{Value, json};
use tallow_client::{Client, ClientError, ListedCluster, ListedReplica, Rejection, Status};
use tallow_types::{AnchorRecord, ClusterId, ClusterPolicy};

/// Which cluster.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The cluster; the worker's own when not given.
    id: Option<ClusterId>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show the system contract, where Phat contracts look up drivers; or name it, which the cluster's owner may.
    SystemContract(system_contract::Args),
    /// Show what the cluster takes for its work; or set it, which the cluster's owner may.
    Policy(policy::Args),
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match &args.command {
        Some(Command::SystemContract(args)) => return system_contract::run(args, context).await,
        Some(Command::Policy(args)) => return policy::run(args, context).await,
        None => {}
    }
    let client = context.client().await?;
    let id = args.id.unwrap_or_else(|| client.cluster_id());
    let listed = client.listed_cluster(id).await.map_err(|error| match error {
        ClientError::Rejected(Rejection::UnknownCluster(id)) => {
            Failure::failed(anyhow!("the ledger lists no cluster {id}"))
                .hint("check the id; without one, `tallow cluster` shows the cluster of the worker at --url")
        }
        error => error.into(),
    })?;
    // A worker speaks for its own cluster alone.
    let says = if id == client.cluster_id() { Some((client.status().await?, client.policy().await?)) } else { None };
    context.remember(&client);
    context.output.document(&json!({
        "proven": proven_document(&client, &listed),
        "says": says.as_ref().map(|(status, policy)| said_document(status, policy)),
    }));
    for line in proven_lines(&client, &listed) {
        context.output.text(line);
    }
    for line in says.iter().flat_map(|(status, policy)| said_lines(&client, status, policy)) {
        context.output.text(line);
    }
    Ok(())
}

/// Faulty replicas that a cluster of this size survives.
pub(crate) fn survives(replicas: usize) -> usize {
    replicas.saturating_sub(1) / 3
}

fn proven_document(client: &Client, listed: &ListedCluster) -> Value {
    let record = &listed.record;
    json!({
        "cluster": record.cluster,
        "network": client.network(),
        "ledger_height": client.seen().height,
        "owner": record.owner,
        "epoch": record.epoch,
        "epoch_key": to_hex(&record.epoch_key),
        "survives": survives(record.members.len()),
        "replicas": listed.replicas.iter().map(replica_document).collect::<Vec<_>>(),
        "anchor": listed.anchor.as_ref().map(anchor_document),
    })
}

fn replica_document(replica: &ListedReplica) -> Value {
    let record = &replica.record;
    let identity = match &replica.identity {
        Ok(identity) => json!({ "measurement": identity.measurement, "simulated": identity.simulated }),
        Err(error) => json!({ "error": error.to_string() }),
    };
    json!({
        "worker": record.worker,
        "transport_key": to_hex(&record.transport),
        "endpoint": record.endpoint,
        "attested_ms": record.attested_ms,
        "attestation": identity,
    })
}

/// An anchor, and how old the block is that it stands on.
pub(crate) fn anchor_document(anchor: &AnchorRecord) -> Value {
    let position = anchor.header.position;
    json!({
        "height": position.height,
        "block": tallow_crypto::header_digest(&anchor.header),
        "time_ms": position.time_ms,
        "age_ms": age_ms(anchor),
        "ledger_height": anchor.ledger_height,
    })
}

fn age_ms(anchor: &AnchorRecord) -> u64 {
    now_ms().saturating_sub(anchor.header.position.time_ms)
}

/// An anchor in words.
pub(crate) fn anchor_text(anchor: Option<&AnchorRecord>) -> String {
    let Some(anchor) = anchor else { return "none yet".to_owned() };
    let (height, ledger_height) = (anchor.header.position.height, anchor.ledger_height);
    format!("height {height}, of {} ago, at ledger height {ledger_height}", span(age_ms(anchor)))
}

fn said_document(status: &Status, policy: &ClusterPolicy) -> Value {
    json!({
        "height": status.height,
        "anchored_height": status.anchored_height,
        "ledger_height": status.ledger_height,
        "anchor_interval_ms": status.anchor_interval_ms,
        "waiting": status.waiting,
        "policy": policy::document(policy),
    })
}

fn proven_lines(client: &Client, listed: &ListedCluster) -> Vec<String> {
    let record = &listed.record;
    let replicas = record.members.len();
    let mut lines = vec![
        "proven by the ledger's certificate and registry proofs".to_owned(),
        format!("  cluster          {}", record.cluster),
        format!("  network          {}", client.network()),
        format!("  ledger height    at least {}", client.seen().height),
        format!("  owner            {}", record.owner),
        format!("  epoch            {}, sealed to {}", record.epoch, to_hex(&record.epoch_key)),
        format!("  replicas         {replicas}; survives {} that fail or lie", survives(replicas)),
    ];
    lines.extend(listed.replicas.iter().map(replica_line));
    lines.push(format!("  anchored         {}", anchor_text(listed.anchor.as_ref())));
    lines
}

fn replica_line(replica: &ListedReplica) -> String {
    let attested = match &replica.identity {
        Ok(identity) if identity.simulated => "SIMULATED attestation, which proves nothing of the program".to_owned(),
        Ok(identity) => format!("measurement {}", identity.measurement),
        Err(error) => format!("attestation REFUSED: {error}"),
    };
    let record = &replica.record;
    let endpoint = if record.endpoint.is_empty() { "no endpoint" } else { &record.endpoint };
    let attested_at = utc(record.attested_ms);
    plain(&format!("  replica          {} at {endpoint}, judged {attested_at}: {attested}", record.worker))
}

fn said_lines(client: &Client, status: &Status, policy: &ClusterPolicy) -> Vec<String> {
    vec![
        format!("said by the worker at {}", client.url()),
        format!("  height           {}", status.height),
        format!("  anchored height  {}", status.anchored_height),
        format!("  ledger height    {}", status.ledger_height),
        format!("  anchors          every {}", span(status.anchor_interval_ms)),
        format!("  waiting          {} command(s) for external answers", status.waiting),
        format!("  takes            {}", policy::text(policy)),
    ]
}
