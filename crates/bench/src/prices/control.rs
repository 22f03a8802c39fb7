//! Loops, branches, calls, locals and globals.

use super::kernel::Kernel;

/// A random bit in `$r`, as cheap as one can have it.
const RANDOM: &str =
    "(local.set $r (i64.add (i64.mul (local.get $r) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))";

pub(crate) fn kernels() -> Vec<Kernel> {
    [loops(), branches(), calls(), places()].concat()
}

fn loops() -> Vec<Kernel> {
    let inner = |name, step: &str| {
        Kernel::new(
            name,
            format!("(local.set $m (i32.const 1000)) (loop $l {step} (br_if $l (local.tee $m (i32.sub (local.get $m) (i32.const 1)))))"),
        )
        .locals("(local $m i32)")
        .unrolled(1000)
    };
    vec![
        Kernel::endless("loop/empty", "(loop (br 0))"),
        Kernel::endless("loop/two", "(loop (br_if 0 (i32.const 0)) (br 0))"),
        Kernel::endless("loop/br_if", "(loop $l (br_if $l (local.get $n)))"),
        Kernel::endless("loop/if", "(loop $l (if (local.get $n) (then (br $l))))"),
        Kernel::endless("loop/br_table", "(loop $l (br_table $l $l $l $l (local.get $n)))"),
        Kernel::endless("loop/global", "(loop $l (global.set $g (i64.add (global.get $g) (i64.const 1))) (br $l))").items("(global $g (mut i64) (i64.const 0))"),
        Kernel::endless("loop/call", "(loop $l (call $f) (br $l))").items("(func $f)"),
        Kernel::endless("loop/call_by_table", "(loop $l (call_indirect (i32.const 0)) (br $l))").items("(table 1 funcref) (elem (i32.const 0) $f) (func $f)"),
        Kernel::endless("loop/store_load", "(loop $l (i64.store (i32.const 0) (i64.add (i64.load (i32.const 0)) (i64.const 1))) (br $l))"),
        Kernel::endless("loop/store_load_split", "(loop $l (i64.store (i32.const 61) (i64.add (i64.load (i32.const 61)) (i64.const 1))) (br $l))"),
        Kernel::endless("loop/store_load_partial", "(loop $l (i64.store (i32.const 64) (i64.add (i64.load (i32.const 60)) (i64.const 1))) (br $l))"),
        Kernel::endless("loop/store_load_partial_split", "(loop $l (i64.store (i32.const 4094) (i64.add (i64.load (i32.const 4090)) (i64.const 1))) (br $l))"),
        inner("loop/counted", ""),
        inner("loop/nested", "(loop (loop (loop)))"),
        inner("loop/blocks", "(block (br 0)) (block (br 0)) (block (br 0))"),
        // A conditional branch on a local alone: nothing else is paid for.
        Kernel::new("loop/br_if_alone", "(local.set $m (i32.const 0)) (block $out (loop $l (br_if $out (local.get $m)) (local.set $m (i32.const 1)) (br $l)))")
            .locals("(local $m i32)"),
        // Many values that change their places in each round.
        {
            let locals: String = (0..24).map(|i| format!("(local $v{i} i64)")).collect();
            let gets: String = (0..24).map(|i| format!("local.get $v{i} ")).collect();
            let sets: String = (0..24).map(|i| format!("local.set $v{i} ")).collect();
            inner("loop/rotating_locals", &format!("{gets}{sets}")).locals(&locals)
        },
    ]
}

fn branches() -> Vec<Kernel> {
    let random = |name, step: &str, count| {
        Kernel::new(name, format!("{RANDOM} {step}"))
            .locals("(local $r i64) (local $a i32)")
            .setup("(local.set $r (i64.const 88172645463325252))")
            .unrolled(count)
    };
    let bit = |bit: u32| format!("(i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const {bit}))) (i32.const 1))");
    let many = |step: &dyn Fn(u32) -> String| (33..63).map(step).collect::<String>();
    let arms: String = (0..16).map(|_| "0 1 2 3 4 5 6 7 ").collect();
    let blocks = |inner: &str| {
        let mut code = inner.to_owned();
        for i in 0..8 {
            code = format!("(block {code}) (local.set $a (i32.add (local.get $a) (i32.const {i})))");
        }
        code
    };
    vec![
        random("branch/if_random", &many(&|b| format!("(if {} (then (local.set $a (i32.const {b}))))", bit(b))), 30),
        random(
            "branch/if_random_store",
            &many(&|b| format!("(if {} (then (i32.store8 (i32.const 100) (i32.const {b}))))", bit(b))),
            30,
        ),
        random(
            "branch/br_if_random",
            &many(&|b| format!("(block (br_if 0 {}) (i32.store8 (i32.const 100) (i32.const {b})))", bit(b))),
            30,
        ),
        random(
            "branch/br_if_sign",
            "(block (br_if 0 (i64.lt_s (local.get $r) (i64.const 0))) (i32.store8 (i32.const 100) (i32.const 1)))",
            1,
        ),
        random(
            "branch/br_table_random",
            &blocks(&format!("(br_table {arms} 0 (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 57))))")),
            1,
        ),
        random(
            "branch/select_random",
            &many(&|b| format!("(local.set $a (select (local.get $a) (i32.const {b}) {}))", bit(b))),
            30,
        ),
    ]
}

