//! Every numeric operator as a chain, each step of which waits for the one before.

use super::kernel::Kernel;

/// A value of each type that is slow: no power of two, no short division, denormal where it is a float.
fn value(ty: &str) -> Vec<u8> {
    match ty {
        "i32" => 0x0765_4321_i32.to_le_bytes().to_vec(),
        "i64" => 0x7edc_ba98_7654_3210_i64.to_le_bytes().to_vec(),
        "f32" => 1.7e-39_f32.to_le_bytes().to_vec(),
        "f64" => 1.7e-309_f64.to_le_bytes().to_vec(),
        _ => [0x000d_cba9_8765_4321_u64, 0x0007_6543_21fe_dcba].map(u64::to_le_bytes).concat(),
    }
}

/// An instruction that makes some value, for a chain that sets its first one later.
fn begin(ty: &str) -> String {
    format!("{ty}.load (i32.const 96)")
}

/// How a result becomes the next step's operand.
fn bridge(from: &str, to: &str) -> &'static str {
    match (from, to) {
        ("i32", "i64") => "i64.extend_i32_u",
        ("i64", "i32") => "i32.wrap_i64",
        ("i32", "f32") => "f32.reinterpret_i32",
        ("f32", "i32") => "i32.reinterpret_f32",
        ("i64", "f64") => "f64.reinterpret_i64",
        ("f64", "i64") => "i64.reinterpret_f64",
        ("i32", "f64") => "i64.extend_i32_u f64.reinterpret_i64",
        ("f64", "i32") => "i64.reinterpret_f64 i32.wrap_i64",
        ("f32", "f64") => "f64.promote_f32",
        ("f64", "f32") => "f32.demote_f64",
        ("i64", "f32") => "i32.wrap_i64 f32.reinterpret_i32",
        ("f32", "i64") => "i32.reinterpret_f32 i64.extend_i32_u",
        ("v128", "i32") => "i32x4.extract_lane 0",
        ("v128", "i64") => "i64x2.extract_lane 0",
        ("v128", "f32") => "f32x4.extract_lane 0",
        ("v128", "f64") => "f64x2.extract_lane 0",
        ("i32", "v128") => "i32x4.splat",
        ("i64", "v128") => "i64x2.splat",
        ("f32", "v128") => "f32x4.splat",
        ("f64", "v128") => "f64x2.splat",
        _ => "",
    }
}

/// Operators by what they take and give: the operands but the first come from locals.
const SCALARS: &[(&str, &str, &str)] = &[
    (
        "i32 i32",
        "i32",
        "i32.add i32.sub i32.mul i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.le_u i32.ge_s",
    ),
    ("i32", "i32", "i32.eqz i32.clz i32.ctz i32.popcnt i32.extend8_s i32.extend16_s"),
    ("i64 i64", "i64", "i64.add i64.sub i64.mul i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr"),
    ("i64 i64", "i32", "i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.le_u i64.ge_s"),
    ("i64", "i32", "i64.eqz i32.wrap_i64"),
    ("i64", "i64", "i64.clz i64.ctz i64.popcnt i64.extend8_s i64.extend16_s i64.extend32_s"),
    ("i32", "i64", "i64.extend_i32_s i64.extend_i32_u"),
    ("f32 f32", "f32", "f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign"),
    ("f64 f64", "f64", "f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign"),
    ("f32", "f32", "f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt"),
    ("f64", "f64", "f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt"),
    ("f32 f32", "i32", "f32.eq f32.ne f32.lt f32.gt f32.le f32.ge"),
    ("f64 f64", "i32", "f64.eq f64.ne f64.lt f64.gt f64.le f64.ge"),
    ("f32", "i32", "i32.trunc_f32_s i32.trunc_f32_u i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.reinterpret_f32"),
    ("f64", "i32", "i32.trunc_f64_s i32.trunc_f64_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u"),
    ("f32", "i64", "i64.trunc_f32_s i64.trunc_f32_u i64.trunc_sat_f32_s i64.trunc_sat_f32_u"),
    ("f64", "i64", "i64.trunc_f64_s i64.trunc_f64_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u i64.reinterpret_f64"),
    ("i32", "f32", "f32.convert_i32_s f32.convert_i32_u f32.reinterpret_i32"),
    ("i64", "f32", "f32.convert_i64_s f32.convert_i64_u"),
    ("i32", "f64", "f64.convert_i32_s f64.convert_i32_u"),
    ("i64", "f64", "f64.convert_i64_s f64.convert_i64_u f64.reinterpret_i64"),
    ("f64", "f32", "f32.demote_f64"),
    ("f32", "f64", "f64.promote_f32"),
];

