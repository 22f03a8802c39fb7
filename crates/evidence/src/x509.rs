//! Certificates and lists of revoked ones, as far as two kinds share them.

use crate::{Refusal, claims::Fields, show_time};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, DecodePem as _};
use x509_cert::time::Validity;

/// Certificates of files in DER, or with one or more in PEM.
pub(crate) fn certificates(files: &[Vec<u8>]) -> Result<Vec<Certificate>, Refusal> {
    let malformed = |error| Refusal::new("certificate", format!("a file has no certificate that can be read: {error}"));
    let mut all = Vec::new();
    for file in files {
        if file.starts_with(b"-----BEGIN") {
            all.extend(Certificate::load_pem_chain(file).map_err(malformed)?);
        } else {
            all.push(Certificate::from_der(file).map_err(malformed)?);
        }
    }
    Ok(all)
}

/// One certificate in PEM.
pub(crate) fn from_pem(pem: &[u8]) -> Option<Certificate> {
    Certificate::from_pem(pem).ok()
}

/// The common name of a certificate's subject.
pub(crate) fn common_name(certificate: &Certificate) -> String {
    name_part(&certificate.tbs_certificate.subject.to_string())
}

fn name_part(name: &str) -> String {
    name.split(',').find_map(|part| part.trim().strip_prefix("CN=")).unwrap_or_default().to_owned()
}

/// First and last second of a certificate's validity.
pub(crate) fn validity(validity: &Validity) -> (u64, u64) {
    (validity.not_before.to_unix_duration().as_secs(), validity.not_after.to_unix_duration().as_secs())
}

/// Checks that a certificate is valid at a time, and that both places which name its algorithm agree (RFC 5280,
/// section 4.1.1.2): the outer one is not signed.
pub(crate) fn check(name: &str, certificate: &Certificate, now_s: u64) -> Result<(), Refusal> {
    let tbs = &certificate.tbs_certificate;
    let field = format!("chain.{name}");
    if certificate.signature_algorithm != tbs.signature {
        return Err(Refusal::new(&field, "it names two algorithms"));
    }
    if certificate.signature.unused_bits() != 0 {
        return Err(Refusal::new(&field, "its signature is no whole number of bytes"));
    }
    check_dates(&field, validity(&tbs.validity), now_s)
}

/// Checks that something is valid at a time.
pub(crate) fn check_dates(field: &str, (from_s, until_s): (u64, u64), now_s: u64) -> Result<(), Refusal> {
    if now_s < from_s {
        return Err(Refusal::new(field, format!("not valid before {}", show_time(from_s))));
    }
    if now_s > until_s {
        return Err(Refusal::new(field, format!("expired at {}", show_time(until_s))));
    }
    Ok(())
}

/// Shows a certificate.
pub(crate) fn show(fields: &mut Fields, name: &str, certificate: &Certificate) {
    let tbs = &certificate.tbs_certificate;
    let (from_s, until_s) = validity(&tbs.validity);
    fields.text(format!("chain.{name}.subject"), &tbs.subject);
    fields.text(format!("chain.{name}.issuer"), &tbs.issuer);
    fields.bytes(format!("chain.{name}.serial"), tbs.serial_number.as_bytes());
    fields.text(format!("chain.{name}.valid"), format!("{} to {}", show_time(from_s), show_time(until_s)));
}

/// A signature of r and s, each of `size` bytes (RFC 9053, section 2.1), as X.509 has it; `None` when it has another
/// size or is zero.
pub(crate) fn ecdsa_der(signature: &[u8], size: usize) -> Option<Vec<u8>> {
    let (r, s) = signature.split_at_checked(size).filter(|(_, s)| s.len() == size)?;
    let content = [unsigned(r)?, unsigned(s)?].concat();
    // Both curves in use fit the short form of a length.
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 0x80)?;
    Some([&[0x30, length], content.as_slice()].concat())
}

/// A DER integer of big-endian bytes.
fn unsigned(bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes = &bytes[bytes.iter().position(|byte| *byte != 0)?..];
    let pad: &[u8] = if bytes[0] & 0x80 == 0 { &[] } else { &[0] };
    let length = u8::try_from(pad.len() + bytes.len()).ok()?;
    Some([&[2, length], pad, bytes].concat())
}
