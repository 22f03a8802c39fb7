use super::{wat::*, world::*};
use crate::Execution;
use parity_scale_codec::{Compact, Decode, Encode};
use tallow_crypto::{blake2b_128, blake2b_256, contract as crypto, keccak_256, sha2_256};
use tallow_types::{AccountId, CallError, Event, Hash, limits::*};

fn told(function: &str, arguments: &str) -> Vec<u8> {
    data(&answered(contract(output_of(function, arguments)))).to_vec()
}

fn answered(wat: Wat) -> Execution {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &wat.data(64, &[1; 32]).data(128, &[9; 32]));
    world.balances.extend([(address, 1_000), (ALICE, 50)]);
    let mut invocation = message(address, b"input");
    invocation.value = 50;
    run(&engine(), &world, command(vec![]), invocation)
}

#[test]
fn facts_of_the_call() {
    assert_eq!(told("$seal0.caller", ""), ALICE.0);
    assert_eq!(told("$seal0.address", ""), [1; 32]);
    assert_eq!(told("$seal0.balance", ""), 1_050u128.to_le_bytes());
    assert_eq!(told("$seal0.value_transferred", ""), 50u128.to_le_bytes());
    assert_eq!(told("$seal0.now", ""), NOW.to_le_bytes());
    assert_eq!(told("$seal0.minimum_balance", ""), 1u128.to_le_bytes());
    assert_eq!(told("$seal0.block_number", ""), 7u32.to_le_bytes());
    assert_eq!(told("$seal0.weight_to_fee", "(i64.const 9)"), 0u128.to_le_bytes());
    assert_eq!(told("$seal1.weight_to_fee", "(i64.const 9) (i64.const 9)"), 0u128.to_le_bytes());
}

#[test]
fn gas_left_shrinks() {
    let left = u64::from_le_bytes(told("$seal0.gas_left", "").try_into().unwrap());
    assert!(left < GAS && left > GAS / 2, "{left}");
    let weight = told("$seal1.gas_left", "");
    let (Compact(time), Compact(_)) = <(Compact<u64>, Compact<u64>)>::decode(&mut &weight[..]).unwrap();
    assert!(time < GAS && time > GAS / 2);
}

#[test]
fn facts_of_contracts() {
    let wat = contract(output_of("$seal0.own_code_hash", ""));
    let hash = tallow_crypto::code_hash(&wat.clone().data(64, &[1; 32]).data(128, &[9; 32]).bytes());
    assert_eq!(data(&answered(wat)), hash.0);
    let code_hash = "(i32.store (i32.const 16380) (i32.const 32))
        (call $answer (call $seal0.code_hash (i32.const AT) (i32.const 16384) (i32.const 16380)))";
    assert_eq!(word(&answered(contract(code_hash.replace("AT", "64")))), 0);
    assert_eq!(word(&answered(contract(code_hash.replace("AT", "128")))), 3);
    let is_contract = "(call $answer (call $seal0.is_contract (i32.const AT)))";
    assert_eq!(word(&answered(contract(is_contract.replace("AT", "64")))), 1);
    assert_eq!(word(&answered(contract(is_contract.replace("AT", "128")))), 0);
    for (function, answer) in [("caller_is_origin", 1), ("caller_is_root", 0), ("reentrance_count", 0)] {
        assert_eq!(word(&answered(contract(format!("(call $answer (call $seal0.{function}))")))), answer);
    }
    let entries = "(call $answer (call $seal0.account_reentrance_count (i32.const 64)))";
    assert_eq!(word(&answered(contract(entries))), 1);
}

#[test]
fn every_host_function_of_ink_3_has_its_prefixed_name() {
    let wasm = wat::parse_str(
        r#"(module (import "env" "memory" (memory 2 16))
            (import "seal0" "seal_caller" (func $caller (param i32 i32)))
            (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
            (import "seal1" "seal_call" (func (param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)))
            (func (export "call") (i32.store (i32.const 0) (i32.const 32))
                (call $caller (i32.const 64) (i32.const 0)) (call $return (i32.const 0) (i32.const 64) (i32.const 32)))
            (func (export "deploy") (result i32) (i32.const 0)))"#,
    )
    .unwrap();
    let code = engine().prepare(&wasm).unwrap();
    let mut world = TestWorld::new();
    let address = AccountId([1; 32]);
    world.contracts.insert(
        address,
        crate::ContractInfo { code: code.hash(), deployer: ALICE, compat: Default::default(), public_events: false },
    );
    world.codes.insert(code.hash(), code);
    assert_eq!(data(&run(&engine(), &world, command(vec![]), message(address, &[]))), ALICE.0);
}

