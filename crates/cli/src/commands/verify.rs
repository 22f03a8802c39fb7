//! `tallow verify`

mod evidence;

use crate::context::Context;
use crate::failure::Failure;
use clap::Subcommand;

/// What to verify.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Judge a document of attestation hardware (SGX, TDX, SEV-SNP, Nitro), offline.
    Evidence(evidence::Args),
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    match &args.what {
        What::Evidence(args) => evidence::run(args, context),
    }
}
