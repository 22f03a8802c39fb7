//! Collateral as Intel's services give it, in the JSON that the library reads.

use super::pem;
use crate::Refusal;
use dcap_qvl::QuoteCollateralV3;
use dcap_qvl::quote::Quote;
use serde_json::Value;

const FIELD: &str = "collateral";

/// Reads collateral for a quote. Parts that the library does not look at must fit the others: an altered file is no
/// collateral.
pub(super) fn read(file: &[u8], quote: &Quote) -> Result<QuoteCollateralV3, Refusal> {
    let malformed = |error| Refusal::new(FIELD, format!("this is no DCAP collateral in JSON: {error}"));
    let plain: Value = serde_json::from_slice(file).map_err(malformed)?;
    let collateral: QuoteCollateralV3 = serde_json::from_slice(file).map_err(malformed)?;
    check_spelling(&plain, &collateral)?;
    check_chains(&collateral, quote)?;
    Ok(collateral)
}

/// Bytes are spelled by digits of one case.
fn check_spelling(plain: &Value, collateral: &QuoteCollateralV3) -> Result<(), Refusal> {
    let again = serde_json::to_value(collateral).map_err(|error| Refusal::new(FIELD, error))?;
    for (name, value) in again.as_object().into_iter().flatten() {
        let (found, spelled) = (plain.get(name).and_then(Value::as_str), value.as_str());
        let upper = spelled.map(str::to_uppercase);
        if found != spelled && found != upper.as_deref() {
            return Err(Refusal::new(&format!("{FIELD}.{name}"), "its digits are of both cases"));
        }
    }
    Ok(())
}

fn check_chains(collateral: &QuoteCollateralV3, quote: &Quote) -> Result<(), Refusal> {
    let chain = |name: &str, text: &str| {
        let read = pem::read(text.as_bytes()).filter(|chain| chain.len() >= 2);
        read.ok_or_else(|| Refusal::new(&format!("{FIELD}.{name}"), "no chain of certificates in plain PEM"))
    };
    let root = |chain: &[Vec<u8>]| chain.last().cloned();
    let crl = chain("pck_crl_issuer_chain", &collateral.pck_crl_issuer_chain)?;
    let tcb = chain("tcb_info_issuer_chain", &collateral.tcb_info_issuer_chain)?;
    let identity = chain("qe_identity_issuer_chain", &collateral.qe_identity_issuer_chain)?;
    let carried = match &collateral.pck_certificate_chain {
        Some(text) => Some(chain("pck_certificate_chain", text)?),
        None => pem::read(quote.inner_cert_data()),
    };
    // Who signs the list of revoked platform keys is who signs platform keys.
    let above = carried.as_ref().and_then(|carried| carried.get(1..));
    if above != Some(crl.as_slice()) {
        return Err(Refusal::new(
            &format!("{FIELD}.pck_crl_issuer_chain"),
            "it is not the chain above the platform's key",
        ));
    }
    if root(&tcb) != root(&crl) || root(&identity) != root(&crl) {
        return Err(Refusal::new(FIELD, "its chains end at different roots"));
    }
    Ok(())
}
