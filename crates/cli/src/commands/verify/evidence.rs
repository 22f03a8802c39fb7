//! `tallow verify evidence`

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Color, plain};
use anyhow::{Context as _, anyhow};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use tallow_evidence::{Claims, Collateral, Examined, Input, Kind, Policy, Refusal, examine, parse_time, show_time};

/// Bytes of a file that is read: more than any document, collateral or policy has.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Which document, and what judges it.
#[derive(clap::Args)]
#[command(after_help = "Exit codes: 0 accepted, 1 refused, 2 unreadable.")]
pub(crate) struct Args {
    /// The document: binary, hexadecimal or base64.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What it is a document of; found out when not given.
    #[arg(long, value_name = "KIND")]
    kind: Option<KindName>,
    /// What its maker publishes: DCAP collateral in JSON (SGX, TDX), or AMD's list of revoked keys.
    #[arg(long, value_name = "FILE")]
    collateral: Vec<PathBuf>,
    /// Certificate in DER or PEM that the document does not carry itself (SEV-SNP: VCEK, or VLEK with its ASVK).
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// Judge as of this time: 2026-12-01T10:00:00Z, or seconds since 1970; now when not given.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<u64>,
    /// Policy in TOML; when not given, signatures, dates, revocation and debugging are judged, and the policy that takes
    /// just this program on such hardware is printed.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// Kinds by the names that users type.
#[derive(Clone, Copy, ValueEnum)]
enum KindName {
    Sgx,
    Tdx,
    Snp,
    Nitro,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Sgx => Self::Sgx,
            KindName::Tdx => Self::Tdx,
            KindName::Snp => Self::Snp,
            KindName::Nitro => Self::Nitro,
        }
    }
}

fn time(text: &str) -> Result<u64, &'static str> {
    parse_time(text).ok_or("expected a time like 2026-12-01T10:00:00Z, or seconds since 1970")
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let now_s = args.at.unwrap_or_else(now_s);
    let policy = args.policy.as_deref().map(read_policy).transpose()?;
    let collateral = Collateral { files: read_all(&args.collateral)?, certificates: read_all(&args.certificate)? };
    let examined = Input::read(&read(&args.file)?, args.kind.map(Kind::from))
        .and_then(|input| examine(input.kind, &input.document, &collateral, now_s))
        .map_err(|error| Failure::usage(error.into()).hint(UNREADABLE_HINT))?;
    let verdict = judge(&examined, policy.as_ref(), now_s);
    show(context, &examined);
    let document = document(&examined, &verdict, now_s);
    match verdict {
        Ok(claims) => {
            context.output.document(&document);
            accepted(context, claims, policy.is_some());
            Ok(())
        }
        Err(refusal) => Err(refused(&examined, &refusal).document(document)),
    }
}

const UNREADABLE_HINT: &str = "give the document as its hardware's interface gave it, in binary, hexadecimal or base64; \
     --kind says what it should be";

fn now_s() -> u64 {
    UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}

/// What is believed, or the field that stands against it. Without a policy, only what no policy should take is refused.
fn judge<'a>(examined: &'a Examined, policy: Option<&Policy>, now_s: u64) -> Result<&'a Claims, Refusal> {
    let claims = examined.verdict.as_ref().map_err(Clone::clone)?;
    let judged = match policy {
        Some(policy) => policy.judge(claims, now_s),
        None => Policy { debug: false, ..Policy::accepting(claims) }.judge(claims, now_s),
    };
    judged.map(|()| claims)
}

fn show(context: &Context, examined: &Examined) {
    let output = &context.output;
    output.text(format!("{:<24} {} ({:?})", "kind", examined.kind, examined.kind.vendor()));
    for field in examined.fields.iter().filter(|field| !field.value.is_empty()) {
        output.text(format!("{:<24} {}", field.name, plain(&field.value)));
    }
}

fn accepted(context: &Context, claims: &Claims, by_policy: bool) {
    let output = &context.output;
    output.text(format!("{:<24} {}", "valid_until", show_time(claims.valid_until_s)));
    if !claims.revocation_checked {
        output.warn("no list of revoked keys was given (--collateral), so none was looked at");
    }
    if by_policy {
        output.note(output.paint(Color::Green, "accepted by the policy"));
        return;
    }
    output.note(output.paint(Color::Green, "genuine: signatures, chain, dates and the debug bit hold"));
    output.note("no policy was given; this one takes just this program on such hardware:");
    output.text(format!("\n{}", Policy::accepting(claims).to_toml()));
}

fn refused(examined: &Examined, refusal: &Refusal) -> Failure {
    let hint = match refusal.field.as_str() {
        "collateral" if matches!(examined.kind, Kind::Sgx | Kind::Tdx) => {
            "give the collateral of the quote's platform (Intel's PCS or a PCCS), in JSON, by --collateral FILE"
        }
        "certificate" => "give the certificate of the chip's key (AMD's KDS, or the provider), by --certificate FILE",
        field if field.starts_with("chain.") || field.starts_with("collateral.") => {
            "dates are judged as of --at; certificates and collateral that are over must be fetched again"
        }
        _ => "do not trust it: the field named above stands against it",
    };
    Failure::failed(anyhow!("refused: {}", plain(&refusal.to_string()))).hint(hint)
}

fn document(examined: &Examined, verdict: &Result<&Claims, Refusal>, now_s: u64) -> Value {
    let fields: serde_json::Map<String, Value> =
        examined.fields.iter().map(|field| (field.name.clone(), json!(field.value))).collect();
    let policy = examined.verdict.as_ref().ok().map(Policy::accepting);
    json!({
        "kind": examined.kind,
        "vendor": examined.kind.vendor(),
        "at": show_time(now_s),
        "accepted": verdict.is_ok(),
        "refusal": verdict.as_ref().err(),
        "proven": examined.verdict.as_ref().ok(),
        "fields": fields,
        "policy": policy,
    })
}

fn read_policy(path: &Path) -> Result<Policy, Failure> {
    let text = String::from_utf8(read(path)?)
        .map_err(|_| Failure::usage(anyhow!("{} is no text", path.display())).hint("a policy is written in TOML"))?;
    Policy::from_toml(&text).map_err(|error| {
        Failure::usage(anyhow!("{}: {error}", path.display()))
            .hint("without --policy, a policy that takes the document is printed to begin with")
    })
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let failed = || format!("cannot read {}", path.display());
    let mut content = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content))
        .with_context(failed)
        .map_err(|error| Failure::usage(error).hint("check the path and who may read it"))?;
    if content.len() as u64 > FILE_BYTES_MAX {
        let error = anyhow!("{} has more than {FILE_BYTES_MAX} bytes", path.display());
        return Err(Failure::usage(error).hint("no document of attestation is that large"));
    }
    Ok(content)
}
