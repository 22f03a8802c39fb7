use crate::{AttestError, Binding, Identity, Kind, Policy, sim, verify};
use tallow_crypto::Keypair;
use tallow_types::{
    Hash, WorkerId,
    limits::{EVIDENCE_BYTES_MAX, EVIDENCE_SKEW_MS_MAX},
};

const NOW: u64 = 1_800_000_000_000;
const BINDING: Binding = Binding { worker: WorkerId([1; 32]), transport: [2; 32] };

fn evidence() -> Vec<u8> {
    sim::issue(sim::measurement(), &BINDING, NOW)
}

fn judge(evidence: &[u8]) -> Result<Identity, AttestError> {
    verify(evidence, &BINDING, &Policy::development(), NOW)
}

#[test]
fn simulated_evidence_is_accepted_in_development_and_says_what_it_is() {
    let identity = judge(&evidence()).unwrap();
    assert_eq!(identity, Identity { kind: Kind::Simulated, measurement: sim::measurement(), simulated: true });
    assert_eq!(identity.kind.to_string(), "sim");
}

#[test]
fn a_production_policy_refuses_it_whatever_else_it_allows() {
    let policy = Policy { allow_simulated: false, ..Policy::development() };
    let error = verify(&evidence(), &BINDING, &policy, NOW).unwrap_err();
    assert_eq!(error, AttestError::SimulatedRefused);
    assert!(error.to_string().contains("refused by this network's policy"));
}

#[test]
fn evidence_for_other_keys_is_refused() {
    for other in [Binding { worker: WorkerId([3; 32]), ..BINDING }, Binding { transport: [3; 32], ..BINDING }] {
        let result = verify(&evidence(), &other, &Policy::development(), NOW);
        assert_eq!(result, Err(AttestError::WrongBinding));
    }
    // The two keys are not interchangeable.
    let swapped = Binding { worker: WorkerId(BINDING.transport), transport: BINDING.worker.0 };
    let result = verify(&evidence(), &swapped, &Policy::development(), NOW);
    assert_eq!(result, Err(AttestError::WrongBinding));
}

#[test]
fn age_is_bounded_on_both_sides() {
    let policy = Policy::development();
    let at = |now| verify(&evidence(), &BINDING, &policy, now);
    assert!(at(NOW + policy.max_age_ms).is_ok());
    let stale = AttestError::Stale { age_ms: policy.max_age_ms + 1, max_age_ms: policy.max_age_ms };
    assert_eq!(at(NOW + policy.max_age_ms + 1), Err(stale));
    assert!(at(NOW - EVIDENCE_SKEW_MS_MAX).is_ok());
    let future = AttestError::Future { ahead_ms: EVIDENCE_SKEW_MS_MAX + 1 };
    assert_eq!(at(NOW - EVIDENCE_SKEW_MS_MAX - 1), Err(future));
    assert!(matches!(at(0), Err(AttestError::Future { .. })));
    assert!(matches!(at(u64::MAX), Err(AttestError::Stale { .. })));
}

#[test]
fn a_program_that_the_policy_does_not_list_is_refused() {
    let other = Hash([9; 32]);
    let evidence = sim::issue(other, &BINDING, NOW);
    assert_eq!(judge(&evidence), Err(AttestError::UnknownMeasurement(other)));
    let none = Policy { measurements: Vec::new(), ..Policy::development() };
    assert!(matches!(verify(&evidence, &BINDING, &none, NOW), Err(AttestError::UnknownMeasurement(_))));
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let statement = sim::Statement { measurement: sim::measurement(), report: BINDING.digest(), issued_ms: NOW };
    let forged = sim::sign(statement, &Keypair::generate_ed25519());
    assert_eq!(judge(&forged), Err(AttestError::BadSignature));
    assert!(judge(&sim::sign(statement, &sim::issuer())).is_ok());
}

#[test]
fn no_bit_can_be_altered() {
    let evidence = evidence();
    for bit in 0..evidence.len() * 8 {
        let mut altered = evidence.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let expected = match bit / 8 {
            0 => AttestError::UnknownKind(altered[0]),
            _ => AttestError::BadSignature,
        };
        assert_eq!(judge(&altered), Err(expected), "bit {bit}");
    }
}

#[test]
fn malformed_evidence_is_refused() {
    let evidence = evidence();
    for length in 0..evidence.len() {
        assert_eq!(judge(&evidence[..length]), Err(AttestError::Malformed), "length {length}");
    }
    assert_eq!(judge(&[evidence.as_slice(), &[0]].concat()), Err(AttestError::Malformed));
    assert_eq!(judge(&[7; 100]), Err(AttestError::UnknownKind(7)));
    assert_eq!(judge(&vec![0; EVIDENCE_BYTES_MAX + 1]), Err(AttestError::TooLarge(EVIDENCE_BYTES_MAX + 1)));
}

#[test]
fn the_digest_of_a_policy_names_its_content() {
    let policy = Policy { allow_simulated: false, measurements: vec![Hash([1; 32]), Hash([2; 32])], max_age_ms: 5 };
    let reordered = Policy { measurements: vec![Hash([2; 32]), Hash([1; 32]), Hash([1; 32])], ..policy.clone() };
    assert_eq!(policy.digest(), reordered.digest());
    let others = [
        Policy { allow_simulated: true, ..policy.clone() },
        Policy { measurements: vec![Hash([1; 32])], ..policy.clone() },
        Policy { max_age_ms: 6, ..policy.clone() },
    ];
    assert!(others.iter().all(|other| other.digest() != policy.digest()));
}

#[test]
fn the_issuer_that_is_verified_is_the_one_that_signs() {
    assert_eq!(sim::issuer().worker(), Some(sim::ISSUER));
}
