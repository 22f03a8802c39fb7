//! Calls between contracts: flags, re-entrance, reverts, traps, gas, depth.

use super::{ACCOUNT, CAPACITY, HASH, NESTED, OUTPUT, RESULT, ROOM, VALUE, scripts};
use crate::{Accounts, Program, Step, script::Script};

/// Gas of steps that use all they are given: a fraction of a second on the reference.
const LITTLE: u64 = 20_000_000_000;

/// The programs.
pub fn programs() -> Vec<Program> {
    vec![
        flags(),
        inputs(),
        reentrance(),
        values(),
        ends(),
        outputs(),
        read_only(),
        delegation(),
        new_code_by_delegates(),
        depth(),
        depth_of_other_calls(),
        gas(),
        versions(),
        runtime_calls(),
    ]
}

/// Contracts 1 and 2 of module 0, and 3 of module 1.
pub(super) fn three(name: &str) -> (Program, [[u8; 32]; 3]) {
    let mut program = scripts(name);
    let made = [(0, b"one".as_slice()), (0, b"two"), (1, b"three")]
        .map(|(module, salt)| program.make(module, salt, Vec::new()));
    (program, made)
}

pub(super) fn push(program: &mut Program, label: &str, to: [u8; 32], script: &Script) {
    program.steps.push(Step::call(label, to, script.bytes()));
}

/// Leaves a mark in storage, an event and output.
pub(super) fn mark(byte: u8) -> Script {
    Script::new().store(&[byte], &[byte; 3]).event(&[[byte; 32]], &[byte]).word(0x60, byte.into())
}

fn flags() -> Program {
    let (mut program, [one, two, _]) = three("call flags");
    for flags in (0..64).chain([0x100, u32::MAX]) {
        // Forwarded input is this script itself: the second time it is at a callee, which has the first one's mark.
        let forwarded = flags & 3 != 0;
        let inner = mark(1).end(0, 0x60, 4);
        let outer = Script::new().call(flags, two, 0, &inner, 0x50).store(b"after", b"1").show();
        let own = Script::new().fact("seal0.address", 0x904);
        let at_two = two[..4].try_into().map(u32::from_le_bytes).expect("four bytes");
        let at_one = one[..4].try_into().map(u32::from_le_bytes).expect("four bytes");
        let script = if forwarded {
            let callee = Script::new().unless(0x904, at_one, inner.clone());
            let caller = Script::new().unless(0x904, at_two, outer);
            own.then(&callee).then(&caller)
        } else {
            outer
        };
        push(&mut program, "seal1.call", one, &script);
        let delegate = Script::new().delegate(flags, program.code(1), &inner, 0x50).store(b"after", b"2").show();
        if !forwarded {
            push(&mut program, "seal0.delegate_call", one, &delegate);
        }
    }
    program
}

fn inputs() -> Program {
    let (mut program, [one, two, _]) = three("forwarded input");
    let read = |script: Script, at: u32| {
        script.word(CAPACITY, 0x400).host("seal0.input", RESULT, &[at.into(), CAPACITY.into()])
    };
    // The callee, whose caller is a contract, ends at once.
    let leave = Script::new().host("seal0.caller_is_origin", 0x20, &[]).unless(0x20, 1, Script::new().end(0, 0, 8));
    for (a, b) in [(1, 0), (2, 0), (1, 1), (2, 2), (2, 1), (1, 2), (3, 3), (0, 0)] {
        let call = |script: Script, flags: u32, result| script.call_with_gas(flags, two, 0, 0, &[], result);
        let script = call(call(leave.clone(), a, 0x50), b, 0x54);
        push(&mut program, "seal1.call", one, &script.clone().show());
        push(&mut program, "seal0.input", one, &read(script, 0x3000).show());
    }
    let twice = read(read(Script::new(), 0x3000), 0x3800);
    push(&mut program, "seal0.input", one, &twice.end(0, 0x3000, 0x1000));
    for capacity in [0, 1, 40, 0x400] {
        let script = Script::new().word(CAPACITY, capacity).host("seal0.input", RESULT, &[0x3000, CAPACITY.into()]);
        push(&mut program, "seal0.input", one, &script.end(0, 0x3000, 0x100));
    }
    program
}

