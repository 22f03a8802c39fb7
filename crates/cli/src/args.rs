//! The command line.

use crate::commands::{
    account, blocks, build, call, cluster, completions, contract, demo, deploy, dev, doctor, events, logs, man, new,
    receipt, reference, secret, status, test, timers, verify,
};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use tallow_types::{ClusterId, NetworkId};

/// Runs, deploys and calls fat contracts: programs that compute at full speed, call any HTTP service, and prove what
/// they did.
#[derive(Parser)]
#[command(name = "tallow", version, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args)]
pub(crate) struct Global {
    /// A worker's API.
    #[arg(long, global = true, env = "TALLOW_URL", default_value = "http://127.0.0.1:7300", value_name = "URL")]
    pub(crate) url: String,
    /// Account that signs: one of `tallow account list`, delegate:NAME, or //Alice, //Bob ... on development networks.
    /// When not given, the one of `tallow account use`, or else //Alice.
    #[arg(long, global = true, env = "TALLOW_FROM", hide_env_values = true, value_name = "ACCOUNT")]
    pub(crate) from: Option<String>,
    /// File that holds the account's password; asked for on the terminal when not given.
    #[arg(long, global = true, env = "TALLOW_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Network to believe; the one found first at this URL when not given.
    #[arg(long, global = true, env = "TALLOW_NETWORK", value_name = "ID")]
    pub(crate) network: Option<NetworkId>,
    /// Cluster to believe; the one found first at this URL when not given.
    #[arg(long, global = true, env = "TALLOW_CLUSTER", value_name = "ID")]
    pub(crate) cluster: Option<ClusterId>,
    /// Profile of the project's tallow.toml; `dev` when not given, if there is one.
    #[arg(long, global = true, env = "TALLOW_PROFILE", value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Local(Local),
    /// Start a network in this process and show a contract at work on it, step by step.
    Demo(demo::Args),
    /// Run a development network until Ctrl-C.
    Dev(dev::Args),
    /// Upload a contract and run its constructor.
    Deploy(deploy::Args),
    /// Call a message of a contract: a query if it reads, a command if it writes.
    Call(call::Args),
    /// Show what a worker says of itself and what is proven of it.
    Status(status::Args),
    /// Fetch, verify and explain the receipt of a command.
    Receipt(receipt::Args),
    /// Show what a contract logged; its deployer alone may see that.
    Logs(logs::Args),
    /// Show the events of contracts: of one's own, and those that everyone may see.
    Events(events::Args),
    /// Show the blocks of the cluster log, each certified.
    Blocks(blocks::Args),
    /// Show a contract's timers and what became of them; its deployer alone may see that.
    Timers(timers::Args),
    /// Show a cluster: its replicas, its epoch, its anchors, and what of it is proven.
    Cluster(cluster::Args),
    /// Show contracts, and change what their owners may change.
    Contract(contract::Args),
    /// Keep secrets that a contract can read, such as the token of a service.
    Secret(secret::Args),
    /// Keep the accounts that sign, lend them, and move balance.
    Account(account::Args),
}

/// What needs no network.
#[derive(Subcommand)]
pub(crate) enum Local {
    /// Make a project: a contract with tests and settings, from a template.
    New(new::Args),
    /// Build a contract: Wasm and metadata in one .contract file.
    Build(build::Args),
    /// Run scenarios against compiled contracts, without a network.
    Test(test::Args),
    /// Verify what others give as proof.
    Verify(verify::Args),
    /// Check this machine: toolchain, limits, ports, and the worker that would be used.
    Doctor(doctor::Args),
    /// Print completions for a shell.
    Completions(completions::Args),
    /// Print the man page, or write that of every command into a folder.
    Man(man::Args),
    /// Print the reference of all commands as Markdown.
    #[command(hide = true)]
    Reference(reference::Args),
}
