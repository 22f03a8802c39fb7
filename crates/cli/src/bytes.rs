//! Hexadecimal arguments.

use std::str::FromStr;

/// Bytes written as `0x` and hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl FromStr for Hex {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("0x").ok_or("expected 0x followed by hexadecimal digits")?;
        hex::decode(digits).map(Self).map_err(|error| format!("expected 0x followed by hexadecimal digits: {error}"))
    }
}

/// `0x` and hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}
