//! Documents as people have them: binary, hexadecimal or base64; and of which kind they are.

use crate::{Kind, Unreadable};
use base64::Engine as _;

/// A document in binary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    /// Its kind.
    pub kind: Kind,
    /// Its bytes.
    pub document: Vec<u8>,
}

/// Intel's id of the quoting enclaves' vendor, at byte 12 of a quote (SGX DCAP quote format, "QE Vendor ID").
const INTEL_QE_VENDOR: [u8; 16] =
    [0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07];
/// Bytes of an SEV-SNP report (AMD 56860, table "ATTESTATION_REPORT").
pub(crate) const SNP_REPORT_BYTES: usize = 1184;

impl Input {
    /// Reads a file's content; `kind` is found out unless it is given.
    ///
    /// # Errors
    /// [`Unreadable`] when it is no document that this version knows.
    pub fn read(content: &[u8], kind: Option<Kind>) -> Result<Self, Unreadable> {
        let document = binary(content);
        let (found, document) = match (sniff(&document), contained(&document)) {
            (None, Some(inner)) => (Some(Kind::Nitro), inner),
            (found, _) => (found, document),
        };
        let kind = kind.or(found).ok_or_else(|| {
            let kinds = Kind::ALL.map(|kind| kind.to_string()).join(", ");
            Unreadable(format!("{} bytes of none of the kinds {kinds}", document.len()))
        })?;
        Ok(Self { kind, document })
    }
}

/// The bytes that a file means: its own, or those that its text spells.
pub(crate) fn binary(content: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(content) else { return content.to_vec() };
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let digits = compact.strip_prefix("0x").unwrap_or(&compact);
    if let Ok(bytes) = hex::decode(digits) {
        return bytes;
    }
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(&compact).unwrap_or_else(|_| content.to_vec())
}

fn sniff(document: &[u8]) -> Option<Kind> {
    if let Some(kind) = quote(document) {
        return Some(kind);
    }
    let version = document.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    if document.len() == SNP_REPORT_BYTES && version.is_some_and(|version| (2..=5).contains(&version)) {
        return Some(Kind::Snp);
    }
    // An array of four, with or without COSE's tag 18 (RFC 9052, section 4.2).
    let cose = matches!(document, [0x84, ..] | [0xd2, 0x84, ..]);
    let name = b"module_id";
    (cose && document.windows(name.len()).any(|window| window == name)).then_some(Kind::Nitro)
}

/// Begin of a Nitro document: an array of four, of which the first is the protected header that names ES384.
const NITRO_BEGIN: [u8; 6] = [0x84, 0x44, 0xa1, 0x01, 0x38, 0x22];

/// A Nitro document in somebody's container: tools store it with more before and after it.
fn contained(container: &[u8]) -> Option<Vec<u8>> {
    let at = container.windows(NITRO_BEGIN.len()).position(|window| window == NITRO_BEGIN)?;
    let mut rest = &container[at..];
    let _: coset::cbor::value::Value = coset::cbor::from_reader(&mut rest).ok()?;
    let document = &container[at..container.len() - rest.len()];
    (sniff(document) == Some(Kind::Nitro)).then(|| document.to_vec())
}

fn quote(document: &[u8]) -> Option<Kind> {
    let (version, rest) = document.split_first_chunk::<2>()?;
    let (_key_type, rest) = rest.split_first_chunk::<2>()?;
    let (tee, rest) = rest.split_first_chunk::<4>()?;
    let vendor = rest.get(4..20)?;
    if vendor != INTEL_QE_VENDOR || !(3..=5).contains(&u16::from_le_bytes(*version)) {
        return None;
    }
    match u32::from_le_bytes(*tee) {
        0 => Some(Kind::Sgx),
        0x81 => Some(Kind::Tdx),
        _ => None,
    }
}
