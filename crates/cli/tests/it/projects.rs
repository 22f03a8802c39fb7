//! Projects: made from every template, settings of `tallow.toml`, contracts by name.

use crate::process::{Dev, Machine, bundle};
use serde_json::{Value, json};
use std::path::Path;

/// A project whose contract is the flipper, as it is committed: nothing needs to be built.
fn flipper_project(machine: &Machine, url: &str) -> std::path::PathBuf {
    let root = Path::new(&machine.path("project")).to_owned();
    std::fs::create_dir_all(root.join("target")).unwrap();
    std::fs::create_dir_all(root.join("scenarios/deep")).unwrap();
    std::fs::copy(bundle("flipper"), root.join("target/flipper.contract")).unwrap();
    let settings = format!(
        "[project]\nname = \"flipper\"\n[deploy]\nconstructor = \"new\"\nargs = [\"true\"]\n\
         [profile.dev]\nurl = \"{url}\"\n[profile.off]\nurl = \"http://127.0.0.1:1\"\n"
    );
    std::fs::write(root.join("tallow.toml"), settings).unwrap();
    let steps = json!([
        { "op": "instantiate", "code": "flipper", "constructor": "new", "args": ["true"] },
        { "op": "query", "contract": "$0", "message": "get", "expect": { "value": "true" } },
    ]);
    std::fs::write(root.join("scenarios/a.json"), json!({ "name": "by name", "steps": steps }).to_string()).unwrap();
    root
}

fn run(machine: &Machine, folder: &Path, args: &[&str]) -> crate::process::Ran {
    Machine::ran(machine.command(args).current_dir(folder))
}

fn ok(machine: &Machine, folder: &Path, args: &[&str]) -> Value {
    let ran = run(machine, folder, &[args, &["--json"]].concat());
    assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_project_tests_deploys_and_calls_its_contract_by_name() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let root = flipper_project(&machine, &dev.url);

    // Scenarios name the code by its file; folders below belong to the project.
    let tested = ok(&machine, &root.join("scenarios/deep"), &["test"]);
    assert_eq!(tested["passed"], json!(1), "{tested}");

    run(&machine, &root, &["call", "get"]).fails(2, "`flipper` is not deployed", "tallow deploy");
    let deployed = ok(&machine, &root, &["deploy"]);
    assert_eq!(ok(&machine, &root, &["call", "get"])["value"], json!(true), "the arguments of tallow.toml");
    ok(&machine, &root, &["call", "flipper", "flip"]);
    assert_eq!(ok(&machine, &root, &["call", "flipper", "get"])["value"], json!(false));
    let address = deployed["contract"].as_str().unwrap();
    assert_eq!(ok(&machine, &root, &["call", address, "get"])["value"], json!(false));
    assert_eq!(run(&machine, &root, &["logs"]).code, 0);
    owned_by_name(&machine, &root, address);
    run(&machine, &root, &["call", "fly"]).fails(2, "fly", "source");

    // What is said on the command line goes before what the settings say.
    let other = ok(&machine, &root, &["deploy", "--args", "false", "--salt", "0x01"]);
    assert_ne!(other["contract"], deployed["contract"]);
    assert_eq!(ok(&machine, &root, &["call", "get"])["value"], json!(false), "the name is now the newer contract");
}

/// What owners do with the project's contract, named as everywhere else.
fn owned_by_name(machine: &Machine, root: &Path, address: &str) {
    for shown in [&["contract", "show", "flipper"][..], &["contract", "show"]] {
        assert_eq!(ok(machine, root, shown)["contract"], json!(address), "{shown:?}");
    }
    let token = machine.file("token", b"hush");
    ok(machine, root, &["secret", "set", "flipper", "TOKEN", "--file", &token]);
    let secrets = ok(machine, root, &["secret", "list"]);
    assert_eq!(secrets["secrets"][0]["name"], json!("TOKEN"), "{secrets}");
    assert_eq!(ok(machine, root, &["secret", "list", address]), secrets);
    ok(machine, root, &["secret", "rm", "flipper", "TOKEN"]);
    assert_eq!(ok(machine, root, &["secret", "list"])["secrets"], json!([]));
    assert_eq!(run(machine, root, &["events", "flipper"]).code, 0);
    let upgrade = ["contract", "upgrade", "flipper", &bundle("flipper")];
    run(machine, root, &upgrade).fails(1, "(NotUpgradable)", "--upgradable");
    run(machine, root, &["contract", "freeze", "flipper", "--yes"]).fails(1, "(NotUpgradable)", "--upgradable");
    for command in [&["contract", "show", "fly"][..], &["secret", "list", "fly"], &["events", "fly"]] {
        run(machine, root, command).fails(2, "`fly` is not deployed", "tallow deploy");
    }
}

