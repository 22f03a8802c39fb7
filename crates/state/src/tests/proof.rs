use super::{blinding, history, key, run, value};
use crate::{Map, Proof, ProofError};
use parity_scale_codec::{Decode, Encode};
use proptest::prelude::*;
use tallow_types::{Hash, decode_exact};

fn map_of(keys: std::ops::Range<u8>) -> Map {
    Map::from_entries(Some(blinding(1)), keys.map(|number| ([number], vec![number; 3])))
}

/// Whether altered bytes still prove something: they may fail to decode, or to verify.
fn proves(bytes: &[u8], root: &Hash, key: &[u8]) -> bool {
    decode_exact::<Proof>(bytes).is_ok_and(|proof| proof.verify(root, key).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn presence_and_absence_are_proven(steps in history(), others in proptest::collection::vec(key(), 20), hide: bool) {
        let empty = if hide { Map::hiding(blinding(1)) } else { Map::plain() };
        let (map, model, _) = run(empty, &steps);
        let root = map.root();
        for key in model.keys().chain(&others) {
            let proof = decode_exact::<Proof>(&map.prove(key).encode()).expect("our own encoding");
            prop_assert_eq!(proof.verify(&root, key), Ok(model.get(key).cloned()));
        }
    }

    #[test]
    fn a_proof_with_any_bit_altered_is_refused(
        steps in history(), key in key(), value in value(), place: prop::sample::Index, bit in 0u8..8, present: bool,
    ) {
        let (mut map, _, _) = run(Map::hiding(blinding(1)), &steps);
        if present { map.insert(&key, value); } else { map.remove(&key); }
        let mut bytes = map.prove(&key).encode();
        let root = map.root();
        prop_assert!(proves(&bytes, &root, &key));
        // The encoding holds nothing that may vary, so no byte can change.
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(!proves(&bytes, &root, &key));
    }

    #[test]
    fn a_proof_is_refused_under_another_root_and_for_another_key(steps in history(), key in key(), other in key()) {
        let (mut map, _, _) = run(Map::plain(), &steps);
        map.insert(&key, vec![1]);
        let proof = map.prove(&key);
        if other != key {
            prop_assert!(proof.clone().verify(&map.root(), &other).is_err());
        }
        map.insert(&key, vec![2]);
        prop_assert_eq!(proof.verify(&map.root(), &key), Err(ProofError::WrongRoot));
    }

    #[test]
    fn hostile_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!proves(&bytes, &map_of(0..9).root(), b"key"));
    }
}

#[test]
fn absence_is_not_proven_by_a_neighbour_out_of_the_way() {
    let map = map_of(0..64);
    let root = map.root();
    // A proof of presence shows a leaf that is in the tree; turned into one of absence it must serve no other key.
    for shown in 0u8..64 {
        let proof = map.prove(&[shown]);
        for asked in (0u8..64).filter(|asked| *asked != shown) {
            assert!(proof.clone().verify(&root, &[asked]).is_err());
        }
    }
}

#[test]
fn a_neighbour_that_stands_elsewhere_is_refused() {
    let map = map_of(0..64);
    let absent = (64u8..).find(|number| ends_at_neighbour(&map, *number)).expect("some absent key has a neighbour");
    let proof = map.prove(&[absent]);
    let refusals = (65u8..=255)
        .filter(|other| *other != absent)
        .map(|other| proof.clone().verify(&map.root(), &[other]))
        .filter(|result| *result == Err(ProofError::WrongNeighbour))
        .count();
    assert!(refusals > 100, "nearly all other keys lie elsewhere");
}

/// Whether the absence of a key is shown by a neighbour: variant 2 follows the siblings.
fn ends_at_neighbour(map: &Map, number: u8) -> bool {
    let bytes = map.prove(&[number]).encode();
    let siblings = Vec::<Hash>::decode(&mut &bytes[..]).expect("a proof begins with its siblings");
    bytes[siblings.encoded_size()] == 2
}

#[test]
fn a_proof_longer_than_a_path_is_refused() {
    let siblings = vec![Hash::default(); 257];
    let bytes = (siblings, 1u8).encode();
    let proof = decode_exact::<Proof>(&bytes).expect("an absence at an empty subtree");
    assert_eq!(proof.verify(&Hash::default(), b"key"), Err(ProofError::TooLong));
}

#[test]
fn an_empty_map_proves_absence_only() {
    let proof = Map::plain().prove(b"key");
    assert_eq!(proof.clone().verify(&Hash::default(), b"key"), Ok(None));
    assert_eq!(proof.verify(&map_of(0..1).root(), b"key"), Err(ProofError::WrongRoot));
}

#[test]
fn a_proof_shows_the_salt_of_its_own_leaf_only() {
    let map = map_of(0..64);
    for number in 0u8..64 {
        let salt = crate::hash::Hasher::new(Some(&blinding(1))).salt(&crate::hash::Path::of(&[number]));
        let shows = |asked: u8| map.prove(&[asked]).encode().windows(32).any(|window| window == salt);
        assert!(shows(number));
        assert!((0u8..=255).filter(|asked| *asked != number).all(|asked| !shows(asked)));
    }
}
