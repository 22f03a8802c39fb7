//! Each rule of a policy, met and broken.

use tallow_evidence::{Claims, Kind, Measurement, Policy, Program, Tcb};

const NOW_S: u64 = 1_800_000_000;

fn claims() -> Claims {
    let measurement = |name: &str, byte: &str| Measurement { name: name.to_owned(), value: byte.repeat(48) };
    Claims {
        kind: Kind::Tdx,
        measurements: vec![measurement("mr_td", "ab"), measurement("rtmr0", "cd")],
        report_data: "0102".to_owned() + &"00".repeat(62),
        debug: false,
        tcb: Tcb {
            status: Some("UpToDate".to_owned()),
            advisories: vec!["INTEL-SA-1".to_owned()],
            versions: Vec::new(),
        },
        platform: vec![("fmspc".to_owned(), "00".to_owned())],
        flags: Vec::new(),
        level: 0,
        issued_s: Some(NOW_S - 10),
        collateral_issued_s: Some(NOW_S - 1000),
        valid_until_s: NOW_S + 1000,
        revocation_checked: true,
    }
}

#[track_caller]
fn refuses(policy: &Policy, claims: &Claims, field: &str) {
    assert_eq!(policy.judge(claims, NOW_S).unwrap_err().field, field);
}

fn program(kind: Kind, value: &str) -> Program {
    Program { kind, measurements: [("mr_td".to_owned(), value.to_owned())].into() }
}

#[test]
fn the_default_takes_what_is_up_to_date_and_closed() {
    let policy = Policy::default();
    policy.judge(&claims(), NOW_S).unwrap();
    refuses(&policy, &Claims { debug: true, ..claims() }, "debug");
    refuses(&policy, &Claims { flags: vec!["smt".to_owned()], ..claims() }, "platform.smt");
    refuses(&policy, &Claims { level: 1, ..claims() }, "vmpl");
    let old = Tcb { status: Some("OutOfDate".to_owned()), ..Tcb::default() };
    refuses(&policy, &Claims { tcb: old, ..claims() }, "tcb.status");
    refuses(&policy, &Claims { valid_until_s: NOW_S - 1, ..claims() }, "valid_until");
}

#[test]
fn programs_are_told_apart_by_all_their_measurements() {
    let good = Policy { programs: vec![program(Kind::Tdx, &"AB".repeat(48))], ..Policy::default() };
    good.judge(&claims(), NOW_S).unwrap();
    let other = Policy { programs: vec![program(Kind::Tdx, &"ac".repeat(48))], ..Policy::default() };
    refuses(&other, &claims(), "mr_td");
    let elsewhere = Policy { programs: vec![program(Kind::Sgx, &"ab".repeat(48))], ..Policy::default() };
    refuses(&elsewhere, &claims(), "kind");
    refuses(&Policy { kinds: vec![Kind::Snp], ..Policy::default() }, &claims(), "kind");
}

#[test]
fn bound_data_is_padded_with_zeros_alone() {
    let policy = |data: &str| Policy { report_data: Some(data.to_owned()), ..Policy::default() };
    policy("0102").judge(&claims(), NOW_S).unwrap();
    policy(&claims().report_data).judge(&claims(), NOW_S).unwrap();
    for other in ["01", "0103", "010200ff"] {
        refuses(&policy(other), &claims(), "report_data");
    }
}

#[test]
fn ages_and_lists_can_be_demanded() {
    refuses(&Policy { age_s_max: Some(9), ..Policy::default() }, &claims(), "issued");
    Policy { age_s_max: Some(10), ..Policy::default() }.judge(&claims(), NOW_S).unwrap();
    let undated = Claims { issued_s: None, ..claims() };
    refuses(&Policy { age_s_max: Some(10), ..Policy::default() }, &undated, "issued");
    refuses(&Policy { collateral_age_s_max: Some(999), ..Policy::default() }, &claims(), "collateral.issued");
    let unchecked = Claims { revocation_checked: false, ..claims() };
    refuses(&Policy { revocation: true, ..Policy::default() }, &unchecked, "revocation");
}

#[test]
fn advisories_versions_and_machines_can_be_limited() {
    let mut policy = Policy::default();
    policy.tcb.advisories = Some(Vec::new());
    refuses(&policy, &claims(), "tcb.advisories");
    policy.tcb.advisories = Some(vec!["INTEL-SA-1".to_owned()]);
    policy.judge(&claims(), NOW_S).unwrap();

    let versions = vec![("snp".to_owned(), 8)];
    let snp = Claims { tcb: Tcb { versions, ..Tcb::default() }, ..claims() };
    let least = |part: &str, version| {
        let mut policy = Policy::default();
        policy.tcb.svn_min.insert(part.to_owned(), version);
        policy
    };
    least("snp", 8).judge(&snp, NOW_S).unwrap();
    refuses(&least("snp", 9), &snp, "tcb.snp");
    refuses(&least("microcode", 1), &snp, "tcb.microcode");

    let listed = |platform: &str| Policy { platforms: vec![platform.to_owned()], ..Policy::default() };
    listed("fmspc=00").judge(&claims(), NOW_S).unwrap();
    refuses(&listed("fmspc=01"), &claims(), "platform");
}

#[test]
fn policies_that_cannot_be_meant_are_refused() {
    for (text, word) in [
        ("kind = []", "unknown field"),
        ("kinds = ['sev']", "unknown variant"),
        ("report_data = 'xyz'", "report_data"),
        ("platforms = ['abc']", "platforms"),
        ("[[programs]]\nkind = 'sgx'\n[programs.measurements]", "no measurement"),
        ("[[programs]]\nkind = 'sgx'\n[programs.measurements]\nmr_enclave = '0'", "mr_enclave"),
        ("[tcb]\nstatus = []", "unknown field"),
    ] {
        let error = Policy::from_toml(text).unwrap_err();
        assert!(error.contains(word), "{text}: {error}");
    }
    assert_eq!(Policy::from_toml("").unwrap(), Policy::default());
}
