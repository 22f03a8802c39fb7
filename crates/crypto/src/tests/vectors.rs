use super::hex;
use crate::*;
use std::collections::BTreeSet;
use tallow_types::Hash;

#[test]
fn hashes_match_published_values() {
    assert_eq!(blake2b_256(b"abc"), hex("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"));
    assert_eq!(blake2b_256(b""), hex("0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"));
    assert_eq!(blake2b_128(b""), hex("cae66941d9efbd404e4d88758ea67670"));
    assert_eq!(sha2_256(b"abc"), hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert_eq!(keccak_256(b""), hex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"));
    assert_eq!(code_hash(b"abc").0, blake2b_256(b"abc"));
}

#[test]
fn labels_are_unique_and_fit_a_key() {
    let texts: BTreeSet<_> = Label::ALL.iter().map(|label| label.text()).collect();
    assert_eq!(texts.len(), Label::ALL.len());
    let keys: BTreeSet<_> = Label::ALL.iter().map(|label| *label.key()).collect();
    assert_eq!(keys.len(), Label::ALL.len());
    for label in Label::ALL {
        assert!(label.key().starts_with(label.text().as_bytes()), "{label:?}");
        assert!(label.text().is_ascii() && !label.text().is_empty());
    }
}

#[test]
fn framing_keeps_lists_of_parts_apart() {
    let lists: [&[&[u8]]; 6] = [&[], &[b""], &[b"", b""], &[b"ab"], &[b"a", b"b"], &[b"ab", b""]];
    let digests: BTreeSet<_> = lists.iter().map(|parts| labelled_hash(Label::Leaf, parts)).collect();
    assert_eq!(digests.len(), lists.len());
}

#[test]
fn labels_and_keys_separate() {
    let parts: &[&[u8]] = &[b"part"];
    assert_ne!(labelled_hash(Label::Leaf, parts), labelled_hash(Label::Entries, parts));
    let (a, b) = (Secret::new([1; 32]), Secret::new([2; 32]));
    assert_ne!(prf(&a, Label::Random, parts), prf(&b, Label::Random, parts));
    assert_ne!(prf(&a, Label::Random, parts), prf(&a, Label::Executor, parts));
    let (left, right) = (Hash([1; 32]), Hash([2; 32]));
    assert_ne!(node_hash(Label::StateNode, &left, &right), node_hash(Label::StateNode, &right, &left));
    assert_ne!(node_hash(Label::StateNode, &left, &right), node_hash(Label::ResultNode, &left, &right));
    assert_ne!(keyed_node_hash(&a, &left, &right), keyed_node_hash(&b, &left, &right));
}

#[test]
fn random_bytes_differ() {
    assert_ne!(random_bytes::<32>(), random_bytes::<32>());
}

#[test]
fn constant_time_equality_is_equality() {
    assert!(ct_eq(b"same", b"same"));
    assert!(!ct_eq(b"same", b"some"));
    assert!(!ct_eq(b"same", b"sam"));
}
