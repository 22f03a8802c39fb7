//! Intel's DCAP quotes of SGX and TDX. With collateral the library judges them; this module reads them first, shows
//! them, and closes what the library leaves open: bytes around the signed ones, and profiling or migration of a TD.

mod collateral;
mod pem;
mod reason;
mod signed;

use crate::claims::{Fields, measurements};
use crate::{Claims, Collateral, Examined, Kind, Refusal, Tcb, Unreadable};
use dcap_qvl::quote::{EnclaveReport, Quote, Report, TDReport10};
use dcap_qvl::verify::QuoteVerifier;
use dcap_qvl::{PckCertFlag, QuoteClaims, QuotePolicy};

/// Bit of an enclave's attributes that lets others read it (Intel SDM, volume 3D, "ATTRIBUTES").
const SGX_DEBUG: u8 = 1 << 1;
/// Bit of a TD's attributes that lets the host read it (Intel TDX module specification, "TD attributes", TUD).
const TDX_DEBUG: u8 = 1;

pub(crate) fn examine(kind: Kind, bytes: &[u8], collateral: &Collateral, now_s: u64) -> Result<Examined, Unreadable> {
    let quote = Quote::parse(bytes).map_err(|error| Unreadable(format!("{error:#}")))?;
    let found = if quote.header.is_sgx() { Kind::Sgx } else { Kind::Tdx };
    if found != kind {
        return Err(Unreadable(format!("a quote of {found}, not of {kind}")));
    }
    let mut fields = fields(&quote);
    let verdict = judge(&quote, bytes, collateral, now_s, &mut fields);
    Ok(Examined { kind, fields: fields.0, verdict })
}

fn judge(
    quote: &Quote,
    bytes: &[u8],
    collateral: &Collateral,
    now_s: u64,
    fields: &mut Fields,
) -> Result<Claims, Refusal> {
    signed::check_form(quote, bytes)?;
    let [file] = collateral.files.as_slice() else {
        signed::check_signatures(quote)?;
        fields.text("signature", "holds, up to Intel's root");
        let given = collateral.files.len();
        let reason = format!("{given} files instead of one, so that revocation and TCB are not known");
        return Err(Refusal::new("collateral", reason));
    };
    let collateral = collateral::read(file, quote)?;
    let claims = QuoteVerifier::new_prod()
        .allow_debug(true)
        .verify_with_policy(bytes, &collateral, now_s, &QuotePolicy::claims_only(now_s))
        .map_err(|error| reason::refusal(&error))?;
    show_verdict(fields, &claims);
    Ok(believed(&claims))
}

fn fields(quote: &Quote) -> Fields {
    let mut fields = Fields::default();
    let header = &quote.header;
    fields.text("version", header.version);
    fields.text("qe_svn", header.qe_svn);
    fields.text("pce_svn", header.pce_svn);
    fields.bytes("user_data", header.user_data);
    match &quote.report {
        Report::SgxEnclave(report) => show_enclave(&mut fields, report),
        other => {
            if let Some(report) = other.as_td10() {
                show_td(&mut fields, report);
            }
            if let Some(report) = other.as_td15() {
                fields.bytes("tee_tcb_svn2", report.tee_tcb_svn2);
                fields.bytes("mr_service_td", report.mr_service_td);
            }
        }
    }
    fields
}

fn show_enclave(fields: &mut Fields, report: &EnclaveReport) {
    fields.bytes("mr_enclave", report.mr_enclave);
    fields.bytes("mr_signer", report.mr_signer);
    fields.text("isv_prod_id", report.isv_prod_id);
    fields.text("isv_svn", report.isv_svn);
    fields.bytes("report_data", report.report_data);
    fields.bytes("attributes", report.attributes);
    fields.text("debug", report.attributes[0] & SGX_DEBUG != 0);
    fields.text("misc_select", format!("{:#x}", report.misc_select));
    fields.bytes("cpu_svn", report.cpu_svn);
}

