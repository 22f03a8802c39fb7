//! Instantiation: what a module makes the host do before its first instruction.

use super::kernel::Kernel;

pub(crate) fn kernels() -> Vec<Kernel> {
    let kernel = |name: &str, items: String| Kernel::new(format!("start/{name}"), "").items(items).whole();
    let segments = |count: usize, offset: &str, pages: u32| {
        kernel(
            &format!("data_{count}_{}", if offset.contains("add") { "computed" } else { "plain" }),
            format!("(data ({offset}) \"x\")").repeat(count),
        )
        .pages(pages, pages.max(16))
    };
    let plain = "i32.const 2000";
    let computed = "i32.add (i32.const 1000) (i32.const 1000)";
    let functions = "(func $f) ";
    let elements = |count: usize, each: usize, offset: &str, size: u32| {
        kernel(
            &format!("elements_{count}x{each}_{}", if offset.contains("add") { "computed" } else { "plain" }),
            format!(
                "{functions} (table {size} funcref) {}",
                format!("(elem ({offset}) func {})", "$f ".repeat(each)).repeat(count)
            ),
        )
    };
    vec![
        kernel("empty", String::new()),
        kernel("empty_16_pages", String::new()).pages(16, 16),
        segments(1_000, plain, 2),
        segments(20_000, plain, 2),
        segments(20_000, computed, 2),
        // Far from each other, so that each has a page of its own.
        kernel("data_spread", (0..1000).map(|i| format!("(data (i32.const {}) \"x\")", i * 65_536 + 2048)).collect())
            .pages(1024, 1024),
        kernel("data_large", format!("(data (i32.const 2048) \"{}\")", "x".repeat(7_000_000))).pages(128, 128),
        kernel("data_large_over_itself", format!("(data (i32.const 2048) \"{}\")", "x".repeat(60_000)).repeat(110))
            .pages(2, 16),
        kernel("data_passive", "(data \"xxxxxxxx\")".repeat(20_000)),
        elements(20_000, 1, plain, 3_000),
        elements(2_000, 1, computed, 3_000),
        elements(2_000, 8, computed, 3_000),
        elements(3, 10_000, "i32.add (i32.const 0) (i32.const 1)", 65_000),
        elements(6, 10_000, "i32.const 0", 65_000),
        kernel(
            "elements_expressions",
            format!(
                "{functions} (table 65000 funcref) (elem (i32.const 0) funcref {})",
                "(ref.func $f)".repeat(20_000)
            ),
        ),
        kernel("elements_passive", format!("{functions} {}", "(elem func $f $f $f $f)".repeat(5_000))),
        kernel(
            "elements_passive_expressions",
            format!("{functions} {}", "(elem funcref (ref.func $f) (ref.func $f) (ref.null func))".repeat(5_000)),
        ),
        kernel("table_65000", "(table 65000 funcref)".to_owned()),
        kernel("globals_8000", "(global (mut i64) (i64.const 1))".repeat(8_000)),
        kernel(
            "globals_8000_computed",
            "(global (mut i64) (i64.add (i64.const 1) (i64.mul (i64.const 5) (i64.const 7))))".repeat(8_000),
        ),
        kernel(
            "globals_8000_functions",
            format!("{functions} {}", "(global (mut funcref) (ref.func $f))".repeat(8_000)),
        ),
        kernel(
            "functions_20000_referenced",
            (0..20_000).map(|i| format!("(func $x{i}) ")).collect::<String>()
                + "(elem declare func "
                + &(0..20_000).map(|i| format!("$x{i} ")).collect::<String>()
                + ")",
        ),
        kernel(
            "elements_distinct",
            (0..30_000).map(|i| format!("(func $x{i}) ")).collect::<String>()
                + "(table 65000 funcref) (elem (i32.add (i32.const 0) (i32.const 0)) func "
                + &(0..30_000).map(|i| format!("$x{} ", i * 7_919 % 30_000)).collect::<String>()
                + ")",
        ),
        // Looked up when they are read first.
        kernel(
            "elements_distinct_read",
            (0..30_000).map(|i| format!("(func $x{i}) ")).collect::<String>()
                + "(table $t 65000 funcref) (elem (i32.const 0) func "
                + &(0..30_000).map(|i| format!("$x{} ", i * 7_919 % 30_000)).collect::<String>()
                + ")",
        )
        .setup("(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 30000))"),
        kernel("functions_60000", "(func) ".repeat(60_000)),
    ]
}
