//! Memory: what is near, what is far, what is touched for the first time.

use super::kernel::Kernel;

/// Bytes of a cache line.
const LINE: u32 = 64;

pub(crate) fn kernels() -> Vec<Kernel> {
    [near(), far(), bulk(), touched()].concat()
}

fn near() -> Vec<Kernel> {
    let loads = "i32.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u";
    let mut kernels: Vec<Kernel> = loads
        .split(' ')
        .map(|load| Kernel::chain(format!("load/{load}"), "i32", "i32.const 0", &format!("{load} offset=1024 ")))
        .collect();
    for load in "i64.load i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u".split(' ') {
        kernels.push(Kernel::chain(
            format!("load/{load}"),
            "i32",
            "i32.const 0",
            &format!("{load} offset=1024 i32.wrap_i64 "),
        ));
    }
    for (load, back) in [("f32.load", "i32.reinterpret_f32"), ("f64.load", "i64.reinterpret_f64 i32.wrap_i64")] {
        kernels.push(Kernel::chain(
            format!("load/{load}"),
            "i32",
            "i32.const 0",
            &format!("{load} offset=1024 {back} "),
        ));
    }
    for load in "v128.load v128.load8x8_s v128.load16x4_u v128.load32x2_s v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.load32_zero v128.load64_zero".split(' ') {
        kernels.push(Kernel::chain(format!("load/{load}"), "i32", "i32.const 0", &format!("{load} offset=1024 i32x4.extract_lane 0 ")));
    }
    for (lane, at) in [("8", 3), ("16", 3), ("32", 3), ("64", 1)] {
        kernels.push(
            Kernel::chain(
                format!("load/v128.load{lane}_lane"),
                "i32",
                "i32.const 0",
                &format!("local.get $v v128.load{lane}_lane offset=1024 {at} i32x4.extract_lane {at} "),
            )
            .locals("(local $v v128)"),
        );
        kernels.push(
            Kernel::new(
                format!("store/v128.store{lane}_lane"),
                format!("(v128.store{lane}_lane offset=1024 {at} (i32.const 8) (local.get $v))").repeat(64),
            )
            .locals("(local $v v128)")
            .unrolled(64),
        );
    }
    // Lines that fall into one set of the first cache.
    for (name, stride) in [("4k", 4096), ("32k", 32_768), ("64k", 65_536)] {
        let lines = 16 * 65_536 / stride;
        let at = |i: u32| i * stride + 2048;
        kernels.push(
            Kernel::new(
                format!("store/stride_{name}"),
                (0..lines)
                    .map(|i| format!("(i32.store offset={} (local.get $x) (i32.const 7))", at(i)))
                    .collect::<String>(),
            )
            .pages(16, 16)
            .locals("(local $x i32)")
            .unrolled(lines),
        );
    }
    kernels.push(
        Kernel::new(
            "store/stride_4k_2_pages",
            (0..31)
                .map(|i| format!("(i32.store offset={} (local.get $x) (i32.const 7))", i * 4096 + 2048))
                .collect::<String>(),
        )
        .locals("(local $x i32)")
        .unrolled(31),
    );
    kernels.push(
        Kernel::new(
            "load/stride_4k_2_pages",
            (0..31)
                .map(|i| format!("(local.set $x (i32.load offset={} (local.get $x)))", i * 4096 + 2048))
                .collect::<String>(),
        )
        .locals("(local $x i32)")
        .unrolled(31),
    );
    for (name, store, zero) in [
        ("i32.store", "i32.store", "i32.const 1"),
        ("i64.store", "i64.store", "i64.const 1"),
        ("i32.store8", "i32.store8", "i32.const 1"),
        ("v128.store", "v128.store", "v128.const i64x2 1 1"),
        ("v128.store_split", "v128.store offset=57", "v128.const i64x2 1 1"),
        ("v128.store_split_page", "v128.store offset=7161", "v128.const i64x2 1 1"),
        ("i64.store_split_page", "i64.store offset=3069", "i64.const 1"),
    ] {
        kernels.push(
            Kernel::new(format!("store/{name}"), format!("({store} (i32.const 1024) ({zero}))").repeat(64))
                .unrolled(64),
        );
    }
    // A load that waits for the store before it.
    let forward = |name: &str, ty: &str, store: &str, load: &str| {
        Kernel::new(
            format!("forward/{name}"),
            format!("({store} (i32.const 0) (local.get $v)) (local.set $v ({load} (i32.const 0)))").repeat(32),
        )
        .locals(&format!("(local $v {ty})"))
        .unrolled(64)
    };
    kernels.extend([
        forward("i64", "i64", "i64.store offset=1024", "i64.load offset=1024"),
        forward("i64_split", "i64", "i64.store offset=1085", "i64.load offset=1085"),
        forward("i64_split_page", "i64", "i64.store offset=4093", "i64.load offset=4093"),
        forward("narrow_then_wide", "i64", "i64.store32 offset=1024", "i64.load offset=1022"),
        forward("v128_split_page", "v128", "v128.store offset=4089", "v128.load offset=4089"),
        forward("v128_partial", "v128", "v128.store offset=1024", "v128.load offset=1028"),
        forward("alias_4k", "i64", "i64.store offset=8192", "i64.load offset=4096"),
    ]);
    // Loads across lines and pages: the address is always the same, and what is loaded is zero.
    for (name, offset) in [("line", 1085), ("page", 4093)] {
        kernels.push(Kernel::chain(
            format!("load/i64_across_{name}"),
            "i32",
            "i32.const 0",
            &format!("i64.load offset={offset} i32.wrap_i64 "),
        ));
        kernels.push(Kernel::chain(
            format!("load/v128_across_{name}"),
            "i32",
            "i32.const 0",
            &format!("v128.load offset={} i32x4.extract_lane 0 ", offset - 4),
        ));
    }
    kernels
}

