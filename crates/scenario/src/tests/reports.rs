//! What the command line prints.

use super::contract::{call, run, scenario};
use crate::{Report, ScenarioError, run_cli_style};
use serde_json::json;

#[test]
fn one_line_a_scenario_then_details_then_the_count() {
    let mut wrong = call("query", "0x00000000ab", json!({ "data": "0xcd" }));
    wrong["label"] = json!("echo\u{1b}[2J");
    let mut note = wrong.clone();
    note["asserted"] = json!(false);
    let file = json!([scenario(vec![]), scenario(vec![wrong, note])]);
    let expected = "\
test ... ok
test ... FAILED
  step 1 (echo\u{fffd}[2J): data
    expected: 0xcd
    got:      0xab
  note: step 2 (echo\u{fffd}[2J): data
    expected: 0xcd
    got:      0xab
1 passed, 1 failed
";
    assert_eq!(run_cli_style(&run(&file)), expected);
}

#[test]
fn files_that_cannot_be_read_count_as_failures() {
    let report = Report::unreadable("x.json", &ScenarioError::TooLarge);
    let text = run_cli_style(&[report]);
    assert!(text.starts_with("x.json ... FAILED\n  file\n    expected: scenarios\n"), "{text}");
    assert!(text.ends_with("\n0 passed, 1 failed\n"), "{text}");
    assert_eq!(run_cli_style(&[]), "0 passed, 0 failed\n");
}
