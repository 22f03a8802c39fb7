//! What the map promises, checked against a `BTreeMap` and against the Merkle rule written down once more.

mod commitment;
mod map;
mod proof;
mod results;

use crate::{Blinding, Map};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};
use tallow_crypto::Secret;

/// What a map should hold.
type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    Insert(Vec<u8>, Vec<u8>),
    Remove(Vec<u8>),
    /// Computes the root, so that later steps meet hashes already known.
    Root,
    /// Keeps a clone, so that later steps meet shared nodes.
    Keep,
}

fn blinding(seed: u8) -> Blinding {
    Arc::new(Secret::new([seed; 32]))
}

/// Few keys, so that histories meet the same ones again.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        9 => (0u8..60).prop_map(|number| vec![number]),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..80)
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (key(), value()).prop_map(|(key, value)| Step::Insert(key, value)),
        4 => key().prop_map(Step::Remove),
        1 => Just(Step::Root),
        1 => Just(Step::Keep),
    ];
    proptest::collection::vec(step, 0..200)
}

/// Applies one step to both and checks that both answer alike.
fn apply(map: &mut Map, model: &mut Model, step: &Step) {
    match step {
        Step::Insert(key, value) => {
            let old = map.insert(key, value.as_slice());
            assert_eq!(old.as_deref(), model.insert(key.clone(), value.clone()).as_deref());
        }
        Step::Remove(key) => assert_eq!(map.remove(key).as_deref(), model.remove(key).as_deref()),
        Step::Root => drop(map.root()),
        Step::Keep => {}
    }
}

/// Both after a whole history, and the versions kept on the way.
fn run(mut map: Map, steps: &[Step]) -> (Map, Model, Vec<(Map, Model)>) {
    let mut model = Model::new();
    let mut kept = Vec::new();
    for step in steps {
        apply(&mut map, &mut model, step);
        if matches!(step, Step::Keep) {
            kept.push((map.clone(), model.clone()));
        }
    }
    (map, model, kept)
}
