//! `cargo xtask tidy`: house rules that no compiler checks.

mod adr;
mod deps;
mod files;
mod locked;

use crate::process::{program, root};
use anyhow::{Context as _, Result, bail};
use std::{fs, path::Path};

/// A broken rule: where, and what.
type Problem = (String, String);

/// Checks every rule and lists all that is wrong.
pub(crate) fn run() -> Result<()> {
    let sources = sources()?;
    let mut problems = files::check(&sources);
    problems.extend(deps::check(&sources)?);
    problems.extend(adr::check(&sources));
    problems.extend(locked::check(&sources));
    let stale = crate::docs::stale()?;
    problems.extend(stale.into_iter().map(|page| (page.to_owned(), "is not current: run `cargo xtask docs`".into())));
    for (place, what) in &problems {
        eprintln!("{place}: {what}");
    }
    if !problems.is_empty() {
        bail!("{} house rules are broken", problems.len());
    }
    println!("{} files are tidy", sources.len());
    Ok(())
}

/// A text file of the project.
pub(crate) struct Source {
    /// Path from the root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All text files that git knows or would add.
fn sources() -> Result<Vec<Source>> {
    let list = program("git").args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).output()?;
    let mut sources = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        let file = root().join(path);
        // A file that git knows may be deleted in the work tree.
        if !file.is_file() {
            continue;
        }
        let bytes = fs::read(&file).with_context(|| format!("cannot read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}

impl Source {
    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    /// Whether it holds tests or benches only.
    fn is_test(&self) -> bool {
        let folder = |name: &str| self.path.split('/').any(|part| part == name);
        self.path.ends_with("tests.rs")
            || folder("tests")
            || folder("benches")
            || folder("examples")
            || folder("testkit")
    }
}

#[cfg(test)]
mod tests;
