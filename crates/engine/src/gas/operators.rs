//! What each instruction costs, in units of fuel of half a cycle or so.
//!
//! Every price is that of the worst case: an instruction whose operand is the result of the one before, on numbers for
//! which the processor is slowest. The figures are in ADR 0022, and `cargo xtask bench engine` measures them again.

use wasmtime::{OperatorCost, VariableOperatorCost};

macro_rules! price {
    ($cost:ident, $($fuel:literal: $($operator:ident)+;)+) => { $($($cost.$operator = $fuel;)+)+ };
}

/// The prices: one unit for what is not named here.
pub(crate) fn operator_cost() -> OperatorCost {
    let mut cost = OperatorCost::new();
    control(&mut cost);
    places(&mut cost);
    integers(&mut cost);
    floats(&mut cost);
    conversions(&mut cost);
    vectors(&mut cost);
    vector_comparisons(&mut cost);
    vector_floats(&mut cost);
    lanes(&mut cost);
    bulk(&mut cost.variable);
    cost
}

/// A branch may be foreseen wrongly half the time, whatever the processor; one that is taken always costs the check of
/// fuel that a loop begins with. A call by a table may lead anywhere.
fn control(cost: &mut OperatorCost) {
    price!(cost,
        1: Loop;
        8: Br;
        12: If BrIf;
        24: BrTable;
        2: Select TypedSelect;
        24: Call;
        40: CallIndirect;
    );
}

/// Loads and stores by what the second level of cache takes, since a working set that misses the first is had on two
/// pages; larger memories burn fuel faster (`gas::rate`). Access of tables beyond loads goes through the host.
fn places(cost: &mut OperatorCost) {
    price!(cost,
        14: I32Load I64Load F32Load F64Load I32Load8S I32Load8U I32Load16S I32Load16U I64Load8S I64Load8U I64Load16S
            I64Load16U I64Load32S I64Load32U V128Load V128Load8x8S V128Load8x8U V128Load16x4S V128Load16x4U
            V128Load32x2S V128Load32x2U V128Load8Splat V128Load16Splat V128Load32Splat V128Load64Splat V128Load32Zero
            V128Load64Zero;
        16: V128Load8Lane V128Load16Lane V128Load32Lane V128Load64Lane;
        22: I32Store I64Store F32Store F64Store I32Store8 I32Store16 I64Store8 I64Store16 I64Store32 V128Store
            V128Store8Lane V128Store16Lane V128Store32Lane V128Store64Lane;
        160: RefFunc;
        16: TableGet TableSet;
        200: TableGrow;
        24: TableFill TableCopy MemoryFill MemoryCopy;
        40: TableInit MemoryInit ElemDrop;
        4: DataDrop;
    );
}

fn integers(cost: &mut OperatorCost) {
    price!(cost,
        16: I32DivS I32DivU I32RemS I32RemU I64DivS I64DivU I64RemS I64RemU;
        3: I32Mul I64Mul;
        6: I64MulWideS I64MulWideU;
        2: I64Add128 I64Sub128 I32Clz I32Ctz I32Popcnt I64Clz I64Ctz I64Popcnt I32Eqz I64Eqz;
        3: I32Eq I32Ne I32LtS I32LtU I32GtS I32GtU I32LeS I32LeU I32GeS I32GeU I64Eq I64Ne I64LtS I64LtU I64GtS I64GtU
           I64LeS I64LeU I64GeS I64GeU;
    );
}

fn floats(cost: &mut OperatorCost) {
    price!(cost,
        3: F32Abs F32Neg F64Abs F64Neg F32Add F32Sub F64Add F64Sub F32Min F32Max F64Min F64Max;
        5: F32Mul F64Mul F32Copysign F64Copysign;
        4: F32Ceil F32Floor F32Trunc F32Nearest F64Ceil F64Floor F64Trunc F64Nearest;
        18: F32Div F32Sqrt;
        24: F64Div F64Sqrt;
        8: F32Eq F32Ne F32Lt F32Gt F32Le F32Ge F64Eq F64Ne F64Lt F64Gt F64Le F64Ge;
    );
}