fn reentrance() -> Program {
    let (mut program, [one, two, _]) = three("re-entrance");
    for outer in [0, 8] {
        for inner in [0, 8] {
            let innermost = mark(3).host("seal0.reentrance_count", 0x70, &[]).end(0, 0x60, 0x20);
            let counted = |script: Script, of: [u8; 32], at| {
                script.put(ACCOUNT, &of).host("seal0.account_reentrance_count", at, &[ACCOUNT.into()])
            };
            let back = counted(Script::new().call(inner, one, 0, &innermost, 0x50), one, 0x54).show();
            let script = counted(Script::new().call(outer, two, 0, &back, 0x50), one, 0x54).show();
            push(&mut program, "seal1.call", one, &script);
            let itself = Script::new().call(outer, one, 0, &innermost, 0x50).show();
            push(&mut program, "seal1.call", one, &itself);
            // Denied or allowed for one call only.
            let then = Script::new().call(outer, two, 0, &Script::new(), 0x50).call(inner, two, 0, &back, 0x54).show();
            push(&mut program, "seal1.call", one, &then);
            let delegated = Script::new().call(inner, one, 0, &innermost, 0x50).show();
            let delegating = Script::new().delegate(0, program.code(1), &delegated, 0x54).show();
            push(&mut program, "seal0.delegate_call", one, &delegating);
        }
    }
    let old = Script::new().put(ACCOUNT, &one).capacities(ROOM);
    let old =
        old.host("seal0.call", 0x50, &[u64::from(ACCOUNT), 32, 0, VALUE.into(), 16, NESTED.into(), 4, 0xffff_ffff, 0]);
    push(&mut program, "seal0.call", one, &old.show());
    program
}

fn values() -> Program {
    let (mut program, [one, two, three]) = three("calls with value");
    program.steps.push(Step::call("value", one, Vec::new()).value(10_000));
    let look = Script::new().fact("seal0.value_transferred", 0x60).fact("seal0.balance", 0x404).show();
    for value in [0, 1, 2, 100, 9_000, 20_000, u128::MAX] {
        let script = Script::new().call(0, two, value, &look, 0x50).fact("seal0.balance", 0x904).show();
        push(&mut program, "seal1.call", one, &script);
        let reverts = Script::new().call(0, two, value, &mark(1).end(1, 0, 8), 0x50).fact("seal0.balance", 0x904);
        push(&mut program, "seal1.call", one, &reverts.show());
        let traps = Script::new().call(0, three, value, &mark(1).trap(), 0x50).fact("seal0.balance", 0x904);
        push(&mut program, "seal1.call", one, &traps.show());
        let itself = Script::new().call(8, one, value, &look, 0x50).show();
        push(&mut program, "seal1.call", one, &itself);
        for to in [Accounts::BOB, Accounts::NOBODY] {
            push(&mut program, "seal1.call", one, &Script::new().call(0, to, value, &look, 0x50).show());
        }
    }
    program
}

/// How frames end, three deep.
fn ends() -> Program {
    let (mut program, [one, two, three]) = three("how frames end");
    let endings = |script: Script| {
        [
            script.clone().end(0, 0, 0x80),
            script.clone().end(1, 0, 0x80),
            script.clone().trap(),
            script.clone().stray(),
            script.clone().end(2, 0, 4),
            script.clone().host("seal1.get_storage", RESULT, &[0xffff_0000, 4, 0, 0]).show(),
            script,
        ]
    };
    for deepest in endings(mark(3)) {
        for middle in endings(mark(2).call(0, three, 0, &deepest, 0x70).word(0x74, 9)) {
            for outer in endings(mark(1).call(0, two, 0, &middle, 0x70).copy(OUTPUT, 0x80, 0x40)).into_iter().take(2) {
                push(&mut program, "seal1.call", one, &outer);
            }
        }
    }
    program
}

