//! State, surroundings and the outside world.

use super::contract::{ALICE, bundle, call, differs, hash, passes, run, runner, scenario, wasm};
use crate::{Codes, Runner};
use serde_json::{Value, json};
use tallow_engine::{Engine, EngineConfig, Profile};
use tallow_types::{HttpRequest, HttpResponse};

/// SCALE of an HTTP request as pink's `http_request` takes it, behind the selector that calls function 1.
fn request(method: &str, url: &str) -> String {
    request_with(method, url, "")
}

fn request_with(method: &str, url: &str, body: &str) -> String {
    let short = |text: &str| [&[(text.len() as u8) << 2][..], text.as_bytes()].concat();
    let input = [&[3, 1, 0, 0], &short(url)[..], &short(method), &[0], &short(body)].concat();
    let whole = tallow_types::decode_exact::<HttpRequest>(&input[4..]).unwrap();
    assert_eq!((whole.url.as_str(), whole.method.as_str()), (url, method));
    format!("0x{}", hex::encode(input))
}

/// SCALE of a response.
fn response(status: u16, reason: &str, headers: &[(&str, &str)], body: &str) -> String {
    let short = |text: &str| [&[(text.len() as u8) << 2][..], text.as_bytes()].concat();
    let mut bytes = [&status.to_le_bytes()[..], &short(reason), &[(headers.len() as u8) << 2]].concat();
    for (name, value) in headers {
        bytes.extend([short(name), short(value)].concat());
    }
    bytes.extend(short(body));
    assert!(tallow_types::decode_exact::<HttpResponse>(&bytes).is_ok());
    format!("0x{}", hex::encode(bytes))
}

#[test]
fn commands_keep_state_and_queries_do_not() {
    let get = |data: &str| call("query", "0x05000000", json!({ "data": data }));
    passes(vec![
        get("0x"),
        call("call", "0x04000000aa", json!({ "flags": 0 })),
        get("0xaa"),
        call("query", "0x04000000bb", json!({ "flags": 0 })),
        get("0xaa"),
        call("call", "0x0b000000cc", json!({ "flags": 1 })),
        get("0xaa"),
    ]);
}

#[test]
fn surroundings_are_what_the_scenario_says() {
    let now = |ms: u8| call("query", "0x08000000", json!({ "data": format!("0x{ms:02x}00000000000000") }));
    let block = |n: u8| call("call", "0x07000000", json!({ "data": format!("0x{n:02x}000000") }));
    let set = json!({ "op": "set", "block": 9, "now_ms": 8, "label": "later" });
    passes(vec![block(1), now(1), set, block(9), now(8), json!({ "op": "set" }), block(9), now(8)]);
    let mut file = scenario(vec![block(5), now(6)]);
    file["block"] = json!(5);
    file["now_ms"] = json!("6");
    assert!(run(&file)[0].passed);
}

#[test]
fn callers_pay() {
    let pay = |value: Value, expect: Value| json!({ "op": "call", "contract": "$0", "caller": ALICE, "value": value, "input": "0x0a000000", "expect": expect });
    let sixteen = |low: &str| json!({ "data": format!("0x{low}{}", "00".repeat(15)) });
    passes(vec![
        pay(json!("10"), sixteen("0a")),
        pay(json!(11), sixteen("0b")),
        pay(json!("980"), json!({ "error": "TransferFailed" })),
    ]);
    let as_contract = json!({ "op": "query", "contract": "$0", "caller": "$0", "input": "0x09000000" });
    let file = scenario(vec![as_contract.clone()]);
    assert!(run(&file)[0].passed);
    let mut wrong = as_contract;
    wrong["expect"] = json!({ "data": ALICE });
    assert_eq!(differs(vec![wrong]).what, "data");
}

