//! Blocks from disk and network.

use crate::block::{Block, fitting};
use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_consensus::BoundedBlock as _;
use tallow_crypto::{Keypair, Secret, entries_root};
use tallow_types::{
    BlockDigest, Commitments, Hash, Header, Position,
    limits::{BLOCK_BYTES_MAX, BLOCK_ENTRIES_MAX},
};

fn block(entries: Vec<Vec<u8>>) -> Block {
    let header = Header {
        chain: Hash([1; 32]),
        epoch: 2,
        view: 3,
        parent_view: 1,
        leader: Keypair::ed25519_from_seed(&Secret::new([4; 32])).worker().unwrap(),
        parent: BlockDigest([5; 32]),
        position: Position { height: 6, time_ms: 7 },
        entries: entries_root(&entries),
        commitments: Commitments::default(),
    };
    Block::new(header, entries).unwrap()
}

#[test]
fn every_altered_byte_is_refused_or_changes_the_digest() {
    use commonware_cryptography::Digestible as _;
    let block = block(vec![vec![1, 2, 3], Vec::new(), vec![9; 40]]);
    let bytes = block.encode().to_vec();
    assert_eq!(Block::decode(Copying(&bytes)).unwrap(), block);
    for index in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[index] ^= 1;
        if let Ok(other) = Block::decode(Copying(&altered)) {
            assert_ne!(other.digest(), block.digest(), "byte {index}");
            assert_eq!(other.encode().to_vec(), altered, "byte {index}: not canonical");
        }
        assert!(Block::decode(Copying(&bytes[..index])).is_err());
    }
}

#[test]
fn limits_are_enforced() {
    let most = vec![Vec::new(); BLOCK_ENTRIES_MAX];
    let bytes = block(most.clone()).encode().to_vec();
    assert!(Block::decode(Copying(&bytes)).is_ok());
    assert!(Block::decode(Copying(&block([most, vec![Vec::new()]].concat()).encode())).is_err());

    let largest = block(vec![vec![0; BLOCK_BYTES_MAX]]).encode();
    assert!(largest.len() <= Block::max_encode_size(&()));
    assert!(Block::decode(largest).is_ok());
    assert!(Block::decode(block(vec![vec![0; BLOCK_BYTES_MAX], vec![0]]).encode()).is_err());
}

#[test]
fn a_proposal_is_cut_to_what_fits() {
    let entries = vec![vec![0; BLOCK_BYTES_MAX / 2]; 3];
    assert_eq!(fitting(&entries), 2);
    assert_eq!(fitting(&vec![Vec::new(); BLOCK_ENTRIES_MAX + 1]), BLOCK_ENTRIES_MAX);
}
