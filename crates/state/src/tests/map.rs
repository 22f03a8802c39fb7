use super::{Model, blinding, history, run};
use crate::{
    Blinding, Map,
    hash::{Hasher, Path, node},
};
use proptest::prelude::*;
use tallow_types::Hash;

/// The Merkle rule over a full scan: no sharing, no caches, no branches.
fn scan(model: &Model, blinding: Option<&Blinding>) -> Hash {
    let hasher = Hasher::new(blinding.map(|blinding| &**blinding));
    let mut leaves: Vec<(Path, Hash)> =
        model.iter().map(|(key, value)| (Path::of(key), hasher.leaf(&Path::of(key), value))).collect();
    leaves.sort_by_key(|(path, _)| path.0);
    subtree(&leaves, 0)
}

fn subtree(leaves: &[(Path, Hash)], depth: usize) -> Hash {
    match leaves {
        [] => Hash::default(),
        [(_, leaf)] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.partition_point(|(path, _)| !path.bit(depth)));
            node(&subtree(left, depth + 1), &subtree(right, depth + 1))
        }
    }
}

fn content(map: &Map) -> Model {
    map.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

fn check(map: &Map, model: &Model, blinding: Option<&Blinding>) {
    assert_eq!(content(map), *model);
    assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
    assert_eq!(map.root(), scan(model, blinding));
    for (key, value) in model {
        assert_eq!(map.get(key).as_deref(), Some(value.as_slice()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_random_history_gives_the_models_content_and_the_root_of_a_full_scan(steps in history()) {
        let (map, model, kept) = run(Map::plain(), &steps);
        check(&map, &model, None);
        // Versions kept on the way saw nothing of the later steps.
        for (map, model) in &kept {
            check(map, model, None);
        }
    }

    #[test]
    fn so_does_a_hiding_map(steps in history()) {
        let blinding = blinding(1);
        let (map, model, kept) = run(Map::hiding(blinding.clone()), &steps);
        check(&map, &model, Some(&blinding));
        for (map, model) in &kept {
            check(map, model, Some(&blinding));
        }
    }

    #[test]
    fn the_root_depends_on_the_content_alone(steps in history(), rotate in 0usize..200) {
        let (map, model, _) = run(Map::hiding(blinding(1)), &steps);
        let mut entries: Vec<_> = model.into_iter().collect();
        let count = entries.len();
        entries.rotate_left(if count == 0 { 0 } else { rotate % count });
        let rebuilt = Map::from_entries(Some(blinding(1)), entries);
        prop_assert_eq!(rebuilt.root(), map.root());
        prop_assert!(rebuilt.iter().eq(map.iter()), "the order of iteration depends on the content alone");
    }

    #[test]
    fn many_writes_at_once_are_as_one_by_one(before in history(), writes in proptest::collection::vec((super::key(), proptest::option::of(super::value())), 0..80)) {
        let (mut map, mut model, _) = run(Map::plain(), &before);
        let kept = (map.clone(), model.clone());
        map.apply(writes.iter().cloned());
        for (key, value) in writes {
            match value {
                Some(value) => model.insert(key, value),
                None => model.remove(&key),
            };
        }
        check(&map, &model, None);
        check(&kept.0, &kept.1, None);
    }

    #[test]
    fn a_clone_is_independent_in_both_directions(before in history(), left in history(), right in history()) {
        let (mut original, model, _) = run(Map::plain(), &before);
        let mut clone = original.clone();
        let (mut left_model, mut right_model) = (model.clone(), model);
        for step in &left {
            super::apply(&mut original, &mut left_model, step);
        }
        for step in &right {
            super::apply(&mut clone, &mut right_model, step);
        }
        check(&original, &left_model, None);
        check(&clone, &right_model, None);
    }
}

#[test]
fn every_root_on_the_way_is_that_of_a_full_scan() {
    let (mut map, mut model) = (Map::plain(), Model::new());
    for number in 0u32..400 {
        let key = (number * 7 % 300).to_be_bytes().to_vec();
        if number % 5 == 4 {
            assert_eq!(map.remove(&key).as_deref(), model.remove(&key).as_deref());
        } else {
            map.insert(&key, number.to_be_bytes().as_slice());
            model.insert(key, number.to_be_bytes().to_vec());
        }
        assert_eq!(map.root(), scan(&model, None), "after step {number}");
    }
}

#[test]
fn removing_an_absent_key_shares_everything() {
    let mut map = Map::from_entries(None, (0u8..100).map(|number| ([number], vec![number])));
    let root = map.root();
    assert_eq!(map.remove(b"absent"), None);
    assert_eq!((map.len(), map.root()), (100, root));
}

#[test]
fn a_hiding_root_differs_by_blinding_and_from_a_plain_one() {
    let entries = [(b"key", vec![1])];
    let roots = [None, Some(blinding(1)), Some(blinding(2))]
        .map(|blinding| Map::from_entries(blinding, entries.clone()).root());
    assert!(roots[0] != roots[1] && roots[1] != roots[2] && roots[0] != roots[2]);
}

#[test]
fn an_empty_map_has_the_empty_root() {
    let mut map = Map::hiding(blinding(1));
    assert_eq!(map.root(), Hash::default());
    map.insert(b"key", vec![1]);
    assert_ne!(map.root(), Hash::default());
    map.remove(b"key");
    assert_eq!(map.root(), Hash::default());
}

#[test]
fn the_text_form_shows_no_content() {
    let map = Map::from_entries(None, [(b"secret key", b"secret value".to_vec())]);
    assert_eq!(format!("{map:?}"), "Map { len: 1, .. }");
}
