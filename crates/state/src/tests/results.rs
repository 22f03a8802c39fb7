use crate::results::{ResultsTree, list_root, verify_path};
use proptest::prelude::*;
use tallow_types::{Hash, PathStep};

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|number| Hash([number as u8 + 1; 32])).collect()
}

#[test]
fn every_result_is_proven_in_trees_of_every_shape() {
    for count in 0..70 {
        let tree = ResultsTree::new(leaves(count));
        assert_eq!((tree.len(), tree.is_empty()), (count, count == 0));
        for (index, leaf) in leaves(count).iter().enumerate() {
            let path = tree.path(index).unwrap();
            assert!(verify_path(leaf, &path, &tree.root()), "result {index} of {count}");
            assert!(!verify_path(&Hash([0; 32]), &path, &tree.root()), "another leaf at {index} of {count}");
        }
        assert_eq!(tree.path(count), None);
    }
}

#[test]
fn every_list_has_its_own_root() {
    let mut roots: Vec<Hash> = (0..70).map(|count| ResultsTree::new(leaves(count)).root()).collect();
    assert_eq!(roots[0], Hash::default());
    roots.sort();
    roots.dedup();
    assert_eq!(roots.len(), 70);
    let mut swapped = leaves(5);
    swapped.swap(0, 4);
    assert_ne!(ResultsTree::new(swapped).root(), ResultsTree::new(leaves(5)).root());
}

#[test]
fn an_inner_node_is_no_result() {
    let tree = ResultsTree::new(leaves(4));
    let path = tree.path(0).unwrap();
    let upper = ResultsTree::new(leaves(2)).root();
    assert!(!verify_path(&upper, &path[1..], &tree.root()));
    assert!(!verify_path(&tree.root(), &[], &tree.root()));
}

#[test]
fn an_endless_path_is_refused() {
    let step = PathStep { sibling: Hash::default(), left: false };
    assert!(!verify_path(&Hash::default(), &vec![step; 10_000], &Hash::default()));
}

#[test]
fn items_are_bound_to_their_boundaries_and_order() {
    let roots = [vec!["ab", "c"], vec!["a", "bc"], vec!["abc"], vec!["c", "ab"]].map(list_root);
    for (index, root) in roots.iter().enumerate() {
        assert!(roots[index + 1..].iter().all(|other| other != root));
    }
    assert_eq!(list_root(Vec::<Vec<u8>>::new()), Hash::default());
}

proptest! {
    #[test]
    fn an_altered_path_is_refused(count in 2usize..60, which: prop::sample::Index, step: prop::sample::Index, byte in 0usize..33) {
        let tree = ResultsTree::new(leaves(count));
        let index = which.index(count);
        let mut path = tree.path(index).unwrap();
        let step = step.index(path.len());
        if byte == 32 { path[step].left ^= true } else { path[step].sibling.0[byte] ^= 1 }
        prop_assert!(!verify_path(&leaves(count)[index], &path, &tree.root()));
        path.remove(step);
        prop_assert!(!verify_path(&leaves(count)[index], &path, &tree.root()));
    }
}
