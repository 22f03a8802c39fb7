//! What code may do in which frame: the table of docs/concepts.md, cell by cell.

use super::{
    wat::*,
    world::{ALICE, TestWorld, command, data, engine, message, query, run},
};
use crate::{Invocation, Target};
use parity_scale_codec::Encode;
use tallow_crypto::contract::SigType;
use tallow_types::{AccountId, CallError, CodeHash, Compat, Schedule, SecretValue, Timer};

const LENDER: AccountId = AccountId([1; 32]);
const OTHER: AccountId = AccountId([2; 32]);
/// What an actor answers when the frame that it opened failed.
const FAILED: [u8; 4] = 1001u32.to_le_bytes();

/// Does what its input says. The first byte is a verb: 1 calls a function of the chain extension, 2 delegates to code,
/// 3 calls a contract, 4 replaces its code, 5 ends its life, 6 writes to its storage, 7 replaces its code and calls a
/// contract, 8 moves balance. What it opens gets the rest of the input; its output is passed on.
fn actor() -> Wat {
    let at = |offset: u32| format!("(i32.const {})", INPUT + offset);
    let rest = |offset: u32| format!("{} (i32.sub (local.get $n) (i32.const {offset}))", at(offset));
    let out = format!("(i32.const {OUTPUT}) (i32.const {OUTPUT_LEN})");
    let verb =
        |number: u32, body: String| format!("(if (i32.eq (i32.load8_u {}) (i32.const {number})) (then {body}))", at(0));
    // A status of the chain extension is told apart from a frame that failed.
    let passed = |base: u32, call: String| {
        format!(
            "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 15000))
             (local.set $n {call})
             (if (local.get $n) (then (call $answer (i32.add (i32.const {base}) (local.get $n)))))
             (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))"
        )
    };
    let call = |account: u32, input: u32| {
        format!("(call $seal1.call (i32.const 8) {} (i64.const 0) (i32.const 200) {} {out})", at(account), rest(input))
    };
    let body = [
        "(local $n i32) (local.set $n (call $input))".to_owned(),
        verb(1, passed(2000, format!("(call $seal0.call_chain_extension (i32.load {}) {} {out})", at(1), rest(5)))),
        verb(2, passed(1000, format!("(call $seal0.delegate_call (i32.const 0) {} {} {out})", at(1), rest(33)))),
        verb(3, passed(1000, call(1, 33))),
        verb(4, format!("(call $answer (call $seal0.set_code_hash {}))", at(1))),
        verb(5, format!("(call $seal1.terminate {})", at(1))),
        verb(
            6,
            format!("(call $answer (call $seal2.set_storage (i32.const 200) (i32.const 4) {} (i32.const 4)))", at(1)),
        ),
        verb(7, format!("(drop (call $seal0.set_code_hash {})) {}", at(1), passed(1000, call(33, 65)))),
        verb(
            8,
            format!("(call $answer (call $seal0.transfer {} (i32.const 32) (i32.const 300) (i32.const 16)))", at(1)),
        ),
    ];
    contract(body.join("\n")).deploy(&body.join("\n")).data(300, &[1])
}

fn extension(function: u32, arguments: impl Encode) -> Vec<u8> {
    [&[1], &function.to_le_bytes()[..], &arguments.encode()].concat()
}

fn delegate(code: &CodeHash, rest: &[u8]) -> Vec<u8> {
    [&[2], &code.0[..], rest].concat()
}

fn call(contract: AccountId, rest: &[u8]) -> Vec<u8> {
    [&[3], &contract.0[..], rest].concat()
}

/// What a contract does not lend, and whether it is there in queries.
fn capabilities(code: &CodeHash) -> Vec<(&'static str, Vec<u8>, bool)> {
    let timer = Timer {
        id: b"t".to_vec(),
        schedule: Schedule::Every { first_ms: u64::MAX / 2, period_ms: 1_000 },
        input: vec![0; 4],
        gas_limit: 1_000_000_000,
        catch_up: 0,
    };
    vec![
        ("a secret", extension(0x1_0010, "TOKEN"), true),
        ("a derived key", extension(4, b"salt".to_vec()), true),
        ("a signature", extension(2, (SigType::Ed25519, vec![7u8; 32], b"message".to_vec())), true),
        ("an ECDSA signature", extension(13, (vec![7u8; 32], [1u8; 32])), true),
        ("a timer set", extension(0x1_0001, timer), false),
        ("a timer cancelled", extension(0x1_0002, b"t".to_vec()), false),
        ("new code", [&[4], &code.0[..]].concat(), true),
    ]
}

struct Stage {
    world: TestWorld,
    library: CodeHash,
}

impl Stage {
    fn new() -> Self {
        let mut world = TestWorld::new();
        let library = world.code(&engine(), &actor().with("(global i32 (i32.const 7))"));
        for number in [1, 2] {
            let contract = world.place(&engine(), number, &actor());
            world.secrets.insert((contract, "TOKEN".to_owned()), SecretValue(vec![number; 8]));
            world.balances.insert(contract, 100);
        }
        Self { world, library }
    }

