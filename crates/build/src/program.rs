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

    /// Without variables of the environment that a build has no use for: among them are secrets, and what it starts runs
    /// code of the project and of its dependencies.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        for (name, _) in std::env::vars_os() {
            if !name.to_str().is_some_and(is_of_builds) {
                self.0.env_remove(name);
            }
        }
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

/// Variables that compilers, linkers and cargo go by.
const OF_BUILDS: [&str; 40] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "LANG",
    "LANGUAGE",
    "TZ",
    "CI",
    "TMPDIR",
    "TMP",
    "TEMP",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "CC",
    "CXX",
    "AR",
    "LD",
    "CFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "MAKEFLAGS",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SYSTEMROOT",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
];
/// Beginnings of further ones.
const FAMILIES_OF_BUILDS: [&str; 6] = ["CARGO", "RUST", "LC_", "XDG_", "PKG_CONFIG", "NIX_"];
/// What names of secrets have in them, as that of cargo's token.
const OF_SECRETS: [&str; 6] = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "KEY"];

/// Whether a build may have a variable.
fn is_of_builds(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_secret = OF_SECRETS.iter().any(|part| name.contains(part));
    let is_known = OF_BUILDS.contains(&name.as_str()) || FAMILIES_OF_BUILDS.iter().any(|start| name.starts_with(start));
    is_known && !is_secret
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_get_what_they_go_by_and_no_secrets() {
        for name in ["PATH", "CARGO_HOME", "RUSTUP_TOOLCHAIN", "https_proxy", "LC_ALL", "Path", "RUSTFLAGS"] {
            assert!(is_of_builds(name), "{name}");
        }
        let secrets = [
            "CARGO_REGISTRY_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "TALLOW_PASSWORD_FILE",
            "SSH_AUTH_SOCK",
            "DATABASE_URL",
            "TELEGRAM_BOT_TOKEN",
            "CARGO_REGISTRIES_OWN_CREDENTIAL_PROVIDER",
        ];
        for name in secrets {
            assert!(!is_of_builds(name), "{name}");
        }
    }

    #[test]
    fn what_it_starts_has_no_other_variables() {
        // The test's own process has variables of cargo, and some that no build needs or the test sees nothing.
        let printed = Program::new("env").without_secrets().output().unwrap();
        let names = printed.lines().filter_map(|line| Some(line.split_once('=')?.0));
        let others: Vec<&str> = names.filter(|name| std::env::var_os(name).is_some() && !is_of_builds(name)).collect();
        assert_eq!(others, Vec::<&str>::new());
        assert!(printed.contains("PATH="), "{printed}");
    }
}
