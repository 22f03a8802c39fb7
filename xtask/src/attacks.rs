//! `cargo xtask attacks`: attacks on a real worker, and what their victims see. One at a time, since they look at
//! latency and memory; apart from the other tests for that reason.

use crate::process::{cargo, program};
use anyhow::Result;

/// The test binary, of `cli`.
const BINARY: &str = "attacks";

/// Runs all attacks, or those whose names contain one of these.
pub(crate) fn run(names: &[&str]) -> Result<()> {
    if has_nextest() {
        // The whole workspace is named, as for the other tests, so that nothing is built again with other features.
        let of_attacks = format!("binary({BINARY})");
        let options = ["nextest", "run", "--workspace", "--locked", "--test-threads", "1", "-E", &of_attacks];
        return cargo().args(options).args(names).run();
    }
    let options = ["test", "--workspace", "--locked", "--test", BINARY, "--quiet", "--", "--test-threads", "1"];
    cargo().args(options).args(names).run()
}

/// What leaves them out of a run of the other tests by `cargo nextest`.
pub(crate) fn others() -> String {
    format!("not binary({BINARY})")
}

/// Whether `cargo nextest` is there.
pub(crate) fn has_nextest() -> bool {
    program("cargo-nextest").args(["nextest", "--version"]).probe().is_some()
}
