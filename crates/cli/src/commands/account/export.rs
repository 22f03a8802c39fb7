//! `tallow account export`

use crate::context::Context;
use crate::failure::Failure;
use crate::keystore::Name;
use crate::password;
use serde::Serialize;
use tallow_client::KeyScheme;
use tallow_crypto::Secret;

/// Whose secret.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The account's name.
    name: Name,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

/// What is printed with `--json`.
#[derive(Serialize)]
struct Document<'a> {
    name: String,
    account: tallow_types::AccountId,
    secret: &'a str,
}

/// Prints the secret URI as `tallow account new --import` takes it.
pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let account = context.keystore.account(&args.name)?;
    password::confirm(
        &format!("print the secret of account `{}`? Who sees it owns the account.", args.name),
        args.yes,
    )?;
    let password = password::ask(&format!("account {}", args.name), context.global.password_file.as_deref())?;
    let secret = account.open(&password)?;
    let uri = match account.scheme() {
        KeyScheme::Sr25519 => secret,
        scheme => Secret::new(format!("{scheme}:{}", secret.expose())),
    };
    let document = Document { name: args.name.to_string(), account: account.account(), secret: uri.expose() };
    let text = match context.output.json {
        true => Secret::new(serde_json::to_string(&document).expect("it is made of texts")),
        false => uri,
    };
    context.output.secret(&text);
    Ok(())
}
