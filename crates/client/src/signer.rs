//! Who signs for a caller: a key pair, a wallet, a delegate.

use crate::{Client, ClientError, now_ms};
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::Arc;
use tallow_crypto::{FieldValue, Keypair, SchemeError, Statement, account_of, eip712};
use tallow_types::limits::DELEGATION_TIME_MS_MAX;
use tallow_types::{AccountId, Authority, CallerSignature, Certificate, Delegation, PublicKey, Scope, SigningScheme};

/// Milliseconds that a certificate begins before it is made: clocks differ.
const CLOCK_MARGIN_MS: u64 = 60_000;

/// Why something was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The key does not sign in this form.
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    /// Delegates send commands and queries alone.
    #[error("a delegate cannot send ledger transactions or certify others; sign with the account's own key")]
    Delegate,
    /// The wallet did not sign.
    #[error("the wallet did not sign: {0}")]
    Wallet(String),
}

/// A signature to come: wallets ask their users.
pub type Signing<'a> = Pin<Box<dyn Future<Output = Result<Authority, SignerError>> + Send + 'a>>;

/// Signs for a caller. Implemented by key pairs, by [`Wallet`] and [`Delegate`], and by whatever reaches a wallet
/// outside of this process.
pub trait Signer: Send + Sync {
    /// The key whose account is the caller.
    fn caller_key(&self) -> PublicKey;

    /// Signs, or lets sign. A wallet is shown [`Statement::text`] or [`typed_data`]; what it gives is checked by
    /// [`tallow_crypto::accept_wallet_signature`].
    fn authorise<'a>(&'a self, statement: Statement<'a>) -> Signing<'a>;

    /// Milliseconds since the Unix epoch from which on it signs no more, if there is such a time.
    fn valid_until_ms(&self) -> Option<u64> {
        None
    }

    /// The caller.
    fn caller(&self) -> AccountId {
        account_of(&self.caller_key())
    }
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn caller_key(&self) -> PublicKey {
        (**self).caller_key()
    }

    fn authorise<'a>(&'a self, statement: Statement<'a>) -> Signing<'a> {
        (**self).authorise(statement)
    }

    fn valid_until_ms(&self) -> Option<u64> {
        (**self).valid_until_ms()
    }
}

fn sign(key: &Keypair, scheme: SigningScheme, statement: &Statement<'_>) -> Result<Authority, SignerError> {
    Ok(Authority::Caller(key.sign_statement(scheme, statement)?))
}

impl Signer for Keypair {
    fn caller_key(&self) -> PublicKey {
        self.public()
    }

    fn authorise<'a>(&'a self, statement: Statement<'a>) -> Signing<'a> {
        Box::pin(std::future::ready(sign(self, SigningScheme::Raw, &statement)))
    }
}

/// A key pair that signs in the form of a wallet.
pub struct Wallet {
    key: Keypair,
    scheme: SigningScheme,
}

impl Wallet {
    /// Signs by `key` in this form.
    pub fn new(key: Keypair, scheme: SigningScheme) -> Self {
        Self { key, scheme }
    }
}

impl Signer for Wallet {
    fn caller_key(&self) -> PublicKey {
        self.key.public()
    }

    fn authorise<'a>(&'a self, statement: Statement<'a>) -> Signing<'a> {
        Box::pin(std::future::ready(sign(&self.key, self.scheme, &statement)))
    }
}

/// A key that acts for a caller under its certificate.
pub struct Delegate {
    caller: PublicKey,
    certificate: Certificate,
    key: Keypair,
}

impl Delegate {
    /// `key`, which the certificate of `caller` names.
    pub fn new(caller: PublicKey, certificate: Certificate, key: Keypair) -> Self {
        Self { caller, certificate, key }
    }

    /// The certificate, for whoever keeps it.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

impl Signer for Delegate {
    fn caller_key(&self) -> PublicKey {
        self.caller
    }