fn outputs() -> Program {
    let (mut program, [one, two, _]) = three("output buffers");
    let gives = Script::new().put(0x60, b"twelve bytes").end(0, 0x60, 12);
    let reverts = Script::new().put(0x60, b"twelve bytes").end(1, 0x60, 12);
    for (input, capacity) in
        [&gives, &reverts].into_iter().flat_map(|it| [0, 11, 12, 13, u32::MAX].map(|size| (it, size)))
    {
        for (out, length) in [(OUTPUT, CAPACITY), (u32::MAX, CAPACITY), (u32::MAX, u32::MAX), (0x1_fff8, CAPACITY)] {
            let script = Script::new().put(ACCOUNT, &two).put(NESTED, &input.bytes()).word(CAPACITY, capacity);
            let arguments = [0, ACCOUNT, 0, VALUE, NESTED, input.bytes().len() as u32, out, length].map(u64::from);
            push(
                &mut program,
                "seal1.call",
                one,
                &script.store(b"k", b"v").host("seal1.call", 0x50, &arguments).show(),
            );
        }
    }
    program
}

fn read_only() -> Program {
    let (mut program, [one, two, three]) = three("read-only calls");
    let code = program.code(1);
    let tries: Vec<(&str, Script)> = vec![
        ("seal2.set_storage", mark(1)),
        ("seal1.clear_storage", Script::new().host("seal1.clear_storage", RESULT, &[0x200, 1])),
        ("seal0.take_storage", Script::new().host("seal0.take_storage", RESULT, &[0x200, 1, 0x400, CAPACITY.into()])),
        ("seal0.clear_storage", Script::new().host("seal0.clear_storage", RESULT, &[0x200])),
        ("seal0.set_storage", Script::new().host("seal0.set_storage", RESULT, &[0x200, 0x200, 1])),
        ("seal0.deposit_event", Script::new().event(&[], b"x")),
        ("seal0.transfer", Script::new().send(three, 0, 0x50)),
        ("seal1.terminate", Script::new().terminate(one)),
        ("seal0.set_code_hash", Script::new().put(HASH, &code).host("seal0.set_code_hash", 0x50, &[HASH.into()])),
        (
            "seal0.lock_delegate_dependency",
            Script::new().put(HASH, &code).host("seal0.lock_delegate_dependency", 0x50, &[HASH.into()]),
        ),
        (
            "seal0.unlock_delegate_dependency",
            Script::new().host("seal0.unlock_delegate_dependency", 0x50, &[HASH.into()]),
        ),
        ("seal1.instantiate", Script::new().instantiate(code, 0, &Script::new(), b"s", 0x50)),
        ("seal0.call_runtime", Script::new().host("seal0.call_runtime", 0x50, &[0, 4])),
        ("seal0.xcm_execute", Script::new().host("seal0.xcm_execute", 0x50, &[0, 4])),
        ("seal0.xcm_send", Script::new().host("seal0.xcm_send", 0x50, &[0, 0, 4, 0])),
        ("seal1.call", Script::new().call(0, three, 1, &Script::new(), 0x50)),
        ("seal1.call", Script::new().call(0, three, 0, &mark(4).show(), 0x50)),
        ("seal1.call", Script::new().call(0, three, 0, &Script::new().load(b"\x01", 0x54).show(), 0x50)),
        ("seal0.delegate_call", Script::new().delegate(0, code, &mark(5), 0x50)),
        ("seal0.set_transient_storage", Script::new().host("seal0.set_transient_storage", 0x50, &[0x200, 4, 0x300, 4])),
        ("seal1.get_storage", Script::new().load(b"\x01", 0x50)),
        ("seal0.debug_message", Script::new().put(0x300, b"hi").host("seal0.debug_message", 0x50, &[0x300, 2])),
    ];
    program.steps.push(Step::call("value", two, mark(1).bytes()).value(1_000));
    for (label, script) in tries {
        for flags in [16, 16 + 4] {
            push(&mut program, label, one, &Script::new().call(flags, two, 0, &script.clone().show(), 0x50).show());
        }
        push(&mut program, "seal1.call", one, &Script::new().call(16, two, 1, &script.show(), 0x50).show());
    }
    program
}

