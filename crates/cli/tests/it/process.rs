//! Runs the program.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A user's machine: a home of its own, no settings.
pub(crate) struct Machine {
    home: TempDir,
}

/// What a run of the program gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallow"));
        command.args(args).stdin(Stdio::null()).env("TALLOW_HOME", self.home.path());
        let own =
            ["TALLOW_URL", "TALLOW_FROM", "TALLOW_NETWORK", "TALLOW_CLUSTER", "TALLOW_PROFILE", "TALLOW_PASSWORD_FILE"];
        for name in own.into_iter().chain(["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"]) {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Self::ran(&mut self.command(args))
    }

    /// Runs with something on standard input.
    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        Self::ran_with_input(&mut self.command(args), input)
    }

    /// Runs a command to its end, with something on standard input.
    pub(crate) fn ran_with_input(command: &mut Command, input: &str) -> Ran {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Who does not read it has said so by its exit code.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Runs a command to its end.
    pub(crate) fn ran(command: &mut Command) -> Ran {
        Ran::of(command.output().unwrap())
    }

    /// Runs with `--json` against a network.
    pub(crate) fn json(&self, dev: &Dev, args: &[&str]) -> (i32, Value) {
        let ran = self.run(&[args, &["--json", "--url", &dev.url]].concat());
        let document = serde_json::from_str(&ran.stdout);
        (ran.code, document.unwrap_or_else(|error| panic!("{error}: {}\n{}", ran.stdout, ran.stderr)))
    }

    /// As [`Self::json`], of a command that must succeed.
    pub(crate) fn ok(&self, dev: &Dev, args: &[&str]) -> Value {
        let (code, document) = self.json(dev, args);
        assert_eq!(code, 0, "{args:?}: {document}");
        document
    }

    /// A file in the machine's home.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Checks the exit code, an error that contains `error`, and a hint that contains `hint`.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, error: &str, hint: &str) {
        let line = |start: &str| self.stderr.lines().find(|line| line.starts_with(start)).unwrap_or_default();
        let good = self.code == code && line("error:").contains(error) && line("hint:").contains(hint);
        assert!(good, "exit code {}, expected {code}, `{error}`, `{hint}`:\n{}{}", self.code, self.stdout, self.stderr);
    }
}

/// A running `tallow dev`, killed at the end.
pub(crate) struct Dev {
    child: Child,
    pub(crate) url: String,
    pub(crate) announced: Value,
}

impl Dev {
    pub(crate) fn start(machine: &Machine, args: &[&str]) -> Self {
        Self::spawn(&mut Self::command(machine, args))
    }

    /// What [`Self::start`] runs, for tests that change its environment.
    pub(crate) fn command(machine: &Machine, args: &[&str]) -> Command {
        machine.command(&[&["dev", "--port", "0", "--json"], args].concat())
    }

    /// Runs the command and waits until the network announces itself.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let announced: Value = serde_json::from_str(&line).unwrap_or_else(|error| {
            let _ = child.kill();
            panic!("`tallow dev` did not announce itself: {error}: {line}")
        });
        let url = announced["url"].as_str().unwrap().to_owned();
        Self { child, url, announced }
    }

    /// Runs the command and kills it after a while, started or not.
    pub(crate) fn killed_while_it_starts(command: &mut Command, after: Duration) {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// As the operator's Ctrl-C: returns the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.ended(Duration::from_secs(20))
    }

    /// Waits until it has ended by itself: the exit code.
    pub(crate) fn ended(&mut self, patience: Duration) -> Option<i32> {
        let began = Instant::now();
        while began.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it did not end");
    }

    /// As a power cut.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A committed bundle.
pub(crate) fn bundle(name: &str) -> String {
    contracts().join("bundles").join(format!("{name}.contract")).display().to_string()
}

pub(crate) fn contracts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts")
}
