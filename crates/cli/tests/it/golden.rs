//! What every command says of itself, and every failure that can be provoked: texts and exit codes are kept in
//! `tests/golden`. A change is accepted by `INSTA_UPDATE=always cargo test -p tallow-cli --test it golden`.
//!
//! Commands are those that the program itself lists, so that a new one cannot be forgotten.

use crate::process::{Machine, Ran, bundle};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ADDRESS: &str = "0x0101010101010101010101010101010101010101010101010101010101010101";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Compares with what is kept.
pub(crate) fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// All commands, as the program lists them.
fn commands() -> Vec<String> {
    let ran = Machine::new().run(&["reference", "--json"]);
    let listed: Value = serde_json::from_str(&ran.stdout).unwrap();
    let commands: Vec<String> = serde_json::from_value(listed["commands"].clone()).unwrap();
    assert!(commands.len() > 10, "{commands:?}");
    commands
}

fn help_name(command: &str) -> String {
    format!("help-{}", command.replace(' ', "-"))
}

#[test]
fn golden_help() {
    let machine = Machine::new();
    let mut names = BTreeSet::new();
    for command in commands() {
        let words: Vec<&str> = command.split(' ').skip(1).chain(["--help"]).collect();
        let ran = machine.run(&words);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}");
        golden(&help_name(&command), &ran.stdout);
        names.insert(format!("{}.snap", help_name(&command)));
    }
    // What is kept of a command that is gone would never be looked at again.
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with("help-") || names.contains(&name), "{name} is of no command: remove it");
    }
}

/// A failure to provoke.
struct Case {
    name: &'static str,
    args: Vec<String>,
    code: i32,
}

fn case(name: &'static str, code: i32, args: &[&str]) -> Case {
    Case { name, args: args.iter().map(|word| (*word).to_owned()).collect(), code }
}

/// Text without what differs between machines and runs.
pub(crate) fn stable(text: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(text.to_owned(), |text, (place, name)| text.replace(place, name))
}

/// A failure as it is kept: exit code, output, and a hint, without which it is none.
#[track_caller]
pub(crate) fn failure(name: &str, ran: &Ran, code: i32, places: &[(&str, &str)]) {
    assert_eq!(ran.code, code, "{name}: {}{}", ran.stdout, ran.stderr);
    assert!(advises(ran), "{name} does not say what to do next: {}", ran.stderr);
    let text = format!("exit code {}\n--- stdout\n{}--- stderr\n{}", ran.code, ran.stdout, ran.stderr);
    golden(&format!("failure-{name}"), &stable(&text, places));
}

/// Whether a failure says what to do next.
fn advises(ran: &Ran) -> bool {
    ["hint: ", "For more information, try '--help'", "Usage: "].iter().any(|sign| ran.stderr.contains(sign))
}

/// A port of this machine at which nobody listens.
fn closed_url() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{free}")
}