#[test]
fn http_is_answered_from_the_scenario() {
    let price = json!({ "method": "GET", "url": "https://prices.test/spot", "status": 200, "reason": "OK",
        "headers": [["content-type", "text/plain"]], "body": "97000" });
    let other = json!({ "method": "POST", "url": "https://api.test/*", "status": 500, "reason": "Oops", "headers": { "a": "b" }, "body": "0x6869" });
    let steps = |op: &str| {
        vec![
            call(
                op,
                &request("GET", "https://prices.test/spot"),
                json!({ "data": response(200, "OK", &[("content-type", "text/plain")], "97000") }),
            ),
            call(
                op,
                &request("post", "https://api.test/x/y"),
                json!({ "data": response(500, "Oops", &[("a", "b")], "hi") }),
            ),
            // Nobody answers.
            call(
                op,
                &request("GET", "https://api.test/x/y"),
                json!({ "data_prefix": "0x0b022c556e726561636861626c6500" }),
            ),
        ]
    };
    for op in ["query", "call"] {
        let mut file = scenario(steps(op));
        file["http"] = json!([price, other]);
        let report = run(&file).remove(0);
        assert!(report.passed, "{report:#?}");
    }
    let closed = json!({ "op": "set", "http": [] });
    let mut file = scenario(vec![closed, steps("query").remove(0)]);
    file["http"] = json!([price]);
    let report = run(&file).remove(0);
    assert_eq!((report.passed, report.mismatches.len()), (false, 1));
}

#[test]
fn http_answers_may_depend_on_what_a_request_says() {
    let answer = |request: &str, body: &str| json!({ "method": "POST", "url": "http://node/", "request": request, "body": body });
    let ask = |body: &str, answer: &str| {
        let expected = json!({ "data": response(200, "OK", &[], answer) });
        call("query", &request_with("POST", "http://node/", body), expected)
    };
    let nobody = json!({ "data_prefix": "0x0b022c556e726561636861626c6500" });
    let other = call("query", &request_with("POST", "http://node/", "height?"), nobody);
    let mut file = scenario(vec![ask("what is the price?", "5"), ask("count?", "6"), ask("price count", "5"), other]);
    file["http"] = json!([answer("price", "5"), answer("count", "6")]);
    let report = run(&file).remove(0);
    assert!(report.passed, "{report:#?}");
}

#[test]
fn phala_refuses_http_in_commands() {
    let mut file = scenario(vec![call(
        "call",
        &request("GET", "https://prices.test/spot"),
        json!({ "data_prefix": "0x0b023c41504920556e617661696c61626c65" }),
    )]);
    file["http"] = json!([{ "url": "https://prices.test/spot", "body": "x" }]);
    assert!(!run(&file)[0].passed);
    file["compat"] = json!("phala");
    let report = run(&file).remove(0);
    assert!(report.passed, "{report:#?}");
}

#[test]
fn the_cache_is_kept_between_queries() {
    // pink's `cache_set` of key "k" and value "v", `cache_get`, `cache_set_expiration`.
    let set = call("query", "0x03060000046b0476", json!({ "flags": 0 }));
    let get = |data: &str| call("query", "0x03080000046b", json!({ "data": data }));
    let expire = call("query", "0x03070000046b0500000000000000", json!({ "flags": 0 }));
    let later = json!({ "op": "set", "now_ms": 5_001 });
    passes(vec![get("0x00"), set, get("0x010476"), expire, get("0x010476"), later, get("0x00")]);
}

#[test]
fn the_system_contract_may_be_one_that_a_step_made() {
    let asks = |expect: Value| call("query", "0x030f0000", expect);
    let mut file = scenario(vec![
        asks(json!({ "flags": 0 })),
        json!({ "op": "set", "system_contract": null }),
        asks(json!({ "trap": "none" })),
    ]);
    file["system_contract"] = json!("$0");
    let report = run(&file).remove(0);
    assert!(report.passed, "{report:#?}");
}

#[test]
fn randomness_follows_from_the_seed() {
    let draw = |file: &mut Value, seed: Option<&str>| {
        if let Some(seed) = seed {
            file["random_seed"] = json!(seed);
        }
        run(file).remove(0).mismatches.remove(0).got
    };
    // pink's `getrandom` of 8 bytes, expected to be nothing.
    let file = || scenario(vec![call("call", "0x030b000008", json!({ "data": "0x" }))]);
    let default = draw(&mut file(), None);
    assert_eq!(default, draw(&mut file(), None), "the same on every run");
    assert_eq!(default, draw(&mut file(), Some(&format!("0x{}", "2a".repeat(32)))), "the cluster key's seed stands in");
    assert_ne!(default, draw(&mut file(), Some(&format!("0x{}", "2b".repeat(32)))));
}

#[test]
fn steps_that_cannot_run_fail_the_scenario() {
    let failing = json!({ "op": "instantiate", "code": hash(), "salt": "0x05", "input": "0x02000000", "expect": { "trap": "x" } });
    let mismatch = differs(vec![failing, json!({ "op": "call", "contract": "$1", "input": "0x" })]);
    assert_eq!((mismatch.what.as_str(), mismatch.got.as_str()), ("step", "step 1 made no contract"));
    let unknown = format!("0x{}", "99".repeat(32));
    let mismatch = differs(vec![json!({ "op": "call", "contract": unknown, "message": "echo", "args": [] })]);
    assert!(mismatch.got.contains("there is no contract"), "{}", mismatch.got);
}

