use super::{ByDigest, certify, header};
use crate::{CertificateError, ReceiptError, verify_receipt};
use parity_scale_codec::{Decode, Encode};
use tallow_crypto::result_leaf;
use tallow_state::ResultsTree;
use tallow_types::{CommandId, Commitments, Receipt};

const COMMAND: CommandId = CommandId([2; 32]);

/// The receipt of the third of five commands of a block.
fn receipt() -> Receipt {
    let sealed = |number: u8| vec![number; 10];
    let leaves = (0u8..5).map(|number| result_leaf(&CommandId([number; 32]), &sealed(number))).collect();
    let tree = ResultsTree::new(leaves);
    let commitments = Commitments { results: tree.root(), ..Commitments::default() };
    Receipt {
        command: COMMAND,
        sealed: sealed(2),
        path: tree.path(2).unwrap(),
        certified: certify(header(7, commitments)),
    }
}

fn check(receipt: &Receipt) -> Result<(), ReceiptError> {
    verify_receipt(&COMMAND, receipt, &ByDigest)
}

#[test]
fn a_receipt_proves_its_commands_outcome() {
    assert_eq!(check(&receipt()), Ok(()));
}

#[test]
fn the_receipt_of_another_command_is_refused() {
    let other = CommandId([3; 32]);
    assert_eq!(verify_receipt(&other, &receipt(), &ByDigest), Err(ReceiptError::WrongCommand));
    let renamed = Receipt { command: other, ..receipt() };
    assert_eq!(verify_receipt(&other, &renamed, &ByDigest), Err(ReceiptError::NotInBlock));
}

#[test]
fn another_outcome_is_refused() {
    assert_eq!(check(&Receipt { sealed: vec![3; 10], ..receipt() }), Err(ReceiptError::NotInBlock));
}

#[test]
fn a_block_that_is_not_final_is_refused() {
    let mut receipt = receipt();
    receipt.certified.certificate[0] ^= 1;
    assert_eq!(check(&receipt), Err(ReceiptError::NotFinal(CertificateError::InvalidCertificate)));
}

#[test]
fn no_altered_bit_passes() {
    let bytes = receipt().encode();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let receipt = Receipt::decode(&mut &altered[..]);
        assert!(receipt.is_err() || receipt.is_ok_and(|receipt| check(&receipt).is_err()), "bit {bit}");
    }
}
