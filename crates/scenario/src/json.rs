//! Reading JSON objects whose every field must be known.

use serde_json::{Map, Value};
use tallow_types::limits::SCENARIO_BYTES_MAX;

/// A file is not a scenario file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file exceeds the limit.
    #[error("the file is larger than {SCENARIO_BYTES_MAX} bytes")]
    TooLarge,
    /// Not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// A field is missing, unknown or of the wrong kind.
    #[error("{place}: {problem}")]
    Field {
        /// The object, as `scenario 0, step 2, expect`.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

/// Fields that other runners write and this one need not know.
const IGNORED: [&str; 2] = ["pink_ext", "http_seen"];

/// The fields of an object, taken one by one; what is left in the end is an error.
pub(crate) struct Fields {
    map: Map<String, Value>,
    place: String,
}

impl Fields {
    pub(crate) fn new(value: Value, place: String) -> Result<Self, ScenarioError> {
        match value {
            Value::Object(map) => Ok(Self { map, place }),
            _ => Err(ScenarioError::Field { place, problem: "expected an object".to_owned() }),
        }
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn error(&self, problem: impl Into<String>) -> ScenarioError {
        ScenarioError::Field { place: self.place.clone(), problem: problem.into() }
    }

    /// A field, unless it is missing or null.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    /// A field, converted; `None` when it is missing or null.
    pub(crate) fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value) -> Result<T, String>,
    ) -> Result<Option<T>, ScenarioError> {
        let value = self.take(name).map(read).transpose();
        value.map_err(|problem| self.error(format!("`{name}`: {problem}")))
    }

    /// A field that must be there.
    pub(crate) fn require<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value) -> Result<T, String>,
    ) -> Result<T, ScenarioError> {
        let value = self.read(name, read)?;
        value.ok_or_else(|| self.error(format!("`{name}` is missing")))
    }

    /// Whether the field is there, null included.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Ends the reading: every field that was not taken is unknown.
    pub(crate) fn finish(self) -> Result<(), ScenarioError> {
        let known = |name: &String| IGNORED.contains(&name.as_str()) || name.starts_with('_');
        match self.map.keys().find(|name| !known(name)) {
            None => Ok(()),
            Some(name) => Err(self.error(format!("unknown field `{}`", name.escape_debug()))),
        }
    }
}

pub(crate) fn text(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err("expected a string".to_owned()),
    }
}

pub(crate) fn boolean(value: Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "expected true or false".to_owned())
}

pub(crate) fn list(value: Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(items) => Ok(items),
        _ => Err("expected a list".to_owned()),
    }
}

pub(crate) fn object(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err("expected an object".to_owned()),
    }
}

/// Bytes in hexadecimal, with `0x`.
pub(crate) fn bytes(value: Value) -> Result<Vec<u8>, String> {
    let text = text(value)?;
    let digits = text.strip_prefix("0x").ok_or("expected 0x and hexadecimal digits")?;
    hex::decode(digits).map_err(|_| "expected 0x and hexadecimal digits".to_owned())
}

pub(crate) fn bytes32(value: Value) -> Result<[u8; 32], String> {
    bytes(value)?.try_into().map_err(|_| "expected 0x and 64 hexadecimal digits".to_owned())
}

/// A number, or a string of its decimal digits.
pub(crate) fn number<T: std::str::FromStr>(value: Value) -> Result<T, String> {
    let digits = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    digits.parse().map_err(|_| "expected a number, or its digits as a string".to_owned())
}

/// An argument in text form; numbers and truth values may also stand as JSON's own.
pub(crate) fn argument(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        _ => Err("expected strings in text form".to_owned()),
    }
}

pub(crate) fn arguments(value: Value) -> Result<Vec<String>, String> {
    list(value)?.into_iter().map(argument).collect()
}
