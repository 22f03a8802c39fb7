//! Hexadecimal, as JSON-RPC has it.

use alloc::{format, string::String, vec::Vec};

/// `0x` and two digits for each byte.
pub(super) fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    core::iter::once('0').chain(['x']).chain(digits.map(|digit| char::from(DIGITS[usize::from(digit)]))).collect()
}

/// The bytes of such a text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?.as_bytes();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8]| match *pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}

/// Bytes of known number.
pub(super) fn decode_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

/// A number: no leading zeros, and zero is `0x0`.
pub(super) fn quantity(number: u128) -> String {
    format!("{number:#x}")
}

/// Reads a number.
pub(super) fn parse_quantity(text: &str) -> Option<u128> {
    let digits = text.strip_prefix("0x")?;
    // `from_str_radix` alone would take a sign.
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u128::from_str_radix(digits, 16).ok())?
}

/// Reads a number of 64 bits.
pub(super) fn parse_u64(text: &str) -> Option<u64> {
    parse_quantity(text)?.try_into().ok()
}
