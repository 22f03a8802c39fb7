//! `cargo xtask api-fuzz`: schemathesis against a running `tallow dev`, by the API's own OpenAPI document.
//!
//! Bodies in SCALE are beyond what a document can describe, so the commands of the CLI are run first, through a recorder
//! (`recorder.py`): the bodies they send, as they are and damaged, are what schemathesis then sends (`hooks.py`).

mod document;

use crate::process::{built_tallow, program, root, target_dir};
use anyhow::{Context as _, Error, Result, bail, ensure};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// The release that is used, so that a run says of the API what the last one did.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Seconds a run takes when nothing else is said: what CI can afford.
const SECONDS_DEFAULT: u32 = 100;
/// Seconds in which a stream has to give as much as is looked at, and everything else its whole answer.
const REQUEST_SECONDS_MAX: u32 = 5;
/// Requests that are sent at a time.
const WORKERS: u32 = 4;
const HOOKS: &str = include_str!("hooks.py");
const RECORDER: &str = include_str!("recorder.py");
/// What is done through the recorder.
const RECORDED: [&[&str]; 9] = [
    &["deploy", "{bundle}", "--constructor", "new", "--args", "true"],
    &["call", "{contract}", "flip"],
    &["call", "{contract}", "get"],
    &["call", "{contract}", "flip", "--wait-anchored"],
    &["account", "transfer", "{contract}", "1"],
    &["events", "{contract}"],
    &["blocks"],
    &["contract", "list"],
    &["contract", "show", "{contract}"],
];
/// What is tried through the recorder, which withholds one kind of request: what the worker accepts once alone.
const WITHHELD: [(&str, &[&str]); 4] = [
    ("sessions", &["call", "{contract}", "get"]),
    ("query", &["call", "{contract}", "get"]),
    ("subscribe", &["events", "{contract}"]),
    ("commands", &["call", "{contract}", "flip"]),
];
/// Times each of them is tried.
const WITHHELD_TIMES: usize = 5;
/// Lists that no command asks for, and whose ids are wanted.
const LISTS: [&str; 4] = ["/v1/receipts", "/v1/code", "/v1/clusters", "/v1/anchors"];

/// Parses the options, builds and runs.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    let seconds = match options {
        [] => SECONDS_DEFAULT,
        ["--seconds", number] => number.parse().context("--seconds needs a number")?,
        _ => bail!("usage: cargo xtask api-fuzz [--seconds N]"),
    };
    let tools = install()?;
    let tallow = built_tallow()?;
    let dir = target_dir().join("api-fuzz");
    // What an earlier run left; there may be nothing.
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir)?;
    let mut network = network(&tallow, &dir)?;
    let recorded = record(&tools, &tallow, &network.url, &dir)?;
    let document = fetch(&network.url, "/openapi.json")?;
    let not_by_document = document::not_by_document(&document);
    fs::write(dir.join("schemathesis.toml"), document::settings(&not_by_document))?;
    say_what_is_not_checked(&not_by_document, &recorded);
    let result = program(tools.join("st"))
        .dir(&dir)
        .env("SCHEMATHESIS_HOOKS", write(&dir, "hooks.py", HOOKS)?)
        .env("RECORDED", recorded.file)
        .args(["run", &format!("{}/openapi.json", network.url), "--continue-on-failure"])
        .args(["--max-time", &seconds.to_string(), "--request-timeout", &REQUEST_SECONDS_MAX.to_string()])
        .args(["--suppress-health-check", "all", "--workers", &WORKERS.to_string()])
        .run();
    // That it still runs is a part of the test.
    if let Some(status) = network.child.try_wait()? {
        bail!("`tallow dev` ended while it was fuzzed: {status}");
    }
    fetch(&network.url, "/v1/status").context("the worker no longer answers")?;
    result
}

fn say_what_is_not_checked(not_by_document: &[String], recorded: &Recorded) {
    println!("recorded {} requests of the CLI, {} of them with bodies", recorded.requests, recorded.bodies);
    println!("not checked: that whatever the document allows is accepted (positive_data_acceptance), of");
    for path in not_by_document {
        println!("  {path}");
    }
    println!("since their SCALE, their registry key or their upgrade to a WebSocket is more than a schema can say;");
    println!("what follows an upgrade, since schemathesis makes none (crates/cli/tests/it/streams.rs does)");
}