fn calls() -> Vec<Kernel> {
    let nothing = "(func $f)";
    let nest: String = (0..32).map(|i| format!("(func $n{i} (call $n{}))", i + 1)).collect::<String>() + "(func $n32)";
    let table = |count: u32, ty: &str, body: &dyn Fn(u32) -> String| {
        let functions: String = (0..count).map(|i| format!("(func $t{i} {ty} {})", body(i))).collect();
        let names: String = (0..count).map(|i| format!("$t{i} ")).collect();
        format!("(type $t (func {ty})) (table {count} funcref) (elem (i32.const 0) {names}) {functions}")
    };
    let ty = "(param i32) (result i32)";
    let calling = |i: u32| {
        // Calls by itself, so that it counts its depth.
        format!(
            "(if (i32.eq (local.get 0) (i32.const -1)) (then (drop (call $t{i} (local.get 0))))) (i32.add (local.get 0) (i32.const {i}))"
        )
    };
    // Code that fills the caches: functions of so many bytes, called one after the other or by chance.
    let spread = |count: u32, bytes: u32, random: bool| {
        let body = |i: u32| {
            let pad: String = (0..bytes / 12)
                .map(|j| format!("(i64.store offset={} (i32.const 0) (i64.const {}))", 1024 + j * 8, i + j))
                .collect();
            format!("(if (i32.eq (local.get 0) (i32.const -1)) (then {pad})) (i32.add (local.get 0) (i32.const {i}))")
        };
        let kernel = if random {
            Kernel::new(
                "",
                format!(
                    "{RANDOM} (local.set $a (call_indirect (type $t) (i32.and (local.get $a) (i32.const 1)) (i32.wrap_i64 (i64.rem_u (i64.shr_u (local.get $r) (i64.const 33)) (i64.const {count})))))"
                ),
            )
        } else {
            Kernel::new(
                "",
                (0..count)
                    .map(|i| format!("(drop (call $t{} (i32.const 1)))", u64::from(i) * 7_919 % u64::from(count)))
                    .collect::<String>(),
            )
            .unrolled(count)
        };
        Kernel { name: format!("code/{}_KiB_{}", count * bytes / 1024, if random { "random" } else { "in_turn" }), ..kernel }
            .items(table(count, ty, &body)).locals("(local $r i64) (local $a i32)")
            // Functions of a table are looked up when they are read first, which is paid for before.
            .setup(&format!("(local.set $r (i64.const 88172645463325252)) (loop $look (drop (ref.is_null (table.get 0 (local.get $a)))) (br_if $look (i32.ne (local.tee $a (i32.add (local.get $a) (i32.const 1))) (i32.const {count}))))"))
    };
    vec![
        spread(800, 64, true), spread(3_000, 64, true), spread(7_000, 64, true), spread(15_000, 64, true), spread(60_000, 64, true), spread(15_000, 480, true),
        spread(800, 64, false), spread(3_000, 64, false), spread(7_000, 64, false), spread(15_000, 64, false), spread(40_000, 64, false), spread(15_000, 480, false),
        Kernel::new("call/empty", "(call $f)".repeat(64)).items(nothing).unrolled(64),
        Kernel::new("call/nested_32", "(call $n0)").items(nest).unrolled(33),
        Kernel::new("call/many_parameters", format!("(call $f {})", "(i64.const 1)".repeat(32)).repeat(16))
            .items(format!("(func $f (param {}))", "i64 ".repeat(32)))
            .unrolled(16),
        Kernel::new("call/many_results", format!("(call $f) {}", "drop ".repeat(32)).repeat(16))
            .items(format!("(func $f (result {}) {})", "i64 ".repeat(32), "(i64.const 1)".repeat(32)))
            .unrolled(16),
        Kernel::new("call/many_locals", "(call $f)".repeat(16))
            .items(format!("(func $g) (func $f (local {}) (call $g) {})", "i64 ".repeat(500), (0..500).map(|i| format!("(local.set {i} (i64.add (local.get {i}) (i64.load offset={} (i32.const 0))))", i * 8)).collect::<String>() + "(call $g)" + &(0..500).map(|i| format!("(i64.store offset={} (i32.const 0) (local.get {i}))", i * 8)).collect::<String>()))
            .unrolled(16),
        Kernel::new("call/indirect", "(drop (call_indirect (type $t) (i32.const 1) (i32.const 0)))".repeat(64))
            .items(table(4, ty, &|i| format!("(i32.add (local.get 0) (i32.const {i}))")))
            .unrolled(64),
        Kernel::new("call/indirect_random", format!("{RANDOM} {}", "(local.set $a (call_indirect (type $t) (local.get $a) (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 50))) (i32.const 255))))"))
            .items(table(256, ty, &|i| format!("(i32.add (local.get 0) (i32.const {i}))")))
            .locals("(local $r i64) (local $a i32)").setup("(local.set $r (i64.const 88172645463325252))"),
        Kernel::new("call/indirect_random_counted", format!("{RANDOM} {}", "(local.set $a (call_indirect (type $t) (i32.and (local.get $a) (i32.const 1)) (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 50))) (i32.const 255))))"))
            .items(table(256, ty, &calling))
            .locals("(local $r i64) (local $a i32)").setup("(local.set $r (i64.const 88172645463325252))"),
        Kernel::new("call/indirect_types", "(call_indirect (type $t) (i32.const 1) (i32.const 0)) drop (call_indirect (type $t) (i32.const 1) (i32.const 1)) drop".repeat(32))
            .items(table(4, ty, &calling))
            .unrolled(64),
    ]
}

