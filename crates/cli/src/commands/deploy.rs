//! `tallow deploy`

use crate::bytes::Hex;
use crate::commands::call::{merge, send};
use crate::context::Context;
use crate::failure::Failure;
use crate::local::SentCommand;
use crate::project::Deployment;
use crate::resolve::{self, Input, Returned};
use anyhow::anyhow;
use serde_json::json;
use std::path::{Path, PathBuf};
use tallow_abi::Bundle;
use tallow_client::{Client, ClientError, CommandDraft, VerifiedReceipt};
use tallow_types::{Action, Compat};

/// What to deploy.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The .contract bundle, or a .wasm module with its .json beside it, or a .wasm module alone together with --data.
    ///
    /// In a project, without it: the project's own, with what tallow.toml says in [deploy].
    file: Option<PathBuf>,
    /// The constructor; the default one when not given.
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    constructor: Option<String>,
    /// Arguments of the constructor, as in Rust: 42, true, "text", 0x00ff, [1, 2], Some(1), { field: 1 }.
    #[arg(long, num_args = 0.., allow_negative_numbers = true, value_name = "ARG", conflicts_with = "data")]
    args: Vec<String>,
    /// Tells contracts of the same account and code apart.
    #[arg(long, value_name = "HEX", default_value = "0x")]
    salt: Hex,
    /// Raw input instead of constructor and arguments: selector and SCALE-encoded arguments.
    #[arg(long, value_name = "HEX")]
    data: Option<Hex>,
    /// Whose runtime the contract expects: with `phala`, commands have no HTTP, randomness, clock or cache.
    #[arg(long, value_enum, default_value_t = Runtime::Tallow)]
    compat: Runtime,
    /// Let everyone see the contract's events, rather than this account alone.
    #[arg(long)]
    public_events: bool,
    /// Keep the right to replace the contract's code later, by `tallow contract upgrade`.
    #[arg(long)]
    upgradable: bool,
    /// Balance to move to the contract.
    #[arg(long, default_value_t = 0)]
    value: u128,
}

/// Whose runtime a contract expects.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Runtime {
    Tallow,
    Phala,
}

impl From<Runtime> for Compat {
    fn from(runtime: Runtime) -> Self {
        match runtime {
            Runtime::Tallow => Self::Tallow,
            Runtime::Phala => Self::Phala,
        }
    }
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let (args, path) = with_defaults(args, context)?;
    let (bundle, file) = resolve::bundle(&path, args.data.is_some())?;
    let input = input(&args, &path, &bundle)?;
    let client = context.client().await?;
    keep_metadata(context, &bundle, &file);
    let Bundle { wasm, code_hash, metadata } = bundle;
    client.upload_code(&caller, wasm).await?;

    let Input { bytes, message } = input;
    let (code, input, salt, compat) = (code_hash, bytes, args.salt.0, args.compat.into());
    let public_events = args.public_events;
    let action = match args.upgradable {
        true => Action::InstantiateUpgradable { code, input, salt, compat, public_events },
        false => Action::Instantiate { code, input, salt, compat, public_events },
    };
    let sent = SentCommand {
        response_key: String::new(),
        contract: None,
        code: Some(code_hash),
        message: message.as_ref().map(|message| message.label.clone()),
        constructor: true,
    };
    let (receipt, latency_ms) =
        send(context, &client, &caller, CommandDraft::new(action).value(args.value), sent).await?;
    let returned = Returned::read(&receipt.outcome.result, metadata.as_ref(), message.as_ref(), true);
    let contract = receipt.outcome.result.as_ref().ok().and_then(|output| output.created);
    let mut document = json!({ "contract": contract, "code": code_hash });
    let fields = returned.document();
    document.as_object_mut().expect("it is an object").extend(fields.as_object().cloned().unwrap_or_default());
    merge(&mut document, &receipt, latency_ms);
    let anchored = listed(context, &client, &receipt).await?;
    document["anchored"] = json!(anchored);
    context.remember(&client);
    context.output.note(format!("command {} final at height {}, {latency_ms} ms", receipt.id, receipt.height));
    match (contract, &returned.error) {
        (Some(contract), None) => {
            remember(context, &client, &path, Deployment { contract, code: code_hash });
            context.output.text(contract);
            context.output.document(&document);
            Ok(())
        }
        (None, None) => {
            let failure = Failure::failed(anyhow!("the cluster made no contract")).document(document);
            Err(failure.hint("check that tallow and the worker are of the same version"))
        }
        (_, Some((error, hint))) => {
            let error = anyhow!("{error}").context("the constructor failed");
            Err(Failure::failed(error).hint(hint).document(document))
        }
    }
}

