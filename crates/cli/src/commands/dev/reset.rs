//! Removing a development network.

use crate::context::Context;
use crate::failure::Failure;
use anyhow::{Context as _, anyhow};
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use tallow_devnet::Stopped;

/// Removes the network in a folder: after asking, and only what is one.
pub(super) fn run(folder: Option<&Path>, yes: bool, context: &Context) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let error = anyhow!("a temporary network is always new");
        return Err(Failure::usage(error).hint("name the folder to start anew in by --data-dir, or leave --reset out"));
    };
    if !folder.exists() {
        return Ok(());
    }
    let network = Stopped::open(folder).context("nothing was removed").map_err(|error| {
        Failure::failed(error).hint("stop the network that runs there, or name the folder of one by --data-dir")
    })?;
    if !yes && !agreed(folder, context)? {
        return Err(Failure::usage(anyhow!("nothing was removed")).hint("say yes, or give --yes, to start anew"));
    }
    network
        .remove()
        .with_context(|| format!("cannot remove {}", folder.display()))
        .map_err(|error| Failure::failed(error).hint("stop what uses the folder, and check its permissions"))?;
    context.output.note(format!("removed the network in {}", folder.display()));
    Ok(())
}

/// Whether the user, on a terminal, wants it.
fn agreed(folder: &Path, context: &Context) -> Result<bool, Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let error = anyhow!("nobody is there to ask whether {} shall be removed", folder.display());
        return Err(Failure::usage(error).hint("give --yes to remove it without asking"));
    }
    context.output.note(format!("remove the network in {}, with all its contracts? Type yes:", folder.display()));
    let mut answer = String::new();
    stdin
        .lock()
        .read_line(&mut answer)
        .context("cannot read the answer")
        .map_err(|error| Failure::failed(error).hint("give --yes to remove it without asking"))?;
    Ok(answer.trim() == "yes")
}
