//! AMD SEV-SNP reports (AMD 56860), signed by a chip's key (VCEK) or a provider's (VLEK), whose certificate comes from
//! elsewhere (AMD 57230) and leads to AMD's root of the processor's generation.

mod endorsement;
mod revoked;

use crate::claims::{Fields, measurements};
use crate::input::SNP_REPORT_BYTES;
use crate::{Claims, Collateral, Examined, Kind, Refusal, Tcb, Unreadable};
use endorsement::Endorsement;
use sev::certs::snp::Verifiable as _;
use sev::firmware::guest::AttestationReport;
use sev::firmware::host::TcbVersion;
use sev::parser::ByteParser as _;

pub(crate) fn examine(bytes: &[u8], collateral: &Collateral, now_s: u64) -> Result<Examined, Unreadable> {
    let report = read(bytes)?;
    let mut fields = fields(&report);
    let verdict = judge(&report, collateral, now_s, &mut fields);
    Ok(Examined { kind: Kind::Snp, fields: fields.0, verdict })
}

fn read(bytes: &[u8]) -> Result<AttestationReport, Unreadable> {
    if bytes.len() != SNP_REPORT_BYTES {
        return Err(Unreadable(format!("{} bytes, of a report's {SNP_REPORT_BYTES}", bytes.len())));
    }
    let report = AttestationReport::from_bytes(bytes).map_err(|error| Unreadable(error.to_string()))?;
    // The signature is checked over the report written anew, which leaves reserved bytes at zero.
    let again = report.to_bytes().map_err(|error| Unreadable(error.to_string()))?;
    // Numbers of 384 bits in fields of 576: the rest is looked at by nobody else.
    let padded = |number: &[u8; 72]| number[48..].iter().all(|byte| *byte == 0);
    if again.as_ref() as &[u8] != bytes || !padded(report.signature.r()) || !padded(report.signature.s()) {
        return Err(Unreadable("reserved bytes of the report are not zero".to_owned()));
    }
    Ok(report)
}

fn judge(
    report: &AttestationReport,
    collateral: &Collateral,
    now_s: u64,
    fields: &mut Fields,
) -> Result<Claims, Refusal> {
    let endorsement = Endorsement::find(report, collateral, fields)?;
    endorsement.check(now_s)?;
    endorsement.check_report(report)?;
    (&endorsement.key, report)
        .verify()
        .map_err(|_| Refusal::new("signature", "the report was not signed by its key's certificate, or was altered"))?;
    let revocation = revoked::check(&endorsement, collateral, now_s)?;
    Ok(claims(report, &endorsement, revocation.as_ref()))
}

fn parts(tcb: &TcbVersion) -> Vec<(String, u64)> {
    let fmc = tcb.fmc.map(|fmc| ("fmc", fmc));
    let parts = [("bootloader", tcb.bootloader), ("tee", tcb.tee), ("snp", tcb.snp), ("microcode", tcb.microcode)];
    fmc.into_iter().chain(parts).map(|(name, version)| (name.to_owned(), u64::from(version))).collect()
}

fn show_tcb(fields: &mut Fields, name: &str, tcb: &TcbVersion) {
    let parts: Vec<String> = parts(tcb).iter().map(|(name, version)| format!("{name} {version}")).collect();
    fields.text(name, parts.join(", "));
}

fn fields(report: &AttestationReport) -> Fields {
    let mut fields = Fields::default();
    fields.text("version", report.version);
    fields.bytes("measurement", report.measurement);
    fields.bytes("report_data", report.report_data);
    fields.bytes("host_data", report.host_data);
    fields.bytes("id_key_digest", report.id_key_digest);
    fields.bytes("author_key_digest", report.author_key_digest);
    fields.bytes("family_id", report.family_id);
    fields.bytes("image_id", report.image_id);
    fields.text("guest_svn", report.guest_svn);
    fields.text("vmpl", report.vmpl);
    fields.text("policy", format!("{:#x}", u64::from(report.policy)));
    fields.text("debug", report.policy.debug_allowed());
    fields.text("migration_agent", report.policy.migrate_ma_allowed());
    fields.text("platform.smt", report.plat_info.smt_enabled());
    fields.text("platform_info", format!("{:#x}", u64::from(report.plat_info)));
    fields.bytes("report_id", report.report_id);
    fields.bytes("report_id_ma", report.report_id_ma);
    fields.bytes("chip_id", report.chip_id);
    for (name, tcb) in [
        ("tcb.reported", &report.reported_tcb),
        ("tcb.current", &report.current_tcb),
        ("tcb.committed", &report.committed_tcb),
        ("tcb.launch", &report.launch_tcb),
    ] {
        show_tcb(&mut fields, name, tcb);
    }
    let version = |v: &sev::firmware::guest::Version| format!("{}.{}.{}", v.major, v.minor, v.build);
    fields.text("firmware.current", version(&report.current));
    fields.text("firmware.committed", version(&report.committed));
    fields.text("key_info", format!("{:#x}", u32::from(report.key_info)));
    fields
}

fn claims(report: &AttestationReport, endorsement: &Endorsement, revocation: Option<&revoked::Checked>) -> Claims {
    let flags = [("smt", report.plat_info.smt_enabled()), ("migration_agent", report.policy.migrate_ma_allowed())];
    let until_s = endorsement.valid_until_s();
    Claims {
        kind: Kind::Snp,
        measurements: measurements([
            ("measurement", report.measurement.as_slice()),
            ("host_data", report.host_data.as_slice()),
            ("id_key_digest", report.id_key_digest.as_slice()),
            ("author_key_digest", report.author_key_digest.as_slice()),
        ]),
        report_data: hex::encode(report.report_data),
        debug: report.policy.debug_allowed(),
        tcb: Tcb { status: None, advisories: Vec::new(), versions: parts(&report.reported_tcb) },
        platform: vec![("chip_id".to_owned(), hex::encode(report.chip_id))],
        flags: flags.into_iter().filter(|(_, set)| *set).map(|(name, _)| name.to_owned()).collect(),
        level: report.vmpl,
        issued_s: None,
        collateral_issued_s: revocation.map(|checked| checked.issued_s),
        valid_until_s: revocation.map_or(until_s, |checked| checked.until_s.min(until_s)),
        revocation_checked: revocation.is_some(),
    }
}