/// What is wrong on the command line alone, or with the place of the worker.
fn wrong_calls(closed: &str) -> Vec<Case> {
    let at_closed = |args: &[&str]| [args, &["--url", closed]].concat().iter().map(|word| (*word).to_owned()).collect();
    vec![
        case("nothing", 2, &[]),
        case("no-such-command", 2, &["fly"]),
        case("no-such-flag", 2, &["status", "--fast"]),
        case("call-without-contract", 2, &["call"]),
        case("call-short-address", 2, &["call", "0x12", "get"]),
        case("call-without-message", 2, &["call", ADDRESS]),
        case("call-query-and-command", 2, &["call", ADDRESS, "get", "--query", "--command"]),
        case("call-bad-data", 2, &["call", ADDRESS, "--data", "zz"]),
        case("call-no-gas", 2, &["call", ADDRESS, "get", "--gas-limit", "0"]),
        case("call-bad-account", 2, &["call", ADDRESS, "get", "--from", "my secret phrase"]),
        case("bad-network", 2, &["status", "--network", "0x12"]),
        case("bad-url", 2, &["status", "--url", "ftp://x"]),
        case("url-without-scheme", 2, &["status", "--url", "127.0.0.1:7300"]),
        case("url-without-host", 2, &["status", "--url", "http://"]),
        case("url-bad-port", 2, &["status", "--url", "http://127.0.0.1:73000"]),
        Case { name: "closed-port", args: at_closed(&["status"]), code: 4 },
        Case { name: "closed-port-call", args: at_closed(&["call", ADDRESS, "get"]), code: 4 },
        Case { name: "name-outside-project", args: at_closed(&["logs"]), code: 2 },
        case("profile-outside-project", 2, &["status", "--profile", "live"]),
        case("deploy-outside-project", 2, &["deploy"]),
        case("test-outside-project", 2, &["test"]),
        case("new-keyword", 2, &["new", "fn"]),
        case("new-bad-name", 2, &["new", "My Counter"]),
        case("new-no-such-template", 2, &["new", "a", "--template", "blockchain"]),
        case("completions-no-such-shell", 2, &["completions", "command.com"]),
        case("dev-reset-temporary", 2, &["dev", "--reset"]),
        case("dev-yes-alone", 2, &["dev", "--yes"]),
        case("dev-bad-port", 2, &["dev", "--port", "70000"]),
        case("receipt-bad-id", 2, &["receipt", "0x12"]),
        case("deposit-nothing", 2, &["account", "deposit", "0"]),
        case("deposit-bad-account", 2, &["account", "deposit", "1", "--to", "0x12"]),
        case("withdraw-without-amount", 2, &["account", "withdraw"]),
        case("withdraw-bad-amount", 2, &["account", "withdraw", "1.5"]),
        Case { name: "closed-port-deposit", args: at_closed(&["account", "deposit", "1"]), code: 4 },
    ]
}

/// What is wrong with files and folders.
fn wrong_files(machine: &Machine) -> Vec<Case> {
    let (home, in_home) = (machine.path(""), machine.path("taken"));
    std::fs::create_dir(&in_home).unwrap();
    let (absent, empty) = (machine.path("absent.contract"), machine.file("empty.contract", b""));
    let broken = machine.file("broken.json", b"{\"steps\": 3}");
    let flipper = bundle("flipper");
    vec![
        case("deploy-absent-file", 1, &["deploy", &absent]),
        case("deploy-empty-file", 1, &["deploy", &empty]),
        case("deploy-no-arguments", 2, &["deploy", &flipper]),
        case("deploy-bad-argument", 2, &["deploy", &flipper, "--args", "yes"]),
        case("deploy-no-such-constructor", 2, &["deploy", &flipper, "--constructor", "old", "--args", "true"]),
        case("test-absent-file", 1, &["test", &absent]),
        case("test-broken-file", 1, &["test", &broken]),
        case("test-no-such-folder", 2, &["test", &broken, "--codes", &absent]),
        case("new-taken", 2, &["new", "taken", "--path", &home]),
        case("build-nothing", 2, &["build", &absent]),
        case("build-no-package", 2, &["build", &in_home]),
        case("man-into-a-file", 1, &["man", &empty]),
        case("dev-reset-foreign", 1, &["dev", "--reset", "--yes", "--data-dir", &home]),
    ]
}

#[test]
fn golden_failures() {
    let machine = Machine::new();
    let closed = closed_url();
    let (home, root) = (machine.path(""), bundle(""));
    let places = [
        (home.trim_end_matches('/'), "[HOME]"),
        (closed.as_str(), "[CLOSED]"),
        (root.trim_end_matches("/.contract"), "[BUNDLES]"),
    ];
    for Case { name, args, code } in wrong_calls(&closed).into_iter().chain(wrong_files(&machine)) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        failure(name, &Machine::ran(machine.command(&args).current_dir(&home)), code, &places);
    }
}

/// `docs/cli.md` ends with what the program says of its commands.
#[test]
fn golden_reference() {
    const MARK: &str = "<!-- from here on made by `tallow reference` -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (own, kept) = page.split_once(MARK).expect("the page has the mark");
    let made = Machine::new().run(&["reference"]).stdout;
    if std::env::var_os("INSTA_UPDATE").is_some_and(|wish| wish == "always") {
        std::fs::write(&path, format!("{own}{MARK}\n{made}")).unwrap();
        return;
    }
    assert!(kept.trim() == made.trim(), "docs/cli.md is old: INSTA_UPDATE=always and this test make it anew");
}
