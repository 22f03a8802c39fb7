//! `cargo xtask bench`: figures of release builds, each beside its baseline of the same run.

use crate::{
    conformance, contracts, kernels,
    process::{cargo, program, root, target_dir},
    web,
};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The benches: `crates/bench` has what the first and the last two measure, `conformance/bench` and `crates/bench` what the
/// second does, `console` what the third does.
const NAMES: [&str; 5] = ["e2e", "engine", "console", "streams", "cli"];
/// The bundle whose transfer is measured.
const ERC20: &str = "conformance/bundles/ink5-erc20.contract";
/// The bundle whose upload is measured: the largest of the examples.
const LARGE: &str = "contracts/bundles/probe.contract";

/// Builds what is measured, and measures.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    match options {
        ["e2e"] => whole("e2e", &report("e2e")?),
        ["streams"] => whole("streams", &report("streams")?),
        ["engine"] => engine(),
        ["console"] => web::bench(),
        ["cli"] => whole("cli", &report("cli")?),
        [] => {
            println!("usage: cargo xtask bench NAME, one of {}", NAMES.join(", "));
            Ok(())
        }
        _ => bail!("no such bench: {}; there is {}", options.join(" "), NAMES.join(", ")),
    }
}

/// Where a bench writes its figures.
fn report(name: &str) -> Result<PathBuf> {
    let reports = root().join("target/bench");
    fs::create_dir_all(&reports)?;
    Ok(reports.join(format!("{name}.json")))
}

/// Drives the release program from outside.
fn whole(part: &str, report: &Path) -> Result<()> {
    cargo().args(["build", "--release", "--locked", "--package", "tallow-cli", "--package", "tallow-bench"]).run()?;
    let release = target_dir().join("release");
    let inputs = [release.join("tallow"), contracts::example_bundles(), report.to_owned()];
    program(release.join("tallow-bench")).arg(part).args(inputs).run()
}

/// The engine beside native code and pallet-contracts, then queries that wait, then code that tries to take more than it
/// pays for.
fn engine() -> Result<()> {
    let kernels = kernels::build()?;
    conformance::build()?;
    let (engine, waiting) = (report("engine")?, report("engine-waiting")?);
    program(target_dir().join("conformance/release/conformance-bench"))
        .args([kernels.fast, kernels.wide, kernels.mvp, root().join(ERC20), root().join(LARGE), engine.clone()])
        .run()?;
    whole("waiting", &waiting)?;
    append(&engine, &waiting)?;
    let prices = report("engine-prices")?;
    program(target_dir().join("release/tallow-bench")).arg("prices").arg(&prices).run()?;
    append(&engine, &prices)
}

/// Adds the second report's figures to the first, and removes it.
fn append(report: &Path, other: &Path) -> Result<()> {
    let read = |path: &Path| -> Result<Value> { Ok(serde_json::from_slice(&fs::read(path)?)?) };
    let (mut all, more) = (read(report)?, read(other)?);
    let metrics = all["metrics"].as_array_mut().context("a report without metrics")?;
    metrics.extend(more["metrics"].as_array().context("a report without metrics")?.iter().cloned());
    fs::write(report, serde_json::to_vec_pretty(&all)?)?;
    fs::remove_file(other)?;
    println!("\nwritten to {}", report.display());
    Ok(())
}
