//! Host functions with arguments that mean something: storage, events, signatures, facts, limits.

use super::{ACCOUNT, CAPACITY, HASH, OUTPUT, RESULT, ROOM, scripts};
use crate::{Accounts, Program, Step, functions::number, script::Script};
use tallow_crypto::contract::{SigType, ecdsa_sign_prehashed, public_key, sign};

/// The programs.
pub fn programs() -> Vec<Program> {
    vec![
        storage(),
        fixed_and_variable_keys(),
        storage_limits(),
        transient(),
        events(),
        event_sizes(),
        event_count(),
        debug(),
        signatures(),
        facts(),
        transfers(),
        dependencies(),
        whole_balances(),
        memory(),
        recursion(),
        returns(),
        chain_extension(),
        host_buffers(),
    ]
}

fn one_contract(name: &str, calls: impl IntoIterator<Item = (String, Script)>) -> Program {
    let mut program = scripts(name);
    let contract = program.make(0, b"one", Vec::new());
    let steps = calls.into_iter().map(|(label, script)| Step::call(label, contract, script.bytes()));
    program.steps.extend(steps);
    program
}

fn storage() -> Program {
    let sizes = [0, 1, 31, 32, 33, 100, 1_000, 16_000];
    let mut calls = Vec::new();
    for (round, size) in sizes.into_iter().enumerate() {
        let value = vec![round as u8 + 1; size];
        let key = vec![b'k'; round % 3];
        let write = Script::new().store(&key, &value).show();
        let read = Script::new()
            .put(0x200, &key)
            .word(CAPACITY, size as u32)
            .host("seal1.get_storage", 0x20, &[0x200, key.len() as u64, 0x1000, CAPACITY.into()])
            .host("seal1.contains_storage", 0x24, &[0x200, key.len() as u64])
            .end(0, 0, 0x1000 + size as u32);
        let small = Script::new()
            .put(0x200, &key)
            .word(CAPACITY, (size as u32).saturating_sub(1))
            .host("seal1.get_storage", 0x20, &[0x200, key.len() as u64, 0x1000, CAPACITY.into()])
            .show();
        let take = Script::new()
            .put(0x200, &key)
            .word(CAPACITY, size as u32)
            .host("seal0.take_storage", 0x20, &[0x200, key.len() as u64, 0x1000, CAPACITY.into()])
            .host("seal0.take_storage", 0x24, &[0x200, key.len() as u64, 0x1000, CAPACITY.into()])
            .host("seal1.clear_storage", 0x28, &[0x200, key.len() as u64])
            .end(0, 0, 0x1000 + size as u32);
        calls.push(("seal2.set_storage".to_owned(), write));
        calls.push(("seal1.get_storage".into(), read.clone()));
        calls.push(("seal1.get_storage".into(), small));
        if round % 2 == 0 {
            calls.push(("seal0.take_storage".into(), take));
            calls.push(("seal1.contains_storage".into(), read));
        }
    }
    let reverted = Script::new().store(b"r", b"gone").end(1, 0, 16);
    calls.push(("seal2.set_storage".into(), reverted));
    calls.push(("seal2.set_storage".into(), Script::new().store(b"t", b"gone").trap()));
    one_contract("storage", calls)
}

