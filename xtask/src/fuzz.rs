//! `cargo xtask fuzz`: runs the targets of `fuzz/` under libFuzzer.

use crate::process::{cargo, program, root, target_dir};
use anyhow::{Context as _, Result, bail};
use std::{fs, path::PathBuf};

/// The targets; `fuzz/src` says what each does.
const TARGETS: [&str; 5] = ["module", "bundle", "text", "envelope", "host_calls"];
/// Inputs tried of each target when nothing else is said: what CI can afford.
const RUNS_DEFAULT: u64 = 20_000;
/// Seconds one input may take before it counts as a hang.
const TIMEOUT_S: u32 = 20;
/// MiB a target may hold.
const MEMORY_MIB: u32 = 4096;
/// Bytes of an input, and of one that is a bundle or a module.
const INPUT_BYTES_MAX: u32 = 4096;
const FILE_BYTES_MAX: u32 = 64 * 1024;
/// Coverage counters in every crate, as libFuzzer reads them. No sanitizer: there is next to no `unsafe` of our own, and
/// it would halve the number of inputs.
const FLAGS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Parses the options, builds and runs.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    let (mut targets, mut runs) = (Vec::new(), RUNS_DEFAULT);
    let mut options = options.iter().copied();
    while let Some(option) = options.next() {
        match option {
            "--runs" => runs = options.next().and_then(|n| n.parse().ok()).context("--runs needs a number")?,
            name if TARGETS.contains(&name) => targets.push(name),
            unknown => bail!("no fuzz target is called {unknown}; there are {}", TARGETS.join(", ")),
        }
    }
    if targets.is_empty() {
        targets.extend(TARGETS);
    }
    let binaries = build()?;
    targets.into_iter().try_for_each(|target| fuzz(target, runs, &binaries))
}

/// Tests of the targets themselves: that they reach what they are for.
pub(crate) fn tests() -> Result<()> {
    cargo_with_coverage()?.args(["test", "--lib"]).args(BUILD_OPTIONS).args(["--target", &host()?]).run()
}

/// Clippy over the targets. After [`tests`] and [`build`], whose dependencies it takes.
pub(crate) fn clippy() -> Result<()> {
    let linted = cargo_with_coverage()?.linted();
    linted.args(["build", "--all-targets"]).args(BUILD_OPTIONS).args(["--target", &host()?]).run()
}

const BUILD_OPTIONS: [&str; 3] = ["--quiet", "--locked", "--release"];

fn build() -> Result<PathBuf> {
    let host = host()?;
    // With a target named, flags do not reach build scripts and macros.
    cargo_with_coverage()?.arg("build").args(BUILD_OPTIONS).args(["--bins", "--target", &host]).run()?;
    Ok(build_dir().join(host).join("release"))
}

fn cargo_with_coverage() -> Result<crate::process::Program> {
    fs::create_dir_all(build_dir())?;
    Ok(cargo()
        .dir(root().join("fuzz"))
        .env("CARGO_TARGET_DIR", build_dir())
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f")))
}

fn fuzz(target: &str, runs: u64, binaries: &std::path::Path) -> Result<()> {
    let corpus = build_dir().join("corpus").join(target);
    let findings = build_dir().join("findings").join(target);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&findings)?;
    let length = if matches!(target, "bundle" | "module") { FILE_BYTES_MAX } else { INPUT_BYTES_MAX };
    let mut fuzzer = program(binaries.join(target))
        .args([format!("-runs={runs}"), format!("-max_len={length}"), format!("-timeout={TIMEOUT_S}")])
        .args([format!("-rss_limit_mb={MEMORY_MIB}"), format!("-artifact_prefix={}/", findings.display())])
        .args(["-print_funcs=0", "-verbosity=0"])
        .arg(&corpus);
    if target == "bundle" {
        fuzzer = fuzzer.arg(root().join("contracts/bundles"));
    }
    let start = std::time::Instant::now();
    fuzzer.run().with_context(|| format!("the input that failed is in {}", findings.display()))?;
    println!("{target}: {runs} runs in {:.1} s, no finding", start.elapsed().as_secs_f64());
    Ok(())
}

fn host() -> Result<String> {
    let text = program("rustc").arg("-vV").probe().context("cannot run rustc")?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc does not name its host")?.to_owned())
}

fn build_dir() -> PathBuf {
    target_dir().join("fuzz")
}
