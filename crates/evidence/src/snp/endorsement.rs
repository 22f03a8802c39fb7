//! The certificate of the key that signed a report, and those above it.

use crate::claims::Fields;
use crate::{Collateral, Refusal, x509};
use sev::certs::snp::{Certificate as Key, Verifiable as _, builtin};
use sev::firmware::guest::AttestationReport;
use x509_cert::Certificate;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, asn1};

/// Generations of processors, as AMD's certificates name them, with the root and the signing key of each.
const GENERATIONS: [(&str, &[u8], &[u8]); 3] = [
    ("Milan", builtin::milan::ARK, builtin::milan::ASK),
    ("Genoa", builtin::genoa::ARK, builtin::genoa::ASK),
    ("Turin", builtin::turin::ARK, builtin::turin::ASK),
];
/// Versions of parts for which a key was made (AMD 57230, table "VCEK certificate fields"), by the last arc of the
/// extension's name.
const PARTS: [(&str, u32); 5] = [("bootloader", 1), ("tee", 2), ("snp", 3), ("microcode", 8), ("fmc", 9)];
const AMD: &str = "1.3.6.1.4.1.3704.1";

/// Who vouches for a report.
pub(super) struct Endorsement {
    pub(super) key: Key,
    pub(super) leaf: Certificate,
    /// ASK for a VCEK, ASVK for a VLEK.
    pub(super) signer: Certificate,
    pub(super) root: Certificate,
    is_vlek: bool,
}

impl Endorsement {
    /// Finds the certificates among those given and AMD's own.
    pub(super) fn find(
        report: &AttestationReport,
        collateral: &Collateral,
        fields: &mut Fields,
    ) -> Result<Self, Refusal> {
        let is_vlek = match report.key_info.signing_key() {
            0 => false,
            1 => true,
            other => return Err(Refusal::new("key_info", format!("signed by no chip or provider key ({other})"))),
        };
        let given = x509::certificates(&collateral.certificates)?;
        let wanted = if is_vlek { "SEV-VLEK" } else { "SEV-VCEK" };
        let leaf = given.iter().find(|certificate| x509::common_name(certificate) == wanted).cloned();
        let missing =
            format!("the certificate of the key that signed it ({wanted}) was not given, and is not in a report");
        let leaf = leaf.ok_or_else(|| Refusal::new("certificate", missing))?;
        x509::show(fields, "leaf", &leaf);
        let (signer, root) = above(&leaf, &given)?;
        x509::show(fields, "signer", &signer);
        x509::show(fields, "root", &root);
        Ok(Self { key: leaf.clone().into(), leaf, signer, root, is_vlek })
    }

    /// Checks signatures and dates from the root down.
    pub(super) fn check(&self, now_s: u64) -> Result<(), Refusal> {
        let chain = [
            ("root", &self.root, &self.root),
            ("signer", &self.root, &self.signer),
            ("leaf", &self.signer, &self.leaf),
        ];
        for (name, above, certificate) in chain {
            x509::check(name, certificate, now_s)?;
            if certificate.tbs_certificate.issuer != above.tbs_certificate.subject {
                return Err(Refusal::new(&format!("chain.{name}"), "issued by somebody else"));
            }
            let (above, below): (Key, Key) = (above.clone().into(), certificate.clone().into());
            (&above, &below)
                .verify()
                .map_err(|_| Refusal::new(&format!("chain.{name}"), "not signed by the key above it"))?;
        }
        Ok(())
    }

    /// Checks that the key was made for this chip and for the versions that the report states: a key of older firmware
    /// signs what newer firmware would not.
    pub(super) fn check_report(&self, report: &AttestationReport) -> Result<(), Refusal> {
        let tcb = &report.reported_tcb;
        for (name, arc) in PARTS {
            let stated = match name {
                "bootloader" => Some(tcb.bootloader),
                "tee" => Some(tcb.tee),
                "snp" => Some(tcb.snp),
                "microcode" => Some(tcb.microcode),
                _ => tcb.fmc,
            };
            let made_for = self.extension(&format!("{AMD}.3.{arc}")).map(version).transpose()?;
            if stated.is_some() && made_for != stated {
                let shown = |version: Option<u8>| version.map_or("none".to_owned(), |version| version.to_string());
                let reason = format!("reported as {}, but the key was made for {}", shown(stated), shown(made_for));
                return Err(Refusal::new(&format!("tcb.{name}"), reason));
            }
        }
        self.check_chip(report)
    }

    /// A provider's key is of no one chip.
    fn check_chip(&self, report: &AttestationReport) -> Result<(), Refusal> {
        if self.is_vlek {
            return Ok(());
        }
        let chip = self.extension(&format!("{AMD}.4")).ok_or_else(|| Refusal::new("chain.leaf", "it names no chip"))?;
        // Turin's ids have 8 bytes, and are followed by zeros in the report.
        let (id, rest) = report.chip_id.split_at_checked(chip.len()).unwrap_or((&[], &report.chip_id));
        if id != chip || rest.iter().any(|byte| *byte != 0) {
            return Err(Refusal::new("chip_id", "the key's certificate is of another chip"));
        }
        Ok(())
    }

    /// Until when all three certificates are valid.
    pub(super) fn valid_until_s(&self) -> u64 {
        let until = |certificate: &Certificate| x509::validity(&certificate.tbs_certificate.validity).1;
        until(&self.leaf).min(until(&self.signer)).min(until(&self.root))
    }

    fn extension(&self, oid: &str) -> Option<&[u8]> {
        let oid = ObjectIdentifier::new(oid).ok()?;
        let extensions = self.leaf.tbs_certificate.extensions.as_ref()?;
        extensions.iter().find(|extension| extension.extn_id == oid).map(|extension| extension.extn_value.as_bytes())
    }
}

/// The key above a leaf, and the root: AMD's own where the program has them. Others may be given, but a root counts
/// only if it is one of AMD's.
fn above(leaf: &Certificate, given: &[Certificate]) -> Result<(Certificate, Certificate), Refusal> {
    let issuer = &leaf.tbs_certificate.issuer;
    let known = GENERATIONS.iter().filter_map(|(_, ark, ask)| Some((x509::from_pem(ask)?, x509::from_pem(ark)?)));
    for (ask, ark) in known {
        if ask.tbs_certificate.subject == *issuer {
            return Ok((ask, ark));
        }
        // Those of providers' keys (ASVK) are not in the program: the root vouches for them.
        let signer = given.iter().find(|certificate| {
            let tbs = &certificate.tbs_certificate;
            tbs.subject == *issuer && tbs.issuer == ark.tbs_certificate.subject
        });
        if let Some(signer) = signer {
            return Ok((signer.clone(), ark));
        }
    }
    Err(Refusal::new("chain.signer", format!("no certificate of {issuer} that AMD's roots vouch for")))
}

fn version(der: &[u8]) -> Result<u8, Refusal> {
    let malformed = |error| Refusal::new("chain.leaf", format!("a version is malformed: {error}"));
    let integer = asn1::UintRef::from_der(der).map_err(malformed)?;
    match integer.as_bytes() {
        [version] => Ok(*version),
        _ => Err(Refusal::new("chain.leaf", "a version of more than a byte")),
    }
}
