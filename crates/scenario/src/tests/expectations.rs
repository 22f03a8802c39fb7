//! Each kind of expectation, held and broken.

use super::contract::{ALICE, call, differs, hash, passes, run, scenario};
use serde_json::{Value, json};
use tallow_crypto::contract::contract_address;
use tallow_types::{AccountId, ClusterId};

fn address() -> AccountId {
    contract_address(&ALICE.parse().unwrap(), &hash(), &ClusterId::default(), &[])
}

/// A query or command with one expectation; the same with another must fail in `what`, having got `got`.
#[track_caller]
fn check(input: &str, holds: Value, broken: Value, what: &str, got: &str) {
    for op in ["call", "query"] {
        passes(vec![call(op, input, holds.clone())]);
        let mismatch = differs(vec![call(op, input, broken.clone())]);
        assert_eq!(mismatch.what, what);
        assert!(mismatch.got.contains(got), "{}", mismatch.got);
    }
}

#[test]
fn flags_and_data() {
    check(
        "0x00000000abcd",
        json!({ "flags": 0, "data": "0xabcd" }),
        json!({ "flags": 1 }),
        "flags",
        "flags 0, data 0xabcd",
    );
    check("0x01000000abcd", json!({ "flags": 1, "data": "0xabcd" }), json!({ "data": "0xab" }), "data", "0xabcd");
    check("0x00000000", json!({ "data": "0x" }), json!({ "data": "0x00" }), "data", "0x");
}

#[test]
fn long_data_is_shown_where_it_differs() {
    let long = "11".repeat(300);
    let step = call("query", &format!("0x00000000{long}22"), json!({ "data": format!("0x{long}33") }));
    let mismatch = differs(vec![step]);
    assert_eq!(mismatch.expected, "from byte 300 on 0x33");
    assert_eq!(mismatch.got, "from byte 300 on 0x22");
}

#[test]
fn data_prefix_stands_for_data() {
    let holds = json!({ "data_prefix": "0xab", "data": "0x99" });
    check("0x00000000abcd", holds, json!({ "data_prefix": "0xcd" }), "data_prefix", "0xabcd");
}

#[test]
fn value_is_compared_by_meaning() {
    let input = "0x00000000000500000000"; // too long for a Result<u32, LangError>
    let mismatch = differs(vec![call("query", input, json!({ "value": "5" }))]);
    assert!(mismatch.got.contains("bytes are left over"), "{}", mismatch.got);
    for same in ["5", "0_5", "Ok(5)"] {
        check("0x000000000005000000", json!({ "value": same }), json!({ "value": "6" }), "value", "5");
    }
    check("0x0100000000e8030000", json!({ "value": "1000", "flags": 1 }), json!({ "value": "x" }), "value", "1000");
    // The contract's own dispatch failed.
    check(
        "0x000000000101",
        json!({ "value": "Err(CouldNotReadInput)" }),
        json!({ "value": "1" }),
        "value",
        "Err(CouldNotReadInput)",
    );
}

#[test]
fn names_and_text_stand_for_input() {
    let step = |message: &str, value: &str, expected: &str| json!({ "op": "query", "contract": "$0", "caller": ALICE, "message": message, "args": [value], "expect": { "value": expected } });
    passes(vec![step("echo", "Ok(7)", "7"), step("revert", "Ok(7)", "7")]);
    let mismatch = differs(vec![step("ecko", "Ok(7)", "7")]);
    assert!(mismatch.got.contains("did you mean `echo`?"), "{}", mismatch.got);
    let mismatch = differs(vec![step("echo", "\"x\"", "7")]);
    assert!(mismatch.got.contains("argument 1 `value`: expected Result, got \"x\""), "{}", mismatch.got);
    let make = json!({ "op": "instantiate", "code": hash(), "caller": ALICE, "salt": "0x01", "constructor": "new",
        "args": ["Ok(3)"], "expect": { "value": "3", "flags": 0 } });
    passes(vec![
        make,
        json!({ "op": "query", "contract": "$1", "input": "0x05000000", "expect": { "data": "0x0003000000" } }),
    ]);
}

