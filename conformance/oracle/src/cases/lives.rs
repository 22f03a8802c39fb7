//! The life of contracts: how they are made, replace their code and end.

use super::{
    ACCOUNT, CAPACITY, HASH, OUTPUT, RESULT,
    frames::{mark, push, three},
};
use crate::{Accounts, Program, Step, script::Script};

/// Its programs.
pub fn programs() -> Vec<Program> {
    vec![
        instantiation(),
        constructors(),
        termination(),
        termination_pays_late(),
        new_code(),
        new_code_is_seen(),
        made_again(),
    ]
}

fn instantiation() -> Program {
    let (mut program, [one, ..]) = three("instantiation");
    let code = program.code(1);
    program.steps.push(Step::call("value", one, Vec::new()).value(100_000));
    let look = |script: Script| {
        script.fact("seal0.address", 0x404).fact("seal0.caller", 0x444).fact("seal0.value_transferred", 0x484)
    };
    let endings = [
        look(mark(1)).show(),
        look(mark(1)).end(1, 0, OUTPUT + 0x100),
        mark(1).trap(),
        mark(1).terminate(Accounts::BOB),
        Script::new(),
    ];
    let mut salt = 0u8;
    for ending in &endings {
        for value in [0, 1, 50, 1_000_000] {
            salt += 1;
            let script = Script::new().instantiate(code, value, ending, &[salt], 0x50).store(&[salt], b"made");
            push(&mut program, "seal1.instantiate", one, &script.show());
        }
    }
    // An address that is taken, unknown code, salts, and from outside.
    for salt in [&[1][..], &[1, 1], b"", &[7; 100]] {
        let script = Script::new().instantiate(code, 0, &mark(2).show(), salt, 0x50).show();
        push(&mut program, "seal1.instantiate", one, &script.clone());
        push(&mut program, "seal1.instantiate", one, &script);
    }
    push(&mut program, "seal1.instantiate", one, &Script::new().instantiate([9; 32], 0, &mark(2), b"u", 0x50).show());
    for (number, ending) in endings.iter().enumerate() {
        program.steps.push(Step::instantiate(0, &[number as u8, 0xaa], ending.bytes()).value(5));
    }
    program.steps.push(Step::instantiate(0, &[0, 0xaa], Vec::new()));
    program.steps.push(Step::instantiate(0, b"rich", Vec::new()).value(Accounts::BALANCE * 2));
    program
}

/// What a contract is before its constructor has returned.
fn constructors() -> Program {
    let (mut program, [one, two, _]) = three("constructors");
    let code = program.code(1);
    let made = program.address_by(one, 1, b"new");
    let about = |script: Script| {
        script
            .put(ACCOUNT, &made)
            .capacities(64)
            .host("seal0.is_contract", 0x20, &[ACCOUNT.into()])
            .host("seal0.code_hash", 0x24, &[ACCOUNT.into(), OUTPUT.into(), CAPACITY.into()])
            .host("seal0.account_reentrance_count", 0x28, &[ACCOUNT.into()])
            .host("seal0.reentrance_count", 0x2c, &[])
    };
    let inside = about(mark(1)).fact("seal0.own_code_hash", 0x444).call(8, made, 0, &mark(2).show(), 0x50).show();
    push(
        &mut program,
        "seal0.is_contract",
        one,
        &about(Script::new().instantiate(code, 0, &inside, b"new", 0x54)).show(),
    );
    let other = program.address_by(one, 1, b"other");
    let nested =
        Script::new().call(8, two, 0, &Script::new().call(8, other, 0, &mark(3).show(), 0x50).show(), 0x54).show();
    push(&mut program, "seal1.instantiate", one, &Script::new().instantiate(code, 0, &nested, b"other", 0x54).show());
    let code_changed = Script::new().put(HASH, &program.code(0)).host("seal0.set_code_hash", 0x50, &[HASH.into()]);
    push(
        &mut program,
        "seal0.set_code_hash",
        one,
        &Script::new().instantiate(code, 0, &code_changed.show(), b"third", 0x54).show(),
    );
    let delegated = Script::new().delegate(0, code, &mark(4).show(), 0x50).show();
    push(
        &mut program,
        "seal0.delegate_call",
        one,
        &Script::new().instantiate(code, 0, &delegated, b"fourth", 0x54).show(),
    );
    program.steps.push(Step::instantiate(
        0,
        b"locks",
        Script::new().put(HASH, &code).host("seal0.lock_delegate_dependency", 0x50, &[HASH.into()]).show().bytes(),
    ));
    program
}

