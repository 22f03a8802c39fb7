//! The document is what clients are generated from: it changes on purpose only.

use super::{OPERATIONS, build};
use serde_json::Value;

/// To approve a change, write what `GET /openapi.json` of a running worker says to this file.
const GOLDEN: &str = include_str!("../../../../../docs/openapi.json");

#[test]
fn the_document_is_the_approved_one() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(build(), golden, "docs/openapi.json differs; approve the change by replacing the file");
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
