//! Documents of attestation hardware: what they say, whether their maker signed it, and whether a [`Policy`] takes it.
//!
//! ```text
//! bytes ── Input::read ──▶ kind, document ── examine(document, collateral, time) ──▶ fields, Claims or Refusal
//!                                                        Claims ── Policy::judge ──▶ accepted or Refusal
//! ```
//!
//! Everything here is pure: time and collateral are given, nothing is fetched. A document is read in full before it is
//! judged, so that a refused one can be shown as well; only [`Claims`], which exist once signatures, chain and dates
//! hold, say anything that may be believed. Every [`Refusal`] names the field it stands on.

mod claims;
mod dcap;
mod input;
mod nitro;
mod policy;
mod snp;
mod time;
mod x509;

pub use claims::{Claims, Examined, Field, Kind, Measurement, Refusal, Tcb, Unreadable, Vendor};
pub use input::Input;
pub use policy::{Policy, Program, SvnMin, TcbPolicy};
pub use time::{parse_time, show_time};

/// What a document is judged with besides itself: what its maker publishes about keys and firmware.
#[derive(Clone, Debug, Default)]
pub struct Collateral {
    /// Files as given: DCAP collateral in JSON, revocation lists in DER or PEM.
    pub files: Vec<Vec<u8>>,
    /// Certificates in DER, or chains of them in PEM: what a document does not carry itself (SNP).
    pub certificates: Vec<Vec<u8>>,
}

/// Reads a document and checks what its maker vouches for, as of `now_s` (seconds since the Unix epoch).
///
/// # Errors
/// [`Unreadable`] when `document` is none of its kind. What is readable and does not hold is a [`Refusal`] in
/// [`Examined::verdict`].
pub fn examine(kind: Kind, document: &[u8], collateral: &Collateral, now_s: u64) -> Result<Examined, Unreadable> {
    if document.len() > DOCUMENT_BYTES_MAX {
        return Err(Unreadable(format!("{} bytes, of at most {DOCUMENT_BYTES_MAX}", document.len())));
    }
    match kind {
        Kind::Sgx | Kind::Tdx => dcap::examine(kind, document, collateral, now_s),
        Kind::Snp => snp::examine(document, collateral, now_s),
        Kind::Nitro => nitro::examine(document, now_s),
    }
}

/// Bytes of a document: what evidence may have on the ledger.
const DOCUMENT_BYTES_MAX: usize = tallow_types::limits::EVIDENCE_BYTES_MAX;
