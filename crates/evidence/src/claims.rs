//! What a document says and proves, in one form for all kinds.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Kinds of hardware whose documents are read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Intel SGX: an enclave's DCAP quote, version 3.
    Sgx,
    /// Intel TDX: a virtual machine's DCAP quote, version 4 or 5.
    Tdx,
    /// AMD SEV-SNP: a virtual machine's attestation report.
    Snp,
    /// AWS Nitro Enclaves: a COSE document.
    Nitro,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sgx, Self::Tdx, Self::Snp, Self::Nitro];

    /// Who makes the hardware, and signs.
    pub const fn vendor(self) -> Vendor {
        match self {
            Self::Sgx | Self::Tdx => Vendor::Intel,
            Self::Snp => Vendor::Amd,
            Self::Nitro => Vendor::Aws,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sgx => "sgx",
            Self::Tdx => "tdx",
            Self::Snp => "snp",
            Self::Nitro => "nitro",
        })
    }
}

/// Whose hardware it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// Intel.
    Intel,
    /// AMD.
    Amd,
    /// Amazon Web Services.
    Aws,
}

/// One line of a document, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Field {
    /// Its name, with dots where it is part of something: `tcb.status`.
    pub name: String,
    /// Its value: text, or hexadecimal digits of bytes.
    pub value: String,
}

/// A measurement by the name that the vendor gives it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Measurement {
    /// `mr_enclave`, `mr_td`, `rtmr0`, `measurement`, `pcr0`, ...
    pub name: String,
    /// Its value in hexadecimal digits.
    pub value: String,
}

/// How current the firmware and microcode below the program are.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Tcb {
    /// Intel's word for it (`UpToDate`, `SWHardeningNeeded`, ...); `None` where the vendor has no such word.
    pub status: Option<String>,
    /// Intel's security advisories that concern the platform.
    pub advisories: Vec<String>,
    /// Versions of parts, by name: `bootloader`, `tee`, `snp`, `microcode`, `fmc` (SNP, as reported).
    pub versions: Vec<(String, u64)>,
}

/// What a document proves: signatures, chain, dates and revocation hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Claims {
    /// Kind of hardware.
    pub kind: Kind,
    /// What runs.
    pub measurements: Vec<Measurement>,
    /// What the program bound to the document, in hexadecimal digits.
    pub report_data: String,
    /// Whether somebody outside can read or change the program while it runs.
    pub debug: bool,
    /// How current what is below it is.
    pub tcb: Tcb,
    /// What singles the machine out, by name (`fmspc`, `ppid`, `chip_id`, `module_id`), where the document says so.
    pub platform: Vec<(String, String)>,
    /// Properties of the platform that a policy may refuse, by name: `dynamic_platform`, `cached_keys`, `smt`,
    /// `migration_agent`.
    pub flags: Vec<String>,
    /// Privilege level from which the document was asked for (SNP: VMPL, 0 is the highest).
    pub level: u32,
    /// Seconds since the Unix epoch at which it was made, where it says so.
    pub issued_s: Option<u64>,
    /// Seconds since the Unix epoch of the oldest part of the collateral, where there is any.
    pub collateral_issued_s: Option<u64>,
    /// Seconds since the Unix epoch until which all that was used is valid.
    pub valid_until_s: u64,
    /// Whether lists of revoked keys were looked at.
    pub revocation_checked: bool,
}

impl Claims {
    /// A measurement by its name.
    pub fn measurement(&self, name: &str) -> Option<&str> {
        self.measurements.iter().find(|m| m.name == name).map(|m| m.value.as_str())
    }
}

/// A document that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Examined {
    /// Kind of hardware it is of.
    pub kind: Kind,
    /// Everything it says, believed or not.
    pub fields: Vec<Field>,
    /// What it proves, or why it proves nothing.
    pub verdict: Result<Claims, Refusal>,
}

/// Why a document is not believed or not accepted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize)]
#[error("{field}: {reason}")]
pub struct Refusal {
    /// The field it stands on.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn new(field: &str, reason: impl fmt::Display) -> Self {
        Self { field: field.to_owned(), reason: reason.to_string() }
    }
}

/// Bytes that are no document of the kind they should be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this is no attestation document that can be read: {0}")]
pub struct Unreadable(pub String);

/// Fields as they are collected.
#[derive(Default)]
pub(crate) struct Fields(pub(crate) Vec<Field>);

impl Fields {
    pub(crate) fn text(&mut self, name: impl Into<String>, value: impl fmt::Display) {
        self.0.push(Field { name: name.into(), value: value.to_string() });
    }

    pub(crate) fn bytes(&mut self, name: impl Into<String>, value: impl AsRef<[u8]>) {
        self.text(name, hex::encode(value));
    }
}

pub(crate) fn measurements<'a>(named: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<Measurement> {
    named.into_iter().map(|(name, value)| Measurement { name: name.to_owned(), value: hex::encode(value) }).collect()
}

/// Hexadecimal digits as claims have them.
pub(crate) fn hex_lower(digits: &str) -> String {
    digits.to_ascii_lowercase()
}
