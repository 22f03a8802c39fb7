//! `tallow man`

use crate::args::Cli;
use crate::context::Context;
use crate::failure::Failure;
use anyhow::Context as _;
use clap::{Command, CommandFactory};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where to.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder for the pages of all commands; that of `tallow` alone is printed when not given.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    let written = match &args.dir {
        None => page(&command).map(|page| drop(std::io::stdout().lock().write_all(&page))),
        Some(dir) => std::fs::create_dir_all(dir).and_then(|()| write(&command, "tallow", dir)).map(|count| {
            context.output.note(format!("wrote {count} pages into {}", dir.display()));
        }),
    };
    written
        .context("cannot write the man pages")
        .map_err(|error| Failure::failed(error).hint("give a folder that can be written to, on a disk with some space"))
}

/// Writes the page of a command and of those below it; returns how many.
fn write(command: &Command, name: &str, dir: &Path) -> std::io::Result<usize> {
    std::fs::write(dir.join(format!("{name}.1")), page(&command.clone().name(name.to_owned()))?)?;
    let below = command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help");
    below.map(|below| write(below, &format!("{name}-{}", below.get_name()), dir)).try_fold(1, |sum, n| Ok(sum + n?))
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}
