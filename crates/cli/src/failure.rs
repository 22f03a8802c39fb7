//! Failures: what went wrong, what to do next, and the exit code.

use anyhow::anyhow;
use serde_json::Value;
use std::error::Error;
use std::io::{self, ErrorKind};
use tallow_client::{ClientError, Code, Rejection};
use tallow_types::{CallError, QueryRefusal};

/// The operation failed: a contract's error, a failing test, a file that cannot be read.
pub(crate) const FAILED: u8 = 1;
/// The command line, or an argument for a contract, is wrong.
pub(crate) const USAGE: u8 = 2;
/// The worker or the cluster refused: permissions, balances, full queues and disks.
pub(crate) const REFUSED: u8 = 3;
/// No worker answers.
pub(crate) const UNREACHABLE: u8 = 4;
/// What the worker said is not proven: nothing of it was believed.
pub(crate) const UNTRUSTED: u8 = 5;

/// Why a command ends with another exit code than 0.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) error: anyhow::Error,
    /// What to do next.
    pub(crate) hint: String,
    /// What to print in place of the error when JSON is asked for.
    pub(crate) document: Option<Value>,
}

impl Failure {
    pub(crate) fn failed(error: anyhow::Error) -> Self {
        Self { code: FAILED, error, hint: String::new(), document: None }
    }

    pub(crate) fn usage(error: anyhow::Error) -> Self {
        Self { code: USAGE, ..Self::failed(error) }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    pub(crate) fn document(self, document: Value) -> Self {
        Self { document: Some(document), ..self }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let hint = client_hint(&error);
        let code = client_code(&error);
        Self { code, ..Self::failed(chain(error)).hint(hint) }
    }
}

/// The error with its causes, free of characters that act on a terminal: some of the text is the worker's.
fn chain(error: ClientError) -> anyhow::Error {
    anyhow!(crate::output::plain(&format!("{:#}", anyhow::Error::from(error))))
}

fn client_code(error: &ClientError) -> u8 {
    match error {
        ClientError::Url { .. } => USAGE,
        ClientError::Refused(_) => REFUSED,
        ClientError::Api(problem) if !matches!(problem.code, Code::Internal | Code::NotFound) => REFUSED,
        ClientError::Unreachable { .. } | ClientError::Timeout { .. } => UNREACHABLE,
        ClientError::Rejected(_) => UNTRUSTED,
        _ => FAILED,
    }
}

/// What to do when there is no connection, or one over which no HTTP comes.
fn unreachable_hint(url: &str, source: &(dyn Error + 'static)) -> &'static str {
    let causes: Vec<_> = anyhow::Chain::new(source).collect();
    let says = |what: &str| causes.iter().any(|cause| cause.to_string().contains(what));
    let io = causes.iter().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let connected =
        !says("timed out") && !matches!(io, Some(ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable));
    if says("dns error") {
        "check the name of the host in --url, or give its address"
    } else if says("(SendRequest)") {
        "what answers there is not a Tallow worker, or breaks off: check --url; with TLS it begins with https://"
    } else if url.starts_with("https://") && connected {
        "what answers there does not speak TLS, or its certificate is not good: check --url; without TLS it begins with \
         http://"
    } else {
        "start a development network with `tallow dev`, or name another worker by --url or TALLOW_URL"
    }
}

fn client_hint(error: &ClientError) -> &'static str {
    match error {
        ClientError::Url { .. } => "give the URL of a worker, such as http://127.0.0.1:7300, by --url or TALLOW_URL",
        ClientError::Tls(_) => "use an http:// URL on a trusted network, or reinstall tallow",
        ClientError::Unreachable { url, source } => unreachable_hint(url, source),
        ClientError::Timeout { .. } => "the worker is overloaded or out of reach: try again, or another one by --url",
        ClientError::Unexpected { .. } | ClientError::Malformed(_) | ClientError::Foreign { .. } => {
            "check that --url names a Tallow worker of the same version as this program"
        }
        ClientError::Version { .. } => "use the version of tallow that the worker has, or another worker by --url",
        ClientError::TooLarge { .. } => "ask for less, or check that --url names a Tallow worker",
        ClientError::InputTooLarge { .. } => "send less in one call",
        ClientError::Signer(_) => "sign by another key (--from), or in a form that this key has",
        ClientError::Refused(refusal) => refusal_hint(refusal),
        ClientError::NoReceipt { .. } => "ask later with `tallow receipt ID`; to send the same command again is safe",
        ClientError::NotAnchored { .. } => "ask later with `tallow receipt ID`",
        ClientError::Rejected(rejection) => rejection_hint(rejection),
        ClientError::Api(problem) => problem_hint(problem.code),
    }
}

fn refusal_hint(refusal: &QueryRefusal) -> &'static str {
    match refusal {
        QueryRefusal::Behind { .. } | QueryRefusal::Stale => "the replica is catching up: try again in a moment",
        QueryRefusal::Gone { .. } => "begin with that position, by --since",
        QueryRefusal::Busy => "try again in a moment",
        QueryRefusal::NotPermitted => "use the account that deployed the contract, by --from",
    }
}

fn rejection_hint(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::WrongNetwork { .. } => {
            "if the network was set up anew and you trust the worker, pin the new one with --network ID"
        }
        Rejection::UnknownPolicy => "use the version of tallow that belongs to this network",
        Rejection::Attestation(_) => "use another worker by --url; this one must attest again",
        _ => "do not trust this worker: use another one by --url, and tell its operator",
    }
}