const VECTORS: &[(&str, &str, &str)] = &[
    (
        "v128",
        "v128",
        "v128.not i8x16.abs i8x16.neg i8x16.popcnt i16x8.abs i16x8.neg i32x4.abs i32x4.neg i64x2.abs i64x2.neg \
        i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u \
        i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u \
        i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u \
        i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u \
        f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest f32x4.abs f32x4.neg f32x4.sqrt \
        f64x2.ceil f64x2.floor f64x2.trunc f64x2.nearest f64x2.abs f64x2.neg f64x2.sqrt \
        i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u \
        i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u \
        f32x4.demote_f64x2_zero f64x2.promote_low_f32x4 i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u \
        i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero",
    ),
    (
        "v128 v128",
        "v128",
        "v128.and v128.andnot v128.or v128.xor i8x16.swizzle i8x16.relaxed_swizzle \
        i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u \
        i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u \
        i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u \
        i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s \
        f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge \
        i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u \
        i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u i8x16.avgr_u \
        i16x8.add i16x8.add_sat_s i16x8.sub i16x8.sub_sat_u i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u i16x8.avgr_u i16x8.q15mulr_sat_s \
        i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s \
        i32x4.add i32x4.sub i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s \
        i64x2.add i64x2.sub i64x2.mul \
        i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u \
        i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u \
        i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u \
        f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax \
        f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax \
        f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max",
    ),
    (
        "v128 v128 v128",
        "v128",
        "v128.bitselect f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd \
        i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect \
        i32x4.relaxed_dot_i8x16_i7x16_add_s",
    ),
    (
        "v128 i32",
        "v128",
        "i8x16.shl i8x16.shr_s i8x16.shr_u i16x8.shl i16x8.shr_s i16x8.shr_u i32x4.shl i32x4.shr_s i32x4.shr_u i64x2.shl i64x2.shr_s i64x2.shr_u",
    ),
    (
        "v128",
        "i32",
        "v128.any_true i8x16.all_true i8x16.bitmask i16x8.all_true i16x8.bitmask i32x4.all_true i32x4.bitmask i64x2.all_true i64x2.bitmask",
    ),
    ("i32", "v128", "i8x16.splat i16x8.splat i32x4.splat"),
    ("i64", "v128", "i64x2.splat"),
    ("f32", "v128", "f32x4.splat"),
    ("f64", "v128", "f64x2.splat"),
];

/// Operators with a number of a lane, or lanes.
const LANES: &[(&str, &str, &str)] = &[
    (
        "v128",
        "i32",
        "i8x16.extract_lane_s,3 i8x16.extract_lane_u,3 i16x8.extract_lane_s,3 i16x8.extract_lane_u,3 i32x4.extract_lane,3",
    ),
    ("v128", "i64", "i64x2.extract_lane,1"),
    ("v128", "f32", "f32x4.extract_lane,3"),
    ("v128", "f64", "f64x2.extract_lane,1"),
    ("v128 i32", "v128", "i8x16.replace_lane,3 i16x8.replace_lane,3 i32x4.replace_lane,3"),
    ("v128 i64", "v128", "i64x2.replace_lane,1"),
    ("v128 f32", "v128", "f32x4.replace_lane,3"),
    ("v128 f64", "v128", "f64x2.replace_lane,1"),
    (
        "v128 v128",
        "v128",
        "i8x16.shuffle,0,17,2,19,4,21,6,23,8,25,10,27,12,29,14,31 i8x16.shuffle,31,1,30,2,29,3,28,4,27,5,26,6,25,7,24,8",
    ),
];

pub(crate) fn kernels() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    for (operands, result, names) in SCALARS.iter().chain(VECTORS).chain(LANES) {
        for name in names.split_whitespace() {
            kernels.push(chain(operands, result, &name.replace(',', " ")));
        }
    }
    kernels.extend(divisions());
    kernels.extend(floats());
    kernels.extend(wide());
    kernels
}

