//! The document is what clients are generated from: it changes on purpose only.

use super::{OPERATIONS, build, operation};
use axum::http::Method;
use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

/// To approve a change, run this test with `TALLOW_WRITE_DOCS=1`.
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
        assert!(described["responses"]["429"].is_object());
    }
    for schema in ["Accepted", "CodeStored", "LedgerNonce", "LedgerTxDone", "Problem", "Status", "Code"] {
        assert!(document["components"]["schemas"][schema].is_object(), "{schema}");
    }
}

#[test]
fn the_parameters_of_paths_are_described() {
    for operation in OPERATIONS {
        let named = operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        for name in named {
            assert!(operation.parameters.iter().any(|parameter| parameter.name == name), "{name}");
        }
    }
}

#[test]
fn an_operation_is_found_by_method_and_path() {
    let found = |method: Method, path| operation(&method, path).map(|number| OPERATIONS[number].summary);
    assert_eq!(found(Method::GET, "/v1/status"), Some(OPERATIONS[0].summary));
    assert_eq!(found(Method::HEAD, "/v1/status"), Some(OPERATIONS[0].summary));
    assert_eq!(found(Method::POST, "/v1/status"), None);
    assert_eq!(found(Method::GET, "/v1/commands"), None);
}
