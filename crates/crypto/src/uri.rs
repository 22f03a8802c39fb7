//! Substrate secret URIs, as far as they name development keys and raw seeds.

use crate::{Secret, blake2b_256};
use parity_scale_codec::Encode;
use schnorrkel::{ExpansionMode, MiniSecretKey, derive::ChainCode};

/// The mini secret of Substrate's public development phrase (`bottom drive obey lake ...`).
const DEVELOPMENT_SEED: [u8; 32] = [
    0xfa, 0xc7, 0x95, 0x9d, 0xbf, 0xe7, 0x2f, 0x05, 0x2e, 0x5a, 0x0c, 0x3c, 0x8d, 0x65, 0x30, 0xf2, 0x02, 0xb0, 0x2f,
    0xd8, 0xf9, 0xf5, 0xca, 0x35, 0x80, 0xec, 0x8d, 0xeb, 0x77, 0x97, 0x47, 0x9e,
];

/// Why a text names no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// A phrase, or something else that does not start with `//` or `0x`.
    #[error("expected a development account such as //Alice, or 0x followed by a seed of 64 hexadecimal digits")]
    Unknown,
    /// `0x` without a seed behind it.
    #[error("a seed is 0x followed by 64 hexadecimal digits")]
    Seed,
    /// `/name`.
    #[error("soft junctions (/name) are not supported; use a hard junction (//name)")]
    SoftJunction,
    /// `///password`.
    #[error("passwords (///...) are not supported")]
    Password,
    /// `//` with nothing behind it.
    #[error("a junction has no name")]
    EmptyJunction,
}

/// The mini secret that a URI names.
pub(crate) fn resolve(uri: &str) -> Result<Secret<[u8; 32]>, UriError> {
    let (root, path) = uri.split_at(uri.find('/').unwrap_or(uri.len()));
    let seed = match root.strip_prefix("0x") {
        Some(digits) => parse_seed(digits)?,
        None if root.is_empty() && !path.is_empty() => Secret::new(DEVELOPMENT_SEED),
        None => return Err(UriError::Unknown),
    };
    junctions(path)?.into_iter().try_fold(seed, |seed, name| Ok(derive_hard(&seed, name)))
}

fn parse_seed(digits: &str) -> Result<Secret<[u8; 32]>, UriError> {
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(UriError::Seed);
    }
    let mut seed = [0; 32];
    for (byte, at) in seed.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| UriError::Seed)?;
    }
    Ok(Secret::new(seed))
}

/// The names of a path's hard junctions.
fn junctions(path: &str) -> Result<Vec<&str>, UriError> {
    if path.contains("///") {
        return Err(UriError::Password);
    }
    let mut names = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let tail = rest.strip_prefix("//").ok_or(UriError::SoftJunction)?;
        let (name, next) = tail.split_at(tail.find('/').unwrap_or(tail.len()));
        if name.is_empty() {
            return Err(UriError::EmptyJunction);
        }
        names.push(name);
        rest = next;
    }
    Ok(names)
}

fn derive_hard(seed: &Secret<[u8; 32]>, name: &str) -> Secret<[u8; 32]> {
    let mini = MiniSecretKey::from_bytes(seed.expose()).expect("a mini secret is any 32 bytes");
    let (derived, _) = mini.hard_derive_mini_secret_key(Some(chain_code(name)), b"", ExpansionMode::Ed25519);
    Secret::new(derived.to_bytes())
}

/// Substrate's chain code of a junction: the SCALE encoding of a number or of a text, hashed when it is too long.
fn chain_code(name: &str) -> ChainCode {
    let encoded = name.parse::<u64>().map_or_else(|_| name.encode(), |number| number.encode());
    if encoded.len() > 32 {
        return ChainCode(blake2b_256(&encoded));
    }
    let mut code = [0; 32];
    code[..encoded.len()].copy_from_slice(&encoded);
    ChainCode(code)
}