fn termination() -> Program {
    let (mut program, [one, two, three]) = three("termination");
    program.steps.push(Step::call("value", one, Vec::new()).value(1_000));
    program.steps.push(Step::call("value", two, mark(1).bytes()).value(1_000));
    program.steps.push(Step::call("value", three, mark(1).bytes()).value(1_000));
    // Re-entrant, by delegated code, in a frame that is dropped.
    let ends = Script::new().terminate(Accounts::BOB);
    push(
        &mut program,
        "seal1.terminate",
        one,
        &Script::new().call(8, two, 0, &Script::new().call(0, one, 0, &ends, 0x50).show(), 0x50).show(),
    );
    let delegated = Script::new().delegate(0, program.code(1), &ends, 0x50).show();
    push(&mut program, "seal1.terminate", one, &delegated);
    let dropped = Script::new().call(0, two, 0, &ends, 0x50).end(1, 0, 0x80);
    push(&mut program, "seal1.terminate", one, &dropped);
    // Then it is gone: for calls and for questions, and what it had is its heir's.
    let then = Script::new()
        .call(0, two, 5, &ends, 0x50)
        .call(0, two, 0, &mark(1).show(), 0x54)
        .put(ACCOUNT, &two)
        .capacities(64)
        .host("seal0.is_contract", 0x58, &[ACCOUNT.into()])
        .host("seal0.code_hash", 0x5c, &[ACCOUNT.into(), OUTPUT.into(), CAPACITY.into()])
        .show();
    push(&mut program, "seal1.terminate", one, &then);
    push(&mut program, "gone", two, &mark(1));
    push(&mut program, "seal1.terminate", three, &Script::new().store(b"x", b"y").terminate(Accounts::NOBODY));
    // The old function, and an heir that is itself gone or the contract.
    let four = program.make(0, b"four", Vec::new());
    let old = Script::new().put(ACCOUNT, &two).host("seal0.terminate", RESULT, &[ACCOUNT.into(), 32]);
    push(&mut program, "seal0.terminate", four, &old);
    let five = program.make(0, b"five", Vec::new());
    program.steps.push(Step::call("value", five, Vec::new()).value(70));
    push(&mut program, "seal1.terminate", five, &Script::new().terminate(one));
    program
}

/// An heir gets what is left when the whole call has ended.
fn termination_pays_late() -> Program {
    let (mut program, [one, two, three]) = three("what a terminated contract leaves");
    program.steps.push(Step::call("value", two, Vec::new()).value(1_000));
    let ends = Script::new().terminate(one);
    let script = Script::new().call(0, two, 0, &ends, 0x50).fact("seal0.balance", 0x404).send(two, 0, 0x54).show();
    push(&mut program, "seal1.terminate", one, &script);
    program.steps.push(Step::call("value", three, Vec::new()).value(500));
    // Sent after its end, within the same call.
    program.steps.push(
        Step::call(
            "value",
            one,
            Script::new()
                .call(0, three, 0, &Script::new().terminate(Accounts::BOB), 0x50)
                .send(three, 33, 0x54)
                .show()
                .bytes(),
        )
        .value(100),
    );
    let heir = program.make(0, b"itself", Vec::new());
    program.steps.push(Step::call("value", heir, Vec::new()).value(50));
    push(&mut program, "seal1.terminate", heir, &Script::new().terminate(heir));
    program
}

fn new_code() -> Program {
    let (mut program, [one, two, _]) = three("new code");
    let set = |hash: [u8; 32]| Script::new().put(HASH, &hash).host("seal0.set_code_hash", 0x50, &[HASH.into()]);
    let (first, other) = (program.code(0), program.code(1));
    push(&mut program, "seal0.set_code_hash", one, &set([9; 32]).show());
    push(&mut program, "seal0.set_code_hash", one, &set(other).fact("seal0.own_code_hash", 0x404).show());
    push(&mut program, "seal0.own_code_hash", one, &Script::new().fact("seal0.own_code_hash", 0x404).show());
    push(&mut program, "seal0.set_code_hash", one, &set(first).end(1, 0, 0x80));
    push(&mut program, "seal0.own_code_hash", one, &Script::new().fact("seal0.own_code_hash", 0x404).show());
    push(&mut program, "seal0.set_code_hash", one, &set(first).trap());
    let code = |script: Script| {
        script.put(ACCOUNT, &two).capacities(64).host(
            "seal0.code_hash",
            0x5c,
            &[ACCOUNT.into(), OUTPUT.into(), CAPACITY.into()],
        )
    };
    let by_another = code(Script::new().call(0, two, 0, &set(other).show(), 0x54));
    push(&mut program, "seal0.set_code_hash", one, &by_another.show());
    program
}

/// `code_hash` of the own address, after `set_code_hash` in the same frame.
fn new_code_is_seen() -> Program {
    let (mut program, [one, ..]) = three("new code in the same frame");
    let script = Script::new()
        .put(HASH, &program.code(1))
        .host("seal0.set_code_hash", 0x50, &[HASH.into()])
        .put(ACCOUNT, &one)
        .capacities(64)
        .host("seal0.code_hash", 0x5c, &[ACCOUNT.into(), OUTPUT.into(), CAPACITY.into()])
        .show();
    push(&mut program, "seal0.code_hash", one, &script);
    program
}

/// A contract is made at an address where one was terminated in the same call.
fn made_again() -> Program {
    let (mut program, [one, ..]) = three("made again in the same call");
    let code = program.code(1);
    let made = program.address_by(one, 1, b"again");
    let script = Script::new()
        .instantiate(code, 0, &mark(1).show(), b"again", 0x50)
        .call(0, made, 0, &Script::new().terminate(Accounts::BOB), 0x54)
        .instantiate(code, 0, &mark(2).show(), b"again", 0x58)
        .show();
    push(&mut program, "seal1.instantiate", one, &script);
    // In the next call it can be made.
    let again = Script::new().instantiate(code, 0, &mark(2).show(), b"again", 0x58).show();
    push(&mut program, "seal1.instantiate", one, &again);
    program
}
