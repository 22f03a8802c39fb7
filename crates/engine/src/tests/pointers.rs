//! Every host function with every pointer out of range.

use super::{wat::*, world::*};
use tallow_crypto::contract::{SigType, ecdsa_sign_prehashed, public_key};
use tallow_types::{AccountId, CallError};

/// Letters of parameters that are pointers.
const POINTERS: &str = "phvskn";
/// Bytes of the caller's memory.
const MEMORY_BYTES: u32 = 2 * 65_536;

/// Arguments with which every function succeeds, but for the one that is replaced.
fn arguments(parameters: &str, (replaced, by): (usize, u32)) -> String {
    let word = |(index, letter)| match letter {
        'g' => "(i64.const 0)".to_owned(),
        _ if index == replaced => format!("(i32.const {})", by as i32),
        'p' => "(i32.const 64)".into(),
        'h' => "(i32.const 192)".into(),
        'v' => "(i32.const 320)".into(),
        's' => "(i32.const 400)".into(),
        'k' => "(i32.const 500)".into(),
        'n' => format!("(i32.const {OUTPUT_LEN})"),
        'l' => "(i32.const 1)".into(),
        'a' => "(i32.const 32)".into(),
        'b' => "(i32.const 16)".into(),
        'x' => "(i32.const 12)".into(),
        _ => "(i32.const 0)".into(),
    };
    parameters.chars().enumerate().map(word).collect()
}

/// Calls a function from contract 2; contract 1, whose address is at 64, returns a byte.
fn attempt(module: &str, name: &str, result: &str, arguments: &str) -> Result<(), CallError> {
    let byte = "(call $return (i32.const 0) (i32.const 1))";
    let mut world = TestWorld::new();
    let callee = world.place(&engine(), 1, &contract(byte).deploy(byte));
    let drop_result = if result.is_empty() { "" } else { "drop" };
    let lock = if name.contains("unlock") || name.contains("remove") {
        "(call $seal0.lock_delegate_dependency (i32.const 192))"
    } else {
        ""
    };
    let body = format!(
        "{lock} (i32.store (i32.const {OUTPUT_LEN}) (i32.const 1000))
         (drop (call $seal2.set_storage (i32.const 64) (i32.const 1) (i32.const 64) (i32.const 1)))
         (call $seal0.set_storage (i32.const 64) (i32.const 64) (i32.const 1))
         (drop (call $seal0.set_transient_storage (i32.const 64) (i32.const 1) (i32.const 64) (i32.const 1)))
         (call ${module}.{name} {arguments}) {drop_result}"
    );
    let caller = contract(body)
        .data(64, &callee.0)
        .data(192, &world.contracts[&callee].code.0)
        .data(400, &ecdsa_sign_prehashed(&[5; 32], &callee.0).unwrap())
        .data(500, &public_key(SigType::Ecdsa, &[5; 32]).unwrap());
    let caller = world.place(&engine(), 2, &caller);
    assert_eq!(caller, AccountId([2; 32]));
    run(&engine(), &world, command(vec![]), message(caller, b"input")).result.map(drop)
}

#[test]
fn the_arguments_of_this_test_are_right() {
    for (module, name, parameters, result) in IMPORTS {
        let outcome = attempt(module, name, result, &arguments(parameters, (usize::MAX, 0)));
        assert_eq!(outcome, Ok(()), "{module}.{name}");
    }
}

#[test]
fn no_pointer_is_trusted() {
    for (module, name, parameters, result) in IMPORTS {
        for (index, letter) in parameters.chars().enumerate().filter(|(_, letter)| POINTERS.contains(*letter)) {
            for pointer in [0xffff_fff0, MEMORY_BYTES, MEMORY_BYTES - u32::from(letter == 'n')] {
                let outcome = attempt(module, name, result, &arguments(parameters, (index, pointer)));
                let place = format!("{module}.{name}, argument {index}, pointer {pointer:#x}");
                // What is decoded as one value is cut off when it only begins inside, or at the very end.
                let cut_off = pointer <= MEMORY_BYTES && outcome == Err(CallError::DecodingFailed);
                // Nothing is ever sent, so there is nothing to write.
                let unused = *name == "xcm_send" && index == 3;
                assert!(unused || cut_off || outcome == Err(CallError::OutOfBounds), "{place}: {outcome:?}");
            }
        }
    }
}

#[test]
fn lengths_that_overflow_are_refused() {
    for (module, name, parameters, result) in IMPORTS {
        for (index, letter) in parameters.chars().enumerate().filter(|(_, letter)| "lab".contains(*letter)) {
            let outcome = attempt(module, name, result, &arguments(parameters, (index, u32::MAX)));
            if letter != 'l' || *name == "debug_message" {
                // The length of a type that has but one is ignored; a message is cut to the most there can be.
                assert!(outcome.is_ok() || *name == "debug_message", "{module}.{name}, argument {index}: {outcome:?}");
                continue;
            }
            let error = outcome.unwrap_err();
            // The price of so many bytes or a limit may come first.
            let expected =
                [CallError::OutOfBounds, CallError::OutOfGas, CallError::DecodingFailed, CallError::ValueTooLarge];
            assert!(expected.contains(&error), "{module}.{name}, argument {index}: {error:?}");
        }
    }
}
