//! The library says in words what is wrong; this names the field it stands on.

use crate::Refusal;

/// Words in its errors, most telling first, and the field that each is about.
const FIELDS: [(&str, &str); 27] = [
    ("TCBInfo", "collateral.tcb_info"),
    ("TCB Info", "collateral.tcb_info"),
    ("tcb_info", "collateral.tcb_info"),
    ("TcbInfo", "collateral.tcb_info"),
    ("QE Identity", "collateral.qe_identity"),
    ("QeIdentity", "collateral.qe_identity"),
    ("qe_identity", "collateral.qe_identity"),
    ("CRL", "collateral.crl"),
    ("CertRevoked", "revocation"),
    ("Revoked", "tcb.status"),
    ("Fmspc", "platform.fmspc"),
    ("No matching TCB level", "tcb.status"),
    ("Unrecognized TCB status", "tcb.status"),
    ("TDX module", "tcb.tdx_module"),
    ("QE report hash", "qe_report"),
    ("qe_report", "qe_report"),
    ("QE ", "qe_report"),
    ("ISV enclave report signature", "signature"),
    ("TD profiling", "td_attributes"),
    ("Reserved bits in TD attributes", "td_attributes"),
    ("TD migration", "td_attributes"),
    ("SERVTD_EXT", "td_attributes"),
    ("SEPT_VE_DISABLE", "td_attributes"),
    ("MR service TD", "mr_service_td"),
    ("Debug mode", "debug"),
    ("ertificate", "chain"),
    ("quote version", "version"),
];

/// A refusal of what the library found.
pub(super) fn refusal(error: &anyhow::Error) -> Refusal {
    let reason = format!("{error:#}");
    let field = FIELDS.iter().find(|(words, _)| reason.contains(words)).map_or("quote", |(_, field)| field);
    Refusal { field: field.to_owned(), reason }
}