fn places() -> Vec<Kernel> {
    let many = |count: u32, ty: &str, op: &str| {
        let mut random = 12_345_u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % count
        };
        let body: String = (0..count)
            .map(|_| {
                let (a, b, c) = (next(), next(), next());
                format!("(local.set $v{a} ({op} (local.get $v{b}) (local.get $v{c})))")
            })
            .collect();
        Kernel::new(format!("locals/{count}_{ty}"), body)
            .locals(&(0..count).map(|i| format!("(local $v{i} {ty})")).collect::<String>())
            .unrolled(count)
    };
    vec![
        many(1_000, "i64", "i64.add"),
        many(10_000, "v128", "i64x2.add"),
        Kernel::new("global/chain", "(global.set $g (i64.add (global.get $g) (i64.const 1)))".repeat(64))
            .items("(global $g (mut i64) (i64.const 0))")
            .unrolled(64),
        Kernel::new(
            "global/spread",
            (0..256)
                .map(|i| format!("(global.set $g{i} (i64.add (global.get $g{}) (i64.const 1)))", (i + 97) % 256))
                .collect::<String>(),
        )
        .items((0..256).map(|i| format!("(global $g{i} (mut i64) (i64.const 0))")).collect::<String>())
        .unrolled(256),
        Kernel::new("select/chain", "(local.set $a (select (local.get $a) (i32.const 5) (local.get $a)))".repeat(64))
            .locals("(local $a i32)")
            .unrolled(64),
        Kernel::new("memory.size", "(local.set $a (i32.add (local.get $a) (memory.size)))".repeat(64))
            .locals("(local $a i32)")
            .unrolled(64),
        Kernel::new("const/v128", "(local.set $v (i64x2.add (local.get $v) (v128.const i64x2 1 2)))".repeat(64))
            .locals("(local $v v128)")
            .unrolled(64),
        Kernel::new("const/f64", "(local.set $v (f64.add (local.get $v) (f64.const 1.5)))".repeat(64))
            .locals("(local $v f64)")
            .unrolled(64),
        Kernel::new("const/i64", "(local.set $v (i64.xor (local.get $v) (i64.const 0x123456789abcdef)))".repeat(64))
            .locals("(local $v i64)")
            .unrolled(64),
        Kernel::new(
            "global/8000",
            (0..8000_u32)
                .map(|i| {
                    format!(
                        "(global.set $g{} (i64.add (global.get $g{}) (i64.const 1)))",
                        i * 4_099 % 8_000,
                        i * 5_683 % 8_000
                    )
                })
                .collect::<String>(),
        )
        .items((0..8000).map(|i| format!("(global $g{i} (mut i64) (i64.const 0))")).collect::<String>())
        .unrolled(8000),
        // Values that do not fit the registers.
        Kernel::new(
            "locals/spilled",
            (0..200)
                .map(|i| {
                    format!(
                        "(local.set $v{i} (i64.add (local.get $v{}) (local.get $v{})))",
                        (i * 7 + 3) % 200,
                        (i * 13 + 5) % 200
                    )
                })
                .collect::<String>(),
        )
        .locals(&(0..200).map(|i| format!("(local $v{i} i64)")).collect::<String>())
        .unrolled(200),
        Kernel::new(
            "locals/spilled_v128",
            (0..200)
                .map(|i| {
                    format!(
                        "(local.set $v{i} (i64x2.add (local.get $v{}) (local.get $v{})))",
                        (i * 7 + 3) % 200,
                        (i * 13 + 5) % 200
                    )
                })
                .collect::<String>(),
        )
        .locals(&(0..200).map(|i| format!("(local $v{i} v128)")).collect::<String>())
        .unrolled(200),
        Kernel::new("ref.func", "(drop (ref.is_null (ref.func $f)))".repeat(16))
            .items("(func $f) (elem declare func $f)")
            .unrolled(16),
        Kernel::new("table.get", "(drop (ref.is_null (table.get $t (i32.const 3))))".repeat(16))
            .items("(func $f) (table $t 100 funcref) (elem (i32.const 0) $f $f $f $f)")
            .unrolled(16),
        Kernel::new("table.set", "(table.set $t (i32.const 3) (ref.func $f))".repeat(16))
            .items("(func $f) (elem declare func $f) (table $t 100 funcref)")
            .unrolled(16),
        Kernel::new("table.size", "(local.set $a (i32.add (local.get $a) (table.size $t)))".repeat(64))
            .locals("(local $a i32)")
            .items("(table $t 100 funcref)")
            .unrolled(64),
        Kernel::new("table.grow_0", "(drop (table.grow $t (ref.null func) (i32.const 0)))".repeat(16))
            .items("(table $t 100 funcref)")
            .unrolled(16),
        Kernel::new("table.grow_1", "(drop (table.grow $t (ref.null func) (i32.const 1)))")
            .items("(table $t 0 funcref)")
            .most(60_000),
        Kernel::new("table.grow_refused", "(drop (table.grow $t (ref.null func) (i32.const 60000)))")
            .items("(table $t 60000 60000 funcref)"),
        Kernel::new("table.fill_0", "(table.fill $t (i32.const 0) (ref.null func) (i32.const 0))".repeat(16))
            .items("(table $t 100 funcref)")
            .unrolled(16),
        Kernel::new("table.fill_60000", "(table.fill $t (i32.const 0) (ref.null func) (i32.const 60000))")
            .items("(table $t 60000 funcref)")
            .unrolled(60000),
        Kernel::new("table.fill_60000_func", "(table.fill $t (i32.const 0) (ref.func $f) (i32.const 60000))")
            .items("(table $t 60000 funcref) (func $f) (elem declare func $f)")
            .unrolled(60000),
        Kernel::new("table.copy_0", "(table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 0))".repeat(16))
            .items("(table $t 100 funcref)")
            .unrolled(16),
        Kernel::new("table.copy_30000", "(table.copy $t $t (i32.const 0) (i32.const 30000) (i32.const 30000))")
            .items("(table $t 60000 funcref)")
            .unrolled(30000),
        Kernel::new("table.copy_lazy", "(table.copy $t $t (i32.const 0) (i32.const 30000) (i32.const 30000))")
            .items(format!("(table $t 60000 funcref) (func $f) (elem (i32.const 30000) func {})", "$f ".repeat(30_000)))
            .unrolled(30_000)
            .whole(),
        Kernel::new("table.init_0", "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 0))".repeat(16))
            .items("(table $t 100 funcref) (func $f) (elem $e func $f)")
            .unrolled(16),
        Kernel::new("table.init_1000", "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1000))")
            .items(format!("(table $t 1000 funcref) (func $f) (elem $e func {})", "$f ".repeat(1000)))
            .unrolled(1000),
        Kernel::new("table.init_expressions", "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1000))")
            .items(format!("(table $t 1000 funcref) (func $f) (elem $e funcref {})", "(ref.func $f)".repeat(1000)))
            .unrolled(1000),
        Kernel::new("elem.drop", "(elem.drop $e)".repeat(16)).items("(func $f) (elem $e func $f)").unrolled(16),
        Kernel::new("data.drop", "(data.drop $d)".repeat(16)).items("(data $d \"x\")").unrolled(16),
    ]
}