fn conversions(cost: &mut OperatorCost) {
    price!(cost,
        5: I32ReinterpretF32 I64ReinterpretF64 F32ReinterpretI32 F64ReinterpretI64 F32DemoteF64 F64PromoteF32;
        8: F32ConvertI32S F32ConvertI32U F32ConvertI64S F32ConvertI64U F64ConvertI32S F64ConvertI32U F64ConvertI64S
           F64ConvertI64U;
        9: I32TruncF32S I32TruncF32U I32TruncF64S I32TruncF64U I64TruncF32S I64TruncF32U I64TruncF64S I64TruncF64U
           I32TruncSatF32S I32TruncSatF32U I32TruncSatF64S I32TruncSatF64U I64TruncSatF32S I64TruncSatF32U
           I64TruncSatF64S I64TruncSatF64U;
    );
}

fn vectors(cost: &mut OperatorCost) {
    price!(cost,
        3: V128Not V128And V128AndNot V128Or V128Xor I8x16Abs I8x16Neg I16x8Abs I16x8Neg I32x4Abs I32x4Neg I64x2Abs
           I64x2Neg I8x16Add I8x16AddSatS I8x16AddSatU I8x16Sub I8x16SubSatS I8x16SubSatU I8x16MinS I8x16MinU I8x16MaxS
           I8x16MaxU I8x16AvgrU I16x8Add I16x8AddSatS I16x8AddSatU I16x8Sub I16x8SubSatS I16x8SubSatU I16x8MinS
           I16x8MinU I16x8MaxS I16x8MaxU I16x8AvgrU I32x4Add I32x4Sub I32x4MinS I32x4MinU I32x4MaxS I32x4MaxU I64x2Add
           I64x2Sub I8x16NarrowI16x8S I8x16NarrowI16x8U I16x8NarrowI32x4S I16x8NarrowI32x4U I16x8ExtendLowI8x16S
           I16x8ExtendLowI8x16U I16x8ExtendHighI8x16U I32x4ExtendLowI16x8S I32x4ExtendLowI16x8U I32x4ExtendHighI16x8U
           I64x2ExtendLowI32x4S I64x2ExtendLowI32x4U I64x2ExtendHighI32x4U;
        4: I16x8Mul I32x4Mul I32x4DotI16x8S V128Bitselect I8x16RelaxedLaneselect I16x8RelaxedLaneselect
           I32x4RelaxedLaneselect I64x2RelaxedLaneselect I16x8Shl I16x8ShrS I16x8ShrU I32x4Shl I32x4ShrS I32x4ShrU
           I64x2Shl I64x2ShrU;
        5: I16x8ExtAddPairwiseI8x16S I16x8ExtAddPairwiseI8x16U I32x4ExtAddPairwiseI16x8S I16x8ExtendHighI8x16S
           I32x4ExtendHighI16x8S I64x2ExtendHighI32x4S;
        8: I8x16Popcnt I64x2Mul I64x2ShrS I32x4ExtAddPairwiseI16x8U I16x8Q15MulrSatS I16x8RelaxedQ15mulrS
           I16x8ExtMulLowI8x16S I16x8ExtMulHighI8x16S I16x8ExtMulLowI8x16U I16x8ExtMulHighI8x16U I32x4ExtMulLowI16x8S
           I32x4ExtMulHighI16x8S I32x4ExtMulLowI16x8U I32x4ExtMulHighI16x8U I64x2ExtMulLowI32x4S I64x2ExtMulHighI32x4S
           I64x2ExtMulLowI32x4U I64x2ExtMulHighI32x4U;
        12: I8x16Shl I8x16ShrS I8x16ShrU;
        14: I16x8RelaxedDotI8x16I7x16S;
        20: I32x4RelaxedDotI8x16I7x16AddS;
    );
}

