//! Whether what arrives is its caller's: the caller's own signature, or a delegate's under the caller's certificate.

use crate::{Statement, VerifyingKey, blake2b_256, contract::ecdsa_recover, keccak_256, verify};
use tallow_types::limits::{DELEGATION_CONTRACTS_MAX, DELEGATION_TIME_MS_MAX};
use tallow_types::{
    AccountId, Action, Authority, CallerSignature, Certificate, ClusterId, Command, Contracts, Delegation, NetworkId,
    PublicKey, Scope, SessionTerms, Signature, SignedCommand, SignedLedgerTx, SigningScheme,
};

/// Why something is not its caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// The signature is not the caller's, nor its delegate's.
    #[error("the signature is not the caller's")]
    Signature,
    /// The certificate's signature is not the caller's.
    #[error("the certificate does not bear the caller's signature")]
    Certificate,
    /// The certificate is for another network or cluster.
    #[error("the certificate is for another network or cluster")]
    Foreign,
    /// The command is not among what the certificate allows.
    #[error("the certificate does not allow this command; the wallet must sign it, or a wider certificate")]
    Scope,
    /// The command moves more value than the certificate allows.
    #[error("the command moves more value than the certificate allows")]
    Value,
    /// The certificate lasts too long, or names too many contracts.
    #[error(
        "a certificate lasts at most {DELEGATION_TIME_MS_MAX} ms and names at most {DELEGATION_CONTRACTS_MAX} contracts"
    )]
    TooWide,
    /// The certificate is not valid yet.
    #[error("the certificate is not valid yet; compare the clocks")]
    NotYet,
    /// The certificate is no longer valid.
    #[error("the certificate has expired; let the wallet sign another")]
    Expired,
}

/// The account that a public key controls: the key itself, or for secp256k1 the BLAKE2b-256 of the compressed point, as
/// Substrate's `MultiSigner` has it.
pub fn account_of(key: &PublicKey) -> AccountId {
    match key {
        PublicKey::Ed25519(key) | PublicKey::Sr25519(key) => AccountId(*key),
        PublicKey::Secp256k1(key) => AccountId(blake2b_256(key)),
    }
}

/// Whether `signature` is `key`'s over `statement`. Schemes of Ethereum wallets are for secp256k1 keys alone.
pub fn verify_statement(key: &PublicKey, statement: &Statement<'_>, signature: &CallerSignature) -> bool {
    let bytes = statement.signing_bytes(signature.scheme);
    match signature.scheme {
        SigningScheme::Raw | SigningScheme::WrappedBytes => verify(key, &bytes, &signature.signature),
        SigningScheme::Eip191 | SigningScheme::Eip712 => {
            VerifyingKey::new(key).is_some_and(|key| key.verify_keccak(&bytes, &signature.signature))
        }
    }
}

/// Checks that a command is its caller's, as far as time has no part in it.
///
/// # Errors
/// [`AuthorityError`]; whether a certificate is valid now is for [`check_time`] to say.
pub fn verify_command(signed: &SignedCommand) -> Result<(), AuthorityError> {
    let SignedCommand { command, authority } = signed;
    let place = (&command.network, &command.cluster);
    verify_authority(&command.caller, &Statement::Command(command), authority, place)?;
    authority.delegation().map_or(Ok(()), |delegation| check_scope(&delegation.scope, command))
}

/// Checks that the terms of a session are its caller's, at `now_ms`.
pub(crate) fn verify_terms(terms: &SessionTerms, authority: &Authority, now_ms: u64) -> Result<(), AuthorityError> {
    let place = (&terms.network, &terms.cluster);
    verify_authority(&terms.caller, &Statement::Session(terms), authority, place)?;
    let Some(delegation) = authority.delegation() else { return Ok(()) };
    // A session does not outlive what it stands on.
    check_time(delegation, now_ms)?;
    if terms.expiry_ms <= delegation.not_after_ms { Ok(()) } else { Err(AuthorityError::Expired) }
}

/// Whether a ledger transaction bears its signer's signature. Delegates cannot send any.
pub fn verify_ledger_tx(signed: &SignedLedgerTx) -> bool {
    verify_statement(&signed.tx.signer, &Statement::LedgerTx(&signed.tx), &signed.signature)
}

fn verify_authority(
    caller: &PublicKey,
    statement: &Statement<'_>,
    authority: &Authority,
    place: (&NetworkId, &ClusterId),
) -> Result<(), AuthorityError> {
    let good = match authority {
        Authority::Caller(signature) => verify_statement(caller, statement, signature),
        Authority::Delegate { certificate, signature } => {
            let delegate = certificate.delegation.delegate;
            verify_certificate(caller, certificate, place)?;
            let signature = CallerSignature { scheme: SigningScheme::Raw, signature: *signature };
            verify_statement(&delegate, statement, &signature)
        }
    };
    if good { Ok(()) } else { Err(AuthorityError::Signature) }
}