fn chain(operands: &str, result: &str, operator: &str) -> Kernel {
    let mut operands = operands.split(' ');
    let first = operands.next().unwrap_or_default();
    let rest: String = operands.map(|ty| format!("local.get $y_{ty} ")).collect();
    let step = format!("{rest}{operator} {} ", bridge(result, first));
    let begin = Kernel::chain(format!("op/{operator}"), first, &begin(first), &step);
    ["i32", "i64", "f32", "f64", "v128"]
        .iter()
        .fold(begin, |kernel, ty| kernel.unknown(&format!("$y_{ty}"), ty, &value(ty)))
        .setup(&format!("(local.set $x (local.get $y_{first}))"))
}

/// Long divisions: the dividend is large each time, and the divisor is not known to the compiler.
fn divisions() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    for (ty, big, seven) in [
        ("i32", "0x7ffffff1", 7_i32.to_le_bytes().to_vec()),
        ("i64", "0x7ffffffffffffff1", 7_i64.to_le_bytes().to_vec()),
    ] {
        for operator in ["div_s", "div_u", "rem_s", "rem_u"] {
            let step = format!("local.get $y {ty}.{operator} local.get $z {ty}.xor ");
            kernels.push(
                Kernel::chain(format!("op/{ty}.{operator}"), ty, &format!("{ty}.const {big}"), &step)
                    .unknown("$y", ty, &seven)
                    .locals(&format!("(local $z {ty})"))
                    .setup(&format!("(local.set $z ({ty}.const {big}))")),
            );
        }
    }
    kernels
}

/// Floating-point chains whose values stay where hardware is slowest.
fn floats() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    for (ty, one, other) in [("f64", "1.7e300", "1.0000000000000002"), ("f32", "1.7e38", "1.0000001")] {
        for operator in ["div", "mul", "add", "sub"] {
            kernels.push(
                Kernel::chain(
                    format!("float/{ty}.{operator}"),
                    ty,
                    &format!("{ty}.const {one}"),
                    &format!("local.get $y {ty}.{operator} "),
                )
                .unknown("$y", ty, &bytes(ty, other)),
            );
        }
        kernels.push(
            Kernel::chain(
                format!("float/{ty}.sqrt_normal"),
                ty,
                &format!("{ty}.const {one}"),
                &format!("{ty}.sqrt local.get $y {ty}.mul "),
            )
            .unknown("$y", ty, &bytes(ty, one)),
        );
        kernels.push(
            Kernel::chain(
                format!("float/{ty}.min_nan"),
                ty,
                &format!("{ty}.const nan"),
                &format!("local.get $y {ty}.min "),
            )
            .unknown("$y", ty, &bytes(ty, "NaN")),
        );
        kernels.push(
            Kernel::chain(
                format!("float/{ty}.min_zeros"),
                ty,
                &format!("{ty}.const 0"),
                &format!("local.get $y {ty}.min {ty}.neg "),
            )
            .unknown("$y", ty, &bytes(ty, "-0")),
        );
    }
    for (shape, ty, big) in [("f64x2", "f64", "1.7e300"), ("f32x4", "f32", "1.7e38")] {
        let kernel = |name: &str, step: String| {
            Kernel::chain(format!("float/{shape}.{name}"), "v128", &format!("{shape}.splat ({ty}.const {big})"), &step)
                .unknown("$y", "v128", &bytes(ty, "1.0000001").repeat(if ty == "f64" { 2 } else { 4 }))
        };
        kernels.push(kernel("div", format!("local.get $y {shape}.div ")));
        kernels.push(kernel("sqrt", format!("{shape}.sqrt ")));
        kernels.push(kernel("sqrt_div", format!("{shape}.sqrt local.get $y {shape}.div ")));
    }
    kernels
}

fn bytes(ty: &str, number: &str) -> Vec<u8> {
    let number: f64 = number.parse().expect("a number");
    if ty == "f32" { (number as f32).to_le_bytes().to_vec() } else { number.to_le_bytes().to_vec() }
}

fn wide() -> Vec<Kernel> {
    ["i64.mul_wide_s", "i64.mul_wide_u"]
        .iter()
        .map(|operator| chain_wide(operator, &format!("local.get $y {operator} i64.xor ")))
        .chain(["i64.add128", "i64.sub128"].iter().map(|operator| {
            chain_wide(operator, &format!("local.get $y local.get $y local.get $y {operator} i64.xor "))
        }))
        .collect()
}

fn chain_wide(operator: &str, step: &str) -> Kernel {
    Kernel::chain(format!("op/{operator}"), "i64", "i64.const 1", step).unknown("$y", "i64", &value("i64"))
}
