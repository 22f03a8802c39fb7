//! Running other programs, and where things are.

use anyhow::{Context as _, Result, bail};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

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

/// A program to run, with errors that name it.
pub(crate) struct Program(Command);

/// A program, started in the root.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Program {
    let mut command = Command::new(name);
    command.current_dir(root());
    Program(command)
}

/// The cargo that runs this program.
pub(crate) fn cargo() -> Program {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

impl Program {
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.0.current_dir(dir);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    /// A build of cargo's in which clippy compiles the workspace's own crates and denies warnings. Unlike `cargo clippy`
    /// it takes the dependencies, which may be large, as the same build without it left them.
    pub(crate) fn linted(self) -> Self {
        self.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", "--deny__CLIPPY_HACKERY__warnings")
    }

    fn describe(&self) -> String {
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    /// Runs it to its end, its output shown.
    pub(crate) fn run(mut self) -> Result<()> {
        let status = self.0.status().with_context(|| format!("cannot start `{}`", self.describe()))?;
        if !status.success() {
            bail!("`{}` failed: {status}", self.describe());
        }
        Ok(())
    }

    /// Runs it to its end and returns what it printed; its messages are shown.
    pub(crate) fn output(mut self) -> Result<String> {
        self.0.stderr(std::process::Stdio::inherit());
        let output = self.0.output().with_context(|| format!("cannot start `{}`", self.describe()))?;
        if !output.status.success() {
            bail!("`{}` failed: {}", self.describe(), output.status);
        }
        String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` printed something else than text", self.describe()))
    }

    /// What it prints, if it is there and succeeds.
    pub(crate) fn probe(mut self) -> Option<String> {
        let output = self.0.output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    }
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