/// Schemathesis in an environment of its own; the folder of its programs.
fn install() -> Result<PathBuf> {
    let environment = target_dir().join("schemathesis");
    let programs = environment.join("bin");
    let installed = program(programs.join("pip")).arg("freeze").probe().unwrap_or_default();
    if !installed.lines().any(|line| line == SCHEMATHESIS) {
        let made = program("python3").args(["-m", "venv"]).arg(&environment).run();
        made.context("Python 3.10 or newer with its module `venv` is needed (Debian: apt-get install python3-venv)")?;
        program(programs.join("pip")).args(["install", "--quiet", SCHEMATHESIS]).run()?;
    }
    Ok(programs)
}

fn write(dir: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = dir.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// A program that serves at an address until this is dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts it, and reads its address from its first line.
    fn start(command: &mut Command, address: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn()?;
        let mut line = String::new();
        let read = BufReader::new(child.stdout.take().context("its output is read")?).read_line(&mut line);
        let mut server = Self { child, url: String::new() };
        read?;
        server.url = address(line.trim()).with_context(|| format!("no address in {line:?}"))?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn network(tallow: &Path, dir: &Path) -> Result<Server> {
    let log = fs::File::create(dir.join("dev.log"))?;
    let mut command = Command::new(tallow);
    command.args(["dev", "--port", "0", "--json", "--data-dir"]).arg(dir.join("network")).stderr(log);
    let announced = |line: &str| Some(serde_json::from_str::<Value>(line).ok()?["url"].as_str()?.to_owned());
    Server::start(&mut command, announced).context("`tallow dev` did not start")
}

fn fetch(url: &str, path: &str) -> Result<Value> {
    let text = program("curl").args(["--silent", "--show-error", "--fail", &format!("{url}{path}")]).output()?;
    serde_json::from_str(&text).with_context(|| format!("{path} is not JSON"))
}

/// What clients sent.
struct Recorded {
    file: PathBuf,
    requests: usize,
    bodies: usize,
}

/// Runs commands of the CLI through the recorder.
fn record(tools: &Path, tallow: &Path, url: &str, dir: &Path) -> Result<Recorded> {
    let file = dir.join("recorded.jsonl");
    let mut command = Command::new(tools.join("python"));
    command.arg(write(dir, "recorder.py", RECORDER)?).arg(url).arg(&file);
    let recorder = Server::start(&mut command, |line| Some(line.to_owned())).context("the recorder did not start")?;
    let cli = Cli { tallow, dir, url: &recorder.url };
    let mut contract = String::new();
    for words in RECORDED {
        let ran = cli.run(words, &contract)?;
        if let Some(address) = ran["contract"].as_str().filter(|_| words[0] == "deploy") {
            address.clone_into(&mut contract);
        }
    }
    for (path, words) in WITHHELD {
        let url = format!("{}/withheld/{path}", recorder.url);
        for _ in 0..WITHHELD_TIMES {
            let withheld = Cli { url: &url, ..cli }.run(words, &contract);
            ensure!(withheld.is_err(), "`tallow {}` goes without {path}", words.join(" "));
        }
    }
    for list in LISTS {
        fetch(&recorder.url, list)?;
    }
    let noted = fs::read_to_string(&file)?;
    let bodies = noted.lines().filter(|line| !line.contains("\"body\": \"\"")).count();
    Ok(Recorded { file, requests: noted.lines().count(), bodies })
}

/// The CLI, with a home of its own.
#[derive(Clone, Copy)]
struct Cli<'a> {
    tallow: &'a Path,
    dir: &'a Path,
    url: &'a str,
}

impl Cli<'_> {
    /// Runs a command; what it prints.
    fn run(&self, words: &[&str], contract: &str) -> Result<Value> {
        let bundle = root().join("contracts/bundles/flipper.contract").display().to_string();
        let words = words.iter().map(|word| word.replace("{bundle}", &bundle).replace("{contract}", contract));
        let program = program(self.tallow).dir(self.dir).env("TALLOW_HOME", self.dir.join("home"));
        let printed = program.args(words).args(["--url", self.url, "--json"]).quiet_output().map_err(Error::msg)?;
        Ok(printed.lines().next().map_or(Ok(Value::Null), serde_json::from_str)?)
    }
}
