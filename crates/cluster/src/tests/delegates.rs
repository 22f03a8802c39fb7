//! Commands by wallets and by their delegates, ordered.

use super::fixture::{COUNT, Fixture, NETWORK, SECOND, Sent, cluster_id};
use crate::OpenError;
use tallow_crypto::{AuthorityError, Keypair, Statement, command_id, seal_command};
use tallow_types::{
    AccountId, Action, Authority, CallerSignature, Certificate, Command, Contracts, Delegation, Scope, Signature,
    SignedCommand, SigningScheme,
};

fn wallet() -> Keypair {
    Keypair::from_uri("secp256k1://Alice").unwrap()
}

fn delegate() -> Keypair {
    Keypair::from_uri("ed25519://Bob").unwrap()
}

fn call(fixture: &mut Fixture, contract: AccountId) -> Command {
    let command = fixture.draft(Action::Call { contract, input: vec![COUNT] });
    Command { caller: wallet().public(), ..command }
}

fn seal(fixture: &Fixture, command: Command, authority: Authority) -> Sent {
    let signed = SignedCommand { command: command.clone(), authority };
    let sealed = seal_command(&fixture.cluster.epoch_public(), &NETWORK, &cluster_id(), 0, &signed).unwrap();
    Sent { id: command_id(&command), command, sealed }
}

/// Signed by the delegate under a certificate for these contracts from `from` on, for ten seconds.
fn delegated(fixture: &Fixture, command: Command, contracts: Contracts, from: u64) -> Sent {
    let delegation = Delegation {
        network: NETWORK,
        cluster: cluster_id(),
        delegate: delegate().public(),
        not_before_ms: from,
        not_after_ms: from + 10 * SECOND,
        scope: Scope::Commands { contracts, value_max: 0 },
    };
    let signature = wallet().sign_statement(SigningScheme::Eip191, &Statement::Delegation(&delegation)).unwrap();
    let certificate = Certificate { delegation, signature };
    let signature = delegate().sign(&Statement::Command(&command).signing_bytes(SigningScheme::Raw));
    seal(fixture, command, Authority::Delegate { certificate: Box::new(certificate), signature })
}

#[test]
fn a_wallets_command_is_ordered_in_every_form_and_once() {
    let (mut fixture, contract) = Fixture::deployed();
    let forms = [SigningScheme::Raw, SigningScheme::WrappedBytes, SigningScheme::Eip191, SigningScheme::Eip712];
    for (index, scheme) in forms.into_iter().enumerate() {
        let command = call(&mut fixture, contract);
        let signature = wallet().sign_statement(scheme, &Statement::Command(&command)).unwrap();
        let sent = seal(&fixture, command, Authority::Caller(signature));
        let output = fixture.block(vec![sent.entry()]);
        assert_eq!(fixture.outcome(&output, &sent).result.unwrap().data, (index as u64 + 1).to_le_bytes());
        // Signed in another form, it is the same command.
        let raw = wallet().sign_statement(SigningScheme::Raw, &Statement::Command(&sent.command)).unwrap();
        let again = seal(&fixture, sent.command, Authority::Caller(raw));
        assert!(fixture.block(vec![again.entry()]).ordered.is_empty());
    }
}

#[test]
fn a_delegates_command_is_its_wallets() {
    let (mut fixture, contract) = Fixture::deployed();
    let now = fixture.state.position().time_ms;
    let command = call(&mut fixture, contract);
    let sent = delegated(&fixture, command, Contracts::Only(vec![contract]), now);
    let output = fixture.block(vec![sent.entry()]);
    assert!(fixture.outcome(&output, &sent).result.is_ok());
    assert_eq!(fixture.counter(&contract), 1);
    let opened = fixture.cluster.open(&sent.sealed).unwrap();
    assert_eq!(opened.expiry_ms(), now + 10 * SECOND, "it cannot be ordered after its certificate");
}

#[test]
fn block_time_decides_whether_a_certificate_holds() {
    let (mut fixture, contract) = Fixture::deployed();
    fixture.block_after(20 * SECOND, vec![]);
    let now = fixture.state.position().time_ms;
    let early = call(&mut fixture, contract);
    let late = call(&mut fixture, contract);
    // Blocks follow each other by one second; the second block is the last that one certificate covers.
    let early = delegated(&fixture, early, Contracts::Any, now + 2 * SECOND);
    let late = delegated(&fixture, late, Contracts::Any, now - 8 * SECOND - 1);
    let opened = |sent: &Sent| fixture.cluster.open(&sent.sealed).unwrap();
    let (early_opened, late_opened) = (opened(&early), opened(&late));
    let admit = |opened: &crate::Opened, time_ms| opened.admit(&fixture.state, time_ms);
    let refused = |error| Err(OpenError::Authority(error));
    assert_eq!(admit(&early_opened, now + 2 * SECOND - 1), refused(AuthorityError::NotYet));
    assert_eq!(admit(&early_opened, now + 2 * SECOND), Ok(()));
    assert_eq!(admit(&late_opened, now + 2 * SECOND - 1), Ok(()));
    assert_eq!(admit(&late_opened, now + 2 * SECOND), refused(AuthorityError::Expired));
    fixture.block(vec![]);
    let output = fixture.block(vec![early.entry(), late.entry()]);
    assert_eq!(output.ordered, [early.id], "the late one is passed over");
    assert_eq!(fixture.counter(&contract), 1);
}

#[test]
fn what_a_certificate_does_not_allow_is_passed_over() {
    let (mut fixture, contract) = Fixture::deployed();
    let now = fixture.state.position().time_ms;
    let mut cases = Vec::new();
    let other = call(&mut fixture, contract);
    cases.push((delegated(&fixture, other, Contracts::Only(vec![AccountId([9; 32])]), now), AuthorityError::Scope));
    let costly = Command { value: 1, ..call(&mut fixture, contract) };
    cases.push((delegated(&fixture, costly, Contracts::Any, now), AuthorityError::Value));
    let foreign = Command { caller: fixture.alice.public(), ..call(&mut fixture, contract) };
    cases.push((delegated(&fixture, foreign, Contracts::Any, now), AuthorityError::Certificate));
    // The wallet's signature of the command, claimed to be of another form.
    let claimed = call(&mut fixture, contract);
    let good = wallet().sign_statement(SigningScheme::Eip191, &Statement::Command(&claimed)).unwrap();
    let claim = CallerSignature { scheme: SigningScheme::Eip712, ..good };
    cases.push((seal(&fixture, claimed, Authority::Caller(claim)), AuthorityError::Signature));
    let unsigned = call(&mut fixture, contract);
    let empty = CallerSignature { scheme: SigningScheme::Eip712, signature: Signature([0; 64]) };
    cases.push((seal(&fixture, unsigned, Authority::Caller(empty)), AuthorityError::Signature));
    for (sent, expected) in &cases {
        assert_eq!(fixture.cluster.open(&sent.sealed), Err(OpenError::Authority(*expected)));
    }
    let output = fixture.block(cases.iter().map(|(sent, _)| sent.entry()).collect());
    assert!(output.ordered.is_empty());
    assert_eq!(fixture.counter(&contract), 0);
}
