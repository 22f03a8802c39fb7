use super::{wat::*, world::*};
use crate::{ContractInfo, Execution, Target};
use tallow_crypto::contract::contract_address;
use tallow_types::{AccountId, CallError, Compat, limits::CALL_DEPTH_MAX};

const CALLER: u8 = 1;
pub(super) const CALLEE: u8 = 2;

/// Calls contract 2 by `seal1.call` with flags, gas and a value; input is the word at 300, output goes to [`OUTPUT`].
pub(super) fn calling(flags: u32, gas: u64, value: u32) -> String {
    format!(
        "(i32.store (i32.const 200) (i32.const {value})) (i32.store (i32.const {OUTPUT_LEN}) (i32.const 1000))
         (call $seal1.call (i32.const {flags}) (i32.const 64) (i64.const {gas}) (i32.const 200)
            (i32.const 300) (i32.const 4) (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN}))"
    )
}

pub(super) fn caller(body: &str) -> Wat {
    contract(body).data(64, &[CALLEE; 32]).data(128, &[0xbb; 32]).data(300, b"ping")
}

/// Writes a word under an empty key.
fn write(word: u32) -> String {
    format!(
        "(i32.store (i32.const 400) (i32.const {word})) (drop (call $seal2.set_storage (i32.const 0) (i32.const 0) (i32.const 400) (i32.const 4)))"
    )
}

pub(super) fn between(a: &Wat, b: &Wat) -> (Execution, TestWorld) {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), CALLER, a);
    world.place(&engine(), CALLEE, b);
    world.balances.extend([(address, 100), (ALICE, 50)]);
    let execution = run(&engine(), &world, command(vec![]), message(address, b"first"));
    world.apply(&execution);
    (execution, world)
}

fn stored(execution: &Execution, contract: u8) -> Option<Option<Vec<u8>>> {
    execution.changes.storage.get(&(AccountId([contract; 32]), vec![])).cloned()
}

fn code_of(body: &str) -> Execution {
    between(&caller(&format!("(call $answer {body})")), &contract("")).0
}

#[test]
fn a_callee_gets_input_and_value_and_gives_output() {
    let a = caller(&format!(
        "(drop {}) (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))",
        calling(0, 0, 30)
    ));
    let b = contract(format!("(call $return (i32.const {INPUT}) (call $input))"));
    let (execution, world) = between(&a, &b);
    assert_eq!(data(&execution), b"ping");
    assert_eq!(world.balances[&AccountId([CALLER; 32])], 70);
    assert_eq!(world.balances[&AccountId([CALLEE; 32])], 30);
}

#[test]
fn every_version_of_call_works() {
    let v0 = "(call $seal0.call (i32.const 64) (i32.const 32) (i64.const 0) (i32.const 200) (i32.const 16)
        (i32.const 300) (i32.const 4) (i32.const -1) (i32.const 0))";
    let v2 = "(call $seal2.call (i32.const 0) (i32.const 64) (i64.const 0) (i64.const 0) (i32.const -1) (i32.const 200)
        (i32.const 300) (i32.const 4) (i32.const -1) (i32.const 0))";
    let b = contract(write(7));
    for body in [v0, &calling(0, 0, 0), v2] {
        let (execution, _) = between(&caller(&format!("(call $answer {body})")), &b);
        assert_eq!(word(&execution), 0);
        assert_eq!(stored(&execution, CALLEE), Some(Some(vec![7, 0, 0, 0])));
    }
}

#[test]
fn a_reverted_or_trapped_callee_leaves_nothing_and_the_caller_goes_on() {
    let a = caller(&format!("{} (call $answer {})", write(1), calling(0, 0, 5)));
    let event = "(call $seal0.deposit_event (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))";
    for (end, code) in [("(call $revert (i32.const 9))", 2), ("(unreachable)", 1)] {
        let b = contract(format!("{} {event} {end}", write(2)));
        let (execution, world) = between(&a, &b);
        assert_eq!(word(&execution), code);
        assert_eq!(stored(&execution, CALLER), Some(Some(vec![1, 0, 0, 0])));
        assert_eq!(stored(&execution, CALLEE), None);
        assert!(execution.events.is_empty());
        assert_eq!(world.balances[&AccountId([CALLER; 32])], 100, "the value came back");
    }
}

