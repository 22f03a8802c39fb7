//! AWS Nitro Enclaves: a COSE_Sign1 of a CBOR map (AWS, "Verifying the root of trust", nitro-enclaves-nsm-api
//! `docs/attestation_process.md`), signed by a certificate that leads to AWS's root and lives for hours.

mod document;

use crate::claims::{Fields, measurements};
use crate::{Claims, Examined, Kind, Refusal, Tcb, Unreadable, show_time, x509};
use coset::{CborSerializable as _, CoseSign1, RegisteredLabelWithPrivate, TaggedCborSerializable as _, iana};
use document::Document;
use rustls_pki_types::{CertificateDer, UnixTime};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// SHA-256 of AWS's root certificate in DER, as AWS publishes it ("aws.nitro-enclaves", G1).
const ROOT_SHA256: [u8; 32] = [
    0x64, 0x1a, 0x03, 0x21, 0xa3, 0xe2, 0x44, 0xef, 0xe4, 0x56, 0x46, 0x31, 0x95, 0xd6, 0x06, 0x31, 0x7e, 0xd7, 0xcd,
    0xcc, 0x3c, 0x17, 0x56, 0xe0, 0x98, 0x93, 0xf3, 0xc6, 0x8f, 0x79, 0xbb, 0x5b,
];
/// Seconds that a document may seem to come from the future: clocks differ.
const SKEW_S_MAX: u64 = 60;

pub(crate) fn examine(bytes: &[u8], now_s: u64) -> Result<Examined, Unreadable> {
    examine_under(bytes, now_s, &ROOT_SHA256)
}

/// As [`examine`], with the hash of the root certificate that is believed.
pub(crate) fn examine_under(bytes: &[u8], now_s: u64, root: &[u8; 32]) -> Result<Examined, Unreadable> {
    let envelope = envelope(bytes)?;
    let payload = envelope.payload.as_deref().ok_or_else(|| Unreadable("a COSE message without content".to_owned()))?;
    let document = Document::read(payload).map_err(Unreadable)?;
    let verdict = judge(&envelope, &document, now_s, root);
    Ok(Examined { kind: Kind::Nitro, fields: fields(&document).0, verdict })
}

fn envelope(bytes: &[u8]) -> Result<CoseSign1, Unreadable> {
    let parsed = CoseSign1::from_slice(bytes).or_else(|_| CoseSign1::from_tagged_slice(bytes));
    let parsed = parsed.map_err(|error| Unreadable(format!("no COSE_Sign1: {error}")))?;
    // Another spelling of the same content would be a second document with the same signature.
    let spelled = [parsed.clone().to_vec(), parsed.clone().to_tagged_vec()];
    match spelled.iter().any(|spelling| spelling.as_deref().is_ok_and(|spelling| spelling == bytes)) {
        true => Ok(parsed),
        false => Err(Unreadable("a COSE_Sign1 that is not in its shortest form".to_owned())),
    }
}

fn fields(document: &Document) -> Fields {
    let mut fields = Fields::default();
    fields.text("module_id", &document.module_id);
    fields.text("issued", show_time(document.timestamp_ms / 1000));
    fields.text("digest", &document.digest);
    for (index, value) in &document.pcrs {
        fields.bytes(format!("pcr{index}"), value);
    }
    for (name, value) in [("user_data", &document.user_data), ("nonce", &document.nonce), ("public_key", &document.key)]
    {
        fields.bytes(name, value.as_deref().unwrap_or_default());
    }
    for (name, der) in document.chain() {
        if let Ok(certificate) = Certificate::from_der(der) {
            x509::show(&mut fields, &name, &certificate);
        }
    }
    fields
}

fn judge(envelope: &CoseSign1, document: &Document, now_s: u64, root: &[u8; 32]) -> Result<Claims, Refusal> {
    check_headers(envelope)?;
    if document.digest != "SHA384" {
        return Err(Refusal::new("digest", format!("{} is not SHA384", document.digest)));
    }
    let valid_until_s = check_chain(envelope, document, now_s, root)?;
    let issued_s = document.timestamp_ms / 1000;
    if issued_s > now_s.saturating_add(SKEW_S_MAX) {
        return Err(Refusal::new("issued", format!("made at {}, which is to come", show_time(issued_s))));
    }
    Ok(claims(document, issued_s, valid_until_s))
}