#[test]
fn settings_follow_flags_then_environment_then_profile() {
    let machine = Machine::new();
    let root = flipper_project(&machine, "http://127.0.0.1:2");
    let unreachable = |ran: &crate::process::Ran, port: u16| {
        ran.fails(4, &format!("cannot reach a worker at http://127.0.0.1:{port}"), "tallow dev");
    };
    unreachable(&run(&machine, &root, &["status"]), 2);
    unreachable(&run(&machine, &root, &["status", "--profile", "off"]), 1);
    unreachable(&Machine::ran(machine.command(&["status"]).current_dir(&root).env("TALLOW_PROFILE", "off")), 1);
    unreachable(
        &Machine::ran(machine.command(&["status"]).current_dir(&root).env("TALLOW_URL", "http://127.0.0.1:3")),
        3,
    );
    let both =
        machine.command(&["status", "--url", "http://127.0.0.1:4"]).current_dir(&root).env("TALLOW_URL", "x").output();
    assert!(String::from_utf8(both.unwrap().stderr).unwrap().contains("127.0.0.1:4"));
    run(&machine, &root, &["status", "--profile", "live"]).fails(
        2,
        "no profile `live`: there is dev, off",
        "[profile.NAME]",
    );
    std::fs::write(root.join("tallow.toml"), "[project]\nname = \"a\"\nnam = \"b\"\n").unwrap();
    run(&machine, &root, &["status"]).fails(2, "tallow.toml is wrong", "docs/cli.md");
    let ran = run(&machine, &root, &["status"]);
    assert!(ran.stderr.contains("line 3") && ran.stderr.contains("`nam`"), "{}", ran.stderr);
}

#[test]
fn a_project_without_its_bundle_says_how_to_build_it() {
    let machine = Machine::new();
    let root = flipper_project(&machine, "http://127.0.0.1:2");
    std::fs::remove_file(root.join("target/flipper.contract")).unwrap();
    run(&machine, &root, &["test"]).fails(1, "cannot read", "tallow build");
    run(&machine, &root, &["deploy"]).fails(1, "there is no", "tallow build");
}

#[test]
fn new_projects_are_complete_and_never_written_over() {
    let machine = Machine::new();
    let made = machine.run(&["new", "thing", "--template", "erc20", "--path", &machine.path("")]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let root = machine.path("thing");
    for file in ["Cargo.toml", "lib.rs", "tallow.toml", "README.md", ".gitignore", "scenarios/basic.json", "Cargo.lock"]
    {
        assert!(Path::new(&root).join(file).is_file(), "{file}");
    }
    machine.run(&["new", "thing", "--path", &machine.path("")]).fails(2, "already there", "--path");
}

#[test]
fn a_stopped_network_is_reset_and_a_running_one_is_not() {
    let machine = Machine::new();
    let data = machine.path("data");
    let dev = Dev::start(&machine, &["--data-dir", &data]);
    machine.run(&["dev", "--port", "0", "--data-dir", &data, "--reset", "--yes"]).fails(
        1,
        "nothing was removed",
        "stop the network",
    );
    let before = dev.announced["network"].clone();
    dev.terminate();
    machine.run(&["dev", "--port", "0", "--data-dir", &data, "--reset"]).fails(2, "nobody is there to ask", "--yes");
    let dev = Dev::start(&machine, &["--data-dir", &data, "--reset", "--yes"]);
    assert_ne!(dev.announced["network"], before);
}

#[test]
fn the_doctor_names_what_is_missing() {
    let machine = Machine::new();
    let ran =
        Machine::ran(machine.command(&["doctor", "--json", "--url", "http://127.0.0.1:1"]).env("PATH", "/nowhere"));
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let checks = document["checks"].as_array().unwrap();
    let state = |name: &str| {
        let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{document}"));
        (check["state"].as_str().unwrap(), check["advice"].as_str().unwrap())
    };
    assert_eq!(state("toolchain").0, "fail");
    assert!(state("toolchain").1.contains("rust"), "{document}");
    assert_eq!(state("linker").0, "fail");
    assert_eq!(state("worker").0, "warn");
    assert_eq!((state("memory").0, state("clock").0), ("ok", "ok"));
    assert_eq!(ran.code, 1);
    assert!(checks.iter().all(|check| (check["state"] == "ok") == (check["advice"] == "")), "{document}");
}

#[test]
fn completions_and_man_pages_know_every_command() {
    let machine = Machine::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = machine.run(&["completions", shell]);
        assert!(ran.code == 0 && ran.stdout.contains("doctor"), "{shell}");
    }
    let folder = machine.path("man");
    assert_eq!(machine.run(&["man", &folder]).code, 0);
    let page = std::fs::read_to_string(Path::new(&folder).join("tallow-deploy.1")).unwrap();
    assert!(page.contains("constructor"), "{page}");
    assert!(machine.run(&["man"]).stdout.contains("tallow"));
}
