//! `cargo xtask conformance`: the engine beside pallet-contracts (`conformance/README.md`).

use crate::process::{Parts, Program, cargo, program, root, target_dir};
use anyhow::Result;

/// Builds and runs it.
pub(crate) fn run() -> Result<()> {
    let mut parts = Parts::default();
    add_parts(&mut parts);
    parts.finish()
}

/// The parts of it, for a longer task.
pub(crate) fn add_parts(parts: &mut Parts) {
    parts.run("conformance built", build);
    parts.run("conformance: the engine beside pallet-contracts", || {
        program(target_dir().join("conformance/release/conformance-oracle")).run()
    });
    parts.run("conformance: its own tests", || workspace().args(["test", "--quiet"]).args(OPTIONS).run());
    parts.run("conformance: clippy", clippy);
}

/// Clippy over its own crates, with the dependencies that [`build`] left.
pub(crate) fn clippy() -> Result<()> {
    build()?;
    workspace().linted().args(["build", "--all-targets"]).args(OPTIONS).run()
}

/// Builds it, together with its tests and as a whole: another selection would build the reference again.
pub(crate) fn build() -> Result<()> {
    workspace().args(["build", "--all-targets"]).args(OPTIONS).run()
}

const OPTIONS: [&str; 3] = ["--release", "--workspace", "--locked"];

fn workspace() -> Program {
    cargo()
        .dir(root().join("conformance"))
        .env("CARGO_TARGET_DIR", target_dir().join("conformance"))
        .env("CARGO_INCREMENTAL", "0")
}
