//! What is said of files that cannot be used: of each kind of file, each way to be wrong.

use crate::golden::failure;
use crate::process::{Machine, Ran, bundle};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tallow_faultfs::{Shim, Space};

const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
/// Bytes that are no text and no format of anything.
const JUNK: [u8; 64] = [0xfe; 64];
const NOWHERE: &str = "http://127.0.0.1:1";

/// The program as a user runs it, to whom permissions apply: root is held to them when it gives up the right to ignore
/// them.
fn as_user(machine: &Machine, args: &[&str]) -> Command {
    let command = machine.command(args);
    let user = Command::new("id").arg("-u").output().unwrap();
    if String::from_utf8(user.stdout).unwrap().trim() != "0" {
        return command;
    }
    let given_up = "-dac_override,-dac_read_search";
    let mut without = Command::new("setpriv");
    without.args(["--bounding-set", given_up, "--inh-caps", given_up]).arg(command.get_program());
    without.args(command.get_args()).stdin(std::process::Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => without.env(name, value),
            None => without.env_remove(name),
        };
    }
    without
}

/// Files that are wrong, whatever they are taken for.
fn wrong_files(machine: &Machine) -> [(&'static str, String); 3] {
    let folder = machine.path("folder");
    fs::create_dir(&folder).unwrap();
    let locked = machine.file("locked", b"{}");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    [("folder", folder), ("locked", locked), ("junk", machine.file("junk", &JUNK))]
}

/// A place for a file on the command line: what it is, the exit code, and the line with `{}` for the file.
const PLACES: [(&str, i32, &[&str]); 7] = [
    ("deploy", 1, &["deploy", "{}"]),
    ("metadata", 1, &["events", "--metadata", "{}"]),
    ("scenario", 1, &["test", "{}"]),
    ("password", 1, &["account", "new", "a", "--password-file", "{}"]),
    ("account", 1, &["account", "new", "a", "--file", "{}"]),
    ("secrets", 1, &["secret", "set", "a", "--env-file", "{}"]),
    ("upgrade", 1, &["contract", "upgrade", "a", "{}"]),
];

#[test]
fn golden_files_of_each_kind() {
    let machine = Machine::new();
    let home = machine.path("");
    let places = [(home.trim_end_matches('/'), "[HOME]")];
    let files = wrong_files(&machine);
    for (place, code, line) in &PLACES {
        for (kind, file) in &files {
            let args: Vec<&str> = line.iter().map(|word| if *word == "{}" { file.as_str() } else { word }).collect();
            let ran = Machine::ran(as_user(&machine, &args).current_dir(&home));
            let code = if (*place, *kind) == ("secrets", "junk") { 2 } else { *code };
            failure(&format!("{place}-{kind}"), &ran, code, &places);
        }
    }
}

#[test]
fn golden_files_of_contracts() {
    let machine = Machine::new();
    let home = machine.path("");
    let places = [(home.trim_end_matches('/'), "[HOME]")];
    let whole = fs::read(bundle("flipper")).unwrap();
    let document: Value = serde_json::from_slice(&whole).unwrap();
    let with = |field: &str, value: Value| {
        let mut document = document.clone();
        document["source"][field] = value;
        document.to_string().into_bytes()
    };
    let cases: [(&str, Vec<u8>); 5] = [
        ("bundle-cut", whole[..whole.len() / 2].to_vec()),
        ("bundle-of-other-code", with("hash", json!(format!("0x{}", "11".repeat(32))))),
        ("bundle-with-broken-code", with("wasm", json!("0x0061736d01000000ff"))),
        ("bundle-with-bad-hex", with("wasm", json!("0x0"))),
        ("bundle-of-other-json", b"{\"name\":\"a package\"}".to_vec()),
    ];
    for (name, bytes) in cases {
        let file = machine.file(&format!("{name}.contract"), &bytes);
        failure(name, &machine.run(&["deploy", &file, "--args", "true", "--url", NOWHERE]), 1, &places);
    }
    let other = machine.file("other.json", b"{\"source\":{}}");
    failure("metadata-of-nothing", &machine.run(&["events", "--metadata", &other]), 1, &places);
}

fn user(machine: &Machine) -> (String, PathBuf) {
    let password = machine.file("password", b"correct horse\n");
    let args = ["account", "new", "a", "--import", "--password-file", &password];
    let made = machine.run_with_input(&args, PHRASE);
    assert_eq!(made.code, 0, "{}", made.stderr);
    (password, PathBuf::from(machine.path("accounts/a.json")))
}

#[test]
fn golden_files_of_the_keystore() {
    let machine = Machine::new();
    let home = machine.path("");
    let places = [(home.trim_end_matches('/'), "[HOME]")];
    let (password, path) = user(&machine);
    let whole: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let export = |password: &str| {
        let args = ["account", "export", "a", "--yes", "--password-file", password];
        Machine::ran(&mut as_user(&machine, &args))
    };
    let altered = |field: &str, value: Value| {
        let mut document = whole.clone();
        document[field] = value;
        document.to_string().into_bytes()
    };
    let cases: [(&str, Vec<u8>); 5] = [
        ("keystore-junk", JUNK.to_vec()),
        ("keystore-cut", whole.to_string().as_bytes()[..20].to_vec()),
        ("keystore-later-version", altered("version", json!(7))),
        ("keystore-too-costly", altered("memory_kib", json!(1 << 30))),
        ("keystore-altered", altered("secret", json!("0x1234"))),
    ];
    for (name, bytes) in cases {
        fs::write(&path, bytes).unwrap();
        failure(name, &export(&password), 1, &places);
    }
    fs::write(&path, whole.to_string()).unwrap();
    failure("password-wrong", &export(&machine.file("other", b"battery staple")), 1, &places);
    failure("password-empty", &export(&machine.file("empty", b"\n")), 1, &places);
    failure("password-absent", &export(&machine.path("absent")), 1, &places);
    let asked = machine.run(&["account", "export", "a", "--yes"]);
    failure("password-without-terminal", &asked, 2, &places);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&path, 0o644);
    failure("keystore-exposed", &export(&password), 1, &places);
    mode(&path, 0o000);
    failure("keystore-locked", &export(&password), 1, &places);
    failure("account-unknown", &machine.run(&["account", "show", "b"]), 2, &places);
}