fn delegation() -> Program {
    let (mut program, [one, two, _]) = three("delegated code");
    let code = program.code(1);
    for ending in [mark(1).show(), mark(2).end(1, 0x60, 4), mark(3).trap(), mark(4).terminate(Accounts::BOB)] {
        push(&mut program, "seal0.delegate_call", one, &mark(9).delegate(0, code, &ending, 0x50).show());
        push(&mut program, "seal0.delegate_call", one, &mark(9).delegate(4, code, &ending, 0x50).show());
    }
    push(&mut program, "seal0.delegate_call", one, &Script::new().delegate(0, [9; 32], &mark(1), 0x50).show());
    let calls_back = Script::new().call(8, one, 0, &mark(5).show(), 0x54).show();
    push(&mut program, "seal0.delegate_call", one, &Script::new().delegate(0, code, &calls_back, 0x50).show());
    let calls_on = Script::new().call(0, two, 1, &Script::new().fact("seal0.caller", 0x404).show(), 0x54).show();
    program.steps.push(
        Step::call("seal0.delegate_call", one, Script::new().delegate(0, code, &calls_on, 0x50).show().bytes())
            .value(10),
    );
    program
}

/// Code that has a contract's storage replaces the contract's code: under Phala's rules, which the comparison runs under.
fn new_code_by_delegates() -> Program {
    let (mut program, [one, ..]) = three("new code by delegated code");
    let code = program.code(1);
    let new_code = Script::new()
        .put(HASH, &code)
        .host("seal0.set_code_hash", 0x54, &[HASH.into()])
        .fact("seal0.own_code_hash", 0x404);
    push(&mut program, "seal0.delegate_call", one, &Script::new().delegate(0, code, &new_code.show(), 0x50).show());
    program
}

/// A contract that calls itself: each frame is told by the transient storage how deep it is.
fn depth() -> Program {
    let (mut program, [one, two, _]) = three("depth of calls");
    for flags in [8, 8 + 4] {
        let forward = flags + 2;
        let count = Script::new()
            .put(0x200, b"n")
            .word(CAPACITY, 4)
            .host("seal0.get_transient_storage", 0x50, &[0x200, 1, 0x60, CAPACITY.into()])
            .add(0x60, 1)
            .host("seal0.set_transient_storage", 0x54, &[0x200, 1, 0x60, 4]);
        let again = |to| count.clone().call_with_gas(forward, to, 0, 0, &[], 0x58);
        push(&mut program, "seal1.call", one, &again(one).end(0, 0x50, 0x20));
        push(&mut program, "seal1.call", one, &again(one).copy(OUTPUT, 0x70, 8).end(0, 0x58, 0x20));
        push(&mut program, "seal1.call", two, &again(two).end(1, 0x50, 0x20));
    }
    program
}

/// At the greatest depth: what comes first, the depth or what is wrong with the call.
fn depth_of_other_calls() -> Program {
    let (mut program, [one, two, _]) = three("at the greatest depth");
    let code = program.code(1);
    let last: [Script; 6] = [
        Script::new().call(0, Accounts::NOBODY, 0, &Script::new(), 0x50),
        Script::new().call(0, two, 0, &Script::new(), 0x50),
        Script::new().delegate(0, [9; 32], &Script::new(), 0x50),
        Script::new().delegate(0, code, &Script::new(), 0x50),
        Script::new().instantiate([9; 32], 0, &Script::new(), b"s", 0x50),
        Script::new().instantiate(code, 0, &Script::new(), b"s", 0x50),
    ];
    for script in last {
        for frames in [14, 15, 16] {
            let nested = (1..frames).fold(script.clone().end(0, 0x50, 4), |inner, _| {
                Script::new().call(8, one, 0, &inner, 0x54).copy(OUTPUT, 0x58, 4).end(0, 0x54, 8)
            });
            push(&mut program, "seal1.call", one, &nested);
        }
    }
    program
}

