//! Secret URIs as Substrate has them (`subkey`, polkadot-js): a phrase or a seed, junctions, a password.

use crate::{KeyScheme, Keypair, Secret, blake2b_256, random_bytes};
use bip39::{Language, Mnemonic};
use parity_scale_codec::Encode;
use schnorrkel::{
    ExpansionMode, MiniSecretKey, SecretKey,
    derive::{ChainCode, Derivation},
};
use zeroize::Zeroizing;

/// The mini secret of Substrate's public development phrase, so that it need not be derived each time.
const DEVELOPMENT_SEED: [u8; 32] = [
    0xfa, 0xc7, 0x95, 0x9d, 0xbf, 0xe7, 0x2f, 0x05, 0x2e, 0x5a, 0x0c, 0x3c, 0x8d, 0x65, 0x30, 0xf2, 0x02, 0xb0, 0x2f,
    0xd8, 0xf9, 0xf5, 0xca, 0x35, 0x80, 0xec, 0x8d, 0xeb, 0x77, 0x97, 0x47, 0x9e,
];
/// Substrate's public development phrase.
const DEVELOPMENT_PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
/// Rounds of PBKDF2 from a phrase to its seed (BIP-39).
const ROUNDS: u32 = 2048;

/// Why a text names no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Nothing that could be a secret.
    #[error("expected a development account such as //Alice, a phrase, or 0x followed by 64 hexadecimal digits")]
    Unknown,
    /// `0x` without a seed behind it.
    #[error("a seed is 0x followed by 64 hexadecimal digits")]
    Seed,
    /// Words that are no phrase.
    #[error("not a phrase of BIP-39: 12, 15, 18, 21 or 24 English words with a checksum; look for a wrong word")]
    Phrase,
    /// `/name` for a scheme that has hard junctions alone.
    #[error("soft junctions (/name) are for sr25519 keys alone; use a hard junction (//name)")]
    SoftJunction,
    /// `///password` behind a seed.
    #[error("a password (///...) belongs to a phrase, not to a seed")]
    Password,
    /// `//` with nothing behind it.
    #[error("a junction has no name")]
    EmptyJunction,
    /// The bytes are no secret key of secp256k1.
    #[error("the seed is not a secp256k1 key: it is zero, or not below the curve's order")]
    Scalar,
}

/// One step of derivation.
enum Junction {
    Hard([u8; 32]),
    Soft([u8; 32]),
}

/// The scheme that a URI names, and the rest.
pub(crate) fn split_scheme(uri: &str) -> (KeyScheme, &str) {
    let named = uri.split_once(':').and_then(|(name, secret)| Some((name.parse().ok()?, secret)));
    named.unwrap_or((KeyScheme::default(), uri))
}

/// Whether a secret URI ([`Keypair::from_uri`]) names a key of the public development phrase, which everybody knows.
pub fn is_development_uri(uri: &str) -> bool {
    let (_, secret) = split_scheme(uri);
    let root = secret.split('/').next().unwrap_or_default().trim();
    root.is_empty() || words(root).as_str() == DEVELOPMENT_PHRASE || parse_root_seed(root) == Some(DEVELOPMENT_SEED)
}

/// A fresh phrase of twelve words (BIP-39, 128 bits).
pub fn generate_phrase() -> Secret<String> {
    let entropy = Zeroizing::new(random_bytes::<16>());
    let phrase = Mnemonic::from_entropy_in(Language::English, &*entropy).expect("16 bytes make 12 words");
    Secret::new(phrase.to_string())
}

/// The key that a secret URI names.
pub(crate) fn resolve(scheme: KeyScheme, uri: &str) -> Result<Keypair, UriError> {
    let (path_and_root, password) = match uri.split_once("///") {
        Some((rest, password)) => (rest, Some(password)),
        None => (uri, None),
    };
    let (root, path) = path_and_root.split_at(path_and_root.find('/').unwrap_or(path_and_root.len()));
    if uri.is_empty() {
        return Err(UriError::Unknown);
    }
    let seed = seed(root.trim(), password)?;
    let junctions = junctions(path)?;
    match scheme {
        KeyScheme::Sr25519 => Ok(sr25519(&seed, &junctions)),
        KeyScheme::Ed25519 => {
            derive_hashed(seed, "Ed25519HDKD", &junctions).map(|seed| Keypair::ed25519_from_seed(&seed))
        }
        KeyScheme::Secp256k1 => {
            let seed = derive_hashed(seed, "Secp256k1HDKD", &junctions)?;
            Keypair::secp256k1_from_seed(&seed).ok_or(UriError::Scalar)
        }
    }
}

