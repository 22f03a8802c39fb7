//! A development network and the commands that use it.

use crate::process::{Dev, Machine, bundle};
use serde_json::{Value, json};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

#[test]
fn a_contract_lives_on_a_development_network() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    assert!(dev.announced["development"].as_array().is_some_and(|lines| !lines.is_empty()));

    let deployed = machine.ok(&dev, &["deploy", &bundle("flipper"), "--constructor", "new", "--args", "true"]);
    let contract = text(&deployed["contract"]);
    assert!(deployed["anchored"].is_u64(), "{deployed}");

    // By metadata, `get` is a query and `flip` a command.
    let got = machine.ok(&dev, &["call", contract, "get"]);
    assert_eq!((&got["value"], &got["flags"], &got["data"]), (&json!(true), &json!(0), &json!("0x0001")));
    assert!(got.get("command").is_none(), "{got}");
    let flipped = machine.ok(&dev, &["call", contract, "flip"]);
    assert!(flipped["command"].is_string() && flipped["height"].is_u64(), "{flipped}");
    let got = machine.ok(&dev, &["call", contract, "get"]);
    assert_eq!(got["value"], json!(false), "a query reads what its caller wrote");
    assert!(got["height"].as_u64() >= flipped["height"].as_u64(), "{got} {flipped}");

    // A command run as a query leaves no trace; a query run as a command has a receipt.
    machine.ok(&dev, &["call", contract, "flip", "--query"]);
    let got = machine.ok(&dev, &["call", contract, "get", "--command", "--wait-anchored"]);
    assert_eq!(got["value"], json!(false));
    assert!(got["anchored"].is_u64(), "{got}");

    // Raw input needs no metadata: another machine knows none.
    let selector = machine.ok(&dev, &["call", contract, "--data", "0x2f865bd9"]);
    assert_eq!(selector["value"], json!(false));
    let stranger = Machine::new();
    let raw = stranger.ok(&dev, &["call", contract, "--data", "0x2f865bd9"]);
    assert_eq!((&raw["value"], &raw["data"]), (&Value::Null, &json!("0x0000")));
    let (code, refused) = stranger.json(&dev, &["call", contract, "get"]);
    assert_eq!(code, 2);
    assert!(text(&refused["hint"]).contains("--metadata"), "{refused}");
    let given = stranger.ok(&dev, &["call", contract, "get", "--metadata", &bundle("flipper")]);
    assert_eq!(given["value"], json!(false));

    receipts(&machine, &dev, text(&flipped["command"]));
}

/// Receipts can be fetched again, by anyone, and read by who sent the command.
fn receipts(machine: &Machine, dev: &Dev, command: &str) {
    let receipt = machine.ok(dev, &["receipt", command]);
    assert_eq!((&receipt["value"], &receipt["flags"]), (&Value::Null, &json!(0)), "{receipt}");
    assert_eq!(text(&receipt["command"]), command);
    let sealed = Machine::new().ok(dev, &["receipt", command]);
    assert_eq!(sealed["sealed"], json!(true), "{sealed}");
    let (code, unknown) = machine.json(dev, &["receipt", &format!("0x{}", "ab".repeat(32))]);
    assert_eq!(code, 1, "{unknown}");
    assert!(text(&unknown["error"]).contains("does not know command"), "{unknown}");

    // The ledger goes on, and what was anchored stays anchored.
    let ledger_height = || machine.ok(dev, &["status"])["proven"]["ledger_height"].as_u64().unwrap();
    let before = ledger_height();
    while ledger_height() < before + 2 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(machine.ok(dev, &["receipt", command])["anchored"].is_u64());
}

#[test]
fn what_goes_wrong_is_said() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let url = dev.url.clone();
    let run = |args: &[&str]| machine.run(&[args, &["--url", &url]].concat());
    let nowhere = format!("0x{}", "17".repeat(32));
    run(&["call", &nowhere, "get"]).fails(1, "the ledger lists no contract", "tallow deploy");
    run(&["call", &nowhere, "--data", "0x2f865bd9"]).fails(1, "contract not found (ContractNotFound)", "tallow deploy");

    let deployed = machine.ok(&dev, &["deploy", &bundle("probe")]);
    let probe = text(&deployed["contract"]);
    run(&["call", probe, "set", "minus one"]).fails(2, "argument 1 `number`", "as in Rust");
    run(&["call", probe, "set", "4294967296"]).fails(2, "argument 1 `number`", "as in Rust");
    run(&["call", probe, "set"]).fails(2, "`set` takes", "as in Rust");
    run(&["call", probe, "sett", "1"]).fails(2, "sett", "source");
    run(&["call", probe, "set_and_fail", "5"]).fails(1, "OnPurpose(5)", "source");
    run(&["call", probe, "set_and_trap", "5"]).fails(1, "(ContractTrapped)", "tallow logs");
    run(&["call", probe, "spin", "--gas-limit", "1000000000"]).fails(1, "(OutOfGas)", "--gas-limit");
    run(&["call", probe, "--data", "0xdeadbeef"]).fails(1, "", "");
    run(&["deploy", &bundle("probe")]).fails(1, "(DuplicateContract)", "--salt");
    run(&["deploy", &bundle("probe"), "--constructor", "failing", "--salt", "0x01"]).fails(1, "OnPurpose(0)", "");
    run(&["deploy", &bundle("probe"), "--constructor", "trapping", "--salt", "0x02"]).fails(1, "(ContractTrapped)", "");
    run(&["logs", probe, "--from", "//Bob"]).fails(3, "not permitted", "--from");
    assert_eq!(run(&["logs", probe]).code, 0);

    let failed = machine.json(&dev, &["call", probe, "set_and_fail", "5"]).1;
    assert_eq!((&failed["value"], &failed["flags"]), (&json!({ "Err": { "OnPurpose": 5 } }), &json!(1)), "{failed}");
    assert_eq!(machine.ok(&dev, &["call", probe, "get"])["value"], json!(0), "nothing of it had an effect");

    let port = dev.url.rsplit(':').next().unwrap();
    machine.run(&["dev", "--port", port]).fails(1, "cannot be started", "--port");
    let wrong = format!("0x{}", "22".repeat(32));
    run(&["status", "--network", &wrong]).fails(5, "pinned", "--network");
}

#[test]
fn status_tells_proven_from_said() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let status = machine.ok(&dev, &["status"]);
    assert_eq!(status["proven"]["network"], dev.announced["network"]);
    assert_eq!(status["proven"]["replicas"], json!(1));
    assert_eq!(status["says"]["network"], dev.announced["network"]);
    let ran = machine.run(&["status", "--url", &dev.url]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("development: ") && ran.stderr.contains("simulated attestation"), "{}", ran.stderr);
}

#[test]
fn the_demo_shows_every_step() {
    let machine = Machine::new();
    let ran = machine.run(&["demo", "--json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let steps = document["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 6, "{document}");
    let reported = steps[2]["value"]["Ok"].as_u64().unwrap();
    assert!(reported > 0 && steps[3]["value"][0]["cents"].as_u64() == Some(reported), "{document}");
    assert_eq!(steps[4]["value"], json!({ "Err": "NotOwner" }));
    assert!(steps[5]["anchored"].is_u64(), "{document}");

    let ran = machine.run(&["demo"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    for part in ["1. deploy", "2. query price()", "3. command report()", "NotOwner", "development:", "All steps done"] {
        assert!(ran.stdout.contains(part), "`{part}` is missing:\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains('\u{1b}'), "no colours when nobody looks");
}