/// The file to deploy. What is not said of a project's own contract is as its settings have it.
fn with_defaults(args: Args, context: &Context) -> Result<(Args, PathBuf), Failure> {
    match (&args.file, &context.project) {
        (Some(file), _) => {
            let file = file.clone();
            Ok((args, file))
        }
        (None, None) => Err(Failure::usage(anyhow!("which contract? this folder is in no project"))
            .hint("give a .contract file, or go to a project; `tallow new NAME` makes one")),
        (None, Some(project)) => {
            let path = project.bundle();
            if !path.is_file() {
                let error = anyhow!("there is no {}", path.display());
                return Err(Failure::failed(error).hint("build the contract first, with `tallow build`"));
            }
            let defaults = &project.settings.deploy;
            let plain = args.constructor.is_none() && args.args.is_empty() && args.data.is_none();
            let constructor = args.constructor.clone().or_else(|| defaults.constructor.clone());
            let constructor = constructor.filter(|_| args.data.is_none());
            // Arguments belong to their constructor.
            let given = if plain { defaults.args.clone() } else { args.args.clone() };
            Ok((Args { constructor, args: given, ..args }, path))
        }
    }
}

/// Lets the project call the contract by name from here on.
fn remember(context: &Context, client: &Client, path: &Path, deployment: Deployment) {
    let Some(project) = &context.project else { return };
    let own = path == project.bundle();
    let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = if own { project.name() } else { stem() };
    match project.remember(client.network(), &name, deployment) {
        Ok(()) => context.output.note(format!("`{name}` is now this contract")),
        Err(error) => context.output.warn(format!("the contract has to be called by address: {error}")),
    }
}

fn input(args: &Args, path: &Path, bundle: &Bundle) -> Result<Input, Failure> {
    if let Some(data) = &args.data {
        return Ok(resolve::raw(data, bundle.metadata.as_ref(), true));
    }
    let metadata = bundle.metadata.as_ref().ok_or_else(|| {
        Failure::usage(anyhow!("{} has no metadata, so its constructor cannot be called by name", path.display()))
            .hint("give the .contract file, or the raw input by --data")
    })?;
    let name = match &args.constructor {
        Some(name) => name.clone(),
        None => default_constructor(metadata)?,
    };
    resolve::encode(metadata, &name, &args.args, true, args.value)
}

fn default_constructor(metadata: &tallow_abi::Metadata) -> Result<String, Failure> {
    metadata.default_constructor().map(|constructor| constructor.label.clone()).ok_or_else(|| {
        let names: Vec<&str> = metadata.constructors().iter().map(|constructor| constructor.label.as_str()).collect();
        Failure::usage(anyhow!("the contract has several constructors: {}", names.join(", ")))
            .hint("name one by --constructor")
    })
}

/// Keeps metadata, so that messages can be called by name from here on.
pub(crate) fn keep_metadata(context: &Context, bundle: &Bundle, file: &[u8]) {
    if bundle.metadata.is_none() {
        return;
    }
    // The code is in the cluster; what is kept need not hold it too.
    let slim = serde_json::from_slice::<serde_json::Value>(file).map(|mut document| {
        document.as_object_mut().map(|fields| fields.remove("source"));
        document.to_string()
    });
    let kept = slim
        .map_err(std::io::Error::from)
        .and_then(|slim| context.local.set_metadata(bundle.code_hash, slim.as_bytes()));
    if let Err(error) = kept {
        context.output.warn(format!("calls will need --metadata: the metadata cannot be kept: {error}"));
    }
}

/// Waits until the ledger lists the contract; a slow ledger is no failure of the deployment.
async fn listed(context: &Context, client: &Client, receipt: &VerifiedReceipt) -> Result<Option<u64>, Failure> {
    match client.wait_anchored(&receipt.receipt).await {
        Ok(anchored) => Ok(Some(anchored.ledger_height)),
        Err(ClientError::NotAnchored { .. }) => {
            context.output.warn("the ledger does not list the contract yet; calls by name have to wait for it");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
