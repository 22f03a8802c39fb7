//! Who may depend on whom: the table of ARCHITECTURE.md against what cargo says.

use super::{Problem, Source};
use crate::process::cargo;
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Crates without network, clock, files or ambient randomness.
pub(super) const PURE: [&str; 10] =
    ["types", "crypto", "state", "proof", "ledger", "attest", "keys", "engine", "cluster", "abi"];
/// What would give a pure crate the world.
const RUNTIMES: [&str; 8] =
    ["tokio", "reqwest", "axum", "hyper", "hyper-util", "tower", "object_store", "commonware-runtime"];
const TABLE: &str = "ARCHITECTURE.md";
const FENCE: &str = "```deps";
const PREFIX: &str = "tallow-";

/// Crates by name (without prefix), each with what it may use.
pub(super) type Table = BTreeMap<String, BTreeSet<String>>;

/// Checks the edges, and that every crate takes the workspace's lints.
pub(super) fn check(sources: &[Source]) -> Result<Vec<Problem>> {
    let mut problems = lints(sources);
    let Some(table) = sources.iter().find(|source| source.path == TABLE).and_then(|source| parse(&source.text)) else {
        problems.push((TABLE.into(), format!("no dependency table: a block that begins with {FENCE}")));
        return Ok(problems);
    };
    let metadata = cargo().args(["metadata", "--format-version=1", "--no-deps"]).output()?;
    let packages = packages(&serde_json::from_str(&metadata)?)?;
    problems.extend(edges(&table, &packages));
    Ok(problems)
}

/// Reads the table; lines are `crate: dependency dependency`.
pub(super) fn parse(text: &str) -> Option<Table> {
    let lines = text.lines().skip_while(|line| line.trim() != FENCE).skip(1);
    let rows = lines.take_while(|line| line.trim() != "```").filter_map(|line| line.split_once(':'));
    let table: Table = rows
        .map(|(name, uses)| (name.trim().to_owned(), uses.split_whitespace().map(str::to_owned).collect()))
        .collect();
    (!table.is_empty()).then_some(table)
}

/// Crates of `crates/` with all they depend on outside of tests.
fn packages(metadata: &Value) -> Result<Table> {
    let mut packages = Table::new();
    for package in metadata["packages"].as_array().context("cargo metadata lists packages")? {
        let Some(name) = package["name"].as_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let dependencies = package["dependencies"].as_array().context("cargo metadata lists dependencies")?;
        let used = dependencies.iter().filter(|dependency| dependency["kind"] != "dev");
        let names = used.filter_map(|dependency| dependency["name"].as_str()).map(str::to_owned);
        packages.insert(name.to_owned(), names.collect());
    }
    Ok(packages)
}

/// Compares crates with the table.
pub(super) fn edges(table: &Table, packages: &Table) -> Vec<Problem> {
    let mut problems = Vec::new();
    let place = |name: &str| format!("crates/{name}/Cargo.toml");
    for name in table.keys().filter(|name| !packages.contains_key(*name)) {
        problems.push((TABLE.into(), format!("the table lists {name}, which is no crate")));
    }
    for (name, used) in packages {
        let Some(allowed) = table.get(name) else {
            problems.push((TABLE.into(), format!("the dependency table lacks {name}")));
            continue;
        };
        let inner = used.iter().filter_map(|used| used.strip_prefix(PREFIX));
        for used in inner.filter(|used| !allowed.contains(*used)) {
            problems.push((place(name), format!("{name} may not depend on {used}, says {TABLE}")));
        }
        for used in RUNTIMES.iter().filter(|runtime| PURE.contains(&name.as_str()) && used.contains(**runtime)) {
            problems.push((place(name), format!("{name} is pure and may not depend on {used}")));
        }
    }
    problems
}

fn lints(sources: &[Source]) -> Vec<Problem> {
    let manifest = |source: &&Source| {
        source.path.ends_with("/Cargo.toml") && source.text.contains("[package]") && !source.path.starts_with("fuzz/")
    };
    let taken = |source: &Source| {
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        lines.windows(2).any(|pair| pair == ["[lints]", "workspace = true"])
    };
    let lacking = sources.iter().filter(manifest).filter(|source| !taken(source));
    lacking.map(|source| (source.path.clone(), "lacks `[lints] workspace = true`".into())).collect()
}
