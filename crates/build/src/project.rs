//! A cargo package that is an ink! contract.

use crate::{BuildError, Program};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The crates whose version is ink!'s: since ink! 4, and before.
const INK: [&str; 2] = ["ink", "ink_lang"];

/// A contract's package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Project {
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its authors.
    pub authors: Vec<String>,
    /// Its `Cargo.toml`.
    pub manifest: PathBuf,
    /// Folder of the workspace, or of the package if it is alone.
    pub workspace: PathBuf,
    /// Where cargo builds it.
    pub target_dir: PathBuf,
    /// What its library is called by the linker.
    pub(crate) library: String,
}

impl Project {
    /// The package at a path: its folder, a file in it, or a folder below it.
    ///
    /// # Errors
    /// When there is none, when it is no contract, or when cargo cannot read it.
    pub fn find(path: &Path) -> Result<Self, BuildError> {
        let absent = || BuildError::NoProject(path.to_owned());
        let from = fs::canonicalize(path).map_err(|_| absent())?;
        let manifest = from.ancestors().map(|dir| dir.join("Cargo.toml")).find(|file| file.is_file());
        let manifest = manifest.ok_or_else(absent)?;
        let described = describe(&manifest)?;
        let packages = described["packages"].as_array().into_iter().flatten();
        let mut contracts: Vec<Self> = packages.filter_map(|package| Self::read(&described, package)).collect();
        if let Some(at) = contracts.iter().position(|contract| contract.manifest == manifest) {
            return Ok(contracts.swap_remove(at));
        }
        match contracts.as_mut_slice() {
            [] => Err(BuildError::NotAContract(manifest)),
            [_] => Ok(contracts.swap_remove(0)),
            several => Err(BuildError::SeveralContracts(several.iter().map(|one| one.name.clone()).collect())),
        }
    }

    /// All contracts of the workspace in a folder, by name.
    ///
    /// # Errors
    /// When cargo cannot read it.
    pub fn all(workspace: &Path) -> Result<Vec<Self>, BuildError> {
        let described = describe(&workspace.join("Cargo.toml"))?;
        let packages = described["packages"].as_array().into_iter().flatten();
        let mut contracts: Vec<Self> = packages.filter_map(|package| Self::read(&described, package)).collect();
        contracts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(contracts)
    }

    /// A package, if it has a library that uses ink! and features as contracts have them.
    fn read(described: &Value, package: &Value) -> Option<Self> {
        let text = |name: &str| Some(package[name].as_str()?.to_owned());
        let dependencies = package["dependencies"].as_array()?;
        let uses_ink = dependencies.iter().any(|dependency| INK.iter().any(|ink| dependency["name"] == *ink));
        package["features"].get("ink-as-dependency").filter(|_| uses_ink)?;
        let is_library = |target: &&Value| {
            let kinds = target["crate_types"].as_array();
            kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "lib" || kind == "rlib" || kind == "cdylib"))
        };
        let library = package["targets"].as_array()?.iter().find(is_library)?;
        Some(Self {
            name: text("name")?,
            version: text("version")?,
            authors: package["authors"].as_array()?.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
            manifest: text("manifest_path")?.into(),
            workspace: described["workspace_root"].as_str()?.into(),
            target_dir: described["target_directory"].as_str()?.into(),
            library: library["name"].as_str()?.replace('-', "_"),
        })
    }

    /// The folder of its `Cargo.toml`.
    pub fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.workspace)
    }

    /// For example "ink! 5.1.1". Known when the project was built once.
    ///
    /// # Errors
    /// When the lock file names no version.
    pub fn language(&self) -> Result<String, BuildError> {
        let lock = fs::read_to_string(self.workspace.join("Cargo.lock")).unwrap_or_default();
        let version = INK.iter().find_map(|ink| locked_version(&lock, ink));
        version.map(|version| format!("ink! {version}")).ok_or_else(|| BuildError::NotAContract(self.manifest.clone()))
    }

    /// The release profile as its workspace has it.
    pub(crate) fn release_profile(&self) -> toml::Table {
        let manifest = fs::read_to_string(self.workspace.join("Cargo.toml")).unwrap_or_default();
        let manifest: toml::Table = manifest.parse().unwrap_or_default();
        let profile = manifest.get("profile").and_then(|profiles| profiles.get("release")?.as_table().cloned());
        profile.unwrap_or_default()
    }
}

/// What cargo says of a workspace.
fn describe(manifest: &Path) -> Result<Value, BuildError> {
    let cargo = Program::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).without_secrets();
    let cargo = cargo.dir(manifest.parent().unwrap_or(Path::new(".")));
    let printed = cargo
        .args(["metadata", "--format-version=1", "--no-deps", "--manifest-path"])
        .arg(manifest)
        .quiet_output()
        .map_err(|said| BuildError::Manifest { manifest: manifest.to_owned(), said })?;
    serde_json::from_str(&printed)
        .map_err(|error| BuildError::Manifest { manifest: manifest.to_owned(), said: error.to_string() })
}

/// The version of a package in a lock file.
pub fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let entry =
        lock.split("[[package]]").find(|entry| entry.trim_start().starts_with(&format!("name = \"{package}\"\n")))?;
    entry.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests;
