//! What is in Cargo.lock although something is wrong with it: each with its reason in `docs/dependencies.toml`.

use super::{Problem, Source};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const LOCK: &str = "Cargo.lock";
const REASONS: &str = "docs/dependencies.toml";
/// The one place that crates come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";
/// Crates of which advisories say that nobody maintains them.
const UNMAINTAINED: [&str; 16] = [
    "ansi_term",
    "atty",
    "backoff",
    "derivative",
    "dotenv",
    "failure",
    "fxhash",
    "instant",
    "mach",
    "net2",
    "number_prefix",
    "paste",
    "proc-macro-error",
    "rustls-pemfile",
    "serde_yaml",
    "yaml-rust",
];
/// Crates that compute with keys: two versions of one are twice the code to trust.
const OF_KEYS: [&str; 22] = [
    "aes-gcm",
    "argon2",
    "blake2",
    "blst",
    "chacha20poly1305",
    "curve25519-dalek",
    "ecdsa",
    "ed25519-dalek",
    "hkdf",
    "hmac",
    "hpke",
    "k256",
    "p256",
    "p384",
    "rand_core",
    "ring",
    "rsa",
    "schnorrkel",
    "sha2",
    "sha3",
    "x25519-dalek",
    "x509-cert",
];

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Reasons {
    unmaintained: BTreeMap<String, String>,
    twice: BTreeMap<String, String>,
}

/// Compares the two files.
pub(super) fn check(sources: &[Source]) -> Vec<Problem> {
    let text = |path: &str| sources.iter().find(|source| source.path == path).map_or("", |source| source.text.as_str());
    let (lock, reasons) = match (toml::from_str(text(LOCK)), toml::from_str(text(REASONS))) {
        (Ok(lock), Ok(reasons)) => (lock, reasons),
        (Err(error), _) => return vec![(LOCK.to_owned(), error.to_string())],
        (_, Err(error)) => return vec![(REASONS.to_owned(), error.to_string())],
    };
    compare(&lock, &reasons)
}

fn compare(lock: &Lock, reasons: &Reasons) -> Vec<Problem> {
    let foreign = lock.package.iter().filter(|package| package.source.as_ref().is_some_and(|from| from != REGISTRY));
    let mut problems: Vec<Problem> =
        foreign.map(|package| (LOCK.to_owned(), format!("{} does not come from crates.io", package.name))).collect();
    let mut count = BTreeMap::<&str, usize>::new();
    lock.package.iter().for_each(|package| *count.entry(&package.name).or_default() += 1);
    let unmaintained = UNMAINTAINED.into_iter().filter(|name| count.contains_key(name)).collect();
    let twice = OF_KEYS.into_iter().filter(|name| count.get(name).is_some_and(|count| *count > 1)).collect();
    problems.extend(differences("nobody maintains it", &unmaintained, &reasons.unmaintained));
    problems.extend(differences("it is there in several versions", &twice, &reasons.twice));
    problems
}

/// What has no reason, and reasons for what is not so.
fn differences(what: &str, found: &BTreeSet<&str>, reasons: &BTreeMap<String, String>) -> Vec<Problem> {
    let without = found.iter().filter(|name| !reasons.contains_key(**name));
    let needless = reasons.keys().filter(|name| !found.contains(name.as_str()));
    let without =
        without.map(|name| (LOCK.to_owned(), format!("{name}: {what}, and {REASONS} does not say why it stays")));
    let needless =
        needless.map(|name| (REASONS.to_owned(), format!("{name} needs no reason: it is not so that {what}")));
    without.chain(needless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(lock: &str, reasons: &str) -> Vec<String> {
        let problems = compare(&toml::from_str(lock).unwrap(), &toml::from_str(reasons).unwrap());
        problems.into_iter().map(|(place, what)| format!("{place}: {what}")).collect()
    }

    #[test]
    fn what_is_wrong_has_a_reason_and_no_reason_is_left_over() {
        let lock = "[[package]]\nname = \"paste\"\n[[package]]\nname = \"sha2\"\n[[package]]\nname = \"sha2\"";
        assert!(problems(lock, "[unmaintained]\npaste = \"a\"\n[twice]\nsha2 = \"b\"").is_empty());
        assert_eq!(problems(lock, "[unmaintained]\n[twice]").len(), 2);
        assert_eq!(problems("package = []", "[unmaintained]\npaste = \"a\"\n[twice]\nsha2 = \"b\"").len(), 2);
        let git = "[[package]]\nname = \"a\"\nsource = \"git+https://example.org/a\"";
        assert_eq!(problems(git, "[unmaintained]\n[twice]"), ["Cargo.lock: a does not come from crates.io"]);
    }
}
