//! `tallow verify evidence`, on documents of real hardware that lie beside the project, and on none.

use crate::process::{Machine, Ran};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A time at which the samples' collateral is valid.
const AT: &str = "2025-07-01T00:00:00Z";

/// A sample; `None`, said aloud, where the project lies beside none.
#[allow(clippy::print_stdout, reason = "what is left out is said")]
fn sample(name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/evidence");
    let folder = std::env::var_os("TALLOW_SAMPLES_DIR").map_or(folder, PathBuf::from);
    if !folder.parent().is_some_and(Path::is_dir) {
        println!("left out: the sample documents are not on this machine");
        return None;
    }
    let path = folder.join(name);
    assert!(path.exists(), "the sample document {name} is missing");
    Some(path.display().to_string())
}

fn verify(machine: &Machine, args: &[&str]) -> (Ran, Value) {
    let ran = machine.run(&[&["verify", "evidence", "--json"], args].concat());
    let document = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    (ran, document)
}

#[test]
fn a_genuine_quote_is_accepted_and_names_the_policy_that_takes_it() {
    let (Some(quote), Some(collateral)) = (sample("tdx/quote_v4.bin"), sample("tdx/quote_v4_collateral.json")) else {
        return;
    };
    let machine = Machine::new();
    let arguments = [&*quote, "--collateral", &*collateral, "--at", AT];
    let (ran, document) = verify(&machine, &arguments);
    assert_eq!((ran.code, &document["accepted"], &document["kind"]), (0, &json!(true), &json!("tdx")), "{document}");

    let text = machine.run(&[&["verify", "evidence"], &arguments[..]].concat());
    let policy = text.stdout.split_once("\n\n").unwrap().1;
    let policy = machine.file("policy.toml", policy.as_bytes());
    let (ran, _) = verify(&machine, &[&arguments[..], &["--policy", &policy]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let other = std::fs::read_to_string(&policy).unwrap().replacen("mr_td = \"", "mr_td = \"00", 1);
    let other = machine.file("other.toml", other.as_bytes());
    let (ran, document) = verify(&machine, &[&arguments[..], &["--policy", &other]].concat());
    assert_eq!((ran.code, &document["refusal"]["field"]), (1, &json!("mr_td")), "{}", ran.stderr);
}

#[test]
fn what_is_altered_old_or_incomplete_is_refused_by_its_field() {
    let (Some(quote), Some(collateral)) = (sample("sgx/quote_v3.bin"), sample("sgx/quote_v3_collateral.json")) else {
        return;
    };
    let machine = Machine::new();
    let mut bytes = std::fs::read(&quote).unwrap();
    bytes[100] ^= 1;
    let altered = machine.file("altered.hex", hex::encode(bytes).as_bytes());
    let (ran, document) = verify(&machine, &[&altered, "--collateral", &collateral, "--at", AT]);
    assert_eq!((ran.code, &document["refusal"]["field"]), (1, &json!("signature")), "{document}");
    let (ran, document) = verify(&machine, &[&quote, "--at", AT]);
    assert_eq!((ran.code, &document["refusal"]["field"]), (1, &json!("collateral")));
    assert!(ran.stderr.contains("--collateral FILE"), "{}", ran.stderr);
    let (ran, _) = verify(&machine, &[&quote, "--collateral", &collateral, "--at", "2031-01-01T00:00:00Z"]);
    assert_eq!(ran.code, 1);
}

#[test]
fn what_is_no_document_is_unreadable() {
    let machine = Machine::new();
    let junk = machine.file("junk", b"this is no document");
    machine.run(&["verify", "evidence", &junk]).fails(2, "no attestation document", "--kind");
    machine.run(&["verify", "evidence", &junk, "--kind", "snp"]).fails(2, "of a report's 1184", "--kind");
    machine.run(&["verify", "evidence", "nowhere"]).fails(2, "cannot read nowhere", "path");
    let policy = machine.file("policy.toml", b"debugging = true");
    machine.run(&["verify", "evidence", &junk, "--policy", &policy]).fails(2, "unknown field", "--policy");
}
