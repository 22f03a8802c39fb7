use super::*;
use std::sync::Arc;
use tallow_crypto::Secret;
use tallow_state::Map;
use tallow_types::{BlockDigest, Commitments, Hash, Position, WorkerId};

fn header(height: u64, state: Hash) -> Header {
    Header {
        chain: Hash([1; 32]),
        epoch: 0,
        view: height,
        parent_view: height.saturating_sub(1),
        leader: WorkerId([2; 32]),
        parent: BlockDigest([3; 32]),
        position: Position { height, time_ms: height * 10 },
        entries: Hash([4; 32]),
        commitments: Commitments { state, ..Commitments::default() },
    }
}

/// A block at height 3, a header at height 9 whose state remembers it, and the link between them.
struct Case {
    block: Header,
    anchored: Header,
    opening: Opening,
    map: Map,
}

fn case() -> Case {
    let blinding = Arc::new(Secret::new([7; 32]));
    let block = header(3, Hash([5; 32]));
    let mut map = Map::hiding(blinding.clone());
    map.insert(&history_key(2), BlockDigest([6; 32]).encode());
    map.insert(&history_key(3), header_digest(&block).encode());
    let opening = Opening::new(&blinding, 9, map.root());
    Case { block, anchored: header(9, opening.commitment()), opening, map }
}

impl Case {
    fn verify(&self) -> Result<(), AnchorError> {
        verify_anchored(&self.block, &self.anchored, Some((&self.opening, self.map.prove(&history_key(3)))))
    }
}

#[test]
fn a_block_is_anchored_by_itself_and_by_a_later_block() {
    let case = case();
    assert_eq!(verify_anchored(&case.block, &case.block, None), Ok(()));
    assert_eq!(case.verify(), Ok(()));
}

#[test]
fn another_cluster_a_lower_anchor_and_a_sibling_are_refused() {
    let case = case();
    let foreign = Header { chain: Hash([9; 32]), ..case.block.clone() };
    assert_eq!(verify_anchored(&case.block, &foreign, None), Err(AnchorError::WrongCluster));
    assert_eq!(verify_anchored(&case.block, &header(2, Hash([5; 32])), None), Err(AnchorError::TooLow { anchored: 2 }));
    assert_eq!(verify_anchored(&case.block, &header(3, Hash([8; 32])), None), Err(AnchorError::OtherBlock));
}

#[test]
fn a_later_anchor_needs_its_link() {
    let case = case();
    assert_eq!(verify_anchored(&case.block, &case.anchored, None), Err(AnchorError::NoLink));
}

#[test]
fn an_opening_of_another_height_or_root_is_refused() {
    let mut lifted = case();
    lifted.opening.height = 8;
    assert_eq!(lifted.verify(), Err(AnchorError::WrongOpening));
    let mut altered = case();
    altered.opening.root.0[0] ^= 1;
    assert_eq!(altered.verify(), Err(AnchorError::WrongOpening));
}

#[test]
fn a_proof_of_another_block_or_key_is_refused() {
    let mut altered = case();
    altered.block.view += 1;
    assert_eq!(altered.verify(), Err(AnchorError::NotInHistory));
    let case = case();
    let absent = verify_anchored(
        &header(4, Hash([5; 32])),
        &case.anchored,
        Some((&case.opening, case.map.prove(&history_key(4)))),
    );
    assert_eq!(absent, Err(AnchorError::NotInHistory));
    let moved = verify_anchored(&case.block, &case.anchored, Some((&case.opening, case.map.prove(&history_key(2)))));
    assert!(matches!(moved, Err(AnchorError::NotProven(_))), "{moved:?}");
}