/// Writes a random cycle through memory: each line from `$from` on names the next.
///
/// A full-period linear congruence over the lines, so that no table is needed: line i is followed by a*i+c modulo a
/// power of two, and neither pages nor lines come in an order that hardware foresees.
fn cycle(pages: u32) -> String {
    let lines = pages * 65_536 / LINE;
    let mask = lines - 1;
    format!(
        "(local.set $i (i32.const 0))
        (loop $fill
            (i32.store offset=16 (i32.mul (local.get $i) (i32.const {LINE}))
                (i32.mul (i32.and (i32.add (i32.mul (local.get $i) (i32.const 1664525)) (i32.const 1013904223)) (i32.const {mask})) (i32.const {LINE})))
            (br_if $fill (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {lines}))))"
    )
}

const CHASES: [u32; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

fn far() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    for pages in CHASES {
        let steps = "i32.load offset=16 ".repeat(64);
        kernels.push(
            Kernel::new(format!("chase/{pages}_pages"), format!("local.get $x {steps} local.set $x"))
                .pages(pages, pages.max(16))
                .locals("(local $x i32) (local $i i32)")
                .setup(&cycle(pages))
                .unrolled(64),
        );
    }
    for pages in [2, 16, 64, 256, 1024] {
        let mask = pages * 65_536 - LINE;
        let random = "(local.set $r (i32.add (i32.mul (local.get $r) (i32.const 1664525)) (i32.const 1013904223)))";
        let at = format!(
            "(i32.and (i32.shr_u (i32.mul (local.get $r) (i32.const 0x9E3779B1)) (i32.const 2)) (i32.const {mask}))"
        );
        let kernel = |name: &str, step: String| {
            Kernel::new(format!("{name}/{pages}_pages"), format!("{random} {step}").repeat(16))
                .pages(pages, pages.max(16))
                .locals("(local $r i32) (local $i i32) (local $s i64)")
                .setup(&cycle(pages))
                .unrolled(16)
        };
        kernels.push(kernel("scatter_store", format!("(i64.store {at} (i64.const 7))")));
        kernels.push(kernel("scatter_add", format!("(local.set $r (i32.or (local.get $r) (i32.const 1))) (i64.store {at} (i64.add (i64.load {at}) (i64.const 7)))")));
        kernels.push(kernel("gather", format!("(local.set $s (i64.add (local.get $s) (i64.load {at})))")));
        // As near to each other as pages are far: one line of each page.
        kernels.push(
            Kernel::new(
                format!("stride_page/{pages}_pages"),
                (0..32)
                    .map(|i| format!("(i32.store offset={} (local.get $x) (i32.const 7))", i * 4096))
                    .collect::<String>()
                    + &format!(
                        "(local.set $x (i32.and (i32.add (local.get $x) (i32.const 131072)) (i32.const {})))",
                        (pages * 65_536 / 2) - 1
                    ),
            )
            .pages(pages, pages.max(16))
            .locals("(local $x i32) (local $i i32)")
            .setup(&cycle(pages))
            .unrolled(32),
        );
    }
    kernels
}

