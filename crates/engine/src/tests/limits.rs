use super::{wat::*, world::*};
use crate::Profile;
use tallow_types::{CallError, limits::*};

fn trapped(text: &str) -> CallError {
    CallError::ContractTrapped(text.into())
}

#[test]
fn an_endless_loop_runs_out_of_gas() {
    let execution = call(&contract("(loop $again (br $again))"), &[]);
    assert_eq!(error(&execution), CallError::OutOfGas);
    assert_eq!(execution.gas_used, GAS);
}

#[test]
fn endless_recursion_traps() {
    let direct = contract("(call $again)").with("(func $again (call $again))");
    assert_eq!(error(&call(&direct, &[])), trapped("call stack exhausted"));
    let mutual = contract("(call_indirect (type $t) (i32.const 0))").with(
        "(type $t (func)) (table 2 funcref) (elem (i32.const 0) $a $b)
         (func $a (call_indirect (type $t) (i32.const 1))) (func $b (call_indirect (type $t) (i32.const 0)))",
    );
    assert_eq!(error(&call(&mutual, &[])), trapped("call stack exhausted"));
}

#[test]
fn recursion_with_big_frames_traps() {
    // A thousand 64-bit locals, all alive across the call.
    let locals = "(local i64)".repeat(1_000);
    let sets: String =
        (1..=1_000).map(|i| format!("(local.set {i} (i64.add (local.get 0) (i64.const {i})))")).collect();
    let sum: String = (1..=1_000).map(|i| format!("(local.set 0 (i64.xor (local.get 0) (local.get {i})))")).collect();
    let items = format!(
        "(func $again (param i64) (result i64) {locals} {sets} (local.set 0 (call $again (local.get 0))) {sum} (local.get 0))"
    );
    let wat = contract("(drop (call $again (i64.const 1)))").with(&items);
    assert_eq!(error(&call(&wat, &[])), trapped("call stack exhausted"));
}

