//! Acts of owners: secrets, upgrades, the system contract.

use super::fixture::{COUNT, Fixture, TRAP};
use parity_scale_codec::Encode;
use tallow_crypto::Keypair;
use tallow_types::limits::{SECRET_BYTES_MAX, SECRET_NAME_BYTES_MAX, SECRETS_MAX};
use tallow_types::{
    AccountId, Action, CallError, CodeHash, Command, Compat, Entry, OutboxMessage, Output, SecretValue,
};

const NOWHERE: AccountId = AccountId([5; 32]);

fn secret(contract: AccountId, name: &str, value: &[u8]) -> Action {
    Action::SetSecret { contract, name: name.to_owned(), value: SecretValue(value.to_vec()) }
}

fn remove(contract: AccountId, name: &str) -> Action {
    Action::RemoveSecret { contract, name: name.to_owned() }
}

impl Fixture {
    /// Sends an action alone in a block: its result, and what the block tells the ledger.
    fn act_as(&mut self, key: &Keypair, action: Action) -> (Result<Output, CallError>, Vec<OutboxMessage>) {
        let command = Command { caller: key.public(), ..self.draft(action) };
        let sent = self.seal_as(key, command);
        let output = self.block(vec![sent.entry()]);
        (self.outcome(&output, &sent).result, output.outbox)
    }

    fn act(&mut self, action: Action) -> Result<Output, CallError> {
        let alice = Keypair::from_uri("//Alice").unwrap();
        self.act_as(&alice, action).0
    }

    /// With a contract whose admin is Alice, and other code beside its own.
    fn upgradable() -> (Self, AccountId, CodeHash) {
        let mut fixture = Self::new();
        let (code, other) = (fixture.code, fixture.other_code);
        fixture.block(vec![Entry::Code(code).encode(), Entry::Code(other).encode()]);
        let (input, salt, compat) = (vec![], vec![], Compat::Tallow);
        let made = fixture.act(Action::InstantiateUpgradable { code, input, salt, compat, public_events: false });
        let contract = made.unwrap().created.unwrap();
        (fixture, contract, other)
    }
}

#[test]
fn secrets_are_set_listed_replaced_and_removed() {
    let (mut fixture, contract) = Fixture::deployed();
    let before = fixture.state.root();
    for (name, value) in [("TOKEN", &b"one"[..]), ("KEY", b"two!"), ("TOKEN", b"three")] {
        assert!(fixture.act(secret(contract, name, value)).is_ok());
    }
    assert_ne!(fixture.state.root(), before, "secrets are state");
    let listed = fixture.state.secrets(&contract);
    let set_ms = fixture.state.position().time_ms;
    let told: Vec<_> = listed.iter().map(|secret| (secret.name.as_str(), secret.bytes)).collect();
    assert_eq!(told, [("KEY", 4), ("TOKEN", 5)]);
    assert_eq!(listed[1].set_ms, set_ms, "replaced");
    assert_eq!(fixture.state.secret(&contract, "TOKEN"), Some(SecretValue(b"three".to_vec())));
    assert!(fixture.act(remove(contract, "KEY")).is_ok());
    assert_eq!(fixture.act(remove(contract, "KEY")), Err(CallError::SecretNotFound));
    assert!(fixture.act(remove(contract, "TOKEN")).is_ok());
    assert!(fixture.state.secrets(&contract).is_empty());
    let restored = fixture.cluster.restore(fixture.state.snapshot()).unwrap();
    assert_eq!(restored.root(), fixture.state.root());
}

#[test]
fn secrets_are_for_the_deployer_and_within_limits() {
    let (mut fixture, contract) = Fixture::deployed();
    let bob = Keypair::from_uri("//Bob").unwrap();
    fixture.act(secret(contract, "A", b"mine")).unwrap();
    let root = |fixture: &Fixture| fixture.state.secret(&contract, "A");
    for action in [secret(contract, "A", b"yours"), remove(contract, "A")] {
        assert_eq!(fixture.act_as(&bob, action).0, Err(CallError::NotPermitted));
    }
    assert_eq!(root(&fixture), Some(SecretValue(b"mine".to_vec())));
    assert_eq!(fixture.act(secret(NOWHERE, "A", b"")), Err(CallError::ContractNotFound));
    assert_eq!(fixture.act(remove(NOWHERE, "A")), Err(CallError::ContractNotFound));
    let (long, fits) = ("x".repeat(SECRET_NAME_BYTES_MAX + 1), "x".repeat(SECRET_NAME_BYTES_MAX));
    for name in ["", "1A", "A-B", "A B", "Ä", &long] {
        assert_eq!(fixture.act(secret(contract, name, b"")), Err(CallError::InvalidSecretName), "{name}");
    }
    let large = vec![7; SECRET_BYTES_MAX + 1];
    assert_eq!(fixture.act(secret(contract, "A", &large)), Err(CallError::ValueTooLarge));
    assert!(fixture.act(secret(contract, &fits, &large[1..])).is_ok());
    for number in 2..SECRETS_MAX {
        fixture.act(secret(contract, &format!("N{number}"), b"")).unwrap();
    }
    assert_eq!(fixture.act(secret(contract, "LAST", b"")), Err(CallError::TooManySecrets));
    assert!(fixture.act(secret(contract, "N2", b"again")).is_ok(), "a known one can be replaced");
}

#[test]
fn a_secret_is_paid_by_its_size() {
    let (mut fixture, contract) = Fixture::deployed();
    let poor = Command { gas_limit: 11_000_000, ..fixture.draft(secret(contract, "A", &[1; 2_000])) };
    let sent = fixture.seal(poor);
    let output = fixture.block(vec![sent.entry()]);
    assert_eq!(fixture.outcome(&output, &sent).result, Err(CallError::OutOfGas));
    assert!(fixture.state.secrets(&contract).is_empty());
}

