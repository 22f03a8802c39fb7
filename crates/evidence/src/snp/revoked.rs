//! AMD's lists of revoked keys (AMD 57230, "CRL"), signed by the root of a generation.

use super::endorsement::Endorsement;
use crate::{Collateral, Refusal, x509};
use rsa::pss::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::referenced::OwnedToRef as _;
use x509_cert::der::{Decode as _, Encode as _};

const FIELD: &str = "revocation";

/// A list that was looked at.
pub(super) struct Checked {
    /// Seconds since the Unix epoch at which it was made.
    pub(super) issued_s: u64,
    /// Seconds since the Unix epoch at which the next one is due.
    pub(super) until_s: u64,
}

/// Looks for the certificates in the lists that were given; `None` when there was none.
pub(super) fn check(
    endorsement: &Endorsement,
    collateral: &Collateral,
    now_s: u64,
) -> Result<Option<Checked>, Refusal> {
    let mut checked = None;
    for file in &collateral.files {
        let list = read(file)?;
        if list.tbs_cert_list.issuer != endorsement.root.tbs_certificate.subject {
            return Err(Refusal::new(FIELD, format!("a list of {}, not of the root", list.tbs_cert_list.issuer)));
        }
        verify(&list, &endorsement.root)?;
        let dates = dates(&list)?;
        x509::check_dates(FIELD, dates, now_s)?;
        refuse_revoked(&list, endorsement)?;
        checked = Some(Checked { issued_s: dates.0, until_s: dates.1 });
    }
    Ok(checked)
}

fn read(file: &[u8]) -> Result<CertificateList, Refusal> {
    let malformed = |error: x509_cert::der::Error| Refusal::new(FIELD, format!("no list of revoked keys: {error}"));
    if !file.starts_with(b"-----BEGIN") {
        return CertificateList::from_der(file).map_err(malformed);
    }
    let (_, der) = x509_cert::der::pem::decode_vec(file).map_err(|error| Refusal::new(FIELD, error))?;
    CertificateList::from_der(&der).map_err(malformed)
}

/// AMD signs with RSASSA-PSS over SHA-384.
fn verify(list: &CertificateList, root: &Certificate) -> Result<(), Refusal> {
    let forged = || Refusal::new(FIELD, "the list is not signed by the root, or was altered");
    if list.signature_algorithm != list.tbs_cert_list.signature {
        return Err(Refusal::new(FIELD, "the list names two algorithms"));
    }
    let key = root.tbs_certificate.subject_public_key_info.owned_to_ref();
    let key = rsa::RsaPublicKey::try_from(key).map_err(|_| forged())?;
    let signed = list.tbs_cert_list.to_der().map_err(|_| forged())?;
    let signature = list.signature.as_bytes().ok_or_else(forged)?;
    let signature = Signature::try_from(signature).map_err(|_| forged())?;
    VerifyingKey::<rsa::sha2::Sha384>::new(key).verify(&signed, &signature).map_err(|_| forged())
}

fn dates(list: &CertificateList) -> Result<(u64, u64), Refusal> {
    let tbs = &list.tbs_cert_list;
    let until = tbs.next_update.ok_or_else(|| Refusal::new(FIELD, "the list does not say when the next one is due"))?;
    Ok((tbs.this_update.to_unix_duration().as_secs(), until.to_unix_duration().as_secs()))
}

/// A root's list names keys that the root signed: the signers. Chips' keys have no serial numbers of their own.
fn refuse_revoked(list: &CertificateList, endorsement: &Endorsement) -> Result<(), Refusal> {
    let revoked = list.tbs_cert_list.revoked_certificates.iter().flatten();
    let serial = &endorsement.signer.tbs_certificate.serial_number;
    match revoked.into_iter().any(|entry| entry.serial_number == *serial) {
        true => Err(Refusal::new("chain.signer", "AMD revoked it")),
        false => Ok(()),
    }
}
