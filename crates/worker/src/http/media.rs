//! Media types: what a request's body is, and what its sender takes (RFC 9110, 12.5.1).

use super::openapi::Operation;
use super::problem::Failure;
use axum::http::{HeaderMap, header};
use tallow_api::Code;

/// Checks a request's media types against what its operation takes and gives. Without a header, everything is well: a
/// body is then bytes (RFC 9110, 8.3), which is what this API's bodies are.
pub(super) fn check(operation: &Operation, headers: &HeaderMap) -> Result<(), Failure> {
    if let Some(kind) = headers.get(header::CONTENT_TYPE).filter(|_| !operation.takes().is_empty()) {
        let kind = kind.to_str().map(essence).unwrap_or_default();
        if !operation.takes().iter().any(|takes| takes.eq_ignore_ascii_case(kind)) {
            let detail = format!("the body's `Content-Type` has to be {}", operation.takes().join(" or "));
            return Err(Failure::new(Code::UnsupportedMediaType, detail));
        }
    }
    let gives: Vec<&str> = operation.gives().collect();
    if gives.is_empty() || !headers.contains_key(header::ACCEPT) {
        return Ok(());
    }
    let ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = ranges.flat_map(|value| value.split(','));
    if ranges.any(|range| accepts(range, &gives)) {
        return Ok(());
    }
    Err(Failure::new(Code::NotAcceptable, format!("`Accept` has to have {}", gives.join(" or "))))
}

/// A media type without its parameters.
fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

/// Whether a media range takes one of the types.
fn accepts(range: &str, types: &[&str]) -> bool {
    let mut parameters = range.split(';').skip(1).map(str::trim);
    let refused = parameters.any(|parameter| {
        let weight = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
        weight.is_some_and(|weight| weight.parse() == Ok(0.0))
    });
    let range = essence(range);
    let taken = |kind: &&str| match range.strip_suffix("/*") {
        Some("*") => true,
        Some(family) => kind.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(family)),
        None => kind.eq_ignore_ascii_case(range),
    };
    !refused && types.iter().any(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_ranges_are_read_as_rfc_9110_has_them() {
        let types = ["application/octet-stream", "application/json"];
        for good in ["*/*", "application/*", "application/json", " Application/JSON ; q=0.5", "application/*;q=0.001"] {
            assert!(accepts(good, &types), "{good}");
        }
        for bad in ["text/html", "text/*", "application/json;q=0", "*/*; q=0.000", "", "application", "json"] {
            assert!(!accepts(bad, &types), "{bad}");
        }
    }
}
