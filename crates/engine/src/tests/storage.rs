use super::{wat::*, world::*};
use std::sync::Arc;
use tallow_types::{CallError, limits::*};

const SENTINEL: u32 = u32::MAX;

/// Keys live at 64 (32 bytes of `k`), values at 128.
fn keeper(body: &str) -> Wat {
    contract(body).data(64, &[b'k'; 32]).data(128, b"value!")
}

fn stored(number: u8, key: &[u8], value: &[u8]) -> ((tallow_types::AccountId, Vec<u8>), Arc<[u8]>) {
    ((tallow_types::AccountId([number; 32]), key.to_vec()), value.into())
}

#[test]
fn keys_of_fixed_length_name_other_items_than_those_of_any_length() {
    use crate::StorageKey::{Fixed, Variable};
    let key = vec![b'k'; 32];
    for (function, key_len, kept) in [
        ("$seal0.set_storage", "", Fixed(key.clone())),
        ("$seal1.set_storage", "", Fixed(key.clone())),
        ("$seal2.set_storage", "(i32.const 32)", Variable(key.clone())),
    ] {
        let drop = if function == "$seal0.set_storage" { "" } else { "drop" };
        let wat = keeper(&format!("(call {function} (i32.const 64) {key_len} (i32.const 128) (i32.const 6)) {drop}"));
        let execution = call(&wat, &[]);
        assert_eq!(data(&execution), b"");
        let written: Vec<_> = execution.changes.storage.into_iter().collect();
        let [((contract, key), value)] = &written[..] else { panic!("{function}: {written:?}") };
        assert_eq!((contract.0, value.as_deref()), ([1; 32], Some(&b"value!"[..])));
        assert_eq!(crate::StorageKey::of(key), kept, "{function}");
    }
}

#[test]
fn writing_tells_the_length_of_what_was_there() {
    let set = "(call $seal2.set_storage (i32.const 64) (i32.const 3) (i32.const 128) (i32.const 6))";
    assert_eq!(word(&call(&keeper(&format!("(call $answer {set})")), &[])), SENTINEL);
    assert_eq!(word(&call(&keeper(&format!("{set} drop (call $answer {set})")), &[])), 6);
}

#[test]
fn clearing_removes_and_tells_the_length() {
    let clear = "(call $seal1.clear_storage (i32.const 64) (i32.const 2))";
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &keeper(&format!("{clear} drop (call $answer {clear})")));
    world.storage.extend([stored(1, b"kk", b"12345")]);
    let execution = run(&engine(), &world, command(vec![]), message(address, &[]));
    assert_eq!(word(&execution), SENTINEL);
    assert_eq!(execution.changes.storage[&(address, b"kk".to_vec())], None);

    let absent = call(&keeper("(call $seal0.clear_storage (i32.const 64))"), &[]);
    assert!(absent.changes.storage.is_empty(), "removing what is not there writes nothing");
}

#[test]
fn reading_gives_value_or_key_not_found() {
    let get =
        output_of("$seal1.get_storage", "(i32.const 64) (i32.const 4)").replace("(call $return", "drop (call $return");
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &keeper(&get));
    world.storage.extend([stored(1, b"kkkk", b"hello"), stored(2, b"kkkk", b"other's")]);
    let execution = run(&engine(), &world, command(vec![]), message(address, &[]));
    assert_eq!(data(&execution), b"hello");

    let absent = "(i32.store (i32.const 16380) (i32.const 100))
        (call $answer (call $seal0.get_storage (i32.const 64) (i32.const 16384) (i32.const 16380)))";
    assert_eq!(word(&call(&keeper(absent), &[])), 3);
}

#[test]
fn reading_into_a_small_buffer_traps() {
    let get = "(call $seal2.set_storage (i32.const 64) (i32.const 3) (i32.const 128) (i32.const 6)) drop
        (i32.store (i32.const 16380) (i32.const 5))
        (call $answer (call $seal1.get_storage (i32.const 64) (i32.const 3) (i32.const 16384) (i32.const 16380)))";
    assert_eq!(error(&call(&keeper(get), &[])), CallError::OutputBufferTooSmall);
}

#[test]
fn taking_reads_and_removes() {
    let take = "(call $seal2.set_storage (i32.const 64) (i32.const 3) (i32.const 128) (i32.const 6)) drop
        (i32.store (i32.const 16380) (i32.const 100))
        (call $seal0.take_storage (i32.const 64) (i32.const 3) (i32.const 16384) (i32.const 16380)) drop
        (i32.store8 (i32.add (i32.const 16384) (i32.load (i32.const 16380)))
            (call $seal0.take_storage (i32.const 64) (i32.const 3) (i32.const 1) (i32.const 1)))
        (call $return (i32.const 16384) (i32.add (i32.load (i32.const 16380)) (i32.const 1)))";
    assert_eq!(data(&call(&keeper(take), &[])), b"value!\x03");
}

#[test]
fn contains_tells_the_length() {
    let mut world = TestWorld::new();
    let address = world.place(
        &engine(),
        1,
        &keeper("(call $answer (call $seal1.contains_storage (i32.const 64) (i32.const 2)))"),
    );
    let absent = run(&engine(), &world, command(vec![]), message(address, &[]));
    world.storage.extend([stored(1, b"kk", b"12345")]);
    let there = run(&engine(), &world, command(vec![]), message(address, &[]));
    assert_eq!((word(&absent), word(&there)), (SENTINEL, 5));
}

#[test]
fn keys_and_values_have_limits() {
    let long_key =
        format!("(call $seal1.contains_storage (i32.const 64) (i32.const {})) drop", STORAGE_KEY_BYTES_MAX + 1);
    assert_eq!(error(&call(&contract(long_key), &[])), CallError::DecodingFailed);
    let big = STORAGE_VALUE_BYTES_MAX + 1;
    let big_value = format!(
        "(memory.grow (i32.const 14)) drop
         (call $seal1.set_storage (i32.const 64) (i32.const 0) (i32.const {big})) drop"
    );
    assert_eq!(error(&call(&contract(big_value), &[])), CallError::ValueTooLarge);
}

#[test]
fn a_reverted_call_keeps_its_data_and_drops_its_writes() {
    let wat =
        keeper("(call $seal0.set_storage (i32.const 64) (i32.const 128) (i32.const 6)) (call $revert (i32.const 42))");
    let execution = call(&wat, &[]);
    assert_eq!(word(&execution), 42);
    assert!(execution.result.as_ref().unwrap().reverted());
    assert!(execution.changes.storage.is_empty());
}
