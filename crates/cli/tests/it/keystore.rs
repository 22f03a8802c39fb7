//! Accounts under passwords: made, imported, exported, used; delegates; what is wrong with files and passwords.

use crate::process::{Dev, Machine, Ran, bundle};
use serde_json::{Value, json};

/// The phrase of BIP-39's first test vector with a checksum; nobody should keep anything by it.
const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

/// A user with a password in a file.
struct User {
    machine: Machine,
    password: String,
}

impl User {
    fn new() -> Self {
        let machine = Machine::new();
        let password = machine.file("password", b"correct horse\n");
        Self { machine, password }
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.machine.run(&[args, &["--password-file", &self.password]].concat())
    }

    fn json(&self, args: &[&str]) -> Value {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    fn import(&self, name: &str, secret: &str) -> Ran {
        let args = ["account", "new", name, "--import", "--password-file", &self.password];
        self.machine.run_with_input(&args, secret)
    }

    /// The file of an account.
    fn file(&self, name: &str) -> String {
        self.machine.path(&format!("accounts/{name}.json"))
    }
}

#[test]
fn accounts_are_made_listed_exported_and_removed() {
    let user = User::new();
    assert!(user.run(&["account", "list"]).stderr.contains("tallow account new"));
    let mut secrets = Vec::new();
    for scheme in ["sr25519", "ed25519", "secp256k1"] {
        let made = user.json(&["account", "new", scheme, "--scheme", scheme]);
        let shown = user.json(&["account", "show", scheme]);
        assert_eq!((&made["account"], &made["scheme"]), (&shown["account"], &json!(scheme)), "{made} {shown}");
        assert_eq!(shown["ethereum_address"].is_string(), scheme == "secp256k1", "{shown}");
        assert!(shown["ss58"].as_str().unwrap().starts_with('5'), "{shown}");
        let exported = user.json(&["account", "export", scheme, "--yes"]);
        assert_eq!(exported["account"], made["account"]);
        secrets.push(exported["secret"].as_str().unwrap().to_owned());
    }
    for (scheme, secret) in ["sr25519", "ed25519", "secp256k1"].iter().zip(&secrets) {
        let kept = std::fs::read_to_string(user.file(scheme)).unwrap();
        let phrase = secret.rsplit(':').next().unwrap();
        assert!(!kept.contains(phrase), "the secret is not in clear: {kept}");
        // What was exported can be imported.
        let copy = format!("{scheme}-copy");
        assert_eq!(user.import(&copy, secret).code, 0);
        assert_eq!(
            user.json(&["account", "show", &copy])["account"],
            user.json(&["account", "show", scheme])["account"]
        );
    }
    let listed = user.json(&["account", "list"]);
    assert_eq!(listed["accounts"].as_array().unwrap().len(), 6, "{listed}");
    assert_eq!(user.run(&["account", "rm", "sr25519", "--yes"]).code, 0);
    user.run(&["account", "show", "sr25519"]).fails(2, "no account `sr25519`", "tallow account list");
}

#[test]
fn imports_are_those_of_the_ecosystem() {
    let user = User::new();
    assert_eq!(user.import("phrase", PHRASE).code, 0);
    // As `subkey inspect` shows it.
    let shown = user.json(&["account", "show", "phrase"]);
    let expected = tallow_client::Keypair::from_uri(PHRASE).unwrap().account();
    assert_eq!(shown["account"], json!(expected));
    let file = user.machine.file("seed", format!("0x{}\n", "17".repeat(32)).as_bytes());
    let made = user.json(&["account", "new", "seed", "--file", &file, "--scheme", "ed25519"]);
    let expected = tallow_client::Keypair::from_uri(&format!("ed25519:0x{}", "17".repeat(32))).unwrap().account();
    assert_eq!(made["account"], json!(expected));

    user.import("bad", "abandon abandon").fails(2, "not a phrase of BIP-39", "tallow account new --help");
    user.import("bad", "0x12").fails(2, "64 hexadecimal digits", "tallow account new --help");
    user.import("bad", "//Alice").fails(2, "everybody knows", "--from //NAME");
    user.import("bad", &"x".repeat(10_000)).fails(1, "larger than", "one line");
    user.import("phrase", PHRASE).fails(2, "already", "tallow account rm");
    let ran = user.import("bad", "hunter2 hunter3 hunter4");
    assert!(!ran.stderr.contains("hunter"), "a secret is not repeated: {}", ran.stderr);
    let absent = user.machine.path("absent");
    user.run(&["account", "new", "bad", "--file", &absent]).fails(1, "cannot read a secret", "one line");
    assert_eq!(user.run(&["account", "new", "../bad"]).code, 2);
}

#[test]
fn passwords_are_asked_for_and_changed() {
    let user = User::new();
    assert_eq!(user.import("a", PHRASE).code, 0);
    let other = user.machine.file("other", b"battery staple");
    let empty = user.machine.file("empty", b"\n");
    let export = |file: &str| user.machine.run(&["account", "export", "a", "--yes", "--password-file", file]);
    assert_eq!(export(&user.password).stdout, format!("{PHRASE}\n"));
    export(&other).fails(1, "wrong password", "try again");
    export(&empty).fails(1, "1 to 1024 bytes", "another password");
    export(&user.machine.path("absent")).fails(1, "cannot read a password", "path");
    let machine = &user.machine;
    machine.run(&["account", "export", "a", "--yes"]).fails(2, "there is no terminal", "--password-file");
    user.run(&["account", "export", "a"]).fails(2, "confirmation", "--yes");
    user.run(&["account", "rm", "a"]).fails(2, "confirmation", "--yes");
    user.run(&["account", "rm", "b", "--yes"]).fails(2, "no account `b`", "tallow account list");

    assert_eq!(user.run(&["account", "password", "a", "--new-password-file", &other]).code, 0);
    export(&user.password).fails(1, "wrong password", "try again");
    assert_eq!(export(&other).stdout, format!("{PHRASE}\n"));
    let from_environment =
        Machine::ran(machine.command(&["account", "export", "a", "--yes"]).env("TALLOW_PASSWORD_FILE", &other));
    assert_eq!(from_environment.stdout, format!("{PHRASE}\n"));
}

#[test]
fn files_that_cannot_be_used_say_why() {
    let user = User::new();
    assert_eq!(user.import("a", PHRASE).code, 0);
    let path = user.file("a");
    let whole: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let with = |document: &str| {
        std::fs::write(&path, document).unwrap();
        user.run(&["account", "export", "a", "--yes"])
    };
    let altered = |field: &str, value: Value| {
        let mut document = whole.clone();
        document[field] = value;
        with(&document.to_string())
    };
    with("{").fails(1, "is damaged", "from a copy");
    altered("version", json!(2)).fails(1, "is of version 2", "the version of tallow");
    altered("memory_kib", json!(1 << 30)).fails(1, "are not within", "from a copy");
    altered("secret", json!("0x1234")).fails(1, "wrong password, or the file was altered", "try again");
    // The others can still be listed.
    let listed = user.json(&["account", "list"]);
    assert!(listed["accounts"][0]["account"].is_string(), "{listed}");
    with("{");
    let listed = user.json(&["account", "list"]);
    assert!(listed["accounts"][0]["error"].as_str().unwrap().contains("is damaged"), "{listed}");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(&path, whole.to_string()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        user.run(&["account", "show", "a"]).fails(1, "others can read", "chmod 600");
    }
}

#[test]
fn a_kept_account_signs() {
    let user = User::new();
    let dev = Dev::start(&user.machine, &[]);
    let url = ["--url", &dev.url];
    let run = |args: &[&str]| user.run(&[args, &url].concat());
    let made = user.json(&["account", "new", "dev", "--scheme", "ed25519"]);
    let account = made["account"].as_str().unwrap();
    assert_eq!(run(&["account", "transfer", account, "1_000_000"]).code, 0, "from //Alice");
    let balance = |from: &[&str]| {
        let shown = run(&[&["account", "balance"], from].concat()).stdout;
        shown.split_once(" in the cluster\n").unwrap().0.to_owned()
    };
    assert_eq!(balance(&["--from", "dev"]), "1000000");
    run(&["account", "balance", "--from", "other"]).fails(2, "no account `other`", "tallow account list");

    assert_eq!(run(&["account", "use", "dev"]).code, 0);
    assert_eq!(balance(&[]), "1000000");
    assert!(user.run(&["account", "list"]).stdout.starts_with("* dev"));
    assert_eq!(run(&["account", "rm", "dev", "--yes"]).code, 0);
    assert_ne!(balance(&[]), "1000000", "//Alice signs again");

    // A secret on the command line is taken, and frowned upon.
    let seed = format!("0x{}", "17".repeat(32));
    let ran = run(&["account", "balance", "--from", &seed]);
    assert!(ran.code == 0 && ran.stderr.contains("can be read by other programs"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(&seed));
}

#[test]
fn a_delegate_signs_within_its_certificate() {
    let user = User::new();
    let dev = Dev::start(&user.machine, &[]);
    let url = ["--url", &dev.url];
    let run = |args: &[&str]| user.machine.run(&[args, &url].concat());
    assert_eq!(user.import("main", PHRASE).code, 0);
    let deploy = ["deploy", &bundle("flipper"), "--constructor", "new", "--args", "true", "--from", "main", "--json"];
    let deployed = user.run(&[&deploy[..], &url].concat());
    assert_eq!(deployed.code, 0, "{}", deployed.stderr);
    let deployed: Value = serde_json::from_str(&deployed.stdout).unwrap();
    let contract = deployed["contract"].as_str().unwrap();

    let lend = |args: &[&str]| user.run(&[&["account", "delegate", "--from", "main"], args, &url].concat());
    let lent = lend(&["--to", "ci", "--for", "30m", "--contract", contract]);
    assert_eq!((lent.code, lent.stdout.as_str()), (0, "delegate:ci\n"), "{}", lent.stderr);
    // No password is asked for any more.
    assert_eq!(run(&["call", contract, "flip", "--from", "delegate:ci"]).code, 0);
    assert_eq!(run(&["call", contract, "get", "--from", "delegate:ci"]).stdout, "false\n");
    let nobody = format!("0x{}", "17".repeat(32));
    run(&["account", "transfer", &nobody, "1", "--from", "delegate:ci"]).fails(3, "does not allow this command", "");
    run(&["account", "withdraw", "1", "--from", "delegate:ci"]).fails(3, "does not allow this command", "");
    run(&["account", "delegate", "--to", "x", "--from", "delegate:ci"]).fails(1, "cannot send ledger", "--from");
    run(&["account", "deposit", "1", "--from", "delegate:ci"]).fails(1, "cannot send ledger", "--from");
    let shown = user.json(&["account", "show", "delegate:ci"]);
    assert_eq!(
        (&shown["account"], &shown["expired"]),
        (&user.json(&["account", "show", "main"])["account"], &json!(false))
    );

    // For another network it is of no use, and says so.
    let other = Dev::start(&Machine::new(), &[]);
    let ran = user.machine.run(&["call", contract, "get", "--from", "delegate:ci", "--url", &other.url]);
    ran.fails(2, "the delegate is for cluster", "tallow account delegate");

    assert_eq!(lend(&["--to", "short", "--for", "1s"]).code, 0);
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    run(&["account", "balance", "--from", "delegate:short"]).fails(2, "has expired", "tallow account delegate");
    lend(&["--to", "x", "--for", "13h"]).fails(2, "at most 12 hours", "--for 12h");
    lend(&["--to", "x", "--value-max", "5"]).fails(2, "queries move no value", "--contract");
    assert_eq!(lend(&["--to", "x", "--for", "soon"]).code, 2);
    run(&["account", "balance", "--from", "delegate:none"]).fails(2, "no account `delegate:none`", "--to none");
    assert_eq!(run(&["account", "rm", "delegate:ci"]).code, 0, "a delegate is removed without a question");
}
