//! Passwords and confirmations: from a file or the terminal, never from the command line.

use crate::failure::Failure;
use crate::private::read_at_most;
use anyhow::{Context as _, anyhow};
use std::io::{IsTerminal, Write};
use std::path::Path;
use tallow_crypto::Secret;
use tallow_types::limits::PASSWORD_BYTES_MAX;

/// The password of something that exists.
pub(crate) fn ask(what: &str, file: Option<&Path>) -> Result<Secret<String>, Failure> {
    match file {
        Some(file) => from_file(file),
        None => prompt(&format!("password of {what}: ")),
    }
}

/// A password for something new: on a terminal it is asked for twice.
pub(crate) fn choose(what: &str, file: Option<&Path>) -> Result<Secret<String>, Failure> {
    if let Some(file) = file {
        return from_file(file);
    }
    let first = prompt(&format!("new password of {what}: "))?;
    let again = prompt("the same again: ")?;
    if tallow_crypto::ct_eq(first.expose().as_bytes(), again.expose().as_bytes()) {
        return Ok(first);
    }
    Err(Failure::usage(anyhow!("the passwords differ")).hint("try again"))
}

/// Whether the user agrees; without a terminal only `yes` can say so.
pub(crate) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(anyhow!("this asks for a confirmation, and there is no terminal")).hint("add --yes"));
    }
    let mut stderr = std::io::stderr();
    drop(write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    match read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
        true => Ok(()),
        false => Err(Failure::failed(anyhow!("not confirmed, so nothing was done")).hint("answer y, or add --yes")),
    }
}

/// A line without echo.
pub(crate) fn prompt(question: &str) -> Result<Secret<String>, Failure> {
    if !std::io::stdin().is_terminal() && !std::io::stderr().is_terminal() {
        let error = anyhow!("a password is needed, and there is no terminal to ask for it");
        return Err(Failure::usage(error).hint("name a file that holds it, by --password-file or TALLOW_PASSWORD_FILE"));
    }
    rpassword::prompt_password(question)
        .map(Secret::new)
        .context("cannot read from the terminal")
        .map_err(|error| Failure::failed(error).hint("name a file that holds it, by --password-file"))
}

/// The file's text without the end of its line.
fn from_file(path: &Path) -> Result<Secret<String>, Failure> {
    let text = text_file(path, PASSWORD_BYTES_MAX as u64 + 2)
        .with_context(|| format!("cannot read a password from {}", path.display()))
        .map_err(|error| Failure::failed(error).hint("check the path and permissions of the file"))?;
    let line = text.expose().trim_end_matches(['\r', '\n']);
    Ok(Secret::new(line.to_owned()))
}

/// A small file of text, which is a secret.
pub(crate) fn text_file(path: &Path, limit: u64) -> anyhow::Result<Secret<String>> {
    text(std::fs::File::open(path)?, limit)
}

/// Text of at most `limit` bytes, which is a secret.
pub(crate) fn text(from: impl std::io::Read, limit: u64) -> anyhow::Result<Secret<String>> {
    let bytes = Secret::new(read_at_most(from, limit)?);
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| anyhow!("it is not text"))?;
    Ok(Secret::new(text.to_owned()))
}