#[test]
fn a_contract_that_is_gone_can_still_be_called_by_name() {
    let end = call("call", &format!("0x0c000000{}", &ALICE[2..]), json!({ "flags": 0 }));
    let gone = json!({ "op": "query", "contract": "$0", "message": "echo", "args": ["Ok(1)"], "expect": { "error": "ContractNotFound" } });
    passes(vec![end, gone]);
}

#[test]
fn code_is_found_by_hash() {
    let engine =
        || Engine::new(EngineConfig { profile: Profile::SmallAddressSpace, ..EngineConfig::default() }).unwrap();
    let file = scenario(vec![call("query", "0x00000000", json!({ "flags": 0 }))]).to_string();
    let run = |codes| Runner::new(engine(), codes).run_file(file.as_bytes()).unwrap().remove(0);
    let named = |bytes| Codes::load(vec![("x.wasm".into(), wasm()), ("x.contract".into(), bytes)]);

    let bare = Codes::load(vec![("x.wasm".into(), wasm())]);
    assert!(bare.metadata(&hash()).is_err());
    assert!(run(bare).passed, "raw input needs no metadata");
    assert!(named(bundle()).metadata(&hash()).is_ok(), "the bundle adds metadata to the bare code");
    assert!(run(named(bundle())).passed);

    let text = String::from_utf8(bundle()).unwrap();
    let strange =
        Codes::load(vec![("x.contract".into(), text.replace("\"version\":5", "\"version\":77").into_bytes())]);
    assert!(strange.metadata(&hash()).unwrap_err().contains("version 77"));
    assert!(run(strange).passed, "strange metadata does not matter to raw input");

    let report = run(Codes::load(vec![("broken.contract".into(), b"?".to_vec())]));
    assert_eq!((report.passed, report.mismatches.len()), (false, 1));
    let mismatch = &report.mismatches[0];
    assert!(
        mismatch.expected.contains(&hash().to_string()) && mismatch.got.contains("broken.contract cannot be used"),
        "{mismatch:?}"
    );
}

#[test]
fn code_that_is_not_acceptable_is_absent() {
    let wasm = wat::parse_str("(module (import \"env\" \"launch\" (func)))").unwrap();
    let code = tallow_crypto::code_hash(&wasm);
    let config = EngineConfig { profile: Profile::SmallAddressSpace, ..EngineConfig::default() };
    let codes = Codes::load(vec![("bad.wasm".into(), wasm)]);
    let file = json!({ "codes": [code], "steps": [{ "op": "instantiate", "code": code, "input": "0x", "expect": { "error": "CodeNotFound" } }] });
    let report =
        Runner::new(Engine::new(config).unwrap(), codes).run_file(file.to_string().as_bytes()).unwrap().remove(0);
    assert!(report.passed);
    assert!(report.notes[0].expected.contains("acceptable"), "{:?}", report.notes);
}

#[test]
fn scenarios_of_a_file_share_nothing_but_code() {
    let write = scenario(vec![call("call", "0x04000000aa", json!({ "flags": 0 }))]);
    let read = scenario(vec![call("query", "0x05000000", json!({ "data": "0x" }))]);
    let reports = runner().run_file(json!([write, read]).to_string().as_bytes()).unwrap();
    assert!(reports.iter().all(|report| report.passed), "{reports:#?}");
}

#[test]
fn secrets_are_what_the_scenario_says() {
    // Function 16 of extension 1.
    let ask = |name: &str, expected: &str| {
        let input = [&[3, 0x10, 0, 1, (name.len() as u8) << 2], name.as_bytes()].concat();
        call("query", &format!("0x{}", hex::encode(input)), json!({ "data": expected }))
    };
    let mut file = scenario(vec![ask("TOKEN", "0x011068757368"), ask("OTHER", "0x00")]);
    file["secrets"] = json!({ "TOKEN": "hush" });
    let report = &run(&file)[0];
    assert!(report.passed, "{report:#?}");
    file["secrets"] = json!({ "not a name": "x" });
    assert!(runner().run_file(file.to_string().as_bytes()).is_err());
}
