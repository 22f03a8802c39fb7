//! Servers that are not workers of this API: which of the many ways there are, in words.

use crate::{
    ClientError,
    http::{Budget, Http},
};
use serde_json::Value;
use tallow_api::{Code, Problem};
use tallow_types::{Genesis, Malformed, decode_exact};

/// Characters of a version that are repeated.
const VERSION_CHARACTERS_MAX: usize = 40;

pub(crate) async fn genesis(http: &Http) -> Result<Genesis, ClientError> {
    Ok(decode_exact(&http.get("v1/genesis", Budget::DOCUMENT).await?.body)?)
}

/// Why a first answer is not what it should be: the server may be a worker of another version, or something else.
pub(crate) async fn explain(http: &Http, error: ClientError) -> ClientError {
    let Some(reason) = reason(&error) else { return error };
    let url = http.url().to_owned();
    let status = http.get("v1/status", Budget::DOCUMENT).await.and_then(|answer| answer.json::<Value>());
    match status.ok().and_then(|status| version(&status)) {
        Some(found) if found != OWN => ClientError::Version { url, found, own: OWN },
        _ => ClientError::Foreign { url, reason },
    }
}

/// The version of this program.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// What the server did, when that is what no worker of this version does.
fn reason(error: &ClientError) -> Option<String> {
    match error {
        // A worker behind a gateway may fail so, whatever its version.
        ClientError::Unexpected { status: 500.., .. } => None,
        ClientError::Unexpected { status, .. } => Some(format!("it answered with HTTP status {status}")),
        ClientError::Malformed(Malformed { what }) => Some(format!("it answered with something else than a {what}")),
        ClientError::Api(problem) => unknown_path(problem).then(|| "its API has other paths".to_owned()),
        _ => None,
    }
}

fn unknown_path(problem: &Problem) -> bool {
    matches!(problem.code, Code::NotFound | Code::MethodNotAllowed | Code::NotAcceptable | Code::UnsupportedMediaType)
}

/// The version that a document of status names, whatever else of it is understood.
fn version(status: &Value) -> Option<String> {
    let version = status["version"].as_str()?;
    status["network"].as_str()?;
    Some(version.chars().filter(|letter| !letter.is_control()).take(VERSION_CHARACTERS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_version_is_read_of_documents_that_are_not_understood() {
        let status = |version: Value| json!({ "version": version, "network": "0x12", "news": [] });
        assert_eq!(version(&status(json!("9.1.0"))), Some("9.1.0".to_owned()));
        assert_eq!(version(&status(json!("\u{1b}[2J9"))), Some("[2J9".to_owned()), "it is for a terminal");
        assert_eq!(version(&status(json!("9".repeat(100)))).unwrap().len(), VERSION_CHARACTERS_MAX);
        assert_eq!(version(&status(json!(9))), None);
        assert_eq!(version(&json!({ "version": "9" })), None, "many services have a version");
    }
}
