//! `cargo xtask evm`: a contract that writes to an EVM chain. The chain (anvil) and the Solidity compiler come from npm,
//! in the versions that `contracts/evm-oracle/package-lock.json` pins.

use crate::process::{Parts, cargo, program, root, target_dir};
use anyhow::{Context as _, Result, bail};
use std::{fs, path::PathBuf};

/// Installs what it needs and runs it.
pub(crate) fn run() -> Result<()> {
    let mut parts = Parts::default();
    add_parts(&mut parts);
    parts.finish()
}

/// The parts of it, for a longer task.
pub(crate) fn add_parts(parts: &mut Parts) {
    parts.run("anvil and solc installed", install);
    parts.run("evm-oracle on an EVM chain", test);
}

/// The tests that need them.
const FILTER: &str = "package(tallow-cli) and test(/^evm::/)";

/// Where both are installed.
fn tools() -> PathBuf {
    target_dir().join("evm")
}

fn source() -> PathBuf {
    root().join("contracts/evm-oracle")
}

fn install() -> Result<()> {
    if program("npm").arg("--version").probe().is_none() {
        bail!("there is no npm; install Node.js 20 or newer (Debian: apt-get install npm)");
    }
    fs::create_dir_all(tools())?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source().join(file), tools().join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    // Neither needs its install script: the binary is a package of its own, one for each platform.
    let quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    program("npm").dir(tools()).arg("ci").args(quiet).run()
}

fn test() -> Result<()> {
    let (anvil, feed) = (anvil()?, feed()?);
    // These tests are ignored elsewhere, since they need what is installed here. The whole workspace is named, so that
    // what its other tests were built from is not built again with other features.
    let nextest = program("cargo-nextest").args(["nextest", "--version"]).probe().is_some();
    let arguments: &[&str] = match nextest {
        true => &["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "--run-ignored", "only", "-E", FILTER],
        false => &["test", "--workspace", "--locked", "--quiet", "--test", "it", "--", "--ignored", "evm::"],
    };
    cargo().env("TALLOW_TEST_ANVIL", anvil).env("TALLOW_TEST_FEED", feed).args(arguments).run()
}

/// The program for this platform. It is run itself, not through its launcher, so that ending it ends it.
fn anvil() -> Result<PathBuf> {
    let packages = tools().join("node_modules/@foundry-rs");
    for package in fs::read_dir(&packages).with_context(|| format!("cannot read {}", packages.display()))? {
        let bin = package?.path().join("bin");
        let found = ["anvil", "anvil.exe"].map(|name| bin.join(name)).into_iter().find(|path| path.is_file());
        if let Some(anvil) = found {
            return Ok(anvil);
        }
    }
    bail!("npm has no anvil for this platform")
}

/// Compiles the Solidity contract: a file with its code in hexadecimal.
fn feed() -> Result<PathBuf> {
    let out = tools().join("feed");
    let solc = tools().join("node_modules/solc/solc.js");
    let options = ["--bin", "--optimize", "--base-path", ".", "-o"];
    program("node").dir(source()).arg(solc).args(options).arg(&out).arg("PriceFeed.sol").run()?;
    let file = out.join("PriceFeed_sol_PriceFeed.bin");
    if !file.is_file() {
        bail!("solc wrote no {}", file.display());
    }
    Ok(file)
}