#[test]
fn functions_return_from_anywhere_and_the_depth_is_counted_back() {
    // Each helper leaves in another way; more calls than the depth allows, one after another.
    let items = "
        (func $nothing)
        (func $by_return (param i32) (result i32)
            (call $nothing)
            (block (loop (if (local.get 0) (then (return (i32.const 1)))))) (i32.const 2))
        (func $by_branch (param i32) (result i32)
            (call $nothing)
            (block (br_if 1 (i32.const 3) (local.get 0)) (drop)) (i32.const 4))
        (func $by_table (param i32) (result i32)
            (call $nothing)
            (block (result i32) (br_table 0 1 (i32.const 5) (local.get 0))) (drop) (i32.const 6))
        (func $several (param i32) (result i32 i64)
            (call $nothing)
            (if (local.get 0) (then (return (i32.const 7) (i64.const 8)))) (i32.const 9) (i64.const 10))
        (func $both (param i32) (result i32) (local i64)
            (local.set 1 (call $several (local.get 0))) (i32.add (i32.wrap_i64 (local.get 1))))";
    let calls = ["$by_return", "$by_branch", "$by_table", "$both"];
    let stores: String = (0..8u32)
        .map(|i| {
            let function = calls[i as usize / 2];
            format!("(i32.store8 (i32.const {}) (call {function} (i32.const {})))", 600 + i, i % 2)
        })
        .collect();
    let body = format!(
        "(local $i i32) (local.set $i (i32.const {}))
         (loop $again {stores} (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
         (call $return (i32.const 600) (i32.const 8))",
        WASM_FRAMES_MAX * 2
    );
    assert_eq!(data(&call(&contract(body).with(items), &[])), [2, 1, 4, 3, 6, 5, 19, 15]);
}

#[test]
fn recursion_below_the_limit_is_fine() {
    let items = "(func $down (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))";
    let depth = WASM_FRAMES_MAX - 10;
    let wat = contract(format!("(call $answer (call $down (i32.const {depth})))")).with(items);
    assert_eq!(word(&call(&wat, &[])), depth);
}

#[test]
fn memory_grows_to_its_limit_and_is_paid() {
    // The builder's memories may have 16 pages.
    let body = "(i32.store8 (i32.const 600) (memory.grow (i32.const 3)))
        (i32.store8 (i32.const 601) (memory.grow (i32.const 12)))
        (i32.store8 (i32.const 602) (memory.grow (i32.const 11)))
        (i32.store8 (i32.const 603) (memory.size)) (call $return (i32.const 600) (i32.const 4))";
    let execution = call(&contract(body), &[]);
    assert_eq!(data(&execution), [2, 0xff, 5, 16]);
    // Two pages are there from the start, and cheap.
    assert!(execution.gas_used >= crate::gas::PAGE * 14);
    let bomb = contract("(loop $again (drop (memory.grow (i32.const 1))) (br $again))");
    assert_eq!(error(&call(&bomb, &[])), CallError::OutOfGas);
    let huge = contract("(call $answer (memory.grow (i32.const -1)))");
    assert_eq!(word(&call(&huge, &[])), u32::MAX, "what is not given is not paid");
}

#[test]
fn a_memory_without_maximum_gets_the_limit() {
    let wasm = wat::parse_str(
        r#"(module (import "env" "memory" (memory 1)) (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
            (func (export "deploy"))
            (func (export "call")
                (i32.store (i32.const 0) (memory.grow (i32.const 1024))) (i32.store (i32.const 4) (memory.grow (i32.const 1023)))
                (call $return (i32.const 0) (i32.const 0) (i32.const 8))))"#,
    )
    .unwrap();
    for profile in [Profile::Default, Profile::SmallAddressSpace] {
        let engine = engine_of(profile);
        let code = engine.prepare(&wasm).unwrap();
        let mut world = TestWorld::new();
        let address = tallow_types::AccountId([1; 32]);
        world.contracts.insert(
            address,
            crate::ContractInfo {
                code: code.hash(),
                deployer: ALICE,
                compat: Default::default(),
                public_events: false,
            },
        );
        world.codes.insert(code.hash(), code);
        let execution = run(&engine, &world, command(vec![]), message(address, &[]));
        assert_eq!(data(&execution), [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0], "{profile:?}");
    }
}

#[test]
fn bulk_operations_cost_by_their_size() {
    let fill =
        |bytes: u32| call(&contract(format!("(call $fill (i32.const 0) (i32.const {bytes}) (i32.const 1))")), &[]);
    assert!(fill(100_000).gas_used >= fill(100).gas_used + 99_900 * crate::GAS_PER_FUEL);
}

#[test]
fn growing_costs_even_where_nothing_is_given() {
    let grow = |pages: u32, times: u32| {
        let body = "(local $left i32) (local.set $left (i32.const TIMES))
            (loop $again (drop (memory.grow (i32.const PAGES)))
                (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))";
        call(&contract(body.replace("TIMES", &times.to_string()).replace("PAGES", &pages.to_string())), &[]).gas_used
    };
    // More than any memory may have, and nothing.
    for pages in [65_536, 0] {
        assert!(grow(pages, 1_001) >= grow(pages, 1) + 1_000 * crate::gas::HOST, "{pages} pages");
    }
}

#[test]
fn traps_say_what_happened() {
    let cases = [
        ("(drop (i32.load (i32.const -4)))", "memory access out of bounds"),
        ("(drop (i32.div_s (i32.const 1) (i32.const 0)))", "integer division by zero"),
        ("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", "integer overflow"),
        ("(drop (i32.trunc_f64_s (f64.const nan)))", "invalid conversion to integer"),
        ("(unreachable)", "unreachable code reached"),
    ];
    for (body, text) in cases {
        assert_eq!(error(&call(&contract(body), &[])), trapped(text), "{body}");
    }
    let tables = "(type $t (func)) (type $u (func (param i32))) (table 2 funcref) (elem (i32.const 0) $f) (func $f)";
    for (body, text) in [
        ("(call_indirect (type $t) (i32.const 9))", "table access out of bounds"),
        ("(call_indirect (type $t) (i32.const 1))", "indirect call of a wrong function"),
        ("(call_indirect (type $u) (i32.const 0) (i32.const 0))", "indirect call of a wrong function"),
    ] {
        assert_eq!(error(&call(&contract(body).with(tables), &[])), trapped(text), "{body}");
    }
}

#[test]
fn segments_out_of_bounds_are_refused() {
    let refused = |wat: Wat| engine().prepare(&wat.bytes()).unwrap_err().to_string();
    assert!(refused(contract("").data(200_000, b"x")).contains("outside the memory"));
    assert!(refused(contract("").data(131_071, b"xy")).contains("outside the memory"));
    assert!(refused(contract("").with("(table 1 funcref) (elem (i32.const 1) $input)")).contains("outside the table"));
    assert!(call(&contract("").data(131_071, b"x"), &[]).result.is_ok());
}

#[test]
fn both_profiles_take_the_same_gas_and_give_the_same_traps() {
    let bodies = [
        "(drop (memory.grow (i32.const 3))) (call $fill (i32.const 0) (i32.const 70000) (i32.const 1))",
        "(drop (i32.load (i32.const -4)))",
        "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
        "(f64.store (i32.const 0) (f64.div (f64.const 1) (f64.const 3))) (call $return (i32.const 0) (i32.const 8))",
        "(call $again)",
    ];
    let small = engine_of(Profile::SmallAddressSpace);
    for body in bodies {
        let wat = contract(body).with("(func $again (call $again))");
        let [a, b] = [&engine(), &small].map(|engine| {
            let mut world = TestWorld::new();
            let address = world.place(engine, 1, &wat);
            run(engine, &world, command(vec![]), message(address, &[]))
        });
        assert_eq!(a, b, "{body}");
    }
}

#[test]
fn ten_thousand_queries_wait_at_once_within_linuxs_default_of_mappings() {
    let instances = crate::HostLimits { mappings: 65_530, descriptors: 20_000 }.instances().unwrap();
    let before = mappings();
    let max_instances = Some(instances);
    let engine = crate::Engine::new(crate::EngineConfig { max_instances, ..Default::default() }).unwrap();
    let mut world = TestWorld::new();
    // With data, which must not be mapped.
    let address = world.place(&engine, 1, &super::steps::fetcher().data(70_000, &[7; 5_000]));
    let world = std::sync::Arc::new(world);
    let input = parity_scale_codec::Encode::encode(&super::steps::request("a"));
    let mut runs: Vec<_> = (0..10_000)
        .map(|_| {
            let mut run = engine.run(world.clone(), environment(), query(), message(address, &input)).unwrap();
            assert!(matches!(run.step(None).unwrap(), crate::Step::External { .. }));
            run
        })
        .collect();
    // Other tests of this process have theirs.
    assert!(mappings() - before < 4 * instances as usize + 2_000, "{} mappings", mappings() - before);
    for run in &mut runs {
        let step = run.step(Some(super::steps::ok(b"x"))).unwrap();
        assert!(matches!(step, crate::Step::Done(execution) if execution.result.is_ok()));
    }
}

fn mappings() -> usize {
    std::fs::read_to_string("/proc/self/maps").unwrap().lines().count()
}

/// Calls contract 2 from contract 1 until it does something else than revert, and answers with that code.
fn until_it_traps() -> Wat {
    let call =
        "(call $seal1.call (i32.const 8) (i32.const 64) (i64.const 0) (i32.const 200) (i32.const 300) (i32.const 0)
        (i32.const -1) (i32.const 0))";
    contract(format!(
        "(loop $again (i32.store (i32.const 500) {call})
            (br_if $again (i32.eq (i32.load (i32.const 500)) (i32.const 2))))
         (call $answer (i32.load (i32.const 500)))"
    ))
    .data(64, &[2; 32])
}

