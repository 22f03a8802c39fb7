//! Bundles that cannot be used; arguments that do not fit. No network is needed to say so.

use crate::process::{Machine, bundle};

#[test]
fn malformed_bundles_are_told_apart() {
    let machine = Machine::new();
    let mut altered: serde_json::Value = serde_json::from_slice(&std::fs::read(bundle("flipper")).unwrap()).unwrap();
    altered["source"]["hash"] = serde_json::json!(format!("0x{}", "11".repeat(32)));
    let files = [
        (machine.path("absent.contract"), "cannot read", "check the path"),
        (machine.file("empty.contract", b""), "not a usable contract", "cargo contract build"),
        (machine.file("other.contract", b"{\"a\":1}"), "not a usable contract", "cargo contract build"),
        (machine.file("broken.wasm", b"\0asm broken"), "not a usable contract", "cargo contract build"),
        (machine.file("altered.contract", altered.to_string().as_bytes()), "but the code's hash is", "cargo contract"),
    ];
    for (path, error, hint) in files {
        machine.run(&["deploy", &path]).fails(1, error, hint);
    }
}

#[test]
fn arguments_are_checked_before_anything_is_sent() {
    let machine = Machine::new();
    let flipper = bundle("flipper");
    let deploy = |args: &[&str]| machine.run(&[&["deploy", &flipper], args].concat());
    deploy(&[]).fails(2, "`new` takes", "as in Rust");
    deploy(&["--args", "yes"]).fails(2, "argument 1 `value`", "as in Rust");
    deploy(&["--args", "true", "false"]).fails(2, "`new` takes", "as in Rust");
    deploy(&["--constructor", "old", "--args", "true"]).fails(2, "old", "source");
    deploy(&["--args", "true", "--value", "5"]).fails(2, "takes no value", "--value");
}

#[test]
fn bare_wasm_needs_raw_input() {
    let machine = Machine::new();
    let wasm = machine.file("bare.wasm", b"\0asm\x01\0\0\0");
    machine.run(&["deploy", &wasm]).fails(2, "has no metadata", "--data");
}
