//! No byte of a document, or of what judges it, can be altered.

use crate::samples::{self, Sample};

/// Of collateral, every so manieth byte: all of it takes minutes (`TALLOW_SAMPLES_STEP=1`).
const COLLATERAL_STEP: usize = 61;

fn step() -> usize {
    std::env::var("TALLOW_SAMPLES_STEP").map_or(COLLATERAL_STEP, |step| step.parse().unwrap())
}

fn is_refused(sample: &Sample, document: &[u8]) -> bool {
    sample.examine_as(document).is_ok_and(|examined| examined.verdict.is_err()) || sample.examine_as(document).is_err()
}

#[test]
fn no_byte_of_a_document_can_be_altered() {
    for sample in samples::all() {
        let document = sample.document();
        for at in 0..document.len() {
            let mut altered = document.clone();
            altered[at] ^= 1 << (at % 8);
            assert!(is_refused(&sample, &altered), "{} byte {at}", sample.kind);
        }
    }
}

#[test]
fn no_document_can_be_cut_or_grow() {
    for sample in samples::all() {
        let document = sample.document();
        for length in (0..document.len()).step_by(97) {
            // What follows the last signed byte of a quote is padding.
            let rest_is_padding = document[length..].iter().all(|byte| *byte == 0);
            assert!(rest_is_padding || is_refused(&sample, &document[..length]), "{} cut to {length}", sample.kind);
        }
        assert!(is_refused(&sample, &[document.as_slice(), b"x"].concat()), "{} with a byte more", sample.kind);
    }
}

#[test]
fn no_byte_of_certificates_can_be_altered() {
    let Some(mut sample) = samples::snp() else { return };
    let certificate = sample.collateral.certificates[0].clone();
    for at in 0..certificate.len() {
        sample.collateral.certificates[0] = certificate.clone();
        sample.collateral.certificates[0][at] ^= 1 << (at % 8);
        assert!(sample.examine().unwrap().verdict.is_err(), "byte {at}");
    }
}

#[test]
fn no_byte_of_collateral_can_be_altered() {
    for mut sample in [samples::sgx(), samples::tdx()].into_iter().flatten() {
        let collateral = sample.collateral.files[0].clone();
        for at in (0..collateral.len()).step_by(step()) {
            let mut altered = collateral.clone();
            altered[at] ^= 1 << (at % 7);
            if is_same_json(&collateral, &altered) {
                continue;
            }
            sample.collateral.files[0] = altered;
            assert!(sample.examine().unwrap().verdict.is_err(), "{} byte {at}", sample.kind);
        }
    }
}

/// Space between the parts of JSON is no part of what it says, and digits of bytes have two cases.
fn is_same_json(one: &[u8], other: &[u8]) -> bool {
    let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    let (Some(one), Some(other)) = (read(one), read(other)) else { return false };
    one == other
        || one.to_string().to_lowercase() == other.to_string().to_lowercase() && one["tcb_info"] == other["tcb_info"]
}