    /// What a call of a contract gives, in both modes, as long as they agree on whether it is denied.
    fn is_denied(&self, contract: AccountId, input: &[u8]) -> bool {
        let denied = |mode| {
            let ran = run(&engine(), &self.world, mode, message(contract, input));
            match &ran.result {
                Ok(_) => data(&ran) == FAILED,
                Err(CallError::AuthorityDenied | CallError::SecretsDenied) => true,
                Err(other) => panic!("{other:?}"),
            }
        };
        let (as_command, as_query) = (denied(command(vec![])), denied(query()));
        assert_eq!(as_command, as_query, "queries and commands agree");
        as_command
    }

    /// The frames in which the lender's own code decides: what leads to each of them, and the contract to call first.
    fn own(&self, act: &[u8]) -> Vec<(&'static str, AccountId, Vec<u8>)> {
        let changed = [&[7], &self.library.0[..], &LENDER.0, act].concat();
        vec![
            ("own", LENDER, act.to_vec()),
            ("called by another contract", OTHER, call(LENDER, act)),
            ("called by itself", LENDER, call(LENDER, act)),
            ("of code that it has just set itself", LENDER, changed),
            ("of the library's own contract", LENDER, delegate(&self.library, &call(OTHER, act))),
        ]
    }

    /// The frames in which code decides to which the lender lent its storage.
    fn lent(&self, act: &[u8]) -> Vec<(&'static str, AccountId, Vec<u8>)> {
        let library = &self.library;
        let calls_back = call(LENDER, act);
        vec![
            ("delegated", LENDER, delegate(library, act)),
            ("delegated twice", LENDER, delegate(library, &delegate(library, act))),
            ("called by delegated code", LENDER, delegate(library, &calls_back)),
            ("called by whom delegated code called", LENDER, delegate(library, &call(OTHER, &calls_back))),
            ("delegated in a frame that another called", OTHER, call(LENDER, &delegate(library, act))),
            (
                "delegated by a frame that delegated code called",
                LENDER,
                delegate(library, &call(LENDER, &delegate(library, act))),
            ),
        ]
    }
}

#[test]
fn what_a_contract_does_not_lend_is_there_in_its_own_frames_alone() {
    let stage = Stage::new();
    for (capability, act, _) in capabilities(&stage.library) {
        for (frame, contract, input) in stage.own(&act) {
            assert!(!stage.is_denied(contract, &input), "{capability} in a frame {frame}");
        }
        for (frame, contract, input) in stage.lent(&act) {
            assert!(stage.is_denied(contract, &input), "{capability} in a frame {frame}");
        }
    }
}

#[test]
fn what_a_contract_lends_is_there_in_all_frames() {
    let stage = Stage::new();
    let lends = [
        ("storage", [&[6][..], b"word"].concat()),
        ("balance", [&[8], &ALICE.0[..]].concat()),
        ("calls", call(OTHER, &[0])),
    ];
    for (capability, act) in lends {
        for (frame, contract, input) in stage.own(&act).into_iter().chain(stage.lent(&act)) {
            assert!(!stage.is_denied(contract, &input), "{capability} in a frame {frame}");
        }
    }
}

/// The attack: lent code makes the contract run its own code, and asks for the secret there.
#[test]
fn lent_code_does_not_become_the_contracts_own() {
    let stage = Stage::new();
    let reads = call(LENDER, &extension(0x1_0010, "TOKEN"));
    let takes_over = [&[7], &stage.library.0[..], &reads[1..]].concat();
    let attack = delegate(&stage.library, &takes_over);
    for mode in [command(vec![]), query()] {
        let ran = run(&engine(), &stage.world, mode, message(LENDER, &attack));
        assert_eq!(data(&ran), FAILED);
        assert!(ran.changes.contracts.is_empty(), "the code stays");
    }
}

#[test]
fn a_constructor_decides_for_its_own_contract() {
    let stage = Stage::new();
    for (capability, act, _) in capabilities(&stage.library) {
        let construct = |input: &[u8]| {
            let target =
                Target::Instantiate { code: stage.library, salt: vec![], compat: Compat::Tallow, public_events: false };
            let invocation =
                Invocation { caller: ALICE, target, input: input.to_vec(), value: 0, gas_limit: 100_000_000_000 };
            run(&engine(), &stage.world, command(vec![]), invocation)
        };
        let own = construct(&act);
        assert!(own.result.is_ok() && data(&own) != FAILED, "{capability}: {:?}", own.result);
        assert_eq!(data(&construct(&delegate(&stage.library, &act))), FAILED, "{capability}");
    }
}

/// On Phala all of a contract was its delegates'.
#[test]
fn contracts_of_phalas_runtime_lend_all_they_have() {
    let mut stage = Stage::new();
    stage.world.contracts.get_mut(&LENDER).unwrap().compat = Compat::Phala;
    let acts = [extension(4, b"salt".to_vec()), [&[4], &stage.library.0[..]].concat()];
    for act in acts {
        for (frame, contract, input) in stage.lent(&act) {
            assert!(!stage.is_denied(contract, &input), "in a frame {frame}");
        }
    }
}
