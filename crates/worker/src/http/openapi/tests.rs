//! The document is what clients are generated from: it changes on purpose only.

use super::{OPERATIONS, build};
use serde_json::Value;

/// To approve a change, run this test with `TALLOW_WRITE_DOCS=1`.
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

#[test]
fn the_document_is_the_approved_one() {
    if std::env::var_os("TALLOW_WRITE_DOCS").is_some() {
        std::fs::write(PATH, serde_json::to_string_pretty(&build()).unwrap() + "\n").unwrap();
    }
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap();
    assert!(build() == golden, "docs/openapi.json differs; approve the change by TALLOW_WRITE_DOCS=1");
}

#[test]
fn every_operation_and_schema_is_there() {
    let document = build();
    for operation in OPERATIONS {
        let described = &document["paths"][operation.path][operation.method];
        assert_eq!(described["summary"], operation.summary);
        assert!(described["responses"]["default"].is_object());
    }
    for schema in ["Accepted", "CodeStored", "LedgerNonce", "LedgerTxDone", "Problem", "Status", "Code"] {
        assert!(document["components"]["schemas"][schema].is_object(), "{schema}");
    }
}