#[test]
fn golden_files_of_projects() {
    let machine = Machine::new();
    let home = machine.path("");
    let places = [(home.trim_end_matches('/'), "[HOME]")];
    let cases: [(&str, i32, &[u8]); 7] = [
        ("settings-junk", 1, &JUNK),
        ("settings-large", 1, &[b'#'; 70_000]),
        ("settings-broken", 2, b"[project\nname = \"a\"\n"),
        ("settings-unknown-key", 2, b"[project]\nnmae = \"a\"\n"),
        ("settings-wrong-kind", 2, b"[deploy]\nargs = \"true\"\n"),
        ("settings-bad-network", 2, b"[profile.dev]\nnetwork = \"0x12\"\n"),
        ("settings-secret", 2, b"[profile.dev]\nfrom = \"abandon about\"\n"),
    ];
    for (name, code, text) in cases {
        machine.file("tallow.toml", text);
        failure(name, &Machine::ran(machine.command(&["status"]).current_dir(&home)), code, &places);
    }
    let path = machine.file("tallow.toml", b"");
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    failure("settings-locked", &Machine::ran(as_user(&machine, &["status"]).current_dir(&home)), 1, &places);
}

/// A folder on a disk on which there is no space.
fn full(machine: &Machine) -> (PathBuf, Shim) {
    let folder = PathBuf::from(machine.path("full"));
    fs::create_dir(&folder).unwrap();
    let shim = Shim::new(&folder, folder.parent().unwrap()).unwrap();
    shim.set(Space::Full).unwrap();
    (folder, shim)
}

#[test]
fn golden_files_on_a_full_disk() {
    let machine = Machine::new();
    let home = machine.path("");
    let places = [(home.trim_end_matches('/'), "[HOME]")];
    let (folder, shim) = full(&machine);
    let folder = folder.to_str().unwrap();
    let password = machine.file("password", b"correct horse");
    let (man, data) = (format!("{folder}/man"), format!("{folder}/data"));
    fs::create_dir(&man).unwrap();
    let run = |args: &[&str]| -> Ran {
        let mut command = machine.command(args);
        shim.limit(&mut command);
        Machine::ran(command.env("TALLOW_HOME", folder).current_dir(&home))
    };
    let cases: [(&str, i32, &[&str]); 4] = [
        ("full-disk-new", 1, &["new", "thing", "--path", folder]),
        ("full-disk-account", 1, &["account", "new", "a", "--password-file", &password]),
        ("full-disk-man", 1, &["man", &man]),
        ("full-disk-dev", 1, &["dev", "--port", "0", "--data-dir", &data]),
    ];
    for (name, code, args) in cases {
        failure(name, &run(args), code, &places);
    }
}
