//! `cargo xtask docs`: pages of `docs/` that are made of the code, so that they say what it does.

mod errors;
mod limits;

use crate::process::root;
use anyhow::{Context as _, Result, bail};
use std::fs;

/// A page: where it is, and how it is made. To add one, add it to [`PAGES`].
struct Page {
    path: &'static str,
    make: fn() -> Result<String>,
}

const PAGES: &[Page] = &[
    Page {
        path: "docs/limits.md",
        make: || limits::page(&read("crates/types/src/limits.rs")?, &read("docs/strangers.toml")?),
    },
    Page {
        path: "docs/errors.md",
        make: || {
            errors::page(&errors::Sources {
                codes: read("crates/api/src/lib.rs")?,
                calls: read("crates/types/src/outcome.rs")?,
                queries: read("crates/types/src/session.rs")?,
                http: read("crates/types/src/external.rs")?,
            })
        },
    },
];

/// Writes all pages; with `--check` only compares.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    match options {
        [] => PAGES.iter().try_for_each(write),
        ["--check"] => match &stale()?[..] {
            [] => Ok(()),
            stale => bail!("not current: {}; run `cargo xtask docs`", stale.join(", ")),
        },
        _ => bail!("usage: cargo xtask docs [--check]"),
    }
}

/// The pages that are not as they would be made now.
pub(crate) fn stale() -> Result<Vec<&'static str>> {
    let mut stale = Vec::new();
    for page in PAGES {
        let is = fs::read_to_string(root().join(page.path)).unwrap_or_default();
        if is != (page.make)()? {
            stale.push(page.path);
        }
    }
    Ok(stale)
}

fn write(page: &Page) -> Result<()> {
    fs::write(root().join(page.path), (page.make)()?).with_context(|| format!("cannot write {}", page.path))?;
    println!("{}", page.path);
    Ok(())
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
}

#[cfg(test)]
mod tests;
