//! JSON, as far as contracts need it: values of known shape, without floating point. Numbers with a fraction are best
//! sent as strings.

use alloc::{string::String, vec, vec::Vec};
use serde::{de::DeserializeOwned, Serialize};

/// Bytes of the longest text that [`to_string`] writes.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// The text is not JSON, or not of the expected shape; or a value is too long to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Error;

/// Reads one value. Unknown fields are skipped; nothing but white space may follow.
///
/// # Errors
/// When the text is not JSON of that shape.
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    // An escape is never shorter than what it stands for.
    let mut unescaped = vec![0; text.len()];
    match serde_json_core::from_slice_escaped(text, &mut unescaped) {
        Ok((value, used)) if text[used..].iter().all(u8::is_ascii_whitespace) => Ok(value),
        _ => Err(Error),
    }
}

/// Writes one value.
///
/// # Errors
/// When the text would be longer than [`TEXT_BYTES_MAX`].
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut size = 512;
    while size <= TEXT_BYTES_MAX {
        let mut text: Vec<u8> = vec![0; size];
        if let Ok(used) = serde_json_core::to_slice(value, &mut text) {
            text.truncate(used);
            return String::from_utf8(text).map_err(|_| Error);
        }
        size *= 4;
    }
    Err(Error)
}
