//! The rewrite: what the contract may do is decided here, before the compiler sees it.
//!
//! - The imported memory becomes a defined one, so that pooled, copy-on-write instances apply; its maximum, and the
//!   table's, never exceed the limits.
//! - Functions that call count their depth in a global and trap beyond the limit, long before the native stack ends.
//! - `memory.grow` becomes a call of the host, which prices pages.
//! - Only `call` and `deploy` stay exported; custom sections go.

use super::{
    CodeError,
    validate::{Layout, invalid},
};
use std::collections::BTreeMap;
use tallow_types::limits::{CONTRACT_PAGES_MAX, CONTRACT_STACK_BYTES, CONTRACT_TABLE_ELEMENTS_MAX, WASM_FRAMES_MAX};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection,
    MemoryType, Module, TableSection, TypeSection, ValType,
    reencode::{self, Reencode},
};
use wasmparser::{FunctionBody, Operator, Parser, Payload};

/// Part of the key of compiled code: to be counted up with every change of this pass, of what is valid, and of the
/// prices of instructions, which are compiled in.
pub(crate) const REWRITE_VERSION: u8 = 3;
/// Export: the entry point of messages.
pub(crate) const CALL: &str = "call";
/// Export: the entry point of constructors.
pub(crate) const DEPLOY: &str = "deploy";
/// Export: the memory.
pub(crate) const MEMORY: &str = "memory";
/// Export: the frames that are left; negative when the contract recursed too deeply.
pub(crate) const DEPTH: &str = "depth";
/// Import: the host's `memory.grow`.
pub(crate) const GROW: (&str, &str) = ("tallow", "grow");

/// Bytes of native stack that one count of the depth stands for.
const FRAME_BYTES: u64 = 512;

const _: () = assert!(
    FRAME_BYTES * WASM_FRAMES_MAX as u64 <= CONTRACT_STACK_BYTES as u64,
    "what the counter admits must fit what a frame's stack counts for"
);

/// Rewrites a module that [`super::validate`] accepted.
pub(crate) fn rewrite(wasm: &[u8], layout: &Layout) -> Result<Vec<u8>, CodeError> {
    let mut rewriter = Rewriter::new(layout);
    let mut sections = Sections::default();
    for payload in Parser::new(0).parse_all(wasm) {
        sections.payload(&mut rewriter, payload.map_err(invalid)?).map_err(|error| match error {
            reencode::Error::ParseError(error) => invalid(error),
            other => CodeError::Invalid(other.to_string()),
        })?;
    }
    Ok(rewriter.assemble(sections))
}

type Outcome<T> = Result<T, reencode::Error>;

/// Sections that are copied.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    tables: TableSection,
    globals: GlobalSection,
    elements: ElementSection,
    data_count: Option<u32>,
    code: CodeSection,
    data: DataSection,
}

impl Sections {
    fn payload(&mut self, rewriter: &mut Rewriter<'_>, payload: Payload<'_>) -> Outcome<()> {
        match payload {
            Payload::TypeSection(section) => rewriter.parse_type_section(&mut self.types, section),
            Payload::TableSection(section) => rewriter.parse_table_section(&mut self.tables, section),
            Payload::GlobalSection(section) => rewriter.parse_global_section(&mut self.globals, section),
            Payload::ElementSection(section) => rewriter.parse_element_section(&mut self.elements, section),
            Payload::DataCountSection { count, .. } => {
                self.data_count = Some(count);
                Ok(())
            }
            Payload::CodeSectionEntry(body) => rewriter.parse_function_body(&mut self.code, body),
            Payload::DataSection(section) => rewriter.parse_data_section(&mut self.data, section),
            _ => Ok(()),
        }
    }
}

struct Rewriter<'a> {
    layout: &'a Layout,
    /// Which defined function comes next.
    next: usize,
    /// Types without parameters, by the type whose several results they share: what a wrapped body's block has.
    blocks: BTreeMap<u32, u32>,
}

impl Reencode for Rewriter<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Outcome<u32> {
        // The host's `grow` is the last import.
        Ok(if (function as usize) < self.layout.imports.len() { function } else { function + 1 })
    }

    fn table_type(&mut self, table: wasmparser::TableType) -> Outcome<wasm_encoder::TableType> {
        let mut table = reencode::utils::table_type(self, table)?;
        table.maximum = Some(table.maximum.unwrap_or(u64::MAX).min(CONTRACT_TABLE_ELEMENTS_MAX));
        Ok(table)
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Outcome<()> {
        let ty = self.layout.functions.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        let weight = self.weight(ty, &body)?;
        let mut function = self.new_function_with_parsed_locals(&body)?;
        match weight {
            0 => self.copy_body(&mut function, &body, false)?,
            weight => self.wrap_body(&mut function, &body, ty, weight)?,
        }
        code.function(&function);
        Ok(())
    }
}

impl<'a> Rewriter<'a> {
    fn new(layout: &'a Layout) -> Self {
        let several = (0u32..).zip(&layout.types).filter(|(_, ty)| ty.results().len() > 1);
        // After the module's own types and that of `grow`.
        let first = layout.types.len() as u32 + 1;
        let blocks = several.map(|(ty, _)| ty).zip(first..).collect();
        Self { layout, next: 0, blocks }
    }

    fn grow_type(&self) -> u32 {
        self.layout.types.len() as u32
    }

    fn grow(&self) -> u32 {
        self.layout.imports.len() as u32
    }

    fn depth(&self) -> u32 {
        self.layout.globals
    }

