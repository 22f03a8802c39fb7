//! Files that are not scenarios.

use super::contract::{call, hash, runner, scenario};
use crate::ScenarioError;
use serde_json::{Value, json};
use tallow_types::limits::SCENARIO_BYTES_MAX;

fn refused(file: &Value) -> String {
    runner().run_file(file.to_string().as_bytes()).unwrap_err().to_string()
}

#[test]
fn unknown_fields_are_errors_wherever_they_stand() {
    let file = || {
        scenario(vec![call(
            "query",
            "0x00000000",
            json!({ "flags": 0, "events": [{ "contract": hash(), "data": "0x" }] }),
        )])
    };
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 6] = [
        (|file| file["colour"] = json!(1), "scenario 0: unknown field `colour`"),
        (|file| file["steps"][1]["gas"] = json!(1), "scenario 0, step 1: unknown field `gas`"),
        (|file| file["steps"][1]["salt"] = json!("0x"), "scenario 0, step 1: unknown field `salt`"),
        (|file| file["steps"][1]["expect"]["flag"] = json!(1), "scenario 0, step 1, expect: unknown field `flag`"),
        (|file| file["steps"][1]["expect"]["events"][0]["x"] = json!(1), "`events`: event: unknown field `x`"),
        (|file| file["http"] = json!([{ "url": "x", "delay": 1 }]), "scenario 0, http 0: unknown field `delay`"),
    ];
    for (change, problem) in cases {
        let mut file = file();
        change(&mut file);
        assert!(refused(&file).contains(problem), "{}", refused(&file));
    }
    let mut ignored = file();
    for name in ["pink_ext", "http_seen", "_mine"] {
        ignored[name] = json!(1);
        ignored["steps"][1][name] = json!(1);
        ignored["steps"][1]["expect"][name] = json!(1);
    }
    assert!(runner().run_file(ignored.to_string().as_bytes()).is_ok());
}

#[test]
fn malformed_fields_are_named() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 15] = [
        (|file| *file = json!(7), "scenario 0: expected an object"),
        (|file| file["steps"] = Value::Null, "scenario 0: `steps` is missing"),
        (|file| file["balances"] = json!({ "alice": 1 }), "`balances`: expected 0x"),
        (|file| file["balances"] = json!({ hash().to_string(): -1 }), "`balances`: expected a number"),
        (|file| file["codes"] = json!(["0x00"]), "`codes`: expected 0x and 64"),
        (|file| file["compat"] = json!("other"), "`compat`: expected \"phala\""),
        (|file| file["strict"] = json!("no"), "`strict`: expected true or false"),
        (|file| file["steps"][1]["op"] = json!("jump"), "step 1: unknown op `jump`"),
        (|file| file["steps"][1]["contract"] = json!("$x"), "`contract`: expected `$` and the number of a step"),
        (|file| file["steps"][1]["contract"] = json!("$1"), "step 1: `$n` names a step that comes later"),
        (|file| file["steps"][1]["input"] = json!("00"), "`input`: expected 0x and hexadecimal digits"),
        (|file| file["steps"][1]["message"] = json!("get"), "expected either `input`, or `message` and `args`"),
        (|file| file["steps"][0]["input"] = Value::Null, "expected either `input`, or `constructor` and `args`"),
        (|file| file["steps"][1]["value"] = json!("1.5"), "`value`: expected a number"),
        (
            |file| file["steps"][1]["expect"]["pink_log"] = json!([["a"]]),
            "`pink_log`: expected pairs of level and text",
        ),
    ];
    for (change, problem) in cases {
        let mut file = scenario(vec![call("query", "0x00000000", json!({}))]);
        change(&mut file);
        assert!(refused(&file).contains(problem), "{}", refused(&file));
    }
}

#[test]
fn other_files_are_refused() {
    let mut runner = runner();
    assert!(matches!(runner.run_file(b""), Err(ScenarioError::NotJson(_))));
    assert!(matches!(runner.run_file("[".repeat(100_000).as_bytes()), Err(ScenarioError::NotJson(_))));
    assert_eq!(runner.run_file(&vec![b' '; SCENARIO_BYTES_MAX + 1]), Err(ScenarioError::TooLarge));
    assert_eq!(runner.run_file(b"[]"), Ok(vec![]));
}
