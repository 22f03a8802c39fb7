//! Delegates: what a certificate allows, and what not.

use super::{CLUSTER, NETWORK, seed, wallets::command};
use crate::*;
use tallow_types::{
    AccountId, Action, Authority, Certificate, ClusterId, CodeHash, Command, Compat, Contracts, Delegation, NetworkId,
    Scope, SealedSessionOpen, SignedCommand, SigningScheme,
    limits::{DELEGATION_CONTRACTS_MAX, DELEGATION_TIME_MS_MAX, SESSION_OPEN_BYTES_MAX},
};

const NOW: u64 = 1_000_000;
const END: u64 = NOW + 1_000;
const ALLOWED: AccountId = AccountId([3; 32]);

fn wallet() -> Keypair {
    Keypair::from_uri("secp256k1://Alice").unwrap()
}

fn delegate() -> Keypair {
    Keypair::ed25519_from_seed(&seed(5))
}

fn scope() -> Scope {
    Scope::Commands { contracts: Contracts::Only(vec![ALLOWED]), value_max: 4 }
}

fn delegation(scope: Scope) -> Delegation {
    let (network, cluster) = (NETWORK, CLUSTER);
    Delegation { network, cluster, delegate: delegate().public(), not_before_ms: NOW, not_after_ms: END, scope }
}

fn certify(delegation: Delegation) -> Certificate {
    let signature = wallet().sign_statement(SigningScheme::Eip712, &Statement::Delegation(&delegation)).unwrap();
    Certificate { delegation, signature }
}

fn sign(certificate: Certificate, key: &Keypair, command: Command) -> SignedCommand {
    let signature = key.sign(&Statement::Command(&command).signing_bytes(SigningScheme::Raw));
    SignedCommand { command, authority: Authority::Delegate { certificate: Box::new(certificate), signature } }
}

fn call(contract: AccountId) -> Command {
    command(Action::Call { contract, input: vec![1] })
}

fn judge(scope: Scope, command: Command) -> Result<(), AuthorityError> {
    verify_command(&sign(certify(delegation(scope)), &delegate(), command))
}

#[test]
fn a_delegate_does_what_the_certificate_allows() {
    let transfer = || command(Action::Transfer { to: ALLOWED });
    let instantiate = || {
        let (code, compat) = (CodeHash([3; 32]), Compat::Tallow);
        command(Action::Instantiate { code, input: vec![], salt: vec![], compat, public_events: false })
    };
    let withdraw = |value| Command { value, ..command(Action::Withdraw { to: ALLOWED }) };
    let any = || Scope::Commands { contracts: Contracts::Any, value_max: 4 };
    let costly = Command { value: 5, ..call(ALLOWED) };
    let cases = [
        (scope(), call(ALLOWED), Ok(())),
        (scope(), call(AccountId([9; 32])), Err(AuthorityError::Scope)),
        (scope(), costly.clone(), Err(AuthorityError::Value)),
        (scope(), transfer(), Err(AuthorityError::Scope)),
        (scope(), instantiate(), Err(AuthorityError::Scope)),
        (any(), transfer(), Ok(())),
        (any(), instantiate(), Ok(())),
        (scope(), withdraw(1), Err(AuthorityError::Scope)),
        (any(), withdraw(4), Ok(())),
        (any(), withdraw(5), Err(AuthorityError::Value)),
        (any(), costly, Err(AuthorityError::Value)),
        (Scope::Queries, call(ALLOWED), Err(AuthorityError::Scope)),
    ];
    for (scope, command, expected) in cases {
        assert_eq!(judge(scope.clone(), command.clone()), expected, "{scope:?} {command:?}");
    }
}

#[test]
fn the_id_is_that_of_the_command_whoever_signs() {
    let signed = sign(certify(delegation(scope())), &delegate(), call(ALLOWED));
    assert_eq!(command_id(&signed.command), command_id(&wallet().sign_command(call(ALLOWED)).command));
}

#[test]
fn certificates_are_the_callers_and_for_their_delegate_and_place() {
    let command = || call(ALLOWED);
    let good = || certify(delegation(scope()));
    let refused = |certificate, key: &Keypair, command| verify_command(&sign(certificate, key, command)).unwrap_err();
    // Another key than the certified one, the wallet's among them.
    assert_eq!(refused(good(), &Keypair::ed25519_from_seed(&seed(6)), command()), AuthorityError::Signature);
    assert_eq!(refused(good(), &wallet(), command()), AuthorityError::Signature);
    // Another caller than the one that certified.
    let bobs = Command { caller: Keypair::from_uri("//Bob").unwrap().public(), ..command() };
    assert_eq!(refused(good(), &delegate(), bobs), AuthorityError::Certificate);
    // A certificate that was changed, or one of another place.
    type Change = (fn(&mut Delegation), AuthorityError);
    let changes: [Change; 5] = [
        (|delegation| delegation.not_after_ms += 1, AuthorityError::Certificate),
        (|delegation| delegation.not_before_ms -= 1, AuthorityError::Certificate),
        (|delegation| delegation.scope = Scope::Queries, AuthorityError::Certificate),
        (|delegation| delegation.network = NetworkId([9; 32]), AuthorityError::Foreign),
        (|delegation| delegation.cluster = ClusterId([9; 32]), AuthorityError::Foreign),
    ];
    for (change, reason) in changes {
        let mut altered = good();
        change(&mut altered.delegation);
        assert_eq!(refused(altered, &delegate(), command()), reason);
        let mut other = delegation(scope());
        change(&mut other);
        if reason == AuthorityError::Foreign {
            assert_eq!(refused(certify(other), &delegate(), command()), reason);
        }
    }
    // A signature under another form than the stated one.
    let mut claimed = good();
    claimed.signature.scheme = SigningScheme::Eip191;
    assert_eq!(refused(claimed, &delegate(), command()), AuthorityError::Certificate);
    // A command's signature is no certificate: the caller signed the command itself, and that signature is put in.
    let own = wallet().sign_statement(SigningScheme::Eip712, &Statement::Command(&command())).unwrap();
    let forged = Certificate { delegation: delegation(scope()), signature: own };
    assert_eq!(refused(forged, &delegate(), command()), AuthorityError::Certificate);
}