#[test]
fn an_admin_replaces_code_and_the_ledger_hears_of_it() {
    let (mut fixture, contract, other) = Fixture::upgradable();
    let alice = fixture.alice.account();
    assert_eq!(fixture.state.admin(&contract), Some(alice));
    let status = fixture.state.contract_status(&contract).unwrap();
    assert_eq!((status.code, status.deployer, status.admin), (fixture.code, alice, Some(alice)));
    let call = fixture.call(contract, COUNT, &[]);
    fixture.block(vec![call.entry()]);
    let key = Keypair::from_uri("//Alice").unwrap();
    let (result, outbox) = fixture.act_as(&key, Action::Upgrade { contract, code: other, migrate: None });
    assert!(result.is_ok());
    assert_eq!(outbox, [OutboxMessage::CodeReplaced { contract, code: other }]);
    assert_eq!(fixture.state.contract(&contract).unwrap().code, other);
    assert_eq!(fixture.counter(&contract), 1, "storage stays");
    let (_, outbox) = fixture.act_as(&key, Action::Upgrade { contract, code: other, migrate: None });
    assert!(outbox.is_empty(), "nothing changed");
}

#[test]
fn a_migration_happens_with_the_upgrade_or_neither_does() {
    let (mut fixture, contract, other) = Fixture::upgradable();
    let upgrade = |migrate| Action::Upgrade { contract, code: other, migrate: Some(migrate) };
    let old = fixture.code;
    // The other code reverts when it is told to.
    let reverted = fixture.act(upgrade(vec![REVERT])).unwrap();
    assert!(reverted.reverted());
    assert!(fixture.act(upgrade(vec![TRAP])).is_err());
    assert_eq!((fixture.state.contract(&contract).unwrap().code, fixture.counter(&contract)), (old, 0));
    assert!(!fixture.act(upgrade(vec![COUNT])).unwrap().reverted());
    assert_eq!((fixture.state.contract(&contract).unwrap().code, fixture.counter(&contract)), (other, 100));
}

/// The other code counts in hundreds and knows this, which reverts after it has counted.
const REVERT: u8 = 9;

#[test]
fn only_the_admin_replaces_code_and_only_by_code_that_is_there() {
    let (mut fixture, contract, other) = Fixture::upgradable();
    let bob = Keypair::from_uri("//Bob").unwrap();
    let upgrade = |code| Action::Upgrade { contract, code, migrate: None };
    assert_eq!(fixture.act_as(&bob, upgrade(other)).0, Err(CallError::NotPermitted));
    assert_eq!(fixture.act_as(&bob, Action::Freeze { contract }).0, Err(CallError::NotPermitted));
    assert_eq!(fixture.act(upgrade(CodeHash([3; 32]))), Err(CallError::CodeNotFound));
    let nowhere = Action::Upgrade { contract: NOWHERE, code: other, migrate: None };
    assert_eq!(fixture.act(nowhere), Err(CallError::ContractNotFound));
    assert!(fixture.act(Action::Freeze { contract }).is_ok());
    assert_eq!(fixture.act(upgrade(other)), Err(CallError::NotUpgradable));
    assert_eq!(fixture.act(Action::Freeze { contract }), Err(CallError::NotUpgradable));
    // Made without the right, a contract never has it.
    let (mut fixture, contract) = Fixture::deployed();
    let code = fixture.code;
    assert_eq!(fixture.act(Action::Upgrade { contract, code, migrate: None }), Err(CallError::NotUpgradable));
}

#[test]
fn what_is_made_again_at_an_address_has_no_admin_and_no_secrets_of_before() {
    let (mut fixture, contract, other) = Fixture::upgradable();
    fixture.act(secret(contract, "A", b"old")).unwrap();
    fixture.act(Action::Upgrade { contract, code: other, migrate: Some(vec![TERMINATE]) }).unwrap();
    assert_eq!(fixture.state.contract(&contract), None);
    assert!(fixture.state.admin(&contract).is_none() && fixture.state.secret(&contract, "A").is_none());
    let code = fixture.code;
    let again = Action::Instantiate { code, input: vec![], salt: vec![], compat: Compat::Tallow, public_events: false };
    assert_eq!(fixture.act(again).unwrap().created, Some(contract));
    assert!(fixture.state.admin(&contract).is_none() && fixture.state.secrets(&contract).is_empty());
}

/// The other code ends the contract.
const TERMINATE: u8 = 10;

#[test]
fn the_clusters_owner_names_the_system_contract() {
    let (mut fixture, contract) = Fixture::deployed();
    let owner = Keypair::from_uri("//Olga").unwrap();
    let named = |fixture: &Fixture| fixture.cluster.environment(&fixture.state).system_contract;
    let set = |contract| Action::SetSystemContract { contract };
    assert_eq!(named(&fixture), None);
    assert_eq!(fixture.act(set(Some(contract))), Err(CallError::NotPermitted));
    assert_eq!(fixture.act_as(&owner, set(Some(NOWHERE))).0, Err(CallError::ContractNotFound));
    assert!(fixture.act_as(&owner, set(Some(contract))).0.is_ok());
    assert_eq!((named(&fixture), fixture.state.system_contract()), (Some(contract), Some(contract)));
    let restored = fixture.cluster.restore(fixture.state.snapshot()).unwrap();
    assert_eq!(restored.system_contract(), Some(contract));
    assert!(fixture.act_as(&owner, set(None)).0.is_ok());
    assert_eq!(named(&fixture), None);
}
