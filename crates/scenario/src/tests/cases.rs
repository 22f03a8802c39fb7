//! Cases: named accounts, contracts and bundles.

use super::contract::{bundle, runner};
use crate::{Codes, Report, Runner};
use serde_json::{Value, json};
use tallow_engine::{Engine, EngineConfig, Profile};

fn case(steps: Vec<Value>) -> Value {
    json!({ "name": "a case", "bundles": { "it": "test" }, "steps": steps })
}

fn made() -> Value {
    json!({ "op": "instantiate", "as": "one", "bundle": "it", "input": "0x00000000", "expect": "ok" })
}

fn run(steps: Vec<Value>) -> Report {
    runner().run_file(case(steps).to_string().as_bytes()).unwrap().remove(0)
}

fn refused(file: &Value) -> String {
    runner().run_file(file.to_string().as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_case_runs_and_tells_what_differs() {
    let call = |message: &str, expect: Value| json!({ "op": "call", "on": "one", "caller": "bob", "message": message, "args": ["Ok(7)"], "expect": expect });
    let good = run(vec![made(), call("echo", json!({ "return": "Ok(7)" })), call("revert", json!("reverted"))]);
    assert!(good.passed, "{good:?}");
    for wrong in [json!("reverted"), json!({ "return": "Ok(8)" }), json!({ "error": "OutOfGas" })] {
        let report = run(vec![made(), call("echo", wrong.clone())]);
        assert!(!report.passed, "{wrong}");
    }
    assert!(!run(vec![made(), call("revert", json!("ok"))]).passed);
}

#[test]
fn names_stand_for_addresses_and_hashes() {
    let input = |input: &str| json!({ "op": "call", "on": "one", "input": input, "expect": "ok" });
    let report = run(vec![made(), input("0x00000000@one05"), input("0x00000000#it"), input("0x00000000@ferdie")]);
    assert!(report.passed, "{report:?}");
    let problem = |steps: Vec<Value>| refused(&case(steps));
    assert!(problem(vec![input("0x")]).contains("nothing is called `one`"));
    assert!(problem(vec![made(), input("0x@two")]).contains("nothing is called `two`"));
    assert!(problem(vec![made(), input("0x#two")]).contains("no bundle is called `two`"));
    assert!(problem(vec![made(), input("0x@")]).contains("`@` names nothing"));
}

#[test]
fn malformed_cases_are_refused() {
    let with = |name: &str, value: Value| {
        let mut file = case(vec![made()]);
        file[name] = value;
        refused(&file)
    };
    assert!(with("bundles", json!({ "it": "other" })).contains("no file ends in other.contract"));
    assert!(with("balances", json!({ "zoe": "1" })).contains("no account is called `zoe`"));
    assert!(with("speed", json!(1)).contains("unknown field `speed`"));
    let step = |name: &str, value: Value| {
        let mut step = made();
        step[name] = value;
        refused(&case(vec![step]))
    };
    assert!(step("op", json!("jump")).contains("unknown op `jump`"));
    assert!(step("bundle", json!("nothing")).contains("no bundle is called `nothing`"));
    assert!(step("expect", json!("maybe")).contains("expected \"ok\""));
    assert!(step("constructor", json!("new")).contains("expected either `input`"));
    assert!(step("on", json!("one")).contains("unknown field `on`"));
}

#[test]
fn a_bundle_is_found_by_the_end_of_its_path() {
    for (file, found) in [("a/b/test.contract", true), ("test.contract", true), ("a/mytest.contract", false)] {
        let codes = Codes::load(vec![(file.into(), bundle())]);
        let config = EngineConfig { profile: Profile::SmallAddressSpace, ..EngineConfig::default() };
        let mut runner = Runner::new(Engine::new(config).unwrap(), codes);
        let result = runner.run_file(case(vec![made()]).to_string().as_bytes());
        assert_eq!(result.is_ok(), found, "{file}");
    }
}

#[test]
fn balances_are_those_of_the_case() {
    let pay = |caller: &str| {
        json!({ "op": "instantiate", "as": "paid", "bundle": "it", "caller": caller, "value": "5",
        "salt": "0x01", "input": "0x00000000", "expect": { "error": "TransferFailed" } })
    };
    let mut file = case(vec![pay("eve")]);
    file["balances"] = json!({ "eve": "4" });
    let report = runner().run_file(file.to_string().as_bytes()).unwrap().remove(0);
    assert!(report.passed, "{report:?}");
    assert!(!run(vec![pay("eve")]).passed, "without a word, everybody has plenty");
}
