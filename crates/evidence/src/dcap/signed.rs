//! What can be checked of a quote without collateral: its form, and that a chain up to Intel's root signed it.

use super::pem;
use crate::Refusal;
use crate::x509::ecdsa_der;
use dcap_qvl::quote::{AuthData, AuthDataV3, Quote};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use parity_scale_codec::Encode as _;
use rustls_pki_types::{CertificateDer, UnixTime};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// SHA-256 of Intel's root certificate in DER ("Intel SGX Root CA", serial number 0x22650cd65a9d3489f383b49552bf501b3
/// 92706ac).
const ROOT_SHA256: [u8; 32] = [
    0x44, 0xa0, 0x19, 0x6b, 0x2b, 0x99, 0xf8, 0x89, 0xb8, 0xe1, 0x49, 0xe9, 0x5b, 0x80, 0x7a, 0x35, 0x0e, 0x74, 0x24,
    0x96, 0x43, 0x99, 0xe8, 0x85, 0xa7, 0xcb, 0xb8, 0xcc, 0xfa, 0xb6, 0x74, 0xd3,
];
/// Kind of certification data that holds a chain of certificates in PEM (Intel, DCAP quote format, "Certification data
/// type").
const CHAIN_IN_PEM: u16 = 5;

/// Kind of certification data that holds a quoting enclave's report, with data of its own.
const QUOTING_ENCLAVE: u16 = 6;

/// Checks that a quote is spelled in the one way that its content has: bytes that no signature covers would otherwise
/// make two documents of one. Zeros may follow, since interfaces pad.
pub(super) fn check_form(quote: &Quote, bytes: &[u8]) -> Result<(), Refusal> {
    let spelled = quote.encode();
    let rest = bytes.strip_prefix(spelled.as_slice());
    let rest = rest.ok_or_else(|| Refusal::new("form", "parts of the quote that are not signed were altered"))?;
    if rest.iter().any(|byte| *byte != 0) {
        return Err(Refusal::new("form", format!("{} bytes after the quote", rest.len())));
    }
    if let AuthData::V4(auth) = &quote.auth_data
        && auth.certification_data.cert_type != QUOTING_ENCLAVE
    {
        return Err(Refusal::new("form", "certification data of another kind than a quoting enclave's"));
    }
    if quote.inner_cert_type() == CHAIN_IN_PEM && pem::read(quote.inner_cert_data()).is_none() {
        return Err(Refusal::new("chain", "the certificates in the quote are not in plain PEM"));
    }
    Ok(())
}

/// Checks the signatures from Intel's root to the quote, whenever the certificates are or were valid.
pub(super) fn check_signatures(quote: &Quote) -> Result<(), Refusal> {
    if quote.inner_cert_type() != CHAIN_IN_PEM {
        return Err(Refusal::new("chain", "the quote carries no certificates, and no collateral was given"));
    }
    let chain = pem::read(quote.inner_cert_data()).ok_or_else(|| Refusal::new("chain", "no certificates in PEM"))?;
    let auth = quote.auth_data.clone().into_v3();
    check_quoting_enclave(&chain, &auth)?;
    check_quote(quote, &auth)
}

/// Intel's chain signs the quoting enclave's report, which names the key that signs quotes.
fn check_quoting_enclave(chain: &[Vec<u8>], auth: &AuthDataV3) -> Result<(), Refusal> {
    let [leaf, between @ .., root] = chain else {
        return Err(Refusal::new("chain", "too few certificates"));
    };
    if Sha256::digest(root).as_slice() != ROOT_SHA256 {
        return Err(Refusal::new("chain.root", "it is not Intel's root of SGX and TDX"));
    }
    let invalid = |error: webpki::Error| Refusal::new("chain", error);
    let time = UnixTime::since_unix_epoch(Duration::from_secs(newest(chain)?));
    let root = CertificateDer::from(root.as_slice());
    let anchor = anchor_from_trusted_cert(&root).map_err(invalid)?;
    let leaf = CertificateDer::from(leaf.as_slice());
    let leaf = EndEntityCert::try_from(&leaf).map_err(invalid)?;
    let between: Vec<_> = between.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let algorithms = [webpki::aws_lc_rs::ECDSA_P256_SHA256];
    leaf.verify_for_usage(&algorithms, &[anchor], &between, time, KeyUsage::client_auth(), None, None)
        .map_err(invalid)?;
    let forged = || Refusal::new("qe_report", "the quoting enclave's report is not signed by the platform's key");
    let signature = ecdsa_der(&auth.qe_report_signature, 32).ok_or_else(forged)?;
    leaf.verify_signature(webpki::aws_lc_rs::ECDSA_P256_SHA256, &auth.qe_report, &signature).map_err(|_| forged())?;
    check_key(auth)
}

/// The last 64 bytes of the enclave's report are the hash of the key it signs with, and zeros.
fn check_key(auth: &AuthDataV3) -> Result<(), Refusal> {
    let hash = Sha256::new_with_prefix(auth.ecdsa_attestation_key).chain_update(&auth.qe_auth_data.data).finalize();
    let data = auth.qe_report.last_chunk::<64>().expect("a report has 384 bytes");
    if data[..32] == hash[..] && data[32..] == [0; 32] {
        return Ok(());
    }
    Err(Refusal::new("qe_report", "it names another key than the one that signed the quote"))
}

fn check_quote(quote: &Quote, auth: &AuthDataV3) -> Result<(), Refusal> {
    let forged = |_| Refusal::new("signature", "the quote was not signed by its key, or was altered");
    let key = [&[4][..], &auth.ecdsa_attestation_key].concat();
    let key = VerifyingKey::from_sec1_bytes(&key).map_err(forged)?;
    let signature = Signature::from_slice(&auth.ecdsa_signature).map_err(forged)?;
    let spelled = quote.encode();
    key.verify(&spelled[..quote.signed_length()], &signature).map_err(forged)
}

/// The second from which all certificates are valid.
fn newest(chain: &[Vec<u8>]) -> Result<u64, Refusal> {
    let since = |der: &Vec<u8>| {
        let certificate = Certificate::from_der(der).map_err(|error| Refusal::new("chain", error))?;
        Ok(certificate.tbs_certificate.validity.not_before.to_unix_duration().as_secs())
    };
    chain.iter().map(since).try_fold(0, |newest, since| Ok(since?.max(newest)))
}