#[test]
fn a_reverted_callees_output_is_handed_over() {
    let a = caller(&format!(
        "(drop {}) (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))",
        calling(0, 0, 0)
    ));
    assert_eq!(word(&between(&a, &contract("(call $revert (i32.const 9))")).0), 9);
}

#[test]
fn calls_that_cannot_be_made_have_their_codes() {
    assert_eq!(code_of(&calling(0, 0, 101)).result.map(|output| output.data), Ok(vec![5, 0, 0, 0]));
    assert_eq!(word(&code_of(&calling(0, 0, 0).replace("(i32.const 64)", "(i32.const 128)"))), 8);
    assert_eq!(error(&code_of(&calling(32, 0, 0))), CallError::InvalidCallFlags);
    assert_eq!(error(&code_of(&calling(16, 0, 1))), CallError::StateChangeDenied);
    assert_eq!(word(&code_of(&calling(0, GAS * 2, 0))), 0, "more gas than there is means all there is");
    let delegate = "(call $seal0.delegate_call (i32.const 0) (i32.const 128) (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0))";
    assert_eq!(word(&code_of(delegate)), 7);
    for flags in ["(i32.const 8)", "(i32.const 16)"] {
        let error = error(&code_of(&delegate.replacen("(i32.const 0)", flags, 1)));
        assert_eq!(error, CallError::InvalidCallFlags);
    }
}

#[test]
fn a_call_of_a_contract_whose_code_is_missing_fails() {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &contract(""));
    world.codes.clear();
    let execution = run(&engine(), &world, command(vec![]), message(address, &[]));
    assert_eq!(error(&execution), CallError::CodeNotFound);
    let nobody = run(&engine(), &world, command(vec![]), message(AccountId([9; 32]), &[]));
    assert_eq!(error(&nobody), CallError::ContractNotFound);
}

#[test]
fn reentrance_is_denied_unless_allowed() {
    // Contract 2 calls back into contract 1, which then answers by its input's length.
    let back = contract(format!(
        "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 1000))
         (call $answer (call $seal1.call (i32.const 0) (i32.const 64) (i64.const 0) (i32.const 200)
            (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0)))"
    ))
    .data(64, &[CALLER; 32]);
    let body = |flags| {
        format!(
            "(if (i32.eqz (call $input)) (then (call $answer (call $seal0.reentrance_count))))
             (if (i32.ne {} (i32.const 0)) (then (call $answer (i32.const 77))))
             (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))",
            calling(flags, 0, 0)
        )
    };
    assert_eq!(word(&between(&caller(&body(0)), &back).0), 77, "the callee trapped");
    assert_eq!(word(&between(&caller(&body(8)), &back).0), 0);
}

#[test]
fn input_is_forwarded_once_and_cloned_often() {
    let b = contract(format!("(call $return (i32.const {INPUT}) (call $input))"));
    let output = format!("(call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))");
    let forward = caller(&format!("(drop {}) {output}", calling(1, 0, 0)));
    assert_eq!(data(&between(&forward, &b).0), b"first");
    let twice = caller(&format!("(drop {}) (drop {}) {output}", calling(1, 0, 0), calling(1, 0, 0)));
    assert_eq!(error(&between(&twice, &b).0), CallError::InputForwarded);
    let then_read = caller(&format!("(drop {}) (drop (call $input))", calling(1, 0, 0)));
    assert_eq!(error(&between(&then_read, &b).0), CallError::InputForwarded);
    let cloned = caller(&format!(
        "(drop {}) (drop {}) (drop (call $input)) (drop (call $input)) {output}",
        calling(2, 0, 0),
        calling(3, 0, 0)
    ));
    assert_eq!(data(&between(&cloned, &b).0), b"first");
}

#[test]
fn a_tail_call_returns_the_callees_result() {
    let a = caller(&format!("(drop {}) (unreachable)", calling(4, 0, 0)));
    assert_eq!(word(&between(&a, &contract("(call $answer (i32.const 3))")).0), 3);
    let reverted = between(&a, &contract("(call $revert (i32.const 4))")).0;
    assert!(reverted.result.unwrap().reverted());
}

