//! `tallow account delegate`

use super::show::{delegate_document, scope};
use crate::context::Context;
use crate::failure::Failure;
use crate::keystore::{Kept, KeptDelegate, Name};
use crate::time::{Lifetime, utc};
use anyhow::anyhow;
use tallow_client::Keypair;
use tallow_crypto::Secret;
use tallow_types::limits::{DELEGATION_CONTRACTS_MAX, DELEGATION_TIME_MS_MAX};
use tallow_types::{AccountId, Contracts, Scope};

/// To whom the account is lent, for how long, and for what: queries when nothing else is said.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A name for the delegate, which signs with --from delegate:NAME; an earlier one of this name is replaced.
    #[arg(long, value_name = "NAME")]
    to: Name,
    /// How long: 90s, 30m, 1h; at most 12 hours.
    #[arg(long = "for", value_name = "TIME", default_value = "1h")]
    lifetime: Lifetime,
    /// A contract that it may send commands to; may be given up to 16 times.
    #[arg(long = "contract", value_name = "CONTRACT", conflicts_with = "any")]
    contracts: Vec<AccountId>,
    /// It may send any command: deploy, transfer, call every contract.
    #[arg(long)]
    any: bool,
    /// Most value that one of its commands may move.
    #[arg(long, value_name = "VALUE", default_value_t = 0)]
    value_max: u128,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let allowed = allowed(&args)?;
    let signer = context.signer()?;
    let client = context.client().await?;
    let seed = Secret::<[u8; 32]>::random();
    let key = Keypair::ed25519_from_seed(&seed).public();
    let certificate = client.certify(&signer, key, allowed, args.lifetime.0).await?;
    let delegate = KeptDelegate { caller: signer.caller_key(), certificate, seed };
    let path = context.keystore.keep_delegate(&args.to, &delegate)?;
    let kept = Kept::Delegate(args.to);
    let allowed = scope(&delegate.certificate.delegation.scope);
    context.output.note(format!("kept in {}: {allowed}; until {}", path.display(), utc(delegate.until_ms())));
    context.output.text(format!("{kept}"));
    context.output.document(&delegate_document(&kept, &delegate));
    Ok(())
}

fn allowed(args: &Args) -> Result<Scope, Failure> {
    if args.lifetime.0 > DELEGATION_TIME_MS_MAX {
        return Err(Failure::usage(anyhow!("a delegate lasts at most 12 hours")).hint("give --for 12h or less"));
    }
    if args.contracts.len() > DELEGATION_CONTRACTS_MAX {
        let error = anyhow!("a delegate is for at most {DELEGATION_CONTRACTS_MAX} contracts");
        return Err(Failure::usage(error).hint("make several, or allow every command by --any"));
    }
    let value_max = args.value_max;
    match (args.any, args.contracts.is_empty()) {
        (true, _) => Ok(Scope::Commands { contracts: Contracts::Any, value_max }),
        (false, false) => {
            let contracts = Contracts::Only(args.contracts.clone());
            Ok(Scope::Commands { contracts, value_max })
        }
        (false, true) if value_max > 0 => Err(Failure::usage(anyhow!("queries move no value"))
            .hint("name contracts by --contract, or allow every command by --any")),
        (false, true) => Ok(Scope::Queries),
    }
}
