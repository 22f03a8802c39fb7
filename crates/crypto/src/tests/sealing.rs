use super::seed;
use crate::*;
use proptest::prelude::*;
use tallow_types::CommandId;

const ID: CommandId = CommandId([5; 32]);

#[test]
fn outcomes_are_sealed_deterministically() {
    let sealed = seal_outcome(&[1; 32], &ID, b"outcome");
    assert_eq!(sealed, seal_outcome(&[1; 32], &ID, b"outcome"));
    assert_eq!(open_outcome(&[1; 32], &ID, &sealed).unwrap(), b"outcome");
    assert_eq!(open_outcome(&[2; 32], &ID, &sealed), Err(SealError::Altered));
    assert_eq!(open_outcome(&[1; 32], &CommandId([6; 32]), &sealed), Err(SealError::Altered));
}

#[test]
fn two_outcomes_of_one_command_share_no_key_stream() {
    let [a, b] = [[0u8; 64], [1u8; 64]].map(|outcome| seal_outcome(&[1; 32], &ID, &outcome));
    assert_ne!(a[..12], b[..12], "nonces");
    let difference: Vec<u8> = a[12..76].iter().zip(&b[12..76]).map(|(a, b)| a ^ b).collect();
    assert_ne!(difference, [1; 64]);
}

#[test]
fn answers_open_only_in_their_place() {
    let sealed = seal_answer(&seed(1), &ID, 2, 3, b"answer");
    assert_eq!(open_answer(&seed(1), &ID, 2, 3, &sealed).unwrap(), b"answer");
    assert_ne!(sealed, seal_answer(&seed(1), &ID, 2, 3, b"answer"), "sealing is randomised");
    let altered = Err(SealError::Altered);
    assert_eq!(open_answer(&seed(2), &ID, 2, 3, &sealed), altered);
    assert_eq!(open_answer(&seed(1), &CommandId([6; 32]), 2, 3, &sealed), altered);
    assert_eq!(open_answer(&seed(1), &ID, 3, 3, &sealed), altered);
    assert_eq!(open_answer(&seed(1), &ID, 2, 4, &sealed), altered);
}

#[test]
fn uses_of_one_key_are_apart() {
    let blob = seal_blob(&seed(1), &[], b"bytes");
    assert_eq!(open_blob(&seed(1), &[], &blob).unwrap(), b"bytes");
    assert_eq!(open_blob(&seed(1), b"x", &blob), Err(SealError::Altered));
    assert!(open_answer(&seed(1), &ID, 0, 0, &blob).is_err());
}

#[test]
fn tags_bind_key_label_and_bytes() {
    let tag = authenticate(&seed(1), Label::CompiledCode, b"code");
    assert!(verify_tag(&seed(1), Label::CompiledCode, b"code", &tag));
    assert!(!verify_tag(&seed(2), Label::CompiledCode, b"code", &tag));
    assert!(!verify_tag(&seed(1), Label::Snapshot, b"code", &tag));
    assert!(!verify_tag(&seed(1), Label::CompiledCode, b"cod", &tag));
}

proptest! {
    #[test]
    fn every_altered_bit_and_every_cut_is_refused(
        plaintext: Vec<u8>, position: prop::sample::Index, bit in 0..8u32, cut: prop::sample::Index,
    ) {
        type Open = fn(&[u8]) -> Result<Vec<u8>, SealError>;
        let forms: [(Vec<u8>, Open); 3] = [
            (seal_outcome(&[1; 32], &ID, &plaintext), |sealed| open_outcome(&[1; 32], &ID, sealed)),
            (seal_answer(&seed(1), &ID, 2, 3, &plaintext), |sealed| open_answer(&seed(1), &ID, 2, 3, sealed)),
            (seal_blob(&seed(1), b"aad", &plaintext), |sealed| open_blob(&seed(1), b"aad", sealed)),
        ];
        for (sealed, open) in forms {
            prop_assert_eq!(open(&sealed), Ok(plaintext.clone()));
            let mut altered = sealed.clone();
            altered[position.index(sealed.len())] ^= 1 << bit;
            prop_assert_eq!(open(&altered), Err(SealError::Altered));
            prop_assert_eq!(open(&sealed[..cut.index(sealed.len())]), Err(SealError::Altered));
        }
    }
}
