//! `tallow test`

use crate::process::{Machine, bundle, contracts};
use serde_json::{Value, json};

const ALICE: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

/// A scenario in which the flipper starts as true and is expected to be `expected`.
fn scenario(expected: &str) -> String {
    let bundle: Value = serde_json::from_slice(&std::fs::read(bundle("flipper")).unwrap()).unwrap();
    let new = json!({
        "op": "instantiate", "code": bundle["source"]["hash"], "caller": ALICE, "constructor": "new", "args": ["true"],
    });
    let get = json!({ "op": "query", "contract": "$0", "message": "get", "expect": { "value": expected } });
    json!({ "name": "flips", "steps": [new, get] }).to_string()
}

fn test(machine: &Machine, files: &[&str]) -> crate::process::Ran {
    let codes = contracts().join("bundles").display().to_string();
    machine.run(&[&["test", "--codes", &codes], files].concat())
}

#[test]
fn scenarios_that_hold_pass() {
    let machine = Machine::new();
    let file = machine.file("good.json", scenario("true").as_bytes());
    let ran = test(&machine, &[&file]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "flips ... ok\n1 passed, 0 failed\n"), "{}", ran.stderr);
}

#[test]
fn one_that_does_not_fails_with_the_difference() {
    let machine = Machine::new();
    let good = machine.file("good.json", scenario("true").as_bytes());
    let bad = machine.file("bad.json", scenario("false").as_bytes());
    let ran = test(&machine, &[&good, &bad]);
    ran.fails(1, "1 of 2 scenarios failed", "which step");
    assert!(ran.stdout.contains("step 1") && ran.stdout.contains("expected: false"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("1 passed, 1 failed\n"), "{}", ran.stdout);

    let ran = test(&machine, &[&bad, "--json"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &document["failed"]), (1, &json!(1)));
}

#[test]
fn a_file_that_is_no_scenario_fails() {
    let machine = Machine::new();
    let file = machine.file("broken.json", b"{\"steps\": 3}");
    let ran = test(&machine, &[&file]);
    ran.fails(1, "1 of 1 scenarios failed", "which step");
    assert!(ran.stdout.ends_with("0 passed, 1 failed\n"), "{}", ran.stdout);
    test(&machine, &[&machine.path("absent.json")]).fails(1, "cannot read", "check the path");
}

#[test]
fn our_own_contracts_pass_their_scenarios() {
    let machine = Machine::new();
    let mut files = Vec::new();
    for contract in ["flipper", "btc-bot", "probe", "pulse"] {
        for entry in std::fs::read_dir(contracts().join(contract).join("scenarios")).unwrap() {
            files.push(entry.unwrap().path().display().to_string());
        }
    }
    assert!(files.len() >= 3, "{files:?}");
    let ran = test(&machine, &files.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