fn fixed_and_variable_keys() -> Program {
    let key = [7; 32];
    let at = 0x200u64;
    let look = |script: Script| {
        script
            .capacities(ROOM)
            .host("seal0.contains_storage", 0x20, &[at])
            .host("seal1.contains_storage", 0x24, &[at, 32])
            .host("seal0.get_storage", 0x28, &[at, OUTPUT.into(), CAPACITY.into()])
            .host("seal1.get_storage", 0x2c, &[at, 32, (OUTPUT + ROOM).into(), (CAPACITY + 4).into()])
            .show()
    };
    let base = || Script::new().put(0x200, &key).put(0x300, b"first second");
    let long: Vec<u8> = (0..129).collect();
    let mut calls = vec![
        ("seal0.set_storage", look(base().host("seal0.set_storage", RESULT, &[at, 0x300, 5]))),
        ("seal2.set_storage", look(base().host("seal2.set_storage", RESULT, &[at, 32, 0x306, 6]))),
        ("seal1.set_storage", look(base().host("seal1.set_storage", RESULT, &[at, 0x300, 3]))),
        ("seal0.clear_storage", look(base().host("seal0.clear_storage", RESULT, &[at]))),
        ("seal0.clear_storage", look(base().host("seal0.clear_storage", RESULT, &[at]))),
        ("seal1.clear_storage", look(base().host("seal1.clear_storage", RESULT, &[at, 32]))),
    ];
    for length in [0, 1, 31, 32, 33, 34, 127, 128, 129] {
        for last in [0, 0xfe, 0xff] {
            let mut key = long[..length].to_vec();
            if let Some(end) = key.last_mut() {
                *end = last;
            }
            calls.push(("seal2.set_storage", Script::new().store(&key, &[length as u8, last]).load(&key, 0x20).show()));
        }
    }
    one_contract("keys of fixed and variable length", calls.into_iter().map(|(label, it)| (label.to_owned(), it)))
}

fn storage_limits() -> Program {
    const MIB: u64 = 1 << 20;
    let big = |function: &str, arguments: &[u64]| {
        Script::new().grow(17, 0x20).host(function, 0x24, arguments).end(0, 0, 0x30)
    };
    one_contract(
        "limits of storage",
        [
            ("seal2.set_storage", big("seal2.set_storage", &[0x200, 4, 0x300, MIB])),
            ("seal2.set_storage", big("seal2.set_storage", &[0x200, 4, 0x300, MIB + 1])),
            ("seal1.set_storage", big("seal1.set_storage", &[0x200, 0x300, MIB + 1])),
            ("seal1.clear_storage", big("seal1.clear_storage", &[0x200, 4])),
        ]
        .map(|(label, script)| (label.to_owned(), script)),
    )
}

fn transient() -> Program {
    let name = |what: &str| format!("seal0.{what}_transient_storage");
    let base = || Script::new().put(0x200, b"keys").put(0x300, b"a value").capacities(ROOM);
    let set = |script: Script, length| script.host("seal0.set_transient_storage", 0x20, &[0x200, 4, 0x300, length]);
    let take =
        |script: Script| script.host("seal0.take_transient_storage", 0x24, &[0x200, 4, OUTPUT.into(), CAPACITY.into()]);
    let get = |script: Script| {
        script.host("seal0.get_transient_storage", 0x28, &[0x200, 4, OUTPUT.into(), CAPACITY.into()]).host(
            "seal0.contains_transient_storage",
            0x2c,
            &[0x200, 4],
        )
    };
    let clear = |script: Script| script.host("seal0.clear_transient_storage", 0x30, &[0x200, 4]);
    let mut calls = vec![
        (name("get"), get(base()).show()),
        (name("set"), get(set(base(), 7)).show()),
        (name("set"), get(set(set(base(), 7), 3)).show()),
        (name("take"), get(take(set(base(), 7))).show()),
        (name("take"), take(base()).show()),
        (name("clear"), get(clear(set(base(), 0))).show()),
        (name("clear"), clear(base()).show()),
    ];
    calls.push((name("set"), base().host("seal0.set_transient_storage", 0x20, &[0x200, 129, 0x300, 1]).show()));
    let much = Script::new().grow(17, 0x40);
    calls.push((
        name("set"),
        much.clone().host("seal0.set_transient_storage", 0x20, &[0x200, 4, 0x300, (1 << 20) + 1]).show(),
    ));
    calls.push((name("set"), much.host("seal0.set_transient_storage", 0x20, &[0x200, 4, 0x300, 1 << 20]).show()));
    let mut program = one_contract("transient storage", calls);
    // What a callee writes is its own, stays for its next frame in this call, and goes when it reverts.
    let other = program.make(0, b"two", Vec::new());
    let one = program.address_by(Accounts::ALICE, 0, b"one");
    let write = set(base(), 7).show();
    let (revert, read) = (set(base(), 7).end(1, 0, 0x40), get(base()).show());
    let nested = |first: &Script| {
        let seen = Script::new().call(0, other, 0, first, 0x50).call(0, other, 0, &read, 0x54);
        seen.copy(0x420, 0x60, 0x10).show()
    };
    program.steps.push(Step::call(name("set"), one, nested(&write).bytes()));
    program.steps.push(Step::call(name("set"), one, nested(&revert).bytes()));
    program.steps.push(Step::call(name("get"), one, nested(&read).bytes()));
    program
}

