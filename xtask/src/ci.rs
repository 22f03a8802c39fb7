//! `cargo xtask ci`: what CI runs.

use crate::{
    api_fuzz,
    contracts::{SETS, Set},
    docs_test, fuzz,
    process::{Parts, Program, cargo, root, target_dir},
    test, tidy,
};
use anyhow::Result;

/// Runs everything, and everything else after a failure, so that one run shows all that is wrong.
pub(crate) fn run() -> Result<()> {
    let mut parts = Parts::default();
    parts.run("format", || cargo().args(["fmt", "--all", "--check"]).run());
    parts.run("format of contracts", || each_set(|set| in_set(set).args(["fmt", "--all", "--check"]).run()));
    parts.run("format of conformance", || {
        cargo().dir(root().join("conformance")).args(["fmt", "--all", "--check"]).run()
    });
    parts.run("tidy", tidy::run);
    parts.run("clippy", || clippy(cargo().args(["clippy", "--workspace", "--all-targets"])));
    // Of the examples alone: what the macros of older versions of ink! make does not please clippy.
    parts.run("clippy of contracts", || clippy_of_set(&SETS[0]));
    parts.run("format of the fuzz targets", || cargo().dir(root().join("fuzz")).args(["fmt", "--check"]).run());
    parts.run("demo", || cargo().args(["run", "--locked", "--release", "--package", "tallow-cli", "--", "demo"]).run());
    test::add_parts(&mut parts);
    parts.run("the API under schemathesis", || api_fuzz::run(&[]));
    parts.run("commands of the documentation", || docs_test::run(&[]));
    parts.run("tests of the fuzz targets", fuzz::tests);
    parts.run("fuzz", || fuzz::run(&[]));
    parts.run("clippy of the fuzz targets", fuzz::clippy);
    parts.finish()
}

fn clippy(program: Program) -> Result<()> {
    program.args(["--quiet", "--locked", "--", "--deny", "warnings"]).run()
}

fn each_set(check: impl Fn(&'static Set) -> Result<()>) -> Result<()> {
    SETS.iter().try_for_each(check)
}

fn clippy_of_set(set: &'static Set) -> Result<()> {
    clippy(in_set(set).args(["clippy", "--all-targets", "--workspace", "--exclude", set.metadata]))?;
    // With one contract, since each defines the same symbol.
    let contracts = set.contracts()?;
    let one = contracts.first().map(|contract| contract.name()).unwrap_or_default();
    clippy(in_set(set).args(["clippy", "--package", set.metadata, "--features", one]))
}

fn in_set(set: &Set) -> Program {
    cargo().dir(set.path()).env("CARGO_TARGET_DIR", target_dir().join("contracts"))
}