/// Checks a certificate of `caller` for a network and cluster, as far as time has no part in it.
///
/// # Errors
/// [`AuthorityError`]
pub fn verify_certificate(
    caller: &PublicKey,
    certificate: &Certificate,
    (network, cluster): (&NetworkId, &ClusterId),
) -> Result<(), AuthorityError> {
    let Certificate { delegation, signature } = certificate;
    if delegation.network != *network || delegation.cluster != *cluster {
        return Err(AuthorityError::Foreign);
    }
    let contracts = bound_to(delegation).map_or(0, <[AccountId]>::len);
    let lasts = delegation.not_after_ms.saturating_sub(delegation.not_before_ms);
    if lasts > DELEGATION_TIME_MS_MAX || contracts > DELEGATION_CONTRACTS_MAX {
        return Err(AuthorityError::TooWide);
    }
    let good = verify_statement(caller, &Statement::Delegation(delegation), signature);
    if good { Ok(()) } else { Err(AuthorityError::Certificate) }
}

/// The contracts that a delegate is bound to; `None` when it is bound to none.
pub(crate) fn bound_to(delegation: &Delegation) -> Option<&[AccountId]> {
    match &delegation.scope {
        Scope::Commands { contracts: Contracts::Only(contracts), .. } => Some(contracts),
        Scope::Commands { contracts: Contracts::Any, .. } | Scope::Queries => None,
    }
}

/// Whether a delegation is valid at `now_ms`: block time for commands, the replica's clock for sessions.
///
/// # Errors
/// [`AuthorityError::NotYet`], [`AuthorityError::Expired`]
pub fn check_time(delegation: &Delegation, now_ms: u64) -> Result<(), AuthorityError> {
    if now_ms < delegation.not_before_ms {
        return Err(AuthorityError::NotYet);
    }
    if now_ms > delegation.not_after_ms { Err(AuthorityError::Expired) } else { Ok(()) }
}

fn check_scope(scope: &Scope, command: &Command) -> Result<(), AuthorityError> {
    let Scope::Commands { contracts, value_max } = scope else { return Err(AuthorityError::Scope) };
    let named = match (contracts, &command.action) {
        // What is for owners alone, their own key signs.
        (_, action) if is_owners(action) => false,
        (Contracts::Any, _) => true,
        (Contracts::Only(contracts), Action::Call { contract, .. }) => contracts.contains(contract),
        (Contracts::Only(_), _) => false,
    };
    match (named, command.value <= *value_max) {
        (true, true) => Ok(()),
        (true, false) => Err(AuthorityError::Value),
        (false, _) => Err(AuthorityError::Scope),
    }
}

/// Whether it changes what a contract or the cluster is, or what only its owner may know.
fn is_owners(action: &Action) -> bool {
    match action {
        Action::Call { .. }
        | Action::Instantiate { .. }
        | Action::InstantiateUpgradable { .. }
        | Action::Transfer { .. }
        | Action::Withdraw { .. } => false,
        Action::Upgrade { .. }
        | Action::Freeze { .. }
        | Action::SetSecret { .. }
        | Action::RemoveSecret { .. }
        | Action::SetSystemContract { .. }
        | Action::SetPolicy { .. } => true,
    }
}

/// Why the bytes that a wallet gave are not the signature that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WalletError {
    /// Neither 64 nor 65 bytes.
    #[error("a signature has 64 bytes, or 65 with its recovery id; this one has {0}")]
    Length(usize),
    /// No key recovers from it.
    #[error("no public key can be recovered from the signature")]
    NoKey,
    /// It is not the key's signature of the statement.
    #[error("the signature is not this key's of what was to be signed; sign it again with the account named")]
    NotSigned,
}

/// Takes the bytes that a wallet gave for `statement`: r ‖ s ‖ v or the 64 bytes alone. The recovery id v is dropped,
/// since the signature is checked against `key`, which is stated.
///
/// # Errors
/// [`WalletError`]
pub fn accept_wallet_signature(
    key: &PublicKey,
    statement: &Statement<'_>,
    scheme: SigningScheme,
    bytes: &[u8],
) -> Result<CallerSignature, WalletError> {
    if !matches!(bytes.len(), 64 | 65) {
        return Err(WalletError::Length(bytes.len()));
    }
    let signature = bytes.first_chunk().copied().map(Signature).ok_or(WalletError::Length(bytes.len()))?;
    let signature = CallerSignature { scheme, signature };
    if verify_statement(key, statement, &signature) { Ok(signature) } else { Err(WalletError::NotSigned) }
}

/// The secp256k1 key that signed `statement`, for wallets that tell their address alone: `bytes` is r ‖ s ‖ v, v from 0
/// or from 27. The result is any key at all if the statement was another; compare its address with the wallet's
/// ([`crate::contract::ecdsa_to_eth_address`]).
///
/// # Errors
/// [`WalletError`]
pub fn recover_key(
    statement: &Statement<'_>,
    scheme: SigningScheme,
    bytes: &[u8],
) -> Result<(PublicKey, CallerSignature), WalletError> {
    let whole: &[u8; 65] = bytes.try_into().map_err(|_| WalletError::Length(bytes.len()))?;
    let message = statement.signing_bytes(scheme);
    let hash = match scheme {
        SigningScheme::Raw | SigningScheme::WrappedBytes => blake2b_256(&message),
        SigningScheme::Eip191 | SigningScheme::Eip712 => keccak_256(&message),
    };
    let key = ecdsa_recover(whole, &hash).map(PublicKey::Secp256k1).ok_or(WalletError::NoKey)?;
    accept_wallet_signature(&key, statement, scheme, bytes).map(|signature| (key, signature))
}
