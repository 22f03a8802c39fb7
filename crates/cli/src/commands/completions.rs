//! `tallow completions`

use crate::args::Cli;
use crate::failure::Failure;
use clap::CommandFactory;
use std::io::Write;

/// For which shell.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: clap_complete::Shell,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tallow", &mut script);
    // A reader that went away is no error.
    drop(std::io::stdout().lock().write_all(&script));
    Ok(())
}
