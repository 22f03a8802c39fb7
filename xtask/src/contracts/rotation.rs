//! Which contracts CI rebuilds this time: building all of them takes long, and they change little.

use super::sets::{Contract, SETS};
use crate::process::program;
use anyhow::{Context as _, Result};
use blake2::{Blake2b256, Digest};

/// Contracts of each version of ink! that are rebuilt at a time.
const PER_SET: usize = 1;

/// Some contracts of each workspace but the examples: others with every commit, the same for the same commit.
pub(super) fn choice() -> Result<Vec<Contract>> {
    let commit =
        program("git").args(["rev-parse", "HEAD"]).probe().context("the choice follows the commit; there is none")?;
    let mut chosen = Vec::new();
    for set in &SETS[1..] {
        chosen.extend(pick(commit.trim(), set.contracts()?));
    }
    let names: Vec<&str> = chosen.iter().map(|contract| contract.name()).collect();
    println!("commit {} chooses {}", commit.trim(), names.join(", "));
    Ok(chosen)
}

/// Those whose name, hashed with the seed, comes first.
pub(super) fn pick(seed: &str, mut contracts: Vec<Contract>) -> Vec<Contract> {
    contracts.sort_by_cached_key(|contract| Blake2b256::digest(format!("{seed} {}", contract.name())));
    contracts.truncate(PER_SET);
    contracts
}