fn gas() -> Program {
    let (mut program, [one, two, three]) = three("gas");
    let little = |script: Script, label: &str| Step::call(label, one, script.bytes()).gas(LITTLE);
    // The reference reserves the price of the largest value before it writes, so nothing is written here.
    let forever = Script::new().forever();
    program.steps.push(little(forever.clone(), "gas"));
    program.steps.push(little(Script::new().call(0, two, 0, &forever, 0x50).show(), "seal1.call"));
    let limited = |limit| Script::new().call_with_gas(0, two, 0, limit, &forever.bytes(), 0x50).event(&[], b"kept");
    program.steps.push(little(limited(LITTLE / 4).end(0, 0x50, 4), "seal1.call"));
    let deeper = Script::new().call_with_gas(0, three, 0, LITTLE / 8, &forever.bytes(), 0x50).event(&[], b"mid");
    let outer = Script::new().call_with_gas(0, two, 0, LITTLE / 2, &deeper.show().bytes(), 0x50);
    program.steps.push(little(outer.copy(OUTPUT + 0x50, 0x54, 4).end(0, 0x50, 8), "seal1.call"));
    // One unit is nothing to run with; more than there is means all there is.
    program.steps.push(little(limited(1).end(0, 0x50, 4), "seal1.call"));
    let all = Script::new().call_with_gas(0, two, 0, u64::MAX, &Script::new().show().bytes(), 0x50).end(0, 0x50, 4);
    program.steps.push(little(all, "seal1.call"));
    let constructor = Script::new().instantiate(program.code(1), 0, &forever, b"g", 0x50).end(0, 0x50, 4);
    program.steps.push(little(constructor, "seal1.instantiate"));
    program.steps.push(little(
        Script::new().delegate(0, program.code(1), &forever, 0x50).end(0, 0x50, 4),
        "seal0.delegate_call",
    ));
    program.steps.push(Step { gas: LITTLE, ..Step::instantiate(0, b"loop", forever.bytes()) });
    program.steps.push(Step::call("gas", one, Vec::new()).gas(0));
    program.steps.push(Step::call("gas", one, Vec::new()).gas(1));
    program
}

/// Every version of the functions that nest, doing the same.
fn versions() -> Program {
    let (mut program, [one, two, _]) = three("versions of call and instantiate");
    let code = program.code(1);
    program.steps.push(Step::call("value", one, Vec::new()).value(1_000));
    let input = mark(1).show().bytes();
    let length = input.len() as u64;
    let base = || {
        let script = Script::new().put(ACCOUNT, &two).put(HASH, &code).put(VALUE, &3u128.to_le_bytes());
        script.put(NESTED, &input).capacities(0x800).put(0x1a0, &u128::MAX.to_le_bytes())
    };
    let [account, value, nested, out, capacity, hash] = [ACCOUNT, VALUE, NESTED, OUTPUT, CAPACITY, HASH].map(u64::from);
    let [no, second, room, deposit, salt] = [0xffff_ffff, u64::from(CAPACITY) + 4, 0x1000, 0x1a0, 0x1c0];
    let calls: Vec<(&str, Vec<u64>)> = vec![
        ("seal0.call", vec![account, 32, 0, value, 16, nested, length, out, capacity]),
        ("seal0.call", vec![account, 0, 0, value, 0, nested, length, out, capacity]),
        ("seal1.call", vec![0, account, 0, value, nested, length, out, capacity]),
        ("seal2.call", vec![0, account, 0, 0, no, value, nested, length, out, capacity]),
        ("seal2.call", vec![0, account, 0, 0, deposit, value, nested, length, out, capacity]),
        ("seal2.call", vec![0, account, 100_000_000_000, 1 << 40, no, value, nested, length, out, capacity]),
        ("seal0.instantiate", vec![hash, 32, 0, value, 16, nested, length, out, capacity, room, second, salt, 4]),
        ("seal0.instantiate", vec![hash, 1, 0, value, 1, nested, length, out, capacity, room, second, salt, 5]),
        ("seal1.instantiate", vec![hash, 0, value, nested, length, out, capacity, room, second, salt, 6]),
        ("seal2.instantiate", vec![hash, 0, 0, no, value, nested, length, out, capacity, room, second, salt, 7]),
        ("seal2.instantiate", vec![hash, 0, 0, deposit, value, nested, length, no, no, no, no, salt, 8]),
    ];
    for (name, arguments) in calls {
        push(&mut program, name, one, &base().host(name, 0x50, &arguments).show());
    }
    program
}

/// Calls of a runtime that there is not.
fn runtime_calls() -> Program {
    let (mut program, [one, ..]) = three("runtime calls");
    // `System::remark` with an empty remark decodes, and the filter refuses it.
    let remark = Script::new().put(0x300, &[0, 0, 0]).host("seal0.call_runtime", 0x50, &[0x300, 3]).show();
    push(&mut program, "seal0.call_runtime", one, &remark);
    let nonsense = Script::new().put(0x300, &[0xff; 8]).host("seal0.call_runtime", 0x50, &[0x300, 8]).show();
    push(&mut program, "seal0.call_runtime", one, &nonsense);
    program
}
