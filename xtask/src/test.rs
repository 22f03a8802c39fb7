//! `cargo xtask test`: every test there is.

use crate::{
    attacks, conformance, contracts, evm,
    process::{Parts, cargo, root, target_dir},
    web,
};
use anyhow::Result;

/// Installs what is missing and runs every test; scenarios come last, so the run ends with their count.
pub(crate) fn run() -> Result<()> {
    let mut parts = Parts::default();
    add_parts(&mut parts);
    parts.finish()
}

/// The parts of it, for a longer task.
pub(crate) fn add_parts(parts: &mut Parts) {
    parts.run("contracts rebuilt", contracts::rebuild);
    parts.run("tests of the guest crate and contracts", contract_tests);
    parts.run("tests of the workspace", workspace_tests);
    parts.run("attacks", || attacks::run(&[]));
    web::add_parts(parts);
    evm::add_parts(parts);
    conformance::add_parts(parts);
    parts.run("scenarios on the committed bundles", contracts::committed_scenarios);
    parts.run("scenarios on the rebuilt bundles", contracts::rebuilt_scenarios);
}

fn workspace_tests() -> Result<()> {
    if attacks::has_nextest() {
        let options = ["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "-E", &attacks::others()];
        return cargo().args(options).run();
    }
    cargo().args(["test", "--workspace", "--locked", "--all-targets", "--no-fail-fast", "--quiet"]).run()
}

fn contract_tests() -> Result<()> {
    cargo()
        .dir(root().join("contracts"))
        .env("CARGO_TARGET_DIR", target_dir().join("contracts"))
        .args(["test", "--quiet", "--locked", "--package", "tallow-ink", "--lib"])
        .run()
}
