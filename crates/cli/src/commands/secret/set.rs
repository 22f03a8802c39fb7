//! `tallow secret set`

use super::dotenv;
use crate::commands::call::act;
use crate::context::Context;
use crate::failure::Failure;
use crate::local::read_bounded;
use crate::named::ContractName;
use anyhow::{Context as _, anyhow};
use serde_json::json;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use tallow_client::CommandDraft;
use tallow_types::limits::{SECRET_BYTES_MAX, SECRETS_MAX};
use tallow_types::{Action, SecretValue, is_secret_name};

/// Bytes of a file of several secrets: all that one contract may have, with their names and comments.
const ENV_FILE_BYTES_MAX: u64 = 2 * (SECRETS_MAX * SECRET_BYTES_MAX) as u64;

/// Which secret.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project.
    contract: ContractName,
    /// The secret's name: letters, digits and underscores, as of an environment variable.
    #[arg(required_unless_present = "env_file", conflicts_with = "env_file")]
    name: Option<String>,
    /// File with the value, taken byte by byte; standard input when not given, without the line end that closes it.
    #[arg(long, value_name = "FILE", conflicts_with = "env_file")]
    file: Option<PathBuf>,
    /// File of several secrets, each a line NAME=value.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    // Before the network is asked: what is wrong with a value is wrong anywhere.
    let secrets = secrets(args)?;
    let caller = context.signer()?;
    let client = context.client().await?;
    let contract = args.contract.resolve(context, &client)?;
    for (name, value) in secrets {
        let bytes = value.0.len();
        let action = Action::SetSecret { contract, name: name.clone(), value };
        let (receipt, mut document) = act(context, &client, &caller, CommandDraft::new(action), Some(contract)).await?;
        document["name"] = json!(name);
        document["bytes"] = json!(bytes);
        context.output.document(&document);
        context
            .output
            .note(format!("{name} set, {bytes} bytes: command {} final at height {}", receipt.id, receipt.height));
    }
    Ok(())
}

fn secrets(args: &Args) -> Result<Vec<(String, SecretValue)>, Failure> {
    let secrets = match (&args.env_file, &args.name) {
        (Some(path), _) => {
            let text = SecretValue(read(path, ENV_FILE_BYTES_MAX)?);
            dotenv::parse(&text.0).map_err(|error| {
                Failure::usage(error.context(format!("{} cannot be used", path.display())))
                    .hint("each line is NAME=value; a value may stand in quotes, and # begins a comment")
            })?
        }
        (None, Some(name)) => vec![(name.clone(), value(args.file.as_deref())?)],
        (None, None) => unreachable!("without --env-file there is a name"),
    };
    for (name, value) in &secrets {
        check(name, value)?;
    }
    Ok(secrets)
}

fn check(name: &str, value: &SecretValue) -> Result<(), Failure> {
    if !is_secret_name(name) {
        return Err(Failure::usage(anyhow!("`{}` cannot name a secret", crate::output::plain(name)))
            .hint("use letters, digits and underscores, no digit first, at most 64: API_TOKEN"));
    }
    if value.0.len() > SECRET_BYTES_MAX {
        return Err(Failure::usage(anyhow!("the value of {name} is larger than {SECRET_BYTES_MAX} bytes"))
            .hint("a secret is a key or a token; keep data in the contract's storage"));
    }
    Ok(())
}

/// The value: from a file as it is, from standard input without the line end by which tools end their output.
fn value(file: Option<&Path>) -> Result<SecretValue, Failure> {
    let limit = SECRET_BYTES_MAX as u64 + 2;
    if let Some(path) = file {
        return read(path, limit).map(SecretValue);
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let typed = crate::password::prompt("the secret's value, one line, not shown: ")?;
        return Ok(SecretValue(typed.expose().as_bytes().to_vec()));
    }
    let mut value = SecretValue(Vec::with_capacity(SECRET_BYTES_MAX + 2));
    let read = stdin.lock().take(limit).read_to_end(&mut value.0).context("standard input cannot be read");
    read.map_err(Failure::failed)?;
    if value.0.ends_with(b"\n") {
        value.0.pop();
        if value.0.ends_with(b"\r") {
            value.0.pop();
        }
    }
    if value.0.is_empty() {
        return Err(Failure::usage(anyhow!("there is no value on standard input"))
            .hint("pipe it in: `tallow secret set CONTRACT NAME < FILE`, or name a file by --file"));
    }
    Ok(value)
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    read_bounded(path, limit)
        .with_context(|| format!("cannot read {}", path.display()))
        .map_err(|error| Failure::failed(error).hint("check the path and the permissions of the file"))
}
