//! Running other programs, with errors that name them. Nobody tells these errors apart, so they are `anyhow`'s.

use anyhow::{Context as _, Result, ensure};
use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

/// A program to run.
pub struct Program(Command);

impl Program {
    /// A program, by its name or path.
    pub fn new(name: impl AsRef<OsStr>) -> Self {
        Self(Command::new(name))
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Started in this folder.
    #[must_use]
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.0.current_dir(dir);
        self
    }

    /// With this environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Without this environment variable.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    /// A build of cargo's in which clippy compiles the workspace's own crates and denies warnings. Unlike `cargo clippy`
    /// it takes the dependencies, which may be large, as the same build without it left them.
    #[must_use]
    pub fn linted(self) -> Self {
        self.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", "--deny__CLIPPY_HACKERY__warnings")
    }

    fn describe(&self) -> String {
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    fn judge(&self, status: ExitStatus) -> Result<()> {
        ensure!(status.success(), "`{}` failed: {status}", self.describe());
        Ok(())
    }

    /// Runs it to its end, its output shown.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub fn run(mut self) -> Result<()> {
        let status = self.0.status().with_context(|| format!("cannot start `{}`", self.describe()))?;
        self.judge(status)
    }

    /// Runs it to its end and returns what it printed; its messages are shown.
    ///
    /// # Errors
    /// When it cannot be started, fails, or prints something else than text.
    pub fn output(mut self) -> Result<String> {
        self.0.stderr(Stdio::inherit());
        let output = self.0.output().with_context(|| format!("cannot start `{}`", self.describe()))?;
        self.judge(output.status)?;
        String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` printed something else than text", self.describe()))
    }

    /// Runs it to its end without showing anything; what it said is the error's.
    ///
    /// # Errors
    /// Its own words, or why it cannot be started.
    pub fn quiet_output(mut self) -> std::result::Result<String, String> {
        let line = self.describe();
        let output = self.0.output().map_err(|error| format!("cannot start `{line}`: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        String::from_utf8(output.stdout).map_err(|_| format!("`{line}` printed something else than text"))
    }

    /// What it prints, if it is there and succeeds.
    pub fn probe(self) -> Option<String> {
        self.quiet_output().ok()
    }
}
