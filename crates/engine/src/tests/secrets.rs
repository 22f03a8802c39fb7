//! Secrets: whose code may read whose.

use super::{
    calls::{CALLEE, caller, calling},
    pink::{extension, split},
    wat::{OUTPUT, OUTPUT_LEN, Wat, contract},
    world::{TestWorld, command, data, engine, error, message, query, run, word},
};
use parity_scale_codec::Encode;
use tallow_types::{AccountId, CallError, Compat, SecretValue};

/// Function 16 of extension 1.
const GET: u32 = 0x1_0010;

fn asking(name: &str) -> Vec<u8> {
    [GET.encode(), name.encode()].concat()
}

fn with_secret(world: &mut TestWorld, contract: AccountId, value: &[u8]) {
    world.secrets.insert((contract, "TOKEN".to_owned()), SecretValue(value.to_vec()));
}

#[test]
fn a_contract_reads_its_own_secrets() {
    let mut world = TestWorld::new();
    let own = world.place(&engine(), 1, &extension());
    let other = world.place(&engine(), 2, &extension());
    with_secret(&mut world, own, b"mine");
    for mode in [command(vec![]), query()] {
        let read = |contract, name| split(&run(&engine(), &world, mode.clone(), message(contract, &asking(name)))).1;
        assert_eq!(read(own, "TOKEN"), Some(b"mine".to_vec()).encode());
        assert_eq!(read(own, "token"), None::<Vec<u8>>.encode());
        assert_eq!(read(other, "TOKEN"), None::<Vec<u8>>.encode());
    }
    let malformed = run(&engine(), &world, query(), message(own, &[GET.encode(), vec![8, 0xff, 0xff]].concat()));
    assert_eq!(error(&malformed), CallError::DecodingFailed);
}

#[test]
fn longer_secrets_cost_more() {
    let cost = |value: &[u8]| {
        let mut world = TestWorld::new();
        let own = world.place(&engine(), 1, &extension());
        with_secret(&mut world, own, value);
        run(&engine(), &world, command(vec![]), message(own, &asking("TOKEN"))).gas_used
    };
    assert!(cost(&[1; 8_000]) >= cost(b"") + 8_000 * crate::gas::COPY_BYTE);
}

#[test]
fn contracts_of_phalas_runtime_have_none() {
    let mut world = TestWorld::new();
    let own = world.place(&engine(), 1, &extension());
    world.contracts.get_mut(&own).unwrap().compat = Compat::Phala;
    let ran = run(&engine(), &world, query(), message(own, &asking("TOKEN")));
    assert_eq!(error(&ran), CallError::NoChainExtension);
}

/// Asks for the secret and returns what it got.
fn reader() -> Wat {
    contract(format!(
        "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 1000))
         (drop (call $seal0.call_chain_extension (i32.const {GET}) (i32.const 300) (i32.const 6)
            (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN})))
         (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))"
    ))
    .data(300, b"\x14TOKEN")
}

/// What a call of another contract gives when that traps.
const CALLEE_TRAPPED: u32 = 1;

#[test]
fn code_of_others_gets_no_secrets_in_a_delegate_call() {
    let mut world = TestWorld::new();
    let library = world.code(&engine(), &reader());
    let lender = contract(
        "(call $answer (call $seal0.delegate_call (i32.const 0) (i32.const 64) (i32.const 0) (i32.const 0)
            (i32.const -1) (i32.const 0)))",
    );
    let lender = world.place(&engine(), 1, &lender.data(64, &library.0));
    with_secret(&mut world, lender, b"mine");
    assert_eq!(word(&run(&engine(), &world, query(), message(lender, &[]))), CALLEE_TRAPPED);
}

#[test]
fn a_contract_that_is_called_reads_its_own_secrets_and_not_its_callers() {
    let mut world = TestWorld::new();
    let answer = format!("(call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))");
    let calling = caller(&format!("(drop {}) {answer}", calling(0, 0, 0)));
    let calling = world.place(&engine(), 1, &calling);
    let called = world.place(&engine(), CALLEE, &reader());
    with_secret(&mut world, calling, b"the caller's");
    let read = |world: &TestWorld| data(&run(&engine(), world, query(), message(calling, &[]))).to_vec();
    assert_eq!(read(&world), None::<Vec<u8>>.encode());
    with_secret(&mut world, called, b"its own");
    assert_eq!(read(&world), Some(b"its own".to_vec()).encode());
}