fn problem_hint(code: Code) -> &'static str {
    match code {
        Code::DiskFull => {
            "have the worker's operator free some space, or use another worker by --url; then send it again"
        }
        Code::Busy | Code::Unavailable => "try again in a moment",
        Code::AllowanceUsed => "use an account with balance, by --from, or wait until others leave some",
        Code::PaymentRequired => "use an account with more balance, by --from, or deposit some",
        Code::RateLimited => "send requests less often, or use another worker by --url",
        Code::RequestTimeout => "try again over a faster connection, or use a worker that is nearer by --url",
        Code::CommandExpired => "send it again; check this machine's clock",
        Code::CommandSeen | Code::Replayed => "it was taken before: ask for its receipt with `tallow receipt ID`",
        Code::NotPermitted => "use the account that deployed the contract, by --from",
        Code::OriginRefused => "have the worker's operator name your page, by `tallow dev --allow-origin`",
        Code::Misdirected => "use an address of the worker, or have its operator name this one",
        Code::FeedGone => "begin later, by --since",
        Code::NotFound => "check the id; a worker keeps receipts for a limited time",
        Code::TooLarge => "send less in one call",
        Code::CodeRefused => "build the contract in release mode with ink! 3, 4 or 5",
        Code::TransactionRefused | Code::CommandRefused => "check the account and its balance, then try again",
        Code::Malformed
        | Code::EnvelopeRefused
        | Code::SessionUnknown
        | Code::MethodNotAllowed
        | Code::NotAcceptable
        | Code::UnsupportedMediaType => "check that tallow and the worker are of the same version",
        Code::Internal => "the worker's log says more; try again, or another worker by --url",
    }
}

/// What to do about a call that ended without a return value.
pub(crate) fn call_hint(error: &CallError) -> &'static str {
    match error {
        CallError::ContractNotFound => "check the address; `tallow deploy FILE` makes a contract and prints it",
        CallError::OutOfGas => "give more by --gas-limit, or have the contract do less",
        CallError::TransferFailed => "move less, or use an account with more balance by --from",
        CallError::DuplicateContract => "this contract exists already: deploy another one with --salt 0x01",
        CallError::CodeNotFound => "upload the code first, with `tallow deploy FILE`",
        CallError::ContractTrapped(_) => "the contract panicked; `tallow logs CONTRACT` may say why",
        CallError::DeadlineExceeded => "the query took too long: have the contract do less, or an HTTP service is slow",
        CallError::Expired => "it had no effect: send it again",
        CallError::OutcomeUnknown { .. } => "check the services it called before you send it again",
        CallError::NotPermitted => "use the account that owns it, by --from",
        CallError::NotUpgradable => {
            "deploy the new code as another contract, with --upgradable if it shall change again"
        }
        CallError::SecretNotFound => "`tallow secret list CONTRACT` shows the names",
        CallError::TooManySecrets => "forget one first, by `tallow secret rm CONTRACT NAME`",
        CallError::SecretsDenied => {
            "read the secret in the contract itself, and pass it to the code that it delegates to"
        }
        CallError::AuthorityDenied => {
            "derive keys, sign, set timers and replace code in the contract itself, not in code that it delegates to"
        }
        CallError::CannotPay => "deposit more with `tallow account deposit`, or give a lower gas limit by --gas-limit",
        CallError::NotBacked => "withdraw less: no more than was deposited into the cluster can leave it",
        CallError::ZeroAmount => "give an amount above 0",
        CallError::Busy | CallError::OutboxFull => "it had no effect: send it again in a moment",
        _ => "`tallow logs CONTRACT` may say more",
    }
}