#[test]
fn delegated_code_works_on_the_callers_storage() {
    let library = contract(format!("{} {}", write(9), output_of("$seal0.caller", "")));
    let mut world = TestWorld::new();
    let hash = world.code(&engine(), &library);
    let a = contract(format!(
        "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 1000))
         (drop (call $seal0.delegate_call (i32.const 0) (i32.const 64) (i32.const 0) (i32.const 0) (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN})))
         (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))"
    ))
    .data(64, &hash.0);
    let address = world.place(&engine(), CALLER, &a);
    let execution = run(&engine(), &world, command(vec![]), message(address, &[]));
    assert_eq!(data(&execution), ALICE.0, "the caller stays the caller");
    assert_eq!(stored(&execution, CALLER), Some(Some(vec![9, 0, 0, 0])));
}

#[test]
fn replaced_code_runs_from_the_next_call_on() {
    let mut world = TestWorld::new();
    let new = world.code(&engine(), &contract("(call $answer (i32.const 2))"));
    let old =
        contract("(drop (call $seal0.set_code_hash (i32.const 64))) (call $answer (i32.const 1))").data(64, &new.0);
    let address = world.place(&engine(), CALLER, &old);
    let execution = run(&engine(), &world, command(vec![]), message(address, &[]));
    assert_eq!(word(&execution), 1);
    assert_eq!(
        execution.changes.contracts[&address],
        Some(ContractInfo { code: new, deployer: ALICE, compat: Default::default(), public_events: false })
    );
    world.apply(&execution);
    assert_eq!(word(&run(&engine(), &world, command(vec![]), message(address, &[]))), 2);
    let unknown = contract("(call $answer (call $seal0.set_code_hash (i32.const 64)))");
    assert_eq!(word(&call(&unknown, &[])), 7);
}

/// Instantiates code at 64 with value at 200, and returns address or output.
fn maker(version: u32, hash: &[u8; 32]) -> Wat {
    let weight = if version == 2 { "(i64.const 0) (i64.const 0) (i32.const -1)" } else { "(i64.const 0)" };
    contract(format!(
        "(i32.store (i32.const 200) (i32.const 10)) (i32.store (i32.const {OUTPUT_LEN}) (i32.const 1000))
         (i32.store (i32.const 500) (call $seal{version}.instantiate (i32.const 64) {weight} (i32.const 200)
            (i32.const 300) (i32.const 4) (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN}) (i32.const -1) (i32.const 0)
            (i32.const 310) (i32.const 4)))
         (if (i32.load (i32.const 500)) (then (call $answer (i32.load (i32.const 500)))))
         (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))"
    ))
    .data(64, hash)
    .data(300, b"init")
    .data(310, b"salt")
}

#[test]
fn contracts_make_contracts() {
    for version in [1, 2] {
        let mut world = TestWorld::new();
        let hash = world.code(&engine(), &contract("").deploy(&write(5)));
        let address = world.place(&engine(), CALLER, &maker(version, &hash.0));
        world.balances.insert(address, 10);
        let made = contract_address(&address, &hash, &environment().cluster, b"salt");
        let compat = if version == 1 { Compat::Tallow } else { Compat::Phala };
        world.contracts.entry(address).and_modify(|info| info.compat = compat);
        let execution = run(&engine(), &world, command(vec![]), message(address, &[]));
        assert_eq!(data(&execution), made.0);
        assert_eq!(
            execution.changes.contracts[&made],
            Some(ContractInfo { code: hash, deployer: address, compat, public_events: false })
        );
        assert_eq!(execution.changes.storage[&(made, vec![])], Some(vec![5, 0, 0, 0]));
        assert_eq!(execution.changes.balances[&made], 10);
        world.apply(&execution);
        world.balances.insert(address, 10);
        let again = run(&engine(), &world, command(vec![]), message(address, &[]));
        assert_eq!(error(&again), CallError::DuplicateContract);
    }
}

#[test]
fn constructors_that_fail_make_nothing() {
    for (deploy, code) in [("(call $revert (i32.const 1))", 2), ("(unreachable)", 1)] {
        let mut world = TestWorld::new();
        let hash = world.code(&engine(), &contract("").deploy(deploy));
        let address = world.place(&engine(), CALLER, &maker(1, &hash.0));
        world.balances.insert(address, 10);
        let execution = run(&engine(), &world, command(vec![]), message(address, &[]));
        assert_eq!(word(&execution), code);
        assert!(execution.changes.contracts.is_empty() && execution.changes.balances.is_empty());
    }
    assert_eq!(word(&call(&maker(1, &[3; 32]), &[])), 7, "unknown code");
}

