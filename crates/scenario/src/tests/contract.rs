//! A contract for the tests, its metadata, and scenarios around it.

use crate::{Codes, Mismatch, Report, Runner};
use serde_json::{Value, json};
use tallow_engine::{Engine, EngineConfig, Profile};
use tallow_types::CodeHash;

/// An account with money.
pub(super) const ALICE: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

pub(super) fn wasm() -> Vec<u8> {
    wat::parse_str(include_str!("contract.wat")).unwrap()
}

pub(super) fn hash() -> CodeHash {
    tallow_crypto::code_hash(&wasm())
}

fn metadata() -> Value {
    let result = |ok: u32, err: u32| {
        json!({ "path": ["Result"], "def": { "variant": { "variants": [
            { "name": "Ok", "index": 0, "fields": [{ "type": ok }] },
            { "name": "Err", "index": 1, "fields": [{ "type": err }] },
        ] } } })
    };
    let lang_error = json!({ "path": ["LangError"],
        "def": { "variant": { "variants": [{ "name": "CouldNotReadInput", "index": 1 }] } } });
    let types = [json!({ "def": { "primitive": "u32" } }), lang_error, result(0, 1), result(2, 1)];
    let types: Vec<_> = types.iter().enumerate().map(|(id, ty)| json!({ "id": id, "type": ty })).collect();
    let message = |label: &str, selector: &str| {
        json!({ "label": label, "selector": selector, "args": [{ "label": "value", "type": { "type": 2 } }],
            "returnType": { "type": 2 }, "mutates": false })
    };
    json!({
        "version": 5,
        "types": types,
        "spec": {
            "constructors": [message("new", "0x00000000")],
            "messages": [message("echo", "0x00000000"), message("revert", "0x01000000")],
            "events": [],
            "lang_error": { "type": 1 },
        },
    })
}

pub(super) fn bundle() -> Vec<u8> {
    let mut file = metadata();
    file["source"] = json!({ "hash": hash(), "wasm": format!("0x{}", hex::encode(wasm())) });
    file.to_string().into_bytes()
}

pub(super) fn runner() -> Runner {
    // Small reservations: tests run many engines at once.
    let config = EngineConfig { profile: Profile::SmallAddressSpace, ..EngineConfig::default() };
    Runner::new(Engine::new(config).unwrap(), Codes::load(vec![("test.contract".into(), bundle())]))
}

pub(super) fn run(file: &Value) -> Vec<Report> {
    runner().run_file(file.to_string().as_bytes()).unwrap()
}

/// A scenario whose step 0 makes the contract.
pub(super) fn scenario(steps: Vec<Value>) -> Value {
    let make = json!({ "op": "instantiate", "code": hash(), "caller": ALICE, "input": "0x00000000" });
    let steps: Vec<_> = std::iter::once(make).chain(steps).collect();
    json!({ "name": "test", "codes": [hash()], "balances": { ALICE: "1000" }, "steps": steps })
}

/// A call of the contract that step 0 made.
pub(super) fn call(op: &str, input: &str, expect: Value) -> Value {
    json!({ "op": op, "contract": "$0", "caller": ALICE, "input": input, "expect": expect })
}

/// Runs one scenario of these steps, which must pass.
#[track_caller]
pub(super) fn passes(steps: Vec<Value>) {
    let reports = run(&scenario(steps));
    assert!(reports[0].passed, "{:#?}", reports[0]);
    assert_eq!(reports[0].notes, []);
}

/// Runs one scenario whose last step differs in one thing.
#[track_caller]
pub(super) fn differs(steps: Vec<Value>) -> Mismatch {
    let last = steps.len();
    let mut reports = run(&scenario(steps));
    assert!(!reports[0].passed);
    let mismatches = std::mem::take(&mut reports[0].mismatches);
    let [mismatch] = mismatches.try_into().unwrap();
    assert_eq!(mismatch.step, Some(last));
    mismatch
}
