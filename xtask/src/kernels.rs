//! The contract of compute kernels (`conformance/kernels/guest`), built three times: for Tallow, for Tallow with wide
//! arithmetic, and for pallet-contracts.

use crate::{
    contracts::toolchain::find_or_install,
    process::{root, target_dir},
};
use anyhow::Result;
use std::path::{Path, PathBuf};
use tallow_build::{TARGET, Toolchain};

/// What all have: no texts of panics, room for large values on the stack, memory as Tallow's limit.
const FLAGS: [&str; 6] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Ctarget-feature=+mutable-globals",
    "-Clink-arg=-zstack-size=131072",
    "-Clink-arg=--max-memory=67108864",
];
const FAST: &str = "-Ctarget-feature=+simd128,+bulk-memory,+sign-ext,+nontrapping-fptoint,+multivalue,+extended-const";
/// Only for kernels that need it: LLVM 22 compiles `i64::checked_mul` wrongly with it, by comparing with an old value.
const WIDE: &str = "-Ctarget-feature=+wide-arithmetic";
/// The first version of Wasm, as every host of ink! contracts takes it.
const MVP: [&str; 2] = ["-Ctarget-cpu=mvp", "-Clink-arg=--import-memory"];
const BUILD_STD: [&str; 2] = ["-Zbuild-std=core,alloc", "-Zbuild-std-features=compiler-builtins-mem"];

/// The Wasm files.
pub(crate) struct Kernels {
    /// With SIMD and floating-point numbers.
    pub(crate) fast: PathBuf,
    /// With wide arithmetic too.
    pub(crate) wide: PathBuf,
    /// Of the first version of Wasm, without floating-point numbers.
    pub(crate) mvp: PathBuf,
}

/// Builds them.
pub(crate) fn build() -> Result<Kernels> {
    let toolchain = find_or_install()?;
    let dir = target_dir().join("conformance");
    Ok(Kernels {
        fast: compile(&toolchain, &dir.join("kernels-fast"), &[FAST], &["--features", "float"])?,
        wide: compile(&toolchain, &dir.join("kernels-wide"), &[FAST, WIDE], &["--features", "float"])?,
        mvp: compile(&toolchain, &dir.join("kernels-mvp"), &MVP, &[])?,
    })
}

fn compile(toolchain: &Toolchain, target_dir: &Path, flags: &[&str], options: &[&str]) -> Result<PathBuf> {
    let (cargo, linker) = toolchain.tools();
    let flags: Vec<&str> = FLAGS.iter().chain(flags).copied().chain(linker).collect();
    cargo
        .dir(root().join("conformance/kernels/guest"))
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .env("CARGO_TARGET_DIR", target_dir)
        .args(["build", "--quiet", "--locked", "--release", "--target", TARGET])
        .args(options)
        .args(BUILD_STD)
        .run()?;
    Ok(target_dir.join(TARGET).join("release/kernels_guest.wasm"))
}