    /// How many counts of depth a function takes: 0 for a small one that calls none, else by the native stack it may
    /// need. The compiler keeps values in few registers, so at worst every local and every few bytes of code become a
    /// slot of its frame.
    fn weight(&self, ty: u32, body: &FunctionBody<'_>) -> Outcome<i32> {
        let mut slots = self.layout.types.get(ty as usize).map_or(0, |ty| ty.params().len() as u64);
        for local in body.get_locals_reader()? {
            slots += u64::from(local?.0);
        }
        let bytes = 8 * slots + body.range().len() as u64 / 4;
        let big = bytes / FRAME_BYTES;
        let calls = body.get_operators_reader()?.into_iter().try_fold(false, |calls, operator| {
            Ok::<_, wasmparser::BinaryReaderError>(
                calls | matches!(operator?, Operator::Call { .. } | Operator::CallIndirect { .. }),
            )
        })?;
        Ok(if calls || big > 0 { 1 + i32::try_from(big).unwrap_or(i32::MAX - 1) } else { 0 })
    }

    /// Counts, runs the body as a block, and counts back. A branch to the function's end becomes one to the block's
    /// end by itself; a `return` is made one.
    fn wrap_body(&mut self, function: &mut Function, body: &FunctionBody<'_>, ty: u32, weight: i32) -> Outcome<()> {
        let depth = self.depth();
        for instruction in [
            Instruction::GlobalGet(depth),
            Instruction::I32Const(weight),
            Instruction::I32Sub,
            Instruction::GlobalSet(depth),
            Instruction::GlobalGet(depth),
            Instruction::I32Const(0),
            Instruction::I32LtS,
            Instruction::If(BlockType::Empty),
            Instruction::Unreachable,
            Instruction::End,
            Instruction::Block(self.block_type(ty)?),
        ] {
            function.instruction(&instruction);
        }
        self.copy_body(function, body, true)?;
        for instruction in [
            Instruction::GlobalGet(depth),
            Instruction::I32Const(weight),
            Instruction::I32Add,
            Instruction::GlobalSet(depth),
            Instruction::End,
        ] {
            function.instruction(&instruction);
        }
        Ok(())
    }

    fn block_type(&mut self, ty: u32) -> Outcome<BlockType> {
        let layout = self.layout;
        Ok(match layout.types.get(ty as usize).map_or(&[][..], |ty| ty.results()) {
            [] => BlockType::Empty,
            [result] => BlockType::Result(self.val_type(*result)?),
            _ => BlockType::FunctionType(self.blocks[&ty]),
        })
    }

    fn copy_body(&mut self, function: &mut Function, body: &FunctionBody<'_>, wrapped: bool) -> Outcome<()> {
        let mut open = 0;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open += 1,
                // The last `end` closes the body; what follows it, if anything, is refused by the validator.
                Operator::End => open -= i64::from(open > 0),
                _ => (),
            }
            let instruction = match operator {
                Operator::Return if wrapped => Instruction::Br(open as u32),
                Operator::MemoryGrow { .. } => Instruction::Call(self.grow()),
                operator => self.instruction(operator)?,
            };
            function.instruction(&instruction);
        }
        Ok(())
    }

    fn assemble(self, mut sections: Sections) -> Vec<u8> {
        sections.types.ty().function([ValType::I32], [ValType::I32]);
        for ty in self.blocks.keys() {
            let results = self.layout.types[*ty as usize].results();
            let results: Vec<_> =
                results.iter().filter_map(|ty| reencode::RoundtripReencoder.val_type(*ty).ok()).collect();
            sections.types.ty().function([], results);
        }
        let counter = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        sections.globals.global(counter, &ConstExpr::i32_const(WASM_FRAMES_MAX as i32));

        let mut module = Module::new();
        module.section(&sections.types).section(&self.imports()).section(&self.functions());
        if !sections.tables.is_empty() {
            module.section(&sections.tables);
        }
        module.section(&self.memory()).section(&sections.globals).section(&self.exports());
        if !sections.elements.is_empty() {
            module.section(&sections.elements);
        }
        if let Some(count) = sections.data_count {
            module.section(&DataCountSection { count });
        }
        module.section(&sections.code);
        if !sections.data.is_empty() {
            module.section(&sections.data);
        }
        module.finish()
    }

    fn imports(&self) -> ImportSection {
        let mut section = ImportSection::new();
        for (module, name, ty) in &self.layout.imports {
            section.import(module, name, EntityType::Function(*ty));
        }
        section.import(GROW.0, GROW.1, EntityType::Function(self.grow_type()));
        section
    }

    fn functions(&self) -> FunctionSection {
        let mut section = FunctionSection::new();
        for ty in &self.layout.functions {
            section.function(*ty);
        }
        section
    }

    fn memory(&self) -> MemorySection {
        let memory = self.layout.memory;
        let maximum = memory.maximum.unwrap_or(CONTRACT_PAGES_MAX).min(CONTRACT_PAGES_MAX);
        let mut section = MemorySection::new();
        section.memory(MemoryType {
            minimum: memory.initial,
            maximum: Some(maximum),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        section
    }

    fn exports(&self) -> ExportSection {
        let mut section = ExportSection::new();
        section.export(CALL, ExportKind::Func, self.layout.call + 1);
        section.export(DEPLOY, ExportKind::Func, self.layout.deploy + 1);
        section.export(MEMORY, ExportKind::Memory, 0);
        section.export(DEPTH, ExportKind::Global, self.depth());
        section
    }
}
