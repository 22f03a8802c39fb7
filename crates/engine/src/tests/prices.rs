//! What gas is paid for, beside the instructions: the size of memory and code, the start of a frame, looks that fail.

use super::{wat::*, world::*};
use crate::{Engine, Profile, gas};
use parity_scale_codec::Encode;
use tallow_types::CallError;

fn spin(rounds: u32) -> String {
    format!(
        "(local.set $i (i32.const {rounds}))
        (loop $again (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
    )
}

fn gas_of(engine: &Engine, body: &str) -> u64 {
    let mut world = TestWorld::new();
    let address = world.place(engine, 1, &contract(format!("(local $i i32) {body}")));
    let execution = run(engine, &world, command(vec![]), message(address, &[]));
    assert!(execution.result.is_ok(), "{:?}", execution.result);
    execution.gas_used
}

/// Gas of ten thousand rounds in a memory of two pages and so many more.
fn rounds(engine: &Engine, more: u32) -> u64 {
    let of = |rounds| gas_of(engine, &format!("(drop (memory.grow (i32.const {more}))) {}", spin(rounds)));
    of(20_000) - of(10_000)
}

#[test]
fn the_same_code_burns_more_in_a_larger_memory_and_equally_in_both_profiles() {
    let (pool, small) = (engine(), engine_of(Profile::SmallAddressSpace));
    let near = rounds(&pool, 0);
    for (more, rate) in [(0, 1), (2, 1), (3, 2), (6, 2), (7, 3), (14, 3)] {
        assert_eq!(rounds(&pool, more), near * rate, "{more} pages more");
        assert_eq!(rounds(&small, more), near * rate, "{more} pages more");
    }
}

#[test]
fn what_ran_before_a_memory_grew_is_paid_at_the_price_of_then() {
    let of = |rounds| gas_of(&engine(), &format!("{} (drop (memory.grow (i32.const 14)))", spin(rounds)));
    let (before, rounding) = (of(20_000) - of(10_000), 3 * crate::GAS_PER_FUEL);
    assert!(before.abs_diff(rounds(&engine(), 0)) <= rounding, "{before}");
    let refused = |rounds| gas_of(&engine(), &format!("(drop (memory.grow (i32.const 15))) {}", spin(rounds)));
    assert_eq!(refused(20_000) - refused(10_000), rounds(&engine(), 0), "a memory that did not grow");
}

#[test]
fn a_query_with_a_large_memory_yields_as_often_for_its_gas() {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &contract("(drop (memory.grow (i32.const 14))) (loop $again (br $again))"));
    let invocation = crate::Invocation { gas_limit: GAS / 10, ..message(address, &[]) };
    let mut run = engine().run(std::sync::Arc::new(world), environment(), query(), invocation).unwrap();
    let mut yields = 0;
    let execution = loop {
        match run.step(None).unwrap() {
            crate::Step::Yield => yields += 1,
            crate::Step::Done(execution) => break execution,
            step => panic!("{step:?}"),
        }
    };
    assert_eq!((error(&execution), execution.gas_used), (CallError::OutOfGas, GAS / 10));
    let slices = GAS / 10 / crate::GAS_PER_FUEL / gas::SLICE_FUEL;
    assert!(yields >= slices / 2, "{yields} yields in {slices} slices");
}

#[test]
fn a_callee_with_a_large_memory_uses_what_it_is_given_and_its_caller_goes_on_at_its_own_rate() {
    let limit = 2_000_000_000;
    let calling = super::calls::calling(0, limit, 0);
    let caller = |rounds| contract(format!("(local $i i32) (drop {calling}) {}", spin(rounds))).data(64, &[2; 32]);
    let callee = contract("(drop (memory.grow (i32.const 14))) (loop $again (br $again))");
    let of = |rounds| {
        let mut world = TestWorld::new();
        let address = world.place(&engine(), 1, &caller(rounds));
        world.place(&engine(), 2, &callee);
        let execution = run(&engine(), &world, command(vec![]), message(address, &[]));
        assert!(execution.result.is_ok(), "{:?}", execution.result);
        execution.gas_used
    };
    let used = of(10_000);
    assert!(used > limit && used < limit + 100_000_000, "{used}");
    assert_eq!(of(20_000) - used, rounds(&engine(), 0));
}

/// Gas of a frame of a module with these items, beyond that of one without.
fn start(items: &str) -> u64 {
    let of = |items: &str| engine().prepare(&contract("").with(items).bytes()).unwrap().start_fuel();
    (of(items) - of("")) * crate::GAS_PER_FUEL
}

#[test]
fn the_start_of_a_frame_costs_by_what_its_module_makes_the_host_do() {
    let plain = start(&"(data (i32.const 9) \"x\")".repeat(1_000));
    assert!(plain >= 1_000 * gas::SEGMENT, "{plain}");
    let large = start(&format!("(data (i32.const 9) \"{}\")", "x".repeat(100_000)));
    assert!(large >= 100_000 * gas::COPY_BYTE, "{large}");
    assert!(start(&"(data \"x\")".repeat(1_000)) >= 1_000 * gas::PASSIVE_SEGMENT);
    let table = "(table 1000 funcref) (func $f)";
    assert!(start(table) >= 1_000 * gas::TABLE_ELEMENT);
    let elements = format!("{table} (elem (i32.add (i32.const 1) (i32.const 1)) func {})", "$f ".repeat(500));
    assert!(start(&elements) >= start(table) + 500 * gas::ELEMENT + gas::ELEMENT_SEGMENT);
    let passive = format!("{table} (elem funcref {})", "(ref.func $f)".repeat(500));
    assert!(start(&passive) >= start(table) + 500 * gas::ELEMENT);
    let globals = start(&"(global (mut i64) (i64.const 1))".repeat(1_000));
    assert!(globals >= 1_000 * gas::GLOBAL, "{globals}");
}

#[test]
fn pages_beyond_those_that_stay_resident_cost_more_and_large_code_burns_faster() {
    assert_eq!(gas::initial_pages(4), 4 * gas::WARM_PAGE);
    assert_eq!(gas::initial_pages(6), 4 * gas::WARM_PAGE + 2 * gas::PAGE);
    let rate = |functions: usize| {
        let large = "(func (param i64) (result i64) local.get 0 local.get 0 i64.add)".repeat(functions);
        engine().prepare(&contract("").with(&large).bytes()).unwrap().rate()
    };
    assert_eq!((rate(1), rate(45_000)), (1, 3));
}

#[test]
fn looks_that_find_nobody_are_paid() {
    let nobody = gas_of(&engine(), &format!("(drop {})", super::calls::calling(0, 0, 0)));
    assert!(nobody >= gas_of(&engine(), "") + gas::STORAGE_READ, "{nobody}");
    let none = "(drop (call $seal0.delegate_call (i32.const 0) (i32.const 64) (i32.const 0) (i32.const 0)
        (i32.const -1) (i32.const 0)))";
    assert!(gas_of(&engine(), none) >= gas_of(&engine(), "") + gas::STORAGE_READ);
}

