use super::{ByDigest, NETWORK, answer, certify, code, header, registry};
use crate::{CertificateError, RecordError, verify_record};
use parity_scale_codec::{Decode, Encode};
use tallow_state::Map;
use tallow_types::{Commitments, NetworkId, ProvenRecord};

fn check(record: &ProvenRecord) -> Result<(), RecordError> {
    verify_record(&code(3), record, &NETWORK, &ByDigest)
}

fn good() -> ProvenRecord {
    answer(&registry(), 5, code(3))
}

#[test]
fn records_and_their_absence_are_believed_with_a_proof() {
    for number in 0u8..40 {
        let record = answer(&registry(), 5, code(number));
        assert_eq!(record.value.is_some(), number < 20);
        assert_eq!(verify_record(&code(number), &record, &NETWORK, &ByDigest), Ok(()));
    }
}

#[test]
fn what_answers_another_question_is_refused() {
    assert_eq!(check(&answer(&registry(), 5, code(4))), Err(RecordError::WrongKey));
    let renamed = ProvenRecord { key: code(3), ..answer(&registry(), 5, code(4)) };
    assert!(matches!(check(&renamed), Err(RecordError::NotProven(_))));
}

#[test]
fn another_network_is_refused() {
    let other = verify_record(&code(3), &good(), &NetworkId([9; 32]), &ByDigest);
    assert_eq!(other, Err(RecordError::WrongNetwork));
}

#[test]
fn an_altered_value_is_refused() {
    for value in [None, Some(vec![]), Some(5u32.encode())] {
        assert_eq!(check(&ProvenRecord { value, ..good() }), Err(RecordError::WrongValue));
    }
}

#[test]
fn a_claimed_absence_is_refused() {
    let absent = answer(&Map::plain(), 5, code(3));
    let mut claimed = ProvenRecord { value: None, proof: absent.proof, ..good() };
    assert!(matches!(check(&claimed), Err(RecordError::NotProven(_))));
    claimed.proof = good().proof;
    assert_eq!(check(&claimed), Err(RecordError::WrongValue));
}

#[test]
fn a_header_that_is_not_final_is_refused() {
    let mut record = good();
    record.certified.certificate[0] ^= 1;
    assert_eq!(check(&record), Err(RecordError::NotFinal(CertificateError::InvalidCertificate)));
    // A forged registry with a header of its own, under the certificate of the true one.
    let mut forged = Map::plain();
    forged.insert(&code(3).encode(), 1_000_000u32.encode());
    let mut record = answer(&forged, 5, code(3));
    record.certified.certificate = good().certified.certificate;
    assert_eq!(check(&record), Err(RecordError::NotFinal(CertificateError::InvalidCertificate)));
}

#[test]
fn the_root_is_that_of_the_header() {
    let mut record = good();
    record.certified = certify(header(5, Commitments::default()));
    assert!(matches!(check(&record), Err(RecordError::NotProven(_))));
}

#[test]
fn no_altered_bit_passes() {
    let bytes = good().encode();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let record = ProvenRecord::decode(&mut &altered[..]);
        assert!(record.is_err() || record.is_ok_and(|record| check(&record).is_err()), "bit {bit}");
    }
}

#[test]
fn a_malformed_proof_is_refused() {
    for proof in [vec![], vec![0xff; 64], [good().proof, vec![0]].concat()] {
        assert!(matches!(check(&ProvenRecord { proof, ..good() }), Err(RecordError::Malformed(_))));
    }
}
