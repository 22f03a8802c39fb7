//! Where things are, and the parts of long tasks.

use anyhow::{Result, bail};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
pub(crate) use tallow_build::Program;

/// The root of the work tree.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the root")
}

/// Where cargo builds the main workspace.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A program, started in the root.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Program {
    Program::new(name).dir(root())
}

/// The cargo that runs this program.
pub(crate) fn cargo() -> Program {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds the program as the tests of the workspace have it, and says where it is. Named alone, its package would have
/// dependencies of other features, and all of those would be built again.
pub(crate) fn built_tallow() -> Result<PathBuf> {
    cargo().args(["test", "--workspace", "--no-run", "--locked", "--quiet"]).run()?;
    Ok(target_dir().join("debug/tallow"))
}

/// The parts of a long task, each timed, none skipped after a failure of another.
#[derive(Default)]
pub(crate) struct Parts {
    done: Vec<(&'static str, Duration, bool)>,
}

impl Parts {
    /// Runs one part and notes how it went.
    pub(crate) fn run(&mut self, name: &'static str, part: impl FnOnce() -> Result<()>) {
        println!("==> {name}");
        let start = Instant::now();
        let result = part();
        if let Err(error) = &result {
            eprintln!("error: {name}: {error:#}");
        }
        self.done.push((name, start.elapsed(), result.is_ok()));
    }

    /// Prints the times; fails when a part failed.
    pub(crate) fn finish(self) -> Result<()> {
        for (name, time, passed) in &self.done {
            println!("{:>8.1} s  {name}{}", time.as_secs_f64(), if *passed { "" } else { "  FAILED" });
        }
        let failed: Vec<&str> = self.done.iter().filter(|part| !part.2).map(|part| part.0).collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}
