//! Values of contract types, with their text and JSON forms.

use std::fmt::{self, Write};

/// A value as the text form writes it. What it means depends on the type it is used for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// `'c'`.
    Char(char),
    /// `42`.
    UInt(u128),
    /// `-1`; also `+1`, as it was written.
    Int(i128),
    /// `"text"`.
    Text(String),
    /// `0x00ff`: bytes, hashes, account ids.
    Bytes(Vec<u8>),
    /// Letters and digits that are neither number nor name: an SS58 address.
    Literal(String),
    /// `[1, 2]`.
    Seq(Vec<Value>),
    /// `(1, 2)`; empty, it is the unit `()`.
    Tuple(Vec<Value>),
    /// `{ a: 1 }`, `Name { a: 1 }`, `Name(1)`: a struct.
    Struct {
        /// The type's name, where it has one.
        name: Option<String>,
        /// Its fields.
        fields: Fields,
    },
    /// `None`, `Some(1)`, `Name { a: 1 }`: a variant. The parser cannot tell a named struct from it, and gives this.
    Variant {
        /// The variant's name.
        name: String,
        /// Its fields.
        fields: Fields,
    },
}

/// The fields of a struct or variant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fields {
    /// None, and no brackets.
    Unit,
    /// `(1, 2)`.
    Unnamed(Vec<Value>),
    /// `{ a: 1 }`.
    Named(Vec<(String, Value)>),
}

impl Value {
    /// The unit value `()`.
    pub const UNIT: Self = Self::Tuple(Vec::new());

    /// The value as JSON.
    ///
    /// Integers beyond 2^53 - 1, which JavaScript would round, and bytes are strings. A struct is an object of its
    /// fields, a variant is its name, or an object of its name and fields; a struct of one unnamed field is that field.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Bool(value) => Json::Bool(*value),
            Self::Char(value) => Json::String(value.to_string()),
            Self::UInt(value) => integer_json(*value, false),
            Self::Int(value) => integer_json(value.unsigned_abs(), *value < 0),
            Self::Text(text) | Self::Literal(text) => Json::String(text.clone()),
            Self::Bytes(bytes) => Json::String(format!("0x{}", hex::encode(bytes))),
            Self::Seq(items) => array_json(items),
            Self::Tuple(items) if items.is_empty() => Json::Null,
            Self::Tuple(items) => array_json(items),
            Self::Struct { fields, .. } => fields.to_json(),
            Self::Variant { name, fields: Fields::Unit } => Json::String(name.clone()),
            Self::Variant { name, fields } => Json::Object([(name.clone(), fields.to_json())].into_iter().collect()),
        }
    }
}

impl Fields {
    fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Unit => serde_json::Value::Null,
            Self::Unnamed(items) => match items.as_slice() {
                [item] => item.to_json(),
                items => array_json(items),
            },
            Self::Named(entries) => {
                serde_json::Value::Object(entries.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
        }
    }
}

/// Greatest integer that every JSON reader keeps exact.
const JSON_INTEGER_MAX: u128 = (1 << 53) - 1;

fn integer_json(magnitude: u128, negative: bool) -> serde_json::Value {
    let sign = if negative { "-" } else { "" };
    match i64::try_from(magnitude) {
        Ok(number) if magnitude <= JSON_INTEGER_MAX => serde_json::Value::from(if negative { -number } else { number }),
        _ => serde_json::Value::String(format!("{sign}{magnitude}")),
    }
}

fn array_json(items: &[Value]) -> serde_json::Value {
    serde_json::Value::Array(items.iter().map(Value::to_json).collect())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Char(value) => write_quoted(f, '\'', std::iter::once(*value)),
            Self::UInt(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(text) => write_quoted(f, '"', text.chars()),
            Self::Bytes(bytes) => write!(f, "0x{}", hex::encode(bytes)),
            Self::Literal(text) => f.write_str(text),
            Self::Seq(items) => write_list(f, '[', items, ']'),
            Self::Tuple(items) => write_list(f, '(', items, ')'),
            Self::Struct { name, fields } => write_fields(f, name.as_deref().unwrap_or_default(), fields),
            Self::Variant { name, fields } => write_fields(f, name, fields),
        }
    }
}

fn write_fields(f: &mut fmt::Formatter<'_>, name: &str, fields: &Fields) -> fmt::Result {
    f.write_str(name)?;
    match fields {
        Fields::Unit if name.is_empty() => f.write_str("()"),
        Fields::Unit => Ok(()),
        Fields::Unnamed(items) => write_list(f, '(', items, ')'),
        Fields::Named(entries) => write_entries(f, !name.is_empty(), entries),
    }
}

fn write_entries(f: &mut fmt::Formatter<'_>, spaced: bool, entries: &[(String, Value)]) -> fmt::Result {
    f.write_str(if spaced { " {" } else { "{" })?;
    for (i, (name, value)) in entries.iter().enumerate() {
        f.write_str(if i == 0 { " " } else { ", " })?;
        write!(f, "{name}: {value}")?;
    }
    f.write_str(" }")
}

fn write_list(f: &mut fmt::Formatter<'_>, open: char, items: &[Value], close: char) -> fmt::Result {
    f.write_char(open)?;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    f.write_char(close)
}

fn write_quoted(f: &mut fmt::Formatter<'_>, quote: char, chars: impl Iterator<Item = char>) -> fmt::Result {
    f.write_char(quote)?;
    for c in chars {
        match c {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\\' => f.write_str("\\\\")?,
            c if c == quote => write!(f, "\\{c}")?,
            c if deceives(c) => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char(quote)
}

/// Characters that would let a contract's text act on, or mislead, the terminal that shows it: controls and
/// directional formatting. All lie in the Basic Multilingual Plane, so four hexadecimal digits name them.
pub(crate) fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
