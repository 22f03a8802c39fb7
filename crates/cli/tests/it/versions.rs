//! Contracts of every version of ink!, in every form that their files have.

use crate::process::{Dev, Machine, contracts};
use serde_json::{Value, json};
use std::path::PathBuf;

const BOB: &str = "0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48";

fn bundle(name: &str) -> PathBuf {
    contracts().join("../conformance/bundles").join(format!("{name}.contract"))
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(bundle(name)).unwrap()).unwrap()
}

fn wasm(bundle: &Value) -> Vec<u8> {
    hex::decode(bundle["source"]["wasm"].as_str().unwrap().trim_start_matches("0x")).unwrap()
}

/// The selector of a constructor or message, and 1000 as a balance.
fn input(bundle: &Value, list: &str, label: &str) -> String {
    let spec = bundle.get("V3").unwrap_or(bundle).get("spec").unwrap();
    let found = spec[list].as_array().unwrap().iter().find(|message| message["label"] == label).unwrap();
    format!("{}e8030000000000000000000000000000", found["selector"].as_str().unwrap())
}

/// Deploys a token and moves some of it; the token.
fn token(machine: &Machine, dev: &Dev, file: &str) -> String {
    // The same code comes from several files.
    let salt = format!("0x{}", hex::encode(&file.as_bytes()[file.len() - 8..]));
    let deployed = machine.ok(dev, &["deploy", file, "--args", "1000", "--salt", &salt]);
    let contract = deployed["contract"].as_str().unwrap().to_owned();
    let moved = machine.ok(dev, &["call", &contract, "transfer", BOB, "10"]);
    assert_eq!(moved["value"], json!({ "Ok": null }), "{moved}");
    let balance = machine.ok(dev, &["call", &contract, "balance_of", BOB]);
    assert_eq!(balance["value"], json!(10), "{balance}");
    let (code, refused) = machine.json(dev, &["call", &contract, "transfer", BOB, "991"]);
    assert_eq!(code, 1, "{refused}");
    assert!(refused.to_string().contains("InsufficientBalance"), "{refused}");
    contract
}

#[test]
fn contracts_of_each_version_of_ink_run_on_one_network() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    for version in ["ink3-erc20", "ink4-erc20", "ink5-erc20"] {
        token(&machine, &dev, &bundle(version).display().to_string());
    }
    files_of_other_forms(&machine, &dev);
    each_gets_the_runtime_it_expects(&machine, &dev);
}

/// The same code and message: where Phala's runtime is asked for, a command has no HTTP.
fn each_gets_the_runtime_it_expects(machine: &Machine, dev: &Dev) {
    let file = crate::process::bundle("probe");
    let external_calls = |runtime: &str, salt: &str| {
        let deployed = machine.ok(dev, &["deploy", &file, "--constructor", "new", "--compat", runtime, "--salt", salt]);
        let contract = deployed["contract"].as_str().unwrap();
        // Nothing listens there, so the contract refuses in both; only one asks at all.
        let (code, called) = machine.json(dev, &["call", contract, "fetch", "\"http://127.0.0.1:1/\"", "--command"]);
        assert_eq!(code, 1, "{called}");
        called["external_calls"].clone()
    };
    assert_eq!(external_calls("phala", "0x01"), json!(0));
    assert_eq!(external_calls("tallow", "0x02"), json!(1));
}

/// Code and metadata apart, and either alone.
fn files_of_other_forms(machine: &Machine, dev: &Dev) {
    let whole = read("ink3-erc20");
    let mut metadata = whole.clone();
    metadata["source"].as_object_mut().unwrap().remove("wasm");
    let beside = machine.file("token.wasm", &wasm(&whole));
    let json = machine.file("token.json", metadata.to_string().as_bytes());
    token(machine, dev, &beside);
    token(machine, dev, &json);

    // A contract without metadata takes raw input, and says so when names are used.
    let bare = json!({ "source": whole["source"], "contract": whole["contract"] });
    let bare = machine.file("bare.contract", bare.to_string().as_bytes());
    let refused = machine.run(&["deploy", &bare, "--args", "1000", "--url", &dev.url]);
    refused.fails(1, "the bundle has no metadata", "--data");
    let alone = machine.file("alone.wasm", &wasm(&whole));
    let refused = machine.run(&["deploy", &alone, "--args", "1000", "--url", &dev.url]);
    refused.fails(2, "has no metadata", "--data");
    let new = input(&whole, "constructors", "new");
    for (file, salt) in [(&bare, "0x01"), (&alone, "0x02")] {
        let deployed = Machine::new().ok(dev, &["deploy", file, "--data", &new, "--salt", salt]);
        let contract = deployed["contract"].as_str().unwrap();
        let raw = Machine::new();
        let supply = &input(&whole, "messages", "total_supply")[..10];
        let called = raw.ok(dev, &["call", contract, "--data", supply]);
        assert_eq!(called["data"], json!("0xe8030000000000000000000000000000"), "{called}");
        let refused = raw.run(&["call", contract, "total_supply", "--url", &dev.url]);
        refused.fails(2, "metadata", "--metadata");
    }

    // Files that cannot be right.
    let mut altered = whole.clone();
    altered["source"]["hash"] = json!(format!("0x{}", "11".repeat(32)));
    let altered = machine.file("altered.contract", altered.to_string().as_bytes());
    let refused = machine.run(&["deploy", &altered, "--args", "1000", "--url", &dev.url]);
    refused.fails(1, "the file was altered or badly built", "cargo contract build");
    let only = machine.file("only.json", metadata.to_string().as_bytes());
    let refused = machine.run(&["deploy", &only, "--args", "1000", "--url", &dev.url]);
    refused.fails(1, "no `source.wasm`", "cargo contract build");
}