fn events() -> Program {
    let topic = |byte| [byte; 32];
    let raw = |topics: &[u8], length: u64, data_len: u64| {
        Script::new().put(0x800, topics).put(0x300, b"data").host(
            "seal0.deposit_event",
            RESULT,
            &[0x800, length, 0x300, data_len],
        )
    };
    let list = |count: u8| {
        let mut bytes = vec![count << 2];
        (0..count).for_each(|byte| bytes.extend(topic(byte)));
        bytes
    };
    let mut calls: Vec<_> = (0..=6).map(|count| raw(&list(count), 1 + 32 * u64::from(count), 4).show()).collect();
    calls.push(Script::new().event(&[topic(1), topic(1), topic(1)], b"").show());
    calls.push(Script::new().event(&[], b"no topics").event(&[topic(2)], b"one").show());
    calls.push(Script::new().event(&[topic(1)], b"reverted").end(1, 0, 4));
    calls.push(Script::new().event(&[topic(1)], b"trapped").trap());
    // Too short, too long, a length of another form, not canonical, huge.
    for (bytes, length) in [
        (list(1), 32),
        (list(1), 34),
        (list(2), 1),
        (vec![5, 0], 2),
        (vec![1, 0], 2),
        (vec![0xff; 33], 33),
        (vec![0x03, 0xff, 0xff, 0xff, 0xff], 5),
        (vec![0], 1),
        (list(5), 161),
        (list(5), 160),
    ] {
        calls.push(raw(&bytes, length, 4).show());
    }
    one_contract("events", calls.into_iter().map(|script| ("seal0.deposit_event".to_owned(), script)))
}

fn event_sizes() -> Program {
    let sized = |bytes: u64| {
        let script = Script::new().grow(17, 0x20).host("seal0.deposit_event", RESULT, &[0, 0, 0, bytes]).end(0, 0, 4);
        ("seal0.deposit_event".to_owned(), script)
    };
    one_contract("events of all sizes", [0, 1, 1_000, 64 << 10, (64 << 10) + 1, 1 << 20, (1 << 20) + 1].map(sized))
}

fn event_count() -> Program {
    let many = |count: u32| {
        // The loop is that of the interpreter: a backward jump is not to be had, so the operations are repeated.
        let one = Script::new().host("seal0.deposit_event", RESULT, &[0, 0, 0, 0]);
        (0..count).fold(Script::new(), |script, _| script.then(&one)).end(0, 0, 4)
    };
    one_contract("many events", [1_024, 1_025].map(|count| ("seal0.deposit_event".to_owned(), many(count))))
}

fn debug() -> Program {
    let say =
        |text: &[u8]| Script::new().put(0x300, text).host("seal0.debug_message", RESULT, &[0x300, text.len() as u64]);
    let calls = [
        say(b"hello ").then(&say(b"world")).show(),
        say(b"").show(),
        say("\u{fc}\u{1f600}".as_bytes()).show(),
        say(b"not \xff text").then(&say(b"text")).show(),
        say(b"kept").trap(),
        say(b"kept").end(1, 0, 4),
        Script::new().grow(3, 0x20).host("seal0.debug_message", RESULT, &[0x2_0000, (128 << 10) + 5]).end(0, 0, 4),
    ];
    one_contract("debug messages", calls.map(|script| ("seal0.debug_message".to_owned(), script)))
}

