//! `tallow dev`

mod reset;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Color;
use crate::project::Origin;
use serde_json::json;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;
use tallow_client::Keypair;
use tallow_devnet::{DevConfig, DevNetwork, Unusable};

const DISK_FULL_HINT: &str =
    "free some space on the disk, then start again with the same --data-dir: what was acknowledged is kept";
const STOPPED_HINT: &str = "the messages above say why; start it again with the same --data-dir to go on";

/// Where a project keeps its network.
const PROJECT_FOLDER: &str = ".tallow/network";

/// Which network to run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder that keeps the network; .tallow/network in a project, else a temporary one.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Remove the network in the folder first, and start a new one.
    #[arg(long)]
    reset: bool,
    /// Remove without asking.
    #[arg(long, requires = "reset")]
    yes: bool,
    /// Port of the API on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = tallow_api::DEV_PORT)]
    port: u16,
    /// Milliseconds between anchors on the ledger.
    #[arg(long, value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    anchor_interval: u64,
    /// Requests a second that the API takes of one address; no limit when not given.
    #[arg(long, value_name = "N")]
    rate_limit: Option<NonZeroU32>,
    /// An origin whose pages may use the API in a browser, as http://localhost:5173; may be given more than once.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<Origin>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let of_project = || context.project.as_ref().map(|project| project.root.join(PROJECT_FOLDER));
    let data_dir = args.data_dir.or_else(of_project);
    let temporary = data_dir.is_none();
    if args.reset {
        reset::run(data_dir.as_deref(), args.yes, context)?;
    }
    let of_project = context.project.as_ref().map(|project| project.settings.dev.allow_origins.clone());
    let origins = args.allow_origin.into_iter().chain(of_project.unwrap_or_default());
    let network = start(DevConfig {
        allow_origins: origins.map(|Origin(origin)| origin).collect(),
        data_dir,
        port: args.port,
        allow_loopback: true,
        anchor_interval: Duration::from_millis(args.anchor_interval),
        site: Some(tallow_console::site()),
        rate_limit: args.rate_limit,
    })
    .await?;
    // Before it is announced: who has read that may end it.
    let stop = interruption().map_err(Failure::failed)?;
    announce(context, &network, temporary);
    until_stopped(network, stop).await
}

/// What to do about a network that cannot be started, by what commonly goes wrong.
fn start_hint(error: &anyhow::Error) -> &'static str {
    if tallow_devnet::is_disk_full(error) {
        return DISK_FULL_HINT;
    }
    match tallow_devnet::unusable(error) {
        Some(Unusable::InUse) => return "stop the network that runs there, or choose another folder by --data-dir",
        Some(Unusable::Foreign) => return "choose an empty folder, or one of an earlier network, by --data-dir",
        Some(Unusable::Format) => {
            return "use the version of tallow that wrote it, or choose another folder by --data-dir";
        }
        Some(Unusable::File) => return "choose a folder by --data-dir; that is the path of a file",
        None => {}
    }
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    match io.map(std::io::Error::kind) {
        Some(std::io::ErrorKind::AddrInUse) => {
            "another program has this port, perhaps another `tallow dev`: stop it, or choose a port by --port"
        }
        Some(std::io::ErrorKind::PermissionDenied) => "choose another folder by --data-dir, or a port above 1023",
        _ => "if the data folder is damaged, start over with another one by --data-dir",
    }
}

/// Starts a network; what commonly goes wrong gets a hint.
pub(crate) async fn start(config: DevConfig) -> Result<DevNetwork, Failure> {
    DevNetwork::start(config).await.map_err(|error| {
        let hint = start_hint(&error);
        Failure::failed(error.context("the network cannot be started")).hint(hint)
    })
}

fn announce(context: &Context, network: &DevNetwork, temporary: bool) {
    let output = &context.output;
    let accounts: Vec<_> = network.accounts().iter().map(|uri| (uri, Keypair::from_uri(uri))).collect();
    let accounts: Vec<_> =
        accounts.into_iter().filter_map(|(uri, key)| Some((uri.to_owned(), key.ok()?.account()))).collect();
    output.document(&json!({
        "url": network.url(),
        "network": network.network(),
        "cluster": network.cluster(),
        "development": network.development(),
        "accounts": accounts.iter().map(|(uri, account)| json!({ "uri": uri, "account": account })).collect::<Vec<_>>(),
    }));
    output.note(format!("{} {}", output.paint(Color::Green, "tallow dev listens at"), network.url()));
    let missing = if tallow_console::is_built() { "" } else { " (not in this program: the page says how to build it)" };
    output.note(format!("console at {}/{missing}", network.url()));
    output.note(format!("network {}", network.network()));
    output.note(format!("cluster {}", network.cluster()));
    for (uri, account) in accounts {
        output.note(format!("account {uri:<10} {account}"));
    }
    for line in network.development() {
        output.note(format!("{} {line}", output.paint(Color::Yellow, "development:")));
    }
    if temporary {
        output.note("the network is kept in a temporary folder and lost at the end; --data-dir DIR keeps it");
    }
    output.note("Ctrl-C ends it");
}

/// Runs until Ctrl-C, SIGTERM, or a fault of the network.
pub(crate) async fn until_stopped(network: DevNetwork, stop: impl Future<Output = ()>) -> Result<(), Failure> {
    let fault = tokio::select! {
        error = network.stopped() => Some(error),
        () = stop => None,
    };
    network.shutdown().await;
    match fault {
        None => Ok(()),
        Some(error) => {
            let full = tallow_devnet::is_disk_full(&error);
            let hint = if full { DISK_FULL_HINT } else { STOPPED_HINT };
            Err(Failure::failed(error.context("the network stopped")).hint(hint))
        }
    }
}

/// Resolves at Ctrl-C or SIGTERM. Both are taken care of from this call on.
#[cfg(unix)]
pub(crate) fn interruption() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn interruption() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without it the network is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
