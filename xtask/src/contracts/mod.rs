//! `cargo xtask contracts`: from a contract's source to its bundle.

pub(crate) mod toolchain;
mod wasm;

use crate::process::{cargo, root, target_dir};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use toolchain::Toolchain;

/// The contracts, by folder.
pub(crate) const NAMES: [&str; 3] = ["btc-bot", "flipper", "probe"];

/// Parses the options and builds.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    let check = options.contains(&"--check");
    let names: Vec<&str> = options.iter().copied().filter(|option| !matches!(*option, "--check" | "--all")).collect();
    if let Some(unknown) = names.iter().find(|name| !NAMES.contains(name)) {
        bail!("no contract is called {unknown}; there are {}", NAMES.join(", "));
    }
    let names = if names.is_empty() { NAMES.to_vec() } else { names };
    if check {
        build(&names, &rebuilt_dir())?;
        return scenarios(&rebuilt_dir());
    }
    let before = hashes(&committed_dir())?;
    build(&names, &committed_dir())?;
    retarget(&before, &hashes(&committed_dir())?)
}

/// The bundles under version control.
pub(crate) fn committed_dir() -> PathBuf {
    root().join("contracts/bundles")
}

/// Where CI builds them anew.
pub(crate) fn rebuilt_dir() -> PathBuf {
    target_dir().join("contracts/bundles")
}

/// Builds the contracts and writes their bundles into a folder.
pub(crate) fn build(names: &[&str], bundles: &Path) -> Result<()> {
    let toolchain = Toolchain::find_or_install()?;
    println!("building for Wasm with {}", toolchain.compiler());
    fs::create_dir_all(bundles)?;
    for name in names {
        let version = version(name)?;
        let built = toolchain.build(name, &build_dir())?;
        let raw = fs::read(&built).with_context(|| format!("cannot read {}", built.display()))?;
        let wasm = wasm::strip(&raw).with_context(|| format!("{name}: cannot process the Wasm module"))?;
        let file = built.with_extension("stripped.wasm");
        fs::write(&file, &wasm)?;
        let bundle = cargo()
            .dir(root().join("contracts"))
            .env("CARGO_TARGET_DIR", build_dir())
            .args(["run", "--quiet", "--locked", "--package", "contract-metadata", "--features", name, "--"])
            .arg(&file)
            .args([*name, &version, toolchain.compiler()])
            .output()?;
        fs::write(bundles.join(format!("{name}.contract")), bundle)?;
        println!("{name}: {} bytes of Wasm", wasm.len());
    }
    Ok(())
}

/// Runs every contract's scenarios on the bundles of a folder. Scenarios name code by its hash, which depends on the
/// toolchain, so other bundles than the committed ones are tested by copies that name those.
pub(crate) fn scenarios(bundles: &Path) -> Result<()> {
    let (old, new) = (hashes(&committed_dir())?, hashes(bundles)?);
    let folder = build_dir().join("scenarios");
    fs::create_dir_all(&folder)?;
    let mut files = Vec::new();
    for file in scenario_files()? {
        let name = file.file_name().context("a scenario file has a name")?;
        files.push(folder.join(name));
        fs::write(folder.join(name), renamed(&fs::read_to_string(&file)?, &old, &new))?;
    }
    cargo().args(["run", "--quiet", "--package", "tallow-cli", "--", "test", "--codes"]).arg(bundles).args(files).run()
}

fn scenario_files() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for name in NAMES {
        let folder = root().join("contracts").join(name).join("scenarios");
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            files.push(entry?.path());
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// Code hashes by contract, of the bundles that are there.
fn hashes(bundles: &Path) -> Result<BTreeMap<&'static str, String>> {
    let mut hashes = BTreeMap::new();
    for name in NAMES {
        let Ok(text) = fs::read(bundles.join(format!("{name}.contract"))) else { continue };
        let bundle: Value = serde_json::from_slice(&text).with_context(|| format!("{name}.contract is not JSON"))?;
        let hash = bundle["source"]["hash"].as_str().with_context(|| format!("{name}.contract names no hash"))?;
        hashes.insert(name, hash.to_owned());
    }
    Ok(hashes)
}

/// Lets the scenarios name the code as it is now.
fn retarget(old: &BTreeMap<&str, String>, new: &BTreeMap<&str, String>) -> Result<()> {
    for file in scenario_files()? {
        let text = fs::read_to_string(&file)?;
        let updated = renamed(&text, old, new);
        if updated != text {
            fs::write(&file, updated)?;
            println!("{} names the new code", file.display());
        }
    }
    Ok(())
}

fn renamed(text: &str, old: &BTreeMap<&str, String>, new: &BTreeMap<&str, String>) -> String {
    let pairs = old.iter().filter_map(|(name, old)| Some((old, new.get(name)?)));
    pairs.fold(text.to_owned(), |text, (old, new)| text.replace(old.as_str(), new))
}

fn build_dir() -> PathBuf {
    target_dir().join("contracts")
}

fn version(name: &str) -> Result<String> {
    let metadata = cargo()
        .dir(root().join("contracts"))
        .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
        .output()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let package = packages.iter().find(|package| package["name"] == name);
    let version = package.and_then(|package| package["version"].as_str());
    Ok(version.with_context(|| format!("contracts/ has no package {name}"))?.to_owned())
}

#[cfg(test)]
mod tests;
