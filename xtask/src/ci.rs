//! `cargo xtask ci`: what CI runs.

use crate::{
    process::{Parts, cargo, root, target_dir},
    test, tidy,
};
use anyhow::Result;

/// Runs everything, and everything else after a failure, so that one run shows all that is wrong.
pub(crate) fn run() -> Result<()> {
    let mut parts = Parts::default();
    parts.run("format", || cargo().args(["fmt", "--all", "--check"]).run());
    parts.run("format of contracts", || contracts().args(["fmt", "--all", "--check"]).run());
    parts.run("tidy", tidy::run);
    parts.run("clippy", || clippy(cargo().args(["clippy", "--workspace", "--all-targets"])));
    parts.run("clippy of contracts", || {
        let packages = ["tallow-ink", "btc-bot", "flipper", "probe"].iter().flat_map(|name| ["--package", name]);
        clippy(contracts().args(["clippy", "--all-targets"]).args(packages))?;
        // With one contract, since each defines the same symbol.
        clippy(contracts().args(["clippy", "--package", "contract-metadata", "--features", "flipper"]))
    });
    parts.run("demo", || cargo().args(["run", "--locked", "--release", "--package", "tallow-cli", "--", "demo"]).run());
    test::add_parts(&mut parts);
    parts.finish()
}

fn clippy(program: crate::process::Program) -> Result<()> {
    program.args(["--quiet", "--locked", "--", "--deny", "warnings"]).run()
}

fn contracts() -> crate::process::Program {
    cargo().dir(root().join("contracts")).env("CARGO_TARGET_DIR", target_dir().join("contracts"))
}