    fn authorise<'a>(&'a self, statement: Statement<'a>) -> Signing<'a> {
        let signed = match statement {
            Statement::Command(_) | Statement::Session(_) => {
                let signature = self.key.sign(&statement.signing_bytes(SigningScheme::Raw));
                Ok(Authority::Delegate { certificate: Box::new(self.certificate.clone()), signature })
            }
            Statement::LedgerTx(_) | Statement::Delegation(_) => Err(SignerError::Delegate),
        };
        Box::pin(std::future::ready(signed))
    }

    fn valid_until_ms(&self) -> Option<u64> {
        Some(self.certificate.delegation.not_after_ms)
    }
}

/// The caller's own signature.
pub(crate) async fn own_signature<S: Signer + ?Sized>(
    signer: &S,
    statement: Statement<'_>,
) -> Result<CallerSignature, SignerError> {
    match signer.authorise(statement).await? {
        Authority::Caller(signature) => Ok(signature),
        Authority::Delegate { .. } => Err(SignerError::Delegate),
    }
}

impl Client {
    /// Makes a fresh key and lets `caller` certify it for this cluster: the caller signs once, and the delegate sends
    /// what `scope` allows until `lifetime_ms` (at most [`DELEGATION_TIME_MS_MAX`]) are over.
    ///
    /// # Errors
    /// [`ClientError::Signer`] when the caller does not sign.
    pub async fn delegate<S: Signer + ?Sized>(
        &self,
        caller: &S,
        scope: Scope,
        lifetime_ms: u64,
    ) -> Result<Delegate, ClientError> {
        let key = Keypair::generate_ed25519();
        let certificate = self.certify(caller, key.public(), scope, lifetime_ms).await?;
        Ok(Delegate::new(caller.caller_key(), certificate, key))
    }

    /// Lets `caller` certify another's key for this cluster, as [`Client::delegate`] does a fresh one.
    ///
    /// # Errors
    /// [`ClientError::Signer`] when the caller does not sign.
    pub async fn certify<S: Signer + ?Sized>(
        &self,
        caller: &S,
        delegate: PublicKey,
        scope: Scope,
        lifetime_ms: u64,
    ) -> Result<Certificate, ClientError> {
        let delegation = self.delegation(delegate, scope, lifetime_ms);
        let signature = own_signature(caller, Statement::Delegation(&delegation)).await?;
        Ok(Certificate { delegation, signature })
    }

    /// What a wallet signs to certify `delegate` for this cluster.
    pub fn delegation(&self, delegate: PublicKey, scope: Scope, lifetime_ms: u64) -> Delegation {
        let now = now_ms();
        let not_before_ms = now.saturating_sub(CLOCK_MARGIN_MS);
        let not_after_ms = now.saturating_add(lifetime_ms).min(not_before_ms.saturating_add(DELEGATION_TIME_MS_MAX));
        let (network, cluster) = (self.network(), self.cluster_id());
        Delegation { network, cluster, delegate, not_before_ms, not_after_ms, scope }
    }
}

/// The typed data that `eth_signTypedData_v4` of an Ethereum wallet takes for a statement (EIP-712).
pub fn typed_data(statement: &Statement<'_>) -> Value {
    let form = statement.form();
    let member = |name: &str, kind: &str| json!({ "name": name, "type": kind });
    let members: Vec<_> = form.fields.iter().map(|field| member(field.name, field.value.type_name())).collect();
    let message: serde_json::Map<_, _> =
        form.fields.iter().map(|field| (field.name.to_owned(), json_value(&field.value))).collect();
    json!({
        "types": { "EIP712Domain": [member("name", "string"), member("version", "string")], form.kind: members },
        "primaryType": form.kind,
        "domain": { "name": eip712::NAME, "version": eip712::VERSION },
        "message": message,
    })
}

/// Numbers are text in decimal: JavaScript's own are too small.
fn json_value(value: &FieldValue) -> Value {
    match value {
        FieldValue::Bytes32(bytes) => format!("0x{}", hex::encode(bytes)).into(),
        FieldValue::Bytes(bytes) => format!("0x{}", hex::encode(bytes)).into(),
        FieldValue::Uint64(number) => number.to_string().into(),
        FieldValue::Uint128(number) => number.to_string().into(),
        FieldValue::Text(text) => text.as_str().into(),
    }
}