#[test]
fn an_instantiation_from_outside_makes_a_contract() {
    let mut world = TestWorld::new();
    let good = world.code(&engine(), &contract("").deploy(&write(5)));
    let bad = world.code(&engine(), &contract("").deploy("(call $revert (i32.const 1))"));
    let gone = world.code(&engine(), &contract("").deploy("(call $seal1.terminate (i32.const 64))").data(64, &[8; 32]));
    let from = |code| crate::Invocation {
        target: Target::Instantiate { code, salt: b"s".to_vec(), compat: Default::default(), public_events: false },
        ..message(ALICE, &[])
    };
    let made = contract_address(&ALICE, &good, &environment().cluster, b"s");
    let execution = run(&engine(), &world, command(vec![]), from(good));
    assert_eq!(execution.result.as_ref().unwrap().created, Some(made));
    let reverted = run(&engine(), &world, command(vec![]), from(bad)).result.unwrap();
    assert_eq!((reverted.flags, reverted.created), (1, None));
    assert_eq!(error(&run(&engine(), &world, command(vec![]), from(gone))), CallError::TerminatedInConstructor);
    world.apply(&execution);
    assert_eq!(error(&run(&engine(), &world, command(vec![]), from(good))), CallError::DuplicateContract);
    assert_eq!(error(&run(&engine(), &world, command(vec![]), from(Default::default()))), CallError::CodeNotFound);
}

#[test]
fn termination_gives_the_balance_away() {
    let b = contract(format!("{} (call $seal0.terminate (i32.const 64) (i32.const 32))", write(1))).data(64, &[8; 32]);
    let (execution, world) =
        between(&caller(&format!("(drop {}) (call $answer {})", calling(0, 0, 5), calling(0, 0, 0))), &b);
    assert_eq!(word(&execution), 8, "it cannot be called any more");
    assert_eq!(world.balances[&AccountId([8; 32])], 5);
    assert_eq!(execution.changes.contracts[&AccountId([CALLEE; 32])], None);
    assert_eq!(stored(&execution, CALLEE), None);
    let to_itself = contract("(call $seal1.terminate (i32.const 64))").data(64, &[1; 32]);
    assert_eq!(call(&to_itself, &[]).changes.contracts.values().collect::<Vec<_>>(), [&None]);
}

#[test]
fn transfers_move_balance_or_say_why_not() {
    let body = |value: u32| {
        format!(
            "(i32.store (i32.const 200) (i32.const {value})) (call $answer (call $seal0.transfer (i32.const 64) (i32.const 32) (i32.const 200) (i32.const 16)))"
        )
    };
    let (execution, world) = between(&caller(&body(40)), &contract(""));
    assert_eq!(word(&execution), 0);
    assert_eq!(world.balances[&AccountId([CALLEE; 32])], 40);
    assert_eq!(word(&between(&caller(&body(101)), &contract("")).0), 5);
    let mut invocation = message(AccountId([CALLER; 32]), &[]);
    invocation.value = 51;
    let execution = run(&engine(), &world, command(vec![]), invocation);
    assert_eq!(error(&execution), CallError::TransferFailed);
}

#[test]
fn depth_of_calls_is_bounded() {
    // Each frame calls the contract again, allowing re-entry, and counts.
    let recursive = caller(&format!(
        "(if (i32.ne {} (i32.const 0)) (then (call $answer (i32.const 0))))
         (call $answer (i32.add (i32.const 1) (i32.load (i32.const {OUTPUT}))))",
        calling(8, 0, 0)
    ));
    let mut world = TestWorld::new();
    world.place(&engine(), CALLEE, &recursive);
    let execution = run(&engine(), &world, command(vec![]), message(AccountId([CALLEE; 32]), &[]));
    // The deepest frame's call traps that frame, as in pallet-contracts; the one above it counts from 0.
    assert_eq!(word(&execution), CALL_DEPTH_MAX as u32 - 2);
}

#[test]
fn a_callee_cannot_use_more_gas_than_it_is_given() {
    let spin = contract("(loop $again (br $again))");
    let (execution, _) = between(&caller(&format!("(call $answer {})", calling(0, 100_000_000, 0))), &spin);
    assert_eq!(word(&execution), 1);
    assert!(execution.gas_used > 100_000_000 && execution.gas_used < 500_000_000);
    let (execution, _) = between(&caller(&format!("(call $answer {})", calling(0, 0, 0))), &spin);
    assert_eq!(error(&execution), CallError::OutOfGas);
    assert_eq!(execution.gas_used, GAS);
}
