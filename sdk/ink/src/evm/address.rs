//! Addresses and their text (EIP-55).

use super::{hex, keccak_256};
use alloc::string::String;
use core::{fmt, str::FromStr};

/// Where an account or a contract is. Its text has the capitals of EIP-55, which catch most typing errors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Address(pub [u8; 20]);

/// The text is not an address: not `0x` and 40 digits, or its capitals are wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadAddress;

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lower = hex::encode(&self.0);
        let digits = lower.trim_start_matches("0x");
        let hash = keccak_256(digits.as_bytes());
        let is_capital = |index: usize| (hash[index / 2] >> (4 * (1 - index % 2))) & 8 != 0;
        let spelt = digits.char_indices().map(|(index, digit)| match is_capital(index) {
            true => digit.to_ascii_uppercase(),
            false => digit,
        });
        write!(f, "0x{}", spelt.collect::<String>())
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    /// Reads an address. Digits all small or all capital carry no check and are taken as they are.
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let address = Self(hex::decode_exact(text).ok_or(BadAddress)?);
        let has = |case: fn(&char) -> bool| text.chars().skip(2).any(|digit| case(&digit));
        let is_mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
        if is_mixed && alloc::format!("{address}") != text {
            return Err(BadAddress);
        }
        Ok(address)
    }
}