#[test]
fn hashes_are_those_of_their_names() {
    type Case = (&'static str, fn(&[u8]) -> Vec<u8>);
    let cases: [Case; 4] = [
        ("hash_sha2_256", |bytes| sha2_256(bytes).into()),
        ("hash_keccak_256", |bytes| keccak_256(bytes).into()),
        ("hash_blake2_256", |bytes| blake2b_256(bytes).into()),
        ("hash_blake2_128", |bytes| blake2b_128(bytes).into()),
    ];
    for (name, function) in cases {
        let expected = function(&[1; 32]);
        let body = format!(
            "(call $seal0.{name} (i32.const 64) (i32.const 32) (i32.const {OUTPUT}))
             (call $return (i32.const {OUTPUT}) (i32.const {}))",
            expected.len()
        );
        assert_eq!(data(&answered(contract(body))), expected, "{name}");
    }
}

#[test]
fn signatures_are_recovered_and_verified() {
    let (secret, hash) = ([5; 32], [6; 32]);
    let signature = crypto::ecdsa_sign_prehashed(&secret, &hash).unwrap();
    let public = crypto::public_key(crypto::SigType::Ecdsa, &secret).unwrap();
    let recover = format!(
        "(if (call $seal0.ecdsa_recover (i32.const 300) (i32.const 400) (i32.const {OUTPUT})) (then (call $answer (i32.const 1))))
         (call $return (i32.const {OUTPUT}) (i32.const 33))"
    );
    let wat = contract(recover.clone()).data(300, &signature).data(400, &hash);
    assert_eq!(data(&call(&wat, &[])), public);
    assert_eq!(word(&call(&contract(recover).data(300, &[0xff; 65]), &[])), 1);

    let address = format!(
        "(drop (call $seal0.ecdsa_to_eth_address (i32.const 300) (i32.const {OUTPUT}))) (call $return (i32.const {OUTPUT}) (i32.const 20))"
    );
    let key: [u8; 33] = public.try_into().unwrap();
    assert_eq!(data(&call(&contract(address).data(300, &key), &[])), crypto::ecdsa_to_eth_address(&key).unwrap());
    let bad = "(call $answer (call $seal0.ecdsa_to_eth_address (i32.const 300) (i32.const 400)))";
    assert_eq!(word(&call(&contract(bad), &[])), 11);
}

#[test]
fn sr25519_signatures_are_verified() {
    let signature = crypto::sign(crypto::SigType::Sr25519, &[5; 32], b"message").unwrap();
    let public = crypto::public_key(crypto::SigType::Sr25519, &[5; 32]).unwrap();
    let body =
        "(call $answer (call $seal0.sr25519_verify (i32.const 300) (i32.const 400) (i32.const 7) (i32.const 500)))";
    let wat = contract(body).data(300, &signature).data(400, &public);
    assert_eq!(word(&call(&wat.clone().data(500, b"message"), &[])), 0);
    assert_eq!(word(&call(&wat.data(500, b"massage"), &[])), 12);
}

fn event(topics: &[u8], topics_len: usize, data_len: usize) -> Execution {
    let body = format!(
        "(call $seal0.deposit_event (i32.const 300) (i32.const {topics_len}) (i32.const 64) (i32.const {data_len}))"
    );
    answered(contract(body).data(300, topics))
}

#[test]
fn events_have_topics_data_and_limits() {
    let topics = [Hash([7; 32]), Hash([8; 32])];
    let encoded = topics.to_vec().encode();
    let execution = event(&encoded, encoded.len(), 4);
    assert_eq!(execution.events, [Event { contract: AccountId([1; 32]), topics: topics.to_vec(), data: vec![1; 4] }]);
    assert_eq!(event(&[], 0, 0).events.len(), 1);
    assert_eq!(error(&event(&[0xff; 4], 4, 0)), CallError::DecodingFailed);
    let five = [Hash([7; 32]); EVENT_TOPICS_MAX + 1].to_vec().encode();
    assert_eq!(error(&event(&five, five.len(), 0)), CallError::TooManyTopics);
    assert_eq!(error(&event(&[], 0, EVENT_BYTES_MAX + 1)), CallError::ValueTooLarge);
}

#[test]
fn too_many_events_are_refused() {
    let body =
        "(loop $again (call $seal0.deposit_event (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) (br $again))";
    assert_eq!(error(&call(&contract(body), &[])), CallError::ValueTooLarge);
}

#[test]
fn debug_messages_are_kept_even_by_a_call_that_fails() {
    let body = "(if (call $seal0.debug_message (i32.const 300) (i32.const 6)) (then (call $answer (i32.const 1)))) (unreachable)";
    let execution = call(&contract(body).data(300, "hi \u{fc}yo".as_bytes()), &[]);
    assert_eq!(error(&execution), CallError::ContractTrapped("unreachable code reached".into()));
    assert_eq!((execution.logs[0].level, execution.logs[0].text.as_str()), (4, "hi \u{fc}y"));
}

#[test]
fn logs_are_bounded() {
    let body = "(local $i i32) (local.set $i (i32.const 6000))
        (loop $again (drop (call $seal0.debug_message (i32.const 300) (i32.const LENGTH)))
            (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";
    let long = call(&contract(body.replace("LENGTH", "1000")), &[]);
    let kept: usize = long.logs.iter().map(|line| line.text.len()).sum();
    assert_eq!(kept, DEBUG_BYTES_MAX);
    assert_eq!(call(&contract(body.replace("LENGTH", "0")), &[]).logs.len(), LOG_RECORDS_MAX);
}

#[test]
fn there_is_no_runtime_to_call() {
    assert_eq!(word(&answered(contract("(call $answer (call $seal0.call_runtime (i32.const 0) (i32.const 8)))"))), 10);
}

#[test]
fn dependencies_are_noted_once_each_and_must_exist() {
    let lock = "(call $seal0.lock_delegate_dependency (i32.const 128))";
    let unlock = "(call $seal0.unlock_delegate_dependency (i32.const 128))";
    assert_eq!(error(&answered(contract(lock))), CallError::CodeNotFound);
    assert_eq!(error(&answered(contract(unlock))), CallError::DelegateDependencyNotFound);
    let mut world = TestWorld::new();
    let hash = world.code(&engine(), &contract(""));
    let mut ending = |body: String| {
        let address = world.place(&engine(), 1, &contract(body).data(128, &hash.0));
        run(&engine(), &world, command(vec![]), message(address, &[])).result.map(drop)
    };
    assert_eq!(ending(format!("{lock} {unlock} {lock}")), Ok(()));
    assert_eq!(ending(format!("{lock} {lock}")), Err(CallError::DelegateDependencyAlreadyExists));
    assert_eq!(ending(format!("{lock} {unlock} {unlock}")), Err(CallError::DelegateDependencyNotFound));
    let own =
        "(i32.store (i32.const 16380) (i32.const 32)) (call $seal0.own_code_hash (i32.const 300) (i32.const 16380))
        (call $seal0.lock_delegate_dependency (i32.const 300))";
    assert_eq!(ending(own.into()), Err(CallError::CannotAddSelfAsDelegateDependency));
}

#[test]
fn instantiations_have_different_numbers() {
    let body = "(i64.store (i32.const 8) (call $seal0.instantiation_nonce)) (call $return (i32.const 8) (i32.const 8))";
    let mut world = TestWorld::new();
    let code = world.code(&engine(), &contract("").deploy(body));
    let number = |salt: &[u8]| {
        let target =
            crate::Target::Instantiate { code, salt: salt.to_vec(), compat: Default::default(), public_events: false };
        data(&run(&engine(), &world, command(vec![]), crate::Invocation { target, ..message(ALICE, &[]) })).to_vec()
    };
    assert_ne!(number(b"a"), number(b"b"));
}

#[test]
fn only_known_return_flags_are_accepted() {
    let body = "(call $seal0.seal_return (i32.const 2) (i32.const 0) (i32.const 0))";
    assert_eq!(error(&call(&contract(body), &[])), CallError::InvalidCallFlags);
    let body = format!(
        "(memory.grow (i32.const 14)) drop (call $seal0.seal_return (i32.const 0) (i32.const 0) (i32.const {}))",
        OUTPUT_BYTES_MAX
    );
    assert_eq!(data(&call(&contract(body.clone()), &[])).len(), OUTPUT_BYTES_MAX);
    let more = OUTPUT_BYTES_MAX + 1;
    let body = body.replace(&OUTPUT_BYTES_MAX.to_string(), &more.to_string());
    assert_eq!(error(&call(&contract(body), &[])), CallError::OutOfBounds, "the memory has just so many");
}
