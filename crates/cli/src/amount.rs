//! Amounts of balance as arguments.

use std::str::FromStr;

/// An amount in the smallest unit, which may be grouped: 1_000_000.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Amount(pub(crate) u128);

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a whole number above 0 in the smallest unit, such as 1000000 or 1_000_000".to_owned();
        let first = text.bytes().next().ok_or_else(wrong)?;
        let amount = text.replace('_', "").parse().map_err(|_| wrong())?;
        if amount == 0 || !first.is_ascii_digit() { Err(wrong()) } else { Ok(Self(amount)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_and_not_zero() {
        assert_eq!("1_000_000".parse(), Ok(Amount(1_000_000)));
        assert_eq!(u128::MAX.to_string().parse(), Ok(Amount(u128::MAX)));
        for wrong in ["", "0", "_", "_1", "-1", "+1", "1.5", "1e3", "340282366920938463463374607431768211456", "one"] {
            assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
        }
    }
}
