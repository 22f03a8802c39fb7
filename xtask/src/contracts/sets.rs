//! The workspaces of contracts, and the contracts in them.

use crate::process::root;
use anyhow::{Context as _, Result, bail};
use std::{fs, path::PathBuf};
use tallow_build::Project;

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
    },
    conformance("conformance/contracts/ink3", "ink3-metadata"),
    conformance("conformance/contracts/ink4", "ink4-metadata"),
    conformance("conformance/contracts/ink5", "ink5-metadata"),
];

const fn conformance(folder: &'static str, metadata: &'static str) -> Set {
    Set { folder, bundles: BUNDLES, scenarios: None, metadata }
}

/// A contract of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Contract {
    pub(crate) set: &'static Set,
    pub(crate) project: Project,
}

impl Contract {
    pub(crate) fn name(&self) -> &str {
        &self.project.name
    }
}

impl Set {
    /// Its folder.
    pub(crate) fn path(&self) -> PathBuf {
        root().join(self.folder)
    }

    /// Its contracts, by name.
    pub(crate) fn contracts(&'static self) -> Result<Vec<Contract>> {
        let projects =
            Project::all(&self.path()).with_context(|| format!("cannot list the contracts of {}", self.folder))?;
        Ok(projects.into_iter().map(|project| Contract { set: self, project }).collect())
    }
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
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|contract| contract.name() != **name)) {
        let known: Vec<&str> = all.iter().map(|contract| contract.name()).collect();
        bail!("no contract is called {unknown}; there are {}", known.join(", "));
    }
    Ok(all.into_iter().filter(|contract| names.contains(&contract.name())).collect())
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
        folders.extend(set.contracts()?.into_iter().map(|contract| contract.project.folder().join(folder)));
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
