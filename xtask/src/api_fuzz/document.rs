//! What the OpenAPI document says of each operation, as far as the checks depend on it.

use serde_json::Value;

/// All checks there are.
const CHECKS: [&str; 14] = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "object_level_authorization",
];
/// Media type of bodies that a document can name but not describe.
const SCALE: &str = "application/octet-stream";
/// Pattern of the registry's keys: hexadecimal of SCALE.
const ENCODED: &str = "^(0x)?([0-9a-fA-F]{2})+$";

/// Operations, as `METHOD /path`, that refuse some of what the document allows.
pub(super) fn not_by_document(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, operations)| {
        operations.as_object().into_iter().flatten().map(move |(method, operation)| (method, path, operation))
    });
    let encoded = operations.filter(|(_, _, operation)| says_too_little(operation));
    encoded.map(|(method, path, _)| format!("{} {path}", method.to_uppercase())).collect()
}

fn says_too_little(operation: &Value) -> bool {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let mut patterns = parameters.map(|parameter| &parameter["schema"]["pattern"]);
    !operation["requestBody"]["content"][SCALE].is_null()
        || !operation["responses"]["101"].is_null()
        || patterns.any(|pattern| pattern == ENCODED)
}

/// Schemathesis' settings: all checks, and one less for these operations.
pub(super) fn settings(operations: &[String]) -> String {
    let of = |operation: &String| {
        format!("[[operations]]\ninclude-name = \"{operation}\"\nchecks.positive_data_acceptance.enabled = false\n\n")
    };
    let checks: String = CHECKS.iter().map(|check| format!("{check}.enabled = true\n")).collect();
    format!("[checks]\n{checks}\n") + &operations.iter().map(of).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_document_cannot_describe_is_found_in_it() {
        let document = serde_json::json!({ "paths": {
            "/a": { "get": { "responses": { "200": {} } }, "post": { "requestBody": { "content": { SCALE: {} } } } },
            "/b": { "get": { "parameters": [{ "schema": { "pattern": ENCODED } }] } },
            "/c": { "get": { "parameters": [{ "schema": { "pattern": "^x$" } }], "responses": { "200": {} } } },
            "/d": { "get": { "responses": { "101": {} } } },
        } });
        let found = not_by_document(&document);
        assert_eq!(found, ["POST /a", "GET /b", "GET /d"]);
        assert_eq!(settings(&found).matches("include-name").count(), 3);
    }
}
