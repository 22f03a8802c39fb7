//! `tallow account new`

use super::show::document;
use crate::context::Context;
use crate::failure::Failure;
use crate::keystore::{Kept, KeptAccount, KeystoreError, Name, read_secret};
use crate::password;
use anyhow::Context as _;
use serde_json::json;
use std::io::IsTerminal;
use std::path::PathBuf;
use tallow_client::KeyScheme;
use tallow_crypto::{Secret, generate_phrase};

/// Bytes of a secret URI that is imported: far more than 24 words, junctions and a password take.
const SECRET_BYTES_MAX: u64 = 4 * 1024;

/// Which account.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A name for it: letters, digits, - and _.
    name: Name,
    /// Kind of its key: sr25519, ed25519 or secp256k1; sr25519 when not given.
    #[arg(long, value_name = "SCHEME")]
    scheme: Option<KeyScheme>,
    /// Take the secret from standard input: a phrase or 0x and a seed, then //junctions and ///password, before it
    /// perhaps the scheme and a colon.
    #[arg(long)]
    import: bool,
    /// Take the secret from a file.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

pub(crate) fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let Args { name, scheme, import, file } = args;
    let kept = Kept::Account(name.clone());
    if context.keystore.path(&kept)?.exists() {
        return Err(KeystoreError::Exists(kept).into());
    }
    let imported = import || file.is_some();
    let (scheme, secret) = match imported {
        true => read_secret(&imported_text(file)?, scheme)?,
        false => (scheme.unwrap_or_default(), generate_phrase()),
    };
    let password = password::choose(&format!("account {name}"), context.global.password_file.as_deref())?;
    let account = KeptAccount::seal(name.clone(), scheme, &secret, &password)?;
    let path = context.keystore.keep_account(&account, true)?;
    context.output.note(format!("account {name} is kept in {}", path.display()));
    if !imported {
        context.output.note(format!("keep a copy of its secret elsewhere: `tallow account export {name}`"));
    }
    context.output.text(account.account());
    let mut document = document(&kept, &account);
    document["file"] = json!(path);
    context.output.document(&document);
    Ok(())
}

fn imported_text(file: Option<PathBuf>) -> Result<Secret<String>, Failure> {
    let stdin = std::io::stdin();
    let text = match &file {
        Some(path) => password::text_file(path, SECRET_BYTES_MAX)
            .with_context(|| format!("cannot read a secret from {}", path.display())),
        None if stdin.is_terminal() => return password::prompt("secret (phrase, or 0x and a seed): "),
        None => password::text(stdin.lock(), SECRET_BYTES_MAX).context("cannot read a secret from standard input"),
    };
    text.map_err(|error| {
        Failure::failed(error).hint("give the phrase or seed as text, in one line, in a file that you may read")
    })
}
