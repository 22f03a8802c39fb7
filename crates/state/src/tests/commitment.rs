use super::blinding;
use crate::{Opening, commitment};
use tallow_types::Hash;

#[test]
fn an_opening_opens_its_own_commitment_and_no_other() {
    let (root, other) = (Hash([1; 32]), Hash([2; 32]));
    let published = commitment(&blinding(1), 7, &root);
    let opening = Opening::new(&blinding(1), 7, root);
    assert_eq!(opening.commitment(), published);
    for altered in [
        Opening { height: 8, ..opening.clone() },
        Opening { root: other, ..opening.clone() },
        Opening { salt: [0; 32], ..opening.clone() },
        Opening::new(&blinding(2), 7, root),
    ] {
        assert_ne!(altered.commitment(), published);
    }
}

#[test]
fn equal_states_at_two_heights_look_unrelated() {
    let root = Hash([1; 32]);
    assert_ne!(commitment(&blinding(1), 7, &root), commitment(&blinding(1), 8, &root));
    assert_ne!(Opening::new(&blinding(1), 7, root).salt, Opening::new(&blinding(1), 8, root).salt);
}
