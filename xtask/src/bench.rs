//! `cargo xtask bench`: figures of release builds, each beside its baseline of the same run.

use crate::{
    contracts,
    process::{cargo, program, root, target_dir},
};
use anyhow::{Result, bail};
use std::fs;

/// The benches; `crates/bench` has what each measures.
const NAMES: [&str; 1] = ["e2e"];

/// Builds what is measured, and measures.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    let [name] = options else {
        println!("usage: cargo xtask bench NAME, one of {}", NAMES.join(", "));
        return Ok(());
    };
    if !NAMES.contains(name) {
        bail!("no bench is called {name}; there is {}", NAMES.join(", "));
    }
    cargo().args(["build", "--release", "--locked", "--package", "tallow-cli", "--package", "tallow-bench"]).run()?;
    let (release, reports) = (target_dir().join("release"), root().join("target/bench"));
    fs::create_dir_all(&reports)?;
    program(release.join("tallow-bench"))
        .arg(name)
        .args([release.join("tallow"), contracts::example_bundles(), reports.join(format!("{name}.json"))])
        .run()
}
