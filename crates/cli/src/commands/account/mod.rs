//! `tallow account`: the accounts that this user keeps, and what accounts have. One file for each larger subcommand.

mod balance;
mod delegate;
mod deposit;
mod export;
mod faucet;
mod list;
mod new;
mod show;
mod transfer;
mod withdraw;

use crate::context::Context;
use crate::failure::Failure;
use crate::keystore::{Kept, KeptAccount, Name};
use crate::password;
use serde_json::json;
use std::path::PathBuf;

/// What to do with accounts.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make an account, or import one; its secret is kept under a password.
    New(new::Args),
    /// List the accounts and delegates that are kept here.
    List,
    /// Show one account.
    Show {
        /// The account's name, or delegate:NAME.
        name: Kept,
    },
    /// Print an account's secret, so that it can be kept elsewhere.
    Export(export::Args),
    /// Remove an account or a delegate from this machine.
    Rm {
        /// The account's name, or delegate:NAME.
        name: Kept,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Change an account's password.
    Password {
        /// The account's name.
        name: Name,
        /// File that holds the new password; asked for on the terminal when not given.
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
    /// Choose the account that signs when --from names none.
    Use {
        /// The account's name, or delegate:NAME.
        name: Kept,
    },
    /// Lend the account to a fresh key for some hours, so that later commands sign without its password.
    Delegate(delegate::Args),
    /// Show what an account has in the cluster and on the ledger.
    Balance(balance::Args),
    /// Move balance to another account of the cluster.
    Transfer(transfer::Args),
    /// Move balance from the ledger into the cluster.
    Deposit(deposit::Args),
    /// Move balance from the cluster to the ledger.
    Withdraw(withdraw::Args),
    /// Get balance from a development account; on development networks alone.
    Faucet(faucet::Args),
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::New(args) => new::run(args, context),
        Command::List => list::run(context),
        Command::Show { name } => show::run(&name, context),
        Command::Export(args) => export::run(&args, context),
        Command::Rm { name, yes } => remove(&name, yes, context),
        Command::Password { name, new_password_file } => change_password(name, new_password_file, context),
        Command::Use { name } => choose(&name, context),
        Command::Delegate(args) => delegate::run(args, context).await,
        Command::Balance(args) => balance::run(&args, context).await,
        Command::Transfer(args) => transfer::run(&args, context).await,
        Command::Deposit(args) => deposit::run(&args, context).await,
        Command::Withdraw(args) => withdraw::run(&args, context).await,
        Command::Faucet(args) => faucet::run(&args, context).await,
    }
}

fn remove(kept: &Kept, yes: bool, context: &Context) -> Result<(), Failure> {
    if let Kept::Account(name) = kept {
        // A damaged file can be removed too; one that is not there cannot.
        if !context.keystore.path(kept)?.exists() {
            context.keystore.account(name)?;
        }
        password::confirm(&format!("remove account `{name}`? Without a copy of its secret it is lost."), yes)?;
    }
    context.keystore.remove(kept)?;
    context.output.note(format!("removed {kept}"));
    context.output.document(&json!({ "removed": kept.to_string() }));
    Ok(())
}

fn change_password(name: Name, new_file: Option<PathBuf>, context: &Context) -> Result<(), Failure> {
    let what = format!("account {name}");
    let account = context.keystore.account(&name)?;
    let password = password::ask(&what, context.global.password_file.as_deref())?;
    let secret = account.open(&password)?;
    let password = password::choose(&what, new_file.as_deref())?;
    let account = KeptAccount::seal(name.clone(), account.scheme(), &secret, &password)?;
    context.keystore.keep_account(&account, false)?;
    context.output.note(format!("account {name} has another password now"));
    context.output.document(&json!({ "name": name.to_string(), "account": account.account() }));
    Ok(())
}

fn choose(kept: &Kept, context: &Context) -> Result<(), Failure> {
    let account = match kept {
        Kept::Account(name) => context.keystore.account(name)?.account(),
        Kept::Delegate(name) => context.keystore.delegate(name)?.account(),
    };
    context.keystore.set_default(kept)?;
    context.output.note(format!("{kept} signs from now on, unless --from names another"));
    context.output.document(&json!({ "default": kept.to_string(), "account": account }));
    Ok(())
}
