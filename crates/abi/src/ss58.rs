//! SS58: the text form of account ids in the Substrate ecosystem.

/// The digits of base 58, in their order.
const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// What the checksum's input starts with.
const CHECKSUM_PREFIX: &[u8] = b"SS58PRE";
/// Bytes of the checksum after an account id.
const CHECKSUM_BYTES: usize = 2;
/// Digits of the longest address of an account id.
const DIGITS_MAX: usize = 50;

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