fn check_headers(envelope: &CoseSign1) -> Result<(), Refusal> {
    let es384 = RegisteredLabelWithPrivate::Assigned(iana::Algorithm::ES384);
    if envelope.protected.header.alg != Some(es384) {
        return Err(Refusal::new("algorithm", "the protected header does not name ES384"));
    }
    if !envelope.unprotected.is_empty() {
        return Err(Refusal::new("unprotected", "headers that nobody signed"));
    }
    Ok(())
}

/// Checks the certificates up to the root, and the signature: until when they are valid.
fn check_chain(envelope: &CoseSign1, document: &Document, now_s: u64, root: &[u8; 32]) -> Result<u64, Refusal> {
    let (first, between) = document.bundle.split_first().ok_or_else(|| Refusal::new("cabundle", "it is empty"))?;
    if Sha256::digest(first).as_slice() != root {
        return Err(Refusal::new("chain.root", "it is not the root of AWS Nitro Enclaves"));
    }
    let valid_until_s = check_each(document, now_s)?;
    let invalid = |error: webpki::Error| Refusal::new("chain", error);
    let anchor = CertificateDer::from(first.as_slice());
    let anchor = anchor_from_trusted_cert(&anchor).map_err(invalid)?;
    let leaf = CertificateDer::from(document.certificate.as_slice());
    let leaf = EndEntityCert::try_from(&leaf).map_err(invalid)?;
    let between: Vec<_> = between.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(now_s));
    let algorithms = [webpki::aws_lc_rs::ECDSA_P384_SHA384];
    leaf.verify_for_usage(&algorithms, &[anchor], &between, time, KeyUsage::client_auth(), None, None)
        .map_err(invalid)?;
    let der = x509::ecdsa_der(&envelope.signature, 48)
        .ok_or_else(|| Refusal::new("signature", "it is no ES384 signature"))?;
    let signed = envelope.tbs_data(&[]);
    leaf.verify_signature(webpki::aws_lc_rs::ECDSA_P384_SHA384, &signed, &der)
        .map_err(|_| Refusal::new("signature", "the document was not signed by its certificate, or was altered"))?;
    Ok(valid_until_s)
}

/// Checks dates by certificate, so that a refusal names the one that is over: the earliest end of all.
fn check_each(document: &Document, now_s: u64) -> Result<u64, Refusal> {
    let mut until_s = u64::MAX;
    for (name, der) in document.chain() {
        let certificate = Certificate::from_der(der).map_err(|error| Refusal::new(&format!("chain.{name}"), error))?;
        x509::check(&name, &certificate, now_s)?;
        until_s = until_s.min(x509::validity(&certificate.tbs_certificate.validity).1);
    }
    Ok(until_s)
}

fn claims(document: &Document, issued_s: u64, valid_until_s: u64) -> Claims {
    let named: Vec<(String, &[u8])> =
        document.pcrs.iter().map(|(index, value)| (format!("pcr{index}"), value.as_slice())).collect();
    // An enclave in debug mode has measurements of zeros (AWS, "Where to get an enclave's measurements").
    let zero = |index: u64| document.pcrs.get(&index).is_none_or(|value| value.iter().all(|byte| *byte == 0));
    Claims {
        kind: Kind::Nitro,
        measurements: measurements(named.iter().map(|(name, value)| (name.as_str(), *value))),
        report_data: hex::encode(document.user_data.as_deref().unwrap_or_default()),
        debug: (0..=2).any(zero),
        tcb: Tcb::default(),
        platform: vec![("module_id".to_owned(), document.module_id.clone())],
        flags: Vec::new(),
        level: 0,
        issued_s: Some(issued_s),
        collateral_issued_s: None,
        valid_until_s,
        // There are none: the certificates live for hours instead.
        revocation_checked: true,
    }
}