#[test]
fn giant_events_of_frames_that_revert_are_bounded_too() {
    let event = format!(
        "(call $seal0.deposit_event (i32.const 0) (i32.const 0) (i32.const 0) (i32.const {EVENT_BYTES_MAX}))
         (call $revert (i32.const 1))"
    );
    let mut world = TestWorld::new();
    let caller = world.place(&engine(), 1, &until_it_traps());
    world.place(&engine(), 2, &contract(event));
    let mut invocation = message(caller, &[]);
    invocation.gas_limit = 1_000 * GAS;
    let execution = run(&engine(), &world, command(vec![]), invocation);
    assert_eq!(word(&execution), 1, "the callee fails when all frames have written what one call may");
    assert!(execution.events.is_empty());
}

#[test]
fn memories_of_nested_frames_are_paid_and_end_with_the_depth() {
    let wasm = wat::parse_str(
        r#"(module (import "env" "memory" (memory 1 1024))
            (import "seal1" "call" (func $again (param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)))
            (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
            (func (export "deploy"))
            (func (export "call")
                (drop (memory.grow (i32.const 1023)))
                (i32.store (i32.const 0x3fffff0) (i32.const 7))
                (i32.store (i32.const 128) (i32.const 4))
                (i32.store (i32.const 132) (call $again (i32.const 8) (i32.const 0) (i64.const 0) (i32.const 64)
                    (i32.const 0) (i32.const 0) (i32.const 136) (i32.const 128)))
                (if (i32.eqz (i32.load (i32.const 132))) (then
                    (i32.store (i32.const 140) (i32.add (i32.load (i32.const 136)) (i32.const 1)))))
                (call $return (i32.const 0) (i32.const 140) (i32.const 4)))
            (data (i32.const 0) "\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01"))"#,
    )
    .unwrap();
    let mut world = TestWorld::new();
    let address = tallow_types::AccountId([1; 32]);
    let code = engine().prepare(&wasm).unwrap();
    let info =
        crate::ContractInfo { code: code.hash(), deployer: ALICE, compat: Default::default(), public_events: false };
    world.contracts.insert(address, info);
    world.codes.insert(code.hash(), code);
    let invocation = crate::Invocation { gas_limit: 10 * GAS, ..message(address, &[]) };
    let execution = run(&engine(), &world, command(vec![]), invocation);
    assert_eq!(word(&execution), CALL_DEPTH_MAX as u32 - 2);
    assert!(execution.gas_used > crate::gas::PAGE * 1_023 * CALL_DEPTH_MAX as u64);
}
