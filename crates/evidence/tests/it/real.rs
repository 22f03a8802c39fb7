//! What real documents prove.

use crate::samples;
use tallow_evidence::{Claims, Collateral, Examined, Input, Kind, Policy, parse_time, show_time};

fn field<'a>(examined: &'a Examined, name: &str) -> &'a str {
    &examined.fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("no {name}")).value
}

fn claims(examined: &Examined) -> &Claims {
    examined.verdict.as_ref().unwrap()
}

#[test]
fn an_sgx_quote_with_its_collateral_proves_its_enclave() {
    let Some(sample) = samples::sgx() else { return };
    let examined = sample.examine().unwrap();
    let claims = claims(&examined);
    assert_eq!(claims.kind, Kind::Sgx);
    assert_eq!(claims.measurement("mr_enclave").unwrap(), field(&examined, "mr_enclave"));
    assert_eq!(claims.report_data, field(&examined, "report_data"));
    assert!(claims.revocation_checked && claims.valid_until_s > sample.at_s);
    assert_eq!(claims.tcb.status.as_deref(), Some(field(&examined, "tcb.status")));
}

#[test]
fn a_tdx_quote_with_its_collateral_proves_its_machine() {
    let Some(sample) = samples::tdx() else { return };
    let examined = sample.examine().unwrap();
    let claims = claims(&examined);
    assert_eq!(claims.kind, Kind::Tdx);
    for name in ["mr_td", "rtmr0", "rtmr1", "rtmr2", "rtmr3"] {
        assert_eq!(claims.measurement(name).unwrap(), field(&examined, name));
    }
    assert!(!claims.debug);
}

#[test]
fn a_quote_without_collateral_is_shown_and_refused() {
    let Some(sample) = samples::tdx_v5() else { return };
    let examined = sample.examine().unwrap();
    assert_eq!(field(&examined, "signature"), "holds, up to Intel's root");
    assert_eq!(examined.verdict.as_ref().unwrap_err().field, "collateral");
    // Its chain is really looked at.
    let mut forged = sample.document();
    forged[200] ^= 1;
    assert_eq!(sample.examine_as(&forged).unwrap().verdict.unwrap_err().field, "signature");
}

#[test]
fn an_snp_report_with_its_key_proves_its_machine() {
    let Some(sample) = samples::snp() else { return };
    let examined = sample.examine().unwrap();
    let claims = claims(&examined);
    assert_eq!(claims.measurement("measurement").unwrap(), field(&examined, "measurement"));
    assert_eq!(claims.platform[0], ("chip_id".to_owned(), field(&examined, "chip_id").to_owned()));
    assert_eq!(claims.tcb.versions.len(), 4);
    assert!(!claims.revocation_checked, "no list was given");

    let alone = tallow_evidence::examine(Kind::Snp, &sample.document(), &Collateral::default(), sample.at_s).unwrap();
    assert_eq!(alone.verdict.unwrap_err().field, "certificate");
}

#[test]
fn a_nitro_document_proves_its_enclave_for_a_few_hours() {
    let Some(mut sample) = samples::nitro() else { return };
    let examined = sample.examine().unwrap();
    let proven = claims(&examined).clone();
    assert_eq!(proven.measurement("pcr0").unwrap(), field(&examined, "pcr0"));
    assert!(proven.valid_until_s - sample.at_s < 24 * 3600);
    sample.at_s = proven.valid_until_s + 1;
    let late = sample.examine().unwrap().verdict.unwrap_err();
    assert!(late.field.starts_with("chain.") && late.reason.contains("expired"), "{late}");
}

#[test]
fn dates_are_judged_on_both_sides() {
    for mut sample in samples::all() {
        assert!(sample.examine().unwrap().verdict.is_ok());
        for (at, what) in [("2019-01-01T00:00:00Z", "early"), ("2099-01-01T00:00:00Z", "late")] {
            sample.at_s = parse_time(at).unwrap();
            assert!(sample.examine().unwrap().verdict.is_err(), "{} {what}", sample.kind);
        }
    }
}

#[test]
fn documents_are_read_in_every_spelling() {
    use base64::Engine as _;
    for sample in samples::all() {
        let document = sample.document();
        let digits = hex::encode(&document);
        let lines = base64::engine::general_purpose::STANDARD.encode(&document);
        let lines = lines.as_bytes().chunks(76).map(|line| [line, b"\n"].concat()).collect::<Vec<_>>().concat();
        let spellings =
            [document.clone(), digits.to_uppercase().into_bytes(), format!("0x{digits}\n").into_bytes(), lines];
        for spelling in spellings {
            let read = Input::read(&spelling, None).unwrap();
            assert_eq!((read.kind, &read.document), (sample.kind, &document));
        }
    }
    assert!(Input::read(b"nothing of the kind", None).is_err());
    assert!(Input::read(b"", None).is_err());
}

#[test]
fn the_policy_that_is_named_for_a_document_accepts_it_and_no_narrower_one_is_silent() {
    for sample in samples::all() {
        let examined = sample.examine().unwrap();
        let claims = claims(&examined);
        let policy = Policy::accepting(claims);
        policy.judge(claims, sample.at_s).unwrap();
        let again = Policy::from_toml(&policy.to_toml()).unwrap();
        assert_eq!(again, policy);
        assert!(policy.judge(claims, claims.valid_until_s + 1).is_err(), "until {}", show_time(claims.valid_until_s));
    }
}