fn signatures() -> Program {
    let hash = [0x42; 32];
    let good = ecdsa_sign_prehashed(&[5; 32], &hash).expect("a good key");
    let public = public_key(SigType::Ecdsa, &[5; 32]).expect("a good key");
    let recover = |signature: &[u8]| {
        let script = Script::new().put(0x300, signature).put(0x380, &hash);
        ("seal0.ecdsa_recover".to_owned(), script.host("seal0.ecdsa_recover", 0x20, &[0x300, 0x380, 0x400]).show())
    };
    let changed = |index: usize, byte: u8| {
        let mut signature = good;
        signature[index] = byte;
        signature
    };
    let mut calls: Vec<_> = (0..=40).chain([0xff]).map(|byte| recover(&changed(64, byte))).collect();
    calls.extend([0, 31, 32, 63].map(|index| recover(&changed(index, !good[index]))));
    calls.push(recover(&[0; 65]));
    calls.push(recover(&[0xff; 65]));
    calls.push(recover(&high_s(&good)));
    let address = |key: &[u8]| {
        let script = Script::new().put(0x300, key).host("seal0.ecdsa_to_eth_address", 0x20, &[0x300, 0x400]).show();
        ("seal0.ecdsa_to_eth_address".to_owned(), script)
    };
    calls.push(address(&public));
    for first in [0, 1, 2, 3, 4, 5, 6, 7, 0xff] {
        let mut key = public.clone();
        key[0] = first;
        calls.push(address(&key));
        key[1..].fill(0xff);
        calls.push(address(&key));
    }
    let signature = sign(SigType::Sr25519, &[5; 32], b"message").expect("a good key");
    let sr_public = public_key(SigType::Sr25519, &[5; 32]).expect("a good key");
    let verify = |signature: &[u8], key: &[u8], message: &[u8]| {
        let script = Script::new().put(0x300, signature).put(0x380, key).put(0x3c0, message);
        let script = script.host("seal0.sr25519_verify", 0x20, &[0x300, 0x380, message.len() as u64, 0x3c0]).show();
        ("seal0.sr25519_verify".to_owned(), script)
    };
    calls.push(verify(&signature, &sr_public, b"message"));
    calls.push(verify(&signature, &sr_public, b"massage"));
    calls.push(verify(&signature, &sr_public, b""));
    calls.push(verify(&signature, &[0; 32], b"message"));
    calls.push(verify(&signature, &[0xff; 32], b"message"));
    for index in [0, 31, 32, 63] {
        let mut other = signature.clone();
        other[index] ^= 0x80;
        calls.push(verify(&other, &sr_public, b"message"));
    }
    one_contract("signatures", calls)
}