fn seed(root: &str, password: Option<&str>) -> Result<Secret<[u8; 32]>, UriError> {
    match (root.strip_prefix("0x"), password) {
        (Some(_), Some(_)) => Err(UriError::Password),
        (Some(_), None) => parse_root_seed(root).map(Secret::new).ok_or(UriError::Seed),
        (None, None) if root.is_empty() => Ok(Secret::new(DEVELOPMENT_SEED)),
        (None, password) => {
            let phrase = if root.is_empty() { DEVELOPMENT_PHRASE } else { root };
            phrase_seed(phrase, password.unwrap_or_default())
        }
    }
}

fn parse_root_seed(root: &str) -> Option<[u8; 32]> {
    let digits = root.strip_prefix("0x")?;
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut seed = [0; 32];
    for (byte, at) in seed.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    Some(seed)
}

/// Words with one space between them.
fn words(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Substrate's seed of a phrase: as BIP-39, but from the phrase's entropy rather than its text, and the first half of it.
fn phrase_seed(phrase: &str, password: &str) -> Result<Secret<[u8; 32]>, UriError> {
    let words = words(phrase);
    if words.split(' ').count() == 1 {
        return Err(UriError::Unknown);
    }
    let phrase = Mnemonic::parse_in_normalized(Language::English, &words).map_err(|_| UriError::Phrase)?;
    let (entropy, length) = phrase.to_entropy_array();
    let entropy = Zeroizing::new(entropy);
    let salt = Zeroizing::new(format!("mnemonic{password}"));
    let mut seed = Zeroizing::new([0; 64]);
    pbkdf2::pbkdf2_hmac::<sha2::Sha512>(&entropy[..length], salt.as_bytes(), ROUNDS, &mut *seed);
    let half: &[u8; 32] = seed.first_chunk().expect("64 bytes have a first half");
    Ok(Secret::new(*half))
}

/// The junctions of a path.
fn junctions(path: &str) -> Result<Vec<Junction>, UriError> {
    let mut junctions = Vec::new();
    let mut rest = path;
    while let Some(tail) = rest.strip_prefix('/') {
        let (make, tail): (fn([u8; 32]) -> Junction, _) = match tail.strip_prefix('/') {
            Some(tail) => (Junction::Hard, tail),
            None => (Junction::Soft, tail),
        };
        let (name, next) = tail.split_at(tail.find('/').unwrap_or(tail.len()));
        if name.is_empty() {
            return Err(UriError::EmptyJunction);
        }
        junctions.push(make(chain_code(name)));
        rest = next;
    }
    Ok(junctions)
}

fn sr25519(seed: &Secret<[u8; 32]>, junctions: &[Junction]) -> Keypair {
    let mini = MiniSecretKey::from_bytes(seed.expose()).expect("a mini secret is any 32 bytes");
    let root: SecretKey = mini.expand(ExpansionMode::Ed25519);
    Keypair::sr25519(junctions.iter().fold(root, |key, junction| match junction {
        Junction::Hard(code) => {
            key.hard_derive_mini_secret_key(Some(ChainCode(*code)), b"").0.expand(ExpansionMode::Ed25519)
        }
        Junction::Soft(code) => key.derived_key_simple(ChainCode(*code), b"").0,
    }))
}

/// Substrate's derivation of ed25519 and secp256k1 keys: the hash of a name, the seed and the junction.
fn derive_hashed(seed: Secret<[u8; 32]>, name: &str, junctions: &[Junction]) -> Result<Secret<[u8; 32]>, UriError> {
    junctions.iter().try_fold(seed, |seed, junction| match junction {
        Junction::Hard(code) => {
            let bytes = Zeroizing::new((name, seed.expose(), code).encode());
            Ok(Secret::new(blake2b_256(&bytes)))
        }
        Junction::Soft(_) => Err(UriError::SoftJunction),
    })
}

/// Substrate's chain code of a junction: the SCALE encoding of a number or of a text, hashed when it is too long.
fn chain_code(name: &str) -> [u8; 32] {
    let encoded = name.parse::<u64>().map_or_else(|_| name.encode(), |number| number.encode());
    if encoded.len() > 32 {
        return blake2b_256(&encoded);
    }
    let mut code = [0; 32];
    code[..encoded.len()].copy_from_slice(&encoded);
    code
}