#[test]
fn a_trap_is_a_failure_without_a_return_value() {
    check(
        "0x02000000",
        json!({ "trap": "unreachable" }),
        json!({ "flags": 0, "data": "0x" }),
        "flags",
        "error ContractTrapped",
    );
    check("0x01000000", json!({ "flags": 1 }), json!({ "trap": "any" }), "trap", "flags 1, data 0x");
}

#[test]
fn errors_are_compared_by_name() {
    check(
        "0x02000000",
        json!({ "error": "ContractTrapped" }),
        json!({ "error": "OutOfGas" }),
        "error",
        "error ContractTrapped",
    );
    check("0x00000000", json!({ "flags": 0 }), json!({ "error": "OutOfGas" }), "error", "flags 0");
    let nobody = json!({ "op": "call", "contract": ALICE, "input": "0x", "expect": { "error": "ContractNotFound" } });
    passes(vec![nobody]);
}

#[test]
fn addresses_follow_from_deployer_code_cluster_and_salt() {
    let make = |expected: &str| json!({ "op": "instantiate", "code": hash(), "caller": ALICE, "salt": "0x05", "input": "0x00000000", "expect": { "address": expected } });
    let address = contract_address(&ALICE.parse().unwrap(), &hash(), &ClusterId::default(), &[5]);
    passes(vec![make(&address.to_string())]);
    assert_eq!(differs(vec![make(ALICE)]).got, address.to_string());
    let failing = json!({ "op": "instantiate", "code": hash(), "salt": "0x05", "input": "0x02000000", "expect": { "address": ALICE } });
    assert!(differs(vec![failing]).got.contains("ContractTrapped"));
}

#[test]
fn events_are_compared_in_order() {
    let first = json!({ "contract": address(), "topics": [format!("0x{}", "07".repeat(32))], "data": "0xab" });
    let second = json!({ "contract": address(), "topics": [], "data": "0x" });
    let step = |events: &[&Value]| call("call", "0x06000000ab", json!({ "events": events }));
    passes(vec![step(&[&first, &second])]);
    let mismatch = differs(vec![step(&[&second, &first])]);
    assert_eq!(mismatch.what, "events[0]");
    assert!(mismatch.got.contains("data 0xab") && mismatch.got.contains("topics [0x0707"), "{}", mismatch.got);
    let mismatch = differs(vec![step(&[&first])]);
    assert_eq!((mismatch.what.as_str(), mismatch.expected.as_str()), ("events[1]", "none; there are 1"));
    assert_eq!(differs(vec![step(&[&first, &second, &second])]).got, "none; there are 2");
    let quiet = differs(vec![call("call", "0x00000000", json!({ "events": [first] }))]);
    assert_eq!(quiet.got, "none; there are 0");
}

#[test]
fn logs_are_compared_on_request() {
    // pink's `log`: level 3, text "hi".
    let input = "0x030a000003086869";
    let step = |log: Value, checked: bool| {
        let mut step = call("query", input, json!({ "pink_log": log }));
        step["check_log"] = json!(checked);
        step
    };
    passes(vec![step(json!([[3, "hi"]]), true), step(json!([[1, "other"]]), false)]);
    let mismatch = differs(vec![step(json!([[3, "ho"]]), true)]);
    assert_eq!((mismatch.expected.as_str(), mismatch.got.as_str()), ("[3, \"ho\"]", "[3, \"hi\"]"));
}

#[test]
fn asserted_and_strict_decide_what_fails() {
    let wrong = |asserted: Value| {
        let mut step = call("query", "0x00000000", json!({ "flags": 1 }));
        step["asserted"] = asserted;
        step
    };
    let outcome = |strict: Option<bool>, asserted: Value| {
        let mut file = scenario(vec![wrong(asserted)]);
        if let Some(strict) = strict {
            file["strict"] = json!(strict);
        }
        let report = run(&file).remove(0);
        (report.passed, report.mismatches.len(), report.notes.len())
    };
    assert_eq!(outcome(None, Value::Null), (false, 1, 0));
    assert_eq!(outcome(None, json!(false)), (true, 0, 1));
    assert_eq!(outcome(Some(false), Value::Null), (true, 0, 1));
    assert_eq!(outcome(Some(false), json!(true)), (false, 1, 0));
    assert_eq!(outcome(Some(false), json!(false)), (true, 0, 1));
}