fn bulk() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    for (size, pages) in [(0_u32, 2), (1, 2), (64, 2), (1000, 2), (60_000, 2), (500_000, 16), (16_000_000, 512)] {
        let times = if size < 64 { 16 } else { 1 };
        let kernel = |name: &str, body: String| {
            Kernel::new(format!("{name}/{size}"), body.repeat(times))
                .pages(pages, pages.max(16))
                .unrolled(times as u32 * size.max(1))
                .setup(&format!("(memory.fill (i32.const 1024) (i32.const 1) (i32.const {}))", pages * 65_536 - 2048))
                .locals("(local $s i32)")
                .setup(&format!("(local.set $s (i32.mul (i32.load8_u (i32.const 1024)) (i32.const {size})))"))
        };
        kernels.push(kernel("memory.fill", format!("(memory.fill (i32.const 4099) (i32.const 1) (local.get $s))")));
        kernels.push(kernel(
            "memory.copy",
            format!("(memory.copy (i32.const 4099) (i32.const {}) (local.get $s))", 4100 + size),
        ));
        kernels.push(kernel(
            "memory.copy_overlap",
            format!("(memory.copy (i32.const 4099) (i32.const 4098) (local.get $s))"),
        ));
        kernels.push(kernel(
            "memory.copy_overlap_up",
            format!("(memory.copy (i32.const 4098) (i32.const 4099) (local.get $s))"),
        ));
        if size <= 60_000 {
            kernels.push(
                kernel("memory.init", format!("(memory.init $d (i32.const 4099) (i32.const 0) (local.get $s))"))
                    .items(format!("(data $d \"{}\")", "x".repeat(size.max(1) as usize))),
            );
        }
    }
    kernels.push(
        Kernel::new("memory.fill/constant_0", "(memory.fill (i32.const 1024) (i32.const 1) (i32.const 0))".repeat(64))
            .unrolled(64),
    );
    kernels.push(
        Kernel::new(
            "memory.copy/constant_16",
            "(memory.copy (i32.const 1024) (i32.const 2048) (i32.const 16))".repeat(64),
        )
        .unrolled(64),
    );
    kernels
}

/// Pages that are touched for the first time, and what is cleaned up after them.
fn touched() -> Vec<Kernel> {
    let touch = |pages: u32| {
        format!(
            "(local.set $i (i32.const 0)) (loop $t (i32.store (local.get $i) (i32.const 1))
            (br_if $t (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 4096))) (i32.const {}))))",
            pages * 65_536
        )
    };
    let mut kernels = Vec::new();
    for pages in [2, 4, 5, 16, 64, 256, 1024] {
        let kernel = |name: &str| Kernel::new(format!("{name}/{pages}_pages"), "").locals("(local $i i32)").whole();
        kernels.push(kernel("touch").pages(pages, pages.max(16)).setup(&touch(pages)).unrolled(pages));
        kernels.push(kernel("untouched").pages(pages, pages.max(16)).unrolled(pages));
        kernels.push(
            kernel("grow_touch")
                .pages(1, 1024)
                .setup(&format!("(drop (memory.grow (i32.const {})))", pages - 1))
                .setup(&touch(pages))
                .unrolled(pages),
        );
    }
    kernels.push(Kernel::new("grow_by_one/1000", "").pages(1, 1024).locals("(local $i i32)").whole().unrolled(1000)
        .setup("(local.set $i (i32.const 1000)) (loop $g (drop (memory.grow (i32.const 1))) (br_if $g (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"));
    kernels.push(Kernel::new("grow/0", "(drop (memory.grow (i32.const 0)))".repeat(16)).unrolled(16));
    kernels.push(Kernel::new("grow/refused", "(drop (memory.grow (i32.const 60000)))".repeat(16)).unrolled(16));
    kernels
}