/// The other signature that verifies, with s in the upper half of the order.
fn high_s(signature: &[u8; 65]) -> [u8; 65] {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae,
        0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
    ];
    let mut other = *signature;
    let mut borrow = 0;
    for index in (0..32).rev() {
        let difference = i16::from(ORDER[index]) - i16::from(signature[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        other[32 + index] = difference.rem_euclid(256) as u8;
    }
    other[64] ^= 1;
    other
}

fn facts() -> Program {
    const TOLD: [&str; 9] = [
        "seal0.caller",
        "seal0.address",
        "seal0.balance",
        "seal0.value_transferred",
        "seal0.now",
        "seal0.minimum_balance",
        "seal0.block_number",
        "seal0.own_code_hash",
        "seal0.gas_left",
    ];
    let mut program = scripts("facts");
    let facts = |script: Script| {
        let told =
            TOLD[..8].iter().zip(0u32..).fold(script, |script, (name, index)| script.fact(name, 0x404 + index * 0x28));
        told.host("seal0.caller_is_origin", 0x20, &[])
            .host("seal0.caller_is_root", 0x24, &[])
            .host("seal0.reentrance_count", 0x28, &[])
            .put(ACCOUNT, &Accounts::ALICE)
            .host("seal0.is_contract", 0x2c, &[ACCOUNT.into()])
            .host("seal0.account_reentrance_count", 0x30, &[ACCOUNT.into()])
            .show()
    };
    let one = program.make(0, b"one", facts(Script::new()).bytes());
    let two = program.make(0, b"two", Vec::new());
    program.steps.push(Step::call("facts", one, facts(Script::new()).bytes()).value(1_000));
    let outer = Script::new().call(0, two, 77, &facts(Script::new()), 0x50).show();
    program.steps.push(Step::call("facts of a callee", one, outer.bytes()));
    let code = program.code(1);
    let delegated = Script::new().delegate(0, code, &facts(Script::new()), 0x50).show();
    program.steps.push(Step::call("facts of delegated code", one, delegated.bytes()).value(5));
    let inside = Script::new().call(0, two, 3, &delegated, 0x50).show();
    program.steps.push(Step::call("facts of a callee's delegated code", one, inside.bytes()));
    for (account, _) in [(one, 0), (two, 1), (Accounts::NOBODY, 2)] {
        let about = Script::new()
            .put(ACCOUNT, &account)
            .capacities(64)
            .host("seal0.is_contract", 0x20, &[ACCOUNT.into()])
            .host("seal0.code_hash", 0x24, &[ACCOUNT.into(), OUTPUT.into(), CAPACITY.into()])
            .host("seal0.account_reentrance_count", 0x28, &[ACCOUNT.into()])
            .show();
        program.steps.push(Step::call("seal0.code_hash", one, about.bytes()));
    }
    let fee = Script::new()
        .capacities(64)
        .host("seal0.weight_to_fee", 0x20, &[1_000_000_007, OUTPUT.into(), CAPACITY.into()])
        .host("seal1.weight_to_fee", 0x24, &[u64::MAX, 9, (OUTPUT + 64).into(), (CAPACITY + 4).into()]);
    program.steps.push(Step::call("seal0.weight_to_fee", one, fee.show().bytes()));
    // Gas has other prices: that some is left, and in how many bytes it is told, is all that can be compared.
    let left = Script::new().fact("seal0.gas_left", 0x404).end(0, 0x400, 4);
    program.steps.push(Step::call("seal0.gas_left", one, left.bytes()));
    let left = Script::new().fact("seal1.gas_left", 0x404).end(0, 0x404, 0);
    program.steps.push(Step::call("seal1.gas_left", one, left.bytes()));
    let number = Script::new().host("seal0.instantiation_nonce", 0x20, &[]);
    program.steps.push(Step::call("seal0.instantiation_nonce", one, number.end(0, 0, 0).bytes()));
    program
}

fn transfers() -> Program {
    let mut program = scripts("transfers");
    let one = program.make(0, b"one", Vec::new());
    let two = program.make(0, b"two", Vec::new());
    for (to, value) in [
        (two, 1),
        (two, 999),
        (two, 5_000),
        (Accounts::BOB, 1),
        (Accounts::NOBODY, 7),
        (one, 1),
        (one, u128::MAX),
        (Accounts::BOB, 0),
        (Accounts::BOB, u128::MAX),
        (two, 8_985),
        (two, 8_000),
    ] {
        let send = Script::new().send(to, value, 0x20).fact("seal0.balance", 0x404).show();
        program.steps.push(Step::call("seal0.transfer", one, send.bytes()).value(if value == 1 { 5_000 } else { 0 }));
    }
    let reverted = Script::new().send(two, 10, 0x20).end(1, 0, 4);
    program.steps.push(Step::call("seal0.transfer", one, reverted.bytes()));
    let poor = Step { caller: Accounts::NOBODY, ..Step::call("value", one, Vec::new()).value(100) };
    program.steps.push(poor);
    program.steps.push(Step::call("value", Accounts::NOBODY, Vec::new()).value(1));
    program.steps.push(Step::call("value", one, Vec::new()).value(Accounts::BALANCE * 2));
    program
}

fn dependencies() -> Program {
    let mut program = scripts("locked dependencies");
    let one = program.make(0, b"one", Vec::new());
    let (own, other) = (program.code(0), program.code(1));
    let act = |script: Script, what: &str, hash: [u8; 32]| {
        script.put(HASH, &hash).host(&format!("seal0.{what}_delegate_dependency"), RESULT, &[HASH.into()])
    };
    let empty = Script::new;
    for script in [
        act(empty(), "unlock", other),
        act(empty(), "lock", [9; 32]),
        act(empty(), "lock", own),
        act(empty(), "lock", other),
        act(empty(), "lock", other),
        act(empty(), "unlock", other).trap(),
        act(empty(), "lock", other),
        act(empty(), "unlock", other),
        act(empty(), "unlock", other),
        act(act(empty(), "lock", other), "unlock", other),
    ] {
        program.steps.push(Step::call("seal0.lock_delegate_dependency", one, script.show().bytes()));
    }
    program
}

/// People give away all they have.
fn whole_balances() -> Program {
    let mut program = scripts("whole balances");
    let one = program.make(0, b"one", Vec::new());
    const CAROL: [u8; 32] = [0xca; 32];
    program.balances.push((CAROL, 1_000));
    for value in [999, 2, 1] {
        program.steps.push(Step { caller: CAROL, ..Step::call("value", one, Vec::new()).value(value) });
    }
    program
}

fn memory() -> Program {
    let calls = [0, 1, 14, 15, 30, 31, 0xffff, 0x1_0000, u32::MAX].map(|pages| {
        let script = Script::new().grow(pages, 0x20).grow(0, 0x24).show();
        ("memory.grow".to_owned(), script)
    });
    let mut program = one_contract("memory", calls);
    let one = program.address_by(Accounts::ALICE, 0, b"one");
    program.steps.push(Step::call("load", one, Script::new().stray().bytes()));
    program
}

fn recursion() -> Program {
    let calls =
        [0, 10, 500, 900, 1_500, 10_000].map(|depth| ("recursion".to_owned(), Script::new().recurse(depth).show()));
    one_contract("recursion", calls)
}

fn returns() -> Program {
    let mut calls: Vec<_> = [0u32, 1, 2, 3, 0x8000_0000, u32::MAX]
        .map(|flags| Script::new().word(0x20, 7).end(flags, 0x20, 4))
        .into_iter()
        .collect();
    calls.push(Script::new().end(2, 0x20, 0x3_0000));
    calls.push(Script::new().grow(30, 0x20).end(0, 0, 1 << 20));
    calls.push(Script::new().grow(30, 0x20).end(0, 0, (1 << 20) + 1));
    calls.push(Script::new());
    one_contract("return values", calls.into_iter().map(|script| ("seal0.seal_return".to_owned(), script)))
}

fn chain_extension() -> Program {
    let ask = |id: u64, capacity: u32| {
        let script = Script::new().word(CAPACITY, capacity);
        let name = "seal0.call_chain_extension";
        (name.to_owned(), script.host(name, 0x20, &[id, 0x300, 0, OUTPUT.into(), CAPACITY.into()]).show())
    };
    let calls = [ask(21, 100), ask(21, 8), ask(0xff00_0015, 8), ask(0x0001_0015, 8), ask(0xfffe_0000, 8)];
    one_contract("chain extension", calls)
}

/// More bytes at once than Tallow copies out of a contract's memory.
fn host_buffers() -> Program {
    let mut text = String::from(
        r#"(module (import "env" "memory" (memory 2 1024)) (import "seal0" "debug_message" (func $debug (param i32 i32) (result i32)))
        (import "seal0" "hash_sha2_256" (func $hash (param i32 i32 i32)))
        (import "seal0" "sr25519_verify" (func $verify (param i32 i32 i32 i32) (result i32)))
        (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
        (import "seal0" "input" (func $input (param i32 i32)))
        (func (export "deploy"))
        (func (export "call") (drop (memory.grow (i32.const 90)))
            (i32.store (i32.const 0) (i32.const 4)) (call $input (i32.const 4) (i32.const 0))"#,
    );
    text += r#"
            (if (i32.eq (i32.load (i32.const 4)) (i32.const 0)) (then
                (call $hash (i32.const 64) (i32.const 5000000) (i32.const 8)) (call $return (i32.const 0) (i32.const 8) (i32.const 32))))
            (i32.store (i32.const 8) (call $verify (i32.const 64) (i32.const 64) (i32.const 5000000) (i32.const 64)))
            (call $return (i32.const 0) (i32.const 8) (i32.const 4))))"#;
    let mut program = Program { name: "buffers beyond 4 MiB".into(), ..Program::default() };
    program.modules.push(wat::parse_str(text).expect("the module is valid"));
    let one = program.make(0, b"one", Vec::new());
    for (label, which) in [("seal0.hash_sha2_256", 0u32), ("seal0.sr25519_verify", 1)] {
        assert!(number(label) < usize::MAX);
        program.steps.push(Step::call(label, one, which.to_le_bytes().to_vec()));
    }
    program
}