fn vector_comparisons(cost: &mut OperatorCost) {
    price!(cost,
        3: I8x16Eq I16x8Eq I32x4Eq I64x2Eq I8x16LtS I8x16GtS I16x8LtS I16x8GtS I32x4LtS I32x4GtS I64x2LtS I64x2GtS
           F32x4Eq F32x4Ne F32x4Lt F32x4Gt F32x4Le F32x4Ge F64x2Eq F64x2Ne F64x2Lt F64x2Gt F64x2Le F64x2Ge;
        5: I8x16Ne I16x8Ne I32x4Ne I64x2Ne I8x16LeS I8x16LeU I8x16GeS I8x16GeU I16x8LeS I16x8LeU I16x8GeS I16x8GeU
           I32x4LeS I32x4LeU I32x4GeS I32x4GeU I64x2LeS I64x2GeS;
        8: I8x16LtU I8x16GtU I16x8LtU I16x8GtU I32x4LtU I32x4GtU;
        12: V128AnyTrue I8x16AllTrue I16x8AllTrue I32x4AllTrue I64x2AllTrue I8x16Bitmask I16x8Bitmask I32x4Bitmask
            I64x2Bitmask;
    );
}

fn vector_floats(cost: &mut OperatorCost) {
    price!(cost,
        3: F32x4Abs F32x4Neg F64x2Abs F64x2Neg F32x4Add F32x4Sub F64x2Add F64x2Sub F32x4PMin F32x4PMax F64x2PMin
           F64x2PMax;
        5: F32x4Mul F64x2Mul F32x4RelaxedMadd F32x4RelaxedNmadd F64x2RelaxedMadd F64x2RelaxedNmadd F32x4Ceil F32x4Floor
           F32x4Trunc F32x4Nearest F64x2Ceil F64x2Floor F64x2Trunc F64x2Nearest F32x4ConvertI32x4S F32x4ConvertI32x4U
           F64x2ConvertLowI32x4S F32x4DemoteF64x2Zero F64x2PromoteLowF32x4;
        8: F64x2ConvertLowI32x4U;
        16: F32x4Min F32x4Max F64x2Min F64x2Max F32x4RelaxedMin F32x4RelaxedMax F64x2RelaxedMin F64x2RelaxedMax;
        18: F32x4Div F32x4Sqrt I32x4TruncSatF32x4S I32x4TruncSatF32x4U I32x4TruncSatF64x2SZero
            I32x4TruncSatF64x2UZero I32x4RelaxedTruncF32x4S I32x4RelaxedTruncF32x4U I32x4RelaxedTruncF64x2SZero
            I32x4RelaxedTruncF64x2UZero;
        24: F64x2Div F64x2Sqrt;
    );
}

/// Between the units for vectors and those for integers.
fn lanes(cost: &mut OperatorCost) {
    price!(cost,
        8: I8x16Splat I16x8Splat I32x4Splat I64x2Splat I8x16ExtractLaneS I8x16ExtractLaneU I16x8ExtractLaneS
           I16x8ExtractLaneU I32x4ExtractLane I64x2ExtractLane I8x16ReplaceLane I16x8ReplaceLane I32x4ReplaceLane
           I64x2ReplaceLane;
        3: F32x4Splat F64x2Splat F32x4ExtractLane F64x2ExtractLane F32x4ReplaceLane F64x2ReplaceLane I8x16Swizzle
           I8x16RelaxedSwizzle;
        4: I8x16Shuffle;
    );
}

/// By size. Growth of memory is priced by its host function (`prepare::rewrite`), since a page costs more than fits here.
fn bulk(variable: &mut VariableOperatorCost) {
    variable.table_fill_per_element = 2;
    variable.table_copy_per_element = 6;
    variable.table_init_per_element = 4;
    variable.table_grow_per_element = 4;
}