fn show_td(fields: &mut Fields, report: &TDReport10) {
    for (name, value) in td_measurements(report) {
        fields.bytes(name, value);
    }
    fields.bytes("mr_seam", report.mr_seam);
    fields.bytes("mr_signer_seam", report.mr_signer_seam);
    fields.bytes("report_data", report.report_data);
    fields.bytes("td_attributes", report.td_attributes);
    fields.text("debug", report.td_attributes[0] & TDX_DEBUG != 0);
    fields.bytes("xfam", report.xfam);
    fields.bytes("seam_attributes", report.seam_attributes);
    fields.bytes("tee_tcb_svn", report.tee_tcb_svn);
}

fn td_measurements(report: &TDReport10) -> [(&'static str, &[u8]); 8] {
    [
        ("mr_td", &report.mr_td),
        ("rtmr0", &report.rt_mr0),
        ("rtmr1", &report.rt_mr1),
        ("rtmr2", &report.rt_mr2),
        ("rtmr3", &report.rt_mr3),
        ("mr_config_id", &report.mr_config_id),
        ("mr_owner", &report.mr_owner),
        ("mr_owner_config", &report.mr_owner_config),
    ]
}

fn show_verdict(fields: &mut Fields, claims: &QuoteClaims) {
    let pck = &claims.platform.pck;
    fields.text("tcb.status", claims.tcb.status);
    fields.text("tcb.advisories", claims.tcb.advisory_ids.join(", "));
    fields.text("tcb.date", &claims.platform.tcb_level.tcb_date);
    fields.text("tcb.evaluation", claims.tcb.eval_data_number);
    fields.text("tcb.qe_status", claims.qe.tcb_level.tcb_status);
    fields.bytes("platform.fmspc", pck.fmspc);
    fields.bytes("platform.ppid", &pck.ppid);
    fields.bytes("platform.cpu_svn", pck.cpu_svn);
    fields.text("platform.pce_svn", pck.pce_svn);
    fields.text("platform.sgx_type", pck.sgx_type);
    for (name, flag) in flags(claims) {
        fields.text(format!("platform.{name}"), format!("{flag:?}").to_lowercase());
    }
    fields.text("collateral.issued", crate::show_time(claims.earliest_issue_date));
    fields.text("valid_until", crate::show_time(claims.earliest_expiration_date));
}

fn flags(claims: &QuoteClaims) -> [(&'static str, PckCertFlag); 3] {
    let pck = &claims.platform.pck;
    [("dynamic_platform", pck.dynamic_platform), ("cached_keys", pck.cached_keys), ("smt", pck.smt_enabled)]
}

fn believed(claims: &QuoteClaims) -> Claims {
    let (kind, measurements, report_data, debug) = match &claims.report {
        Report::SgxEnclave(report) => {
            let (product, svn) = (report.isv_prod_id.to_be_bytes(), report.isv_svn.to_be_bytes());
            let named: [(&str, &[u8]); 4] = [
                ("mr_enclave", &report.mr_enclave),
                ("mr_signer", &report.mr_signer),
                ("isv_prod_id", &product),
                ("isv_svn", &svn),
            ];
            (Kind::Sgx, measurements(named), report.report_data, report.attributes[0] & SGX_DEBUG != 0)
        }
        other => {
            let report = other.as_td10().expect("a quote that is of no enclave is of a TD");
            let debug = report.td_attributes[0] & TDX_DEBUG != 0;
            (Kind::Tdx, measurements(td_measurements(report)), report.report_data, debug)
        }
    };
    let platform =
        [("fmspc", hex::encode(claims.platform.pck.fmspc)), ("ppid", hex::encode(&claims.platform.pck.ppid))];
    let set = flags(claims).into_iter().filter(|(_, flag)| *flag == PckCertFlag::True);
    Claims {
        kind,
        measurements,
        report_data: hex::encode(report_data),
        debug,
        tcb: Tcb {
            status: Some(claims.tcb.status.to_string()),
            advisories: claims.tcb.advisory_ids.clone(),
            versions: Vec::new(),
        },
        platform: platform.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        flags: set.map(|(name, _)| name.to_owned()).collect(),
        level: 0,
        issued_s: None,
        collateral_issued_s: Some(claims.earliest_issue_date),
        valid_until_s: claims.earliest_expiration_date,
        revocation_checked: true,
    }
}