#[test]
fn delegates_cannot_certify() {
    let second = Keypair::ed25519_from_seed(&seed(7));
    let delegation = Delegation { delegate: second.public(), ..delegation(scope()) };
    let signature = delegate().sign_statement(SigningScheme::Raw, &Statement::Delegation(&delegation)).unwrap();
    let signed = sign(Certificate { delegation, signature }, &second, call(ALLOWED));
    assert_eq!(verify_command(&signed), Err(AuthorityError::Certificate));
}

#[test]
fn certificates_are_short_and_small() {
    let lasting = |milliseconds| {
        let not_after_ms = NOW + milliseconds;
        verify_command(&sign(certify(Delegation { not_after_ms, ..delegation(scope()) }), &delegate(), call(ALLOWED)))
    };
    assert_eq!(lasting(DELEGATION_TIME_MS_MAX), Ok(()));
    assert_eq!(lasting(DELEGATION_TIME_MS_MAX + 1), Err(AuthorityError::TooWide));
    let naming = |contracts| {
        let contracts = Contracts::Only(vec![ALLOWED; contracts]);
        judge(Scope::Commands { contracts, value_max: 4 }, call(ALLOWED))
    };
    assert_eq!(naming(DELEGATION_CONTRACTS_MAX), Ok(()));
    assert_eq!(naming(DELEGATION_CONTRACTS_MAX + 1), Err(AuthorityError::TooWide));
}

#[test]
fn certificates_have_a_beginning_and_an_end() {
    let delegation = delegation(scope());
    let expected =
        [(NOW - 1, Err(AuthorityError::NotYet)), (NOW, Ok(())), (END, Ok(())), (END + 1, Err(AuthorityError::Expired))];
    for (now, result) in expected {
        assert_eq!(check_time(&delegation, now), result, "{now}");
    }
}

/// A session that the delegate opens for the wallet's account.
fn session(certificate: Certificate, expiry_ms: u64) -> SealedSessionOpen {
    let transport = TransportSecret::from_bytes(&seed(1)).public();
    let worker = delegate().worker().unwrap();
    let draft = SessionDraft::new(&transport, (&NETWORK, &CLUSTER, &worker), wallet().public(), expiry_ms).unwrap();
    let signature = delegate().sign(&Statement::Session(draft.terms()).signing_bytes(SigningScheme::Raw));
    draft.open(Authority::Delegate { certificate: Box::new(certificate), signature }).0
}

fn accept(sealed: &SealedSessionOpen, now_ms: u64) -> Result<SessionServer, SealError> {
    let (transport, worker) = (TransportSecret::from_bytes(&seed(1)), delegate().worker().unwrap());
    SessionServer::accept(&transport, &NETWORK, &CLUSTER, &worker, now_ms, sealed)
}

#[test]
fn a_delegate_opens_sessions_for_its_caller() {
    let refused = |certificate, expiry, now| accept(&session(certificate, expiry), now).err();
    let good = |scope| certify(delegation(scope));
    for scope in [Scope::Queries, scope()] {
        let server = accept(&session(good(scope), END), NOW).unwrap();
        assert_eq!(account_of(&server.caller()), wallet().account());
    }
    let authority = |error| Some(SealError::Authority(error));
    assert_eq!(refused(good(Scope::Queries), END + 1, NOW), authority(AuthorityError::Expired), "it outlives it");
    assert_eq!(refused(good(Scope::Queries), NOW, NOW - 1), authority(AuthorityError::NotYet));
    let early = Delegation { not_after_ms: NOW, ..delegation(Scope::Queries) };
    assert_eq!(refused(certify(early), END, NOW + 1), authority(AuthorityError::Expired));
    let foreign = Delegation { network: NetworkId([9; 32]), ..delegation(Scope::Queries) };
    assert_eq!(refused(certify(foreign), END, NOW), authority(AuthorityError::Foreign));
}

#[test]
fn the_largest_certificate_fits_a_session() {
    let contracts = Contracts::Only(vec![ALLOWED; DELEGATION_CONTRACTS_MAX]);
    let scope = Scope::Commands { contracts, value_max: u128::MAX };
    let largest = Delegation { delegate: wallet().public(), ..delegation(scope) };
    let sealed = session(certify(largest), END);
    assert!(parity_scale_codec::Encode::encoded_size(&sealed) <= SESSION_OPEN_BYTES_MAX);
}
