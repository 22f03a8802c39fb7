//! The workspaces of contracts, and the contracts in them.

use crate::process::{cargo, root};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// A workspace of contracts, all of one version of ink!.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Set {
    /// Its folder, from the root.
    pub(crate) folder: &'static str,
    /// Where its bundles are under version control.
    pub(crate) bundles: &'static str,
    /// Where scenarios on them are: a folder below, or beside each contract.
    scenarios: Option<&'static str>,
    /// The package that prints the metadata of the contract chosen as a feature.
    pub(crate) metadata: &'static str,
    /// The crate whose version is ink!'s.
    language: &'static str,
}

const BUNDLES: &str = "conformance/bundles";
const SCENARIOS: &[&str] = &["conformance/cases", "conformance/scenarios"];

/// All workspaces; the first is that of the examples.
pub(crate) static SETS: [Set; 4] = [
    Set {
        folder: "contracts",
        bundles: "contracts/bundles",
        scenarios: Some("scenarios"),
        metadata: "contract-metadata",
        language: "ink",
    },
    conformance("conformance/contracts/ink3", "ink3-metadata", "ink_lang"),
    conformance("conformance/contracts/ink4", "ink4-metadata", "ink"),
    conformance("conformance/contracts/ink5", "ink5-metadata", "ink"),
];

const fn conformance(folder: &'static str, metadata: &'static str, language: &'static str) -> Set {
    Set { folder, bundles: BUNDLES, scenarios: None, metadata, language }
}

/// A contract of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Contract {
    pub(crate) set: &'static Set,
    pub(crate) name: String,
    pub(crate) version: String,
}

impl Set {
    /// Its folder.
    pub(crate) fn path(&self) -> PathBuf {
        root().join(self.folder)
    }

    /// Its contracts, by name: the packages that make a library for the linker.
    pub(crate) fn contracts(&'static self) -> Result<Vec<Contract>> {
        let metadata = cargo()
            .dir(self.path())
            .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
            .output()
            .with_context(|| format!("cannot list the contracts of {}", self.folder))?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
        let mut contracts: Vec<Contract> = packages.iter().filter_map(|package| self.contract(package)).collect();
        contracts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(contracts)
    }

    fn contract(&'static self, package: &Value) -> Option<Contract> {
        let kinds = package["targets"].as_array()?.iter().filter_map(|target| target["crate_types"].as_array());
        let links = kinds.flatten().any(|kind| kind == "cdylib");
        let field = |name: &str| Some(package[name].as_str()?.to_owned());
        links.then_some(Contract { set: self, name: field("name")?, version: field("version")? })
    }

    /// For example "ink! 5.1.1".
    pub(crate) fn language(&self) -> Result<String> {
        let lock = fs::read_to_string(self.path().join("Cargo.lock"))?;
        let version = locked_version(&lock, self.language);
        Ok(format!("ink! {}", version.with_context(|| format!("{} does not use ink!", self.folder))?))
    }
}

/// The version of a package in a lock file.
pub(super) fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let entry =
        lock.split("[[package]]").find(|entry| entry.trim_start().starts_with(&format!("name = \"{package}\"\n")))?;
    entry.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
}

/// All contracts, of the examples first.
pub(crate) fn all() -> Result<Vec<Contract>> {
    let mut contracts = Vec::new();
    for set in &SETS {
        contracts.extend(set.contracts()?);
    }
    Ok(contracts)
}

/// The contracts of these names.
pub(crate) fn named(names: &[&str]) -> Result<Vec<Contract>> {
    let all = all()?;
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|contract| contract.name != **name)) {
        let known: Vec<&str> = all.iter().map(|contract| contract.name.as_str()).collect();
        bail!("no contract is called {unknown}; there are {}", known.join(", "));
    }
    Ok(all.into_iter().filter(|contract| names.contains(&contract.name.as_str())).collect())
}

/// The examples.
pub(crate) fn examples() -> Result<Vec<Contract>> {
    SETS[0].contracts()
}

/// The files of scenarios, sorted.
pub(crate) fn scenario_files() -> Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = SCENARIOS.iter().map(|folder| root().join(folder)).collect();
    for set in &SETS {
        let Some(folder) = set.scenarios else { continue };
        folders.extend(set.contracts()?.into_iter().map(|contract| set.path().join(contract.name).join(folder)));
    }
    let mut files = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            files.push(entry?.path());
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}