#[test]
fn a_request_of_many_parts_is_paid_by_its_bytes_before_it_is_read() {
    let headers = vec![("", ""); 10_000];
    let request = ("http://x", "GET", headers, Vec::<u8>::new()).encode();
    let body = format!(
        "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 15000))
        (drop (call $seal0.call_chain_extension (i32.const 1) (i32.const 40000) (i32.const {})
            (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN})))",
        request.len()
    );
    let execution = call(&contract(body).data(40_000, &request), &[]);
    assert!(execution.gas_used >= request.len() as u64 * gas::DECODE_BYTE, "{}", execution.gas_used);
}

#[test]
fn instructions_that_may_lead_anywhere_cost_more_than_those_that_do_not() {
    let cost = gas::operator_cost();
    assert!(cost.CallIndirect > cost.Call && cost.Call > cost.BrIf && cost.BrIf > cost.Br && cost.Br > cost.I32Add);
    assert!(cost.I32Store >= cost.I32Load && cost.I32Load > 10, "a load waits for the second cache");
    assert!(cost.F64x2Sqrt >= cost.F64Sqrt && cost.F32x4Div >= cost.F32Div && cost.F64Div > cost.F64Mul);
    assert!(cost.RefFunc > 100 && cost.TableGrow > 100, "these call the host");
}
