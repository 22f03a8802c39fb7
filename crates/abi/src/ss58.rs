//! SS58: the text form of account ids in the Substrate ecosystem.

/// The digits of base 58, in their order.
const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// What the checksum's input starts with.
const CHECKSUM_PREFIX: &[u8] = b"SS58PRE";
/// Bytes of the checksum after an account id.
const CHECKSUM_BYTES: usize = 2;
/// Digits of the longest address of an account id.
const DIGITS_MAX: usize = 50;

/// The prefix of addresses that belong to no network in particular.
const GENERIC_PREFIX: u8 = 42;

/// The address of an account id as wallets of the Substrate ecosystem show it, for no network in particular.
pub fn ss58_address(account: &[u8; 32]) -> String {
    let payload = [&[GENERIC_PREFIX], &account[..]].concat();
    let hash = tallow_crypto::blake2b_512(&[CHECKSUM_PREFIX, &payload].concat());
    // Least significant digit first. The prefix is not zero, so no leading zeros get lost.
    let mut digits: Vec<u8> = Vec::with_capacity(DIGITS_MAX);
    for byte in payload.iter().chain(&hash[..CHECKSUM_BYTES]) {
        let mut carry = usize::from(*byte);
        for digit in &mut digits {
            carry += usize::from(*digit) << 8;
            *digit = (carry % ALPHABET.len()) as u8;
            carry /= ALPHABET.len();
        }
        while carry > 0 {
            digits.push((carry % ALPHABET.len()) as u8);
            carry /= ALPHABET.len();
        }
    }
    digits.iter().rev().map(|digit| char::from(ALPHABET[usize::from(*digit)])).collect()
}

/// The account id of an address, whatever network its prefix names.
pub(crate) fn decode(address: &str) -> Option<[u8; 32]> {
    let bytes = base58(address)?;
    let prefix_bytes = if bytes.first()? & 0x40 == 0 { 1 } else { 2 };
    let (payload, checksum) = bytes.split_at_checked(prefix_bytes + 32)?;
    let hash = tallow_crypto::blake2b_512(&[CHECKSUM_PREFIX, payload].concat());
    if checksum != &hash[..CHECKSUM_BYTES] {
        return None;
    }
    payload[prefix_bytes..].try_into().ok()
}

fn base58(text: &str) -> Option<Vec<u8>> {
    if text.len() > DIGITS_MAX {
        return None;
    }
    // Most significant byte last while digits are added.
    let mut bytes: Vec<u8> = Vec::new();
    for digit in text.bytes() {
        let mut carry = ALPHABET.iter().position(|letter| *letter == digit)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * ALPHABET.len();
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(carry as u8);
        }
    }
    let zeros = text.bytes().take_while(|digit| *digit == ALPHABET[0]).count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_address_of_alice() {
        let alice = tallow_crypto::Keypair::from_uri("//Alice").unwrap().account();
        assert_eq!(ss58_address(&alice.0), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
    }

    proptest! {
        #[test]
        fn every_address_is_its_accounts(account: [u8; 32]) {
            prop_assert_eq!(decode(&ss58_address(&account)), Some(account));
        }
    }
}
