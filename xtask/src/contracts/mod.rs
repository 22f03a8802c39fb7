//! `cargo xtask contracts`: from a contract's source to its bundle.

mod rotation;
mod sets;
pub(crate) mod toolchain;

pub(crate) use sets::{SETS, Set};

use crate::process::{built_tallow, program, root, target_dir};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use sets::{Contract, scenario_files};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tallow_build::Options;

/// Parses the options and builds.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    let (flags, names): (Vec<&str>, Vec<&str>) = options.iter().partition(|option| option.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| !matches!(**flag, "--all" | "--check" | "--rotate")) {
        bail!("no such option: {unknown}");
    }
    let contracts = match names.as_slice() {
        [] if flags.contains(&"--all") => sets::all()?,
        [] if flags.contains(&"--rotate") => rotation::choice()?,
        [] => sets::examples()?,
        names => sets::named(names)?,
    };
    if flags.contains(&"--check") {
        build(&contracts, Destination::Rebuilt)?;
        return rebuilt_scenarios();
    }
    let before = committed_hashes()?;
    build(&contracts, Destination::Committed)?;
    retarget(&before, &committed_hashes()?)
}

/// What CI builds anew: the examples and, in turn, some of the others.
pub(crate) fn rebuild() -> Result<()> {
    let contracts: Vec<Contract> = sets::examples()?.into_iter().chain(rotation::choice()?).collect();
    build(&contracts, Destination::Rebuilt)
}

/// Where bundles go.
#[derive(Clone, Copy)]
enum Destination {
    /// Under version control.
    Committed,
    /// The target directory.
    Rebuilt,
}

impl Destination {
    fn folder(self, set: &Set) -> PathBuf {
        match self {
            Self::Committed => root().join(set.bundles),
            Self::Rebuilt => rebuilt_dir(),
        }
    }
}

/// The examples' bundles under version control.
pub(crate) fn example_bundles() -> PathBuf {
    root().join(SETS[0].bundles)
}

fn rebuilt_dir() -> PathBuf {
    build_dir().join("bundles")
}

fn build_dir() -> PathBuf {
    target_dir().join("contracts")
}

/// Builds the contracts and writes their bundles. What was built before into the target directory goes first, so that
/// nothing old is taken for new.
fn build(contracts: &[Contract], destination: Destination) -> Result<()> {
    let toolchain = toolchain::find_or_install()?;
    println!("building for Wasm with {}", toolchain.compiler());
    if matches!(destination, Destination::Rebuilt) && rebuilt_dir().is_dir() {
        fs::remove_dir_all(rebuilt_dir())?;
    }
    let target_dir = build_dir();
    let builder = "cargo xtask contracts";
    let options = Options { target_dir: &target_dir, source_root: root(), locked: true, progress: false, builder };
    for Contract { set, project } in contracts {
        let name = &project.name;
        let built = tallow_build::build(project, &toolchain, &options, |_| ()).with_context(|| name.clone())?;
        let folder = destination.folder(set);
        fs::create_dir_all(&folder)?;
        let bundle = serde_json::to_string(&built.bundle)? + "\n";
        fs::write(folder.join(format!("{name}.contract")), bundle)?;
        println!("{name}: {} bytes of Wasm", built.wasm.len());
    }
    Ok(())
}

/// Runs every scenario on the bundles under version control.
pub(crate) fn committed_scenarios() -> Result<()> {
    let folders: Vec<PathBuf> = bundle_folders().collect();
    test(&folders, &scenario_files()?)
}

/// Runs every scenario that uses a rebuilt contract on the rebuilt bundles. Scenarios name code by its hash, which
/// depends on the toolchain, so this is done by copies that name the new code. Cases name bundles by file.
pub(crate) fn rebuilt_scenarios() -> Result<()> {
    let (old, new) = (committed_hashes()?, hashes(&rebuilt_dir())?);
    let folder = build_dir().join("scenarios");
    fs::create_dir_all(&folder)?;
    let mut files = Vec::new();
    for file in scenario_files()? {
        let text = fs::read_to_string(&file)?;
        if new.keys().any(|name| uses(&text, name, old.get(name))) {
            let name = file.file_name().context("a scenario file has a name")?;
            fs::write(folder.join(name), renamed(&text, &old, &new))?;
            files.push(folder.join(name));
        }
    }
    // A scenario may use other contracts beside, which were not rebuilt.
    let folders: Vec<PathBuf> = std::iter::once(rebuilt_dir()).chain(bundle_folders()).collect();
    test(&folders, &files)
}

/// Whether a file of scenarios uses a contract: by its code's hash, or by its bundle's name.
fn uses(text: &str, name: &str, hash: Option<&String>) -> bool {
    text.contains(&format!("\"{name}\"")) || hash.is_some_and(|hash| text.contains(hash.as_str()))
}

fn test(codes: &[PathBuf], files: &[PathBuf]) -> Result<()> {
    let codes = codes.iter().flat_map(|folder| [Path::new("--codes"), folder]);
    program(built_tallow()?).arg("test").args(codes).args(files).run()
}

/// The folders of committed bundles, each once.
fn bundle_folders() -> impl Iterator<Item = PathBuf> {
    let folders: std::collections::BTreeSet<&str> = SETS.iter().map(|set| set.bundles).collect();
    folders.into_iter().map(|folder| root().join(folder))
}

/// Code hashes by contract.
type Hashes = BTreeMap<String, String>;

fn committed_hashes() -> Result<Hashes> {
    let mut all = Hashes::new();
    for folder in bundle_folders() {
        all.extend(hashes(&folder)?);
    }
    Ok(all)
}

/// Code hashes of the bundles of a folder, by the file's name.
fn hashes(bundles: &Path) -> Result<Hashes> {
    let mut hashes = Hashes::new();
    let Ok(entries) = fs::read_dir(bundles) else { return Ok(hashes) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|extension| extension == "contract") {
            let bundle: Value =
                serde_json::from_slice(&fs::read(&path)?).with_context(|| format!("{} is not JSON", path.display()))?;
            let hash = bundle["source"]["hash"].as_str().with_context(|| format!("{name}.contract names no hash"))?;
            hashes.insert(name, hash.to_owned());
        }
    }
    Ok(hashes)
}

/// Lets the scenarios name the code as it is now.
fn retarget(old: &Hashes, new: &Hashes) -> Result<()> {
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

fn renamed(text: &str, old: &Hashes, new: &Hashes) -> String {
    let pairs = old.iter().filter_map(|(name, old)| Some((old, new.get(name)?)));
    pairs.fold(text.to_owned(), |text, (old, new)| text.replace(old.as_str(), new))
}

#[cfg(test)]
mod tests;
