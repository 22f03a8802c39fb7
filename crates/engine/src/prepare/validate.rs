//! Which modules are acceptable.

use super::{CodeError, features};
use tallow_types::limits::{
    CODE_BYTES_MAX, CONTRACT_FUNCTIONS_MAX, CONTRACT_GLOBALS_MAX, CONTRACT_PAGES_MAX, CONTRACT_TABLE_ELEMENTS_MAX,
    FUNCTION_BYTES_MAX,
};
use wasmparser::{
    CompositeInnerType, ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FuncType, MemoryType, Operator,
    Parser, Payload, TypeRef, ValType, Validator,
};

/// Bytes of a page of memory.
const PAGE_BYTES: u64 = 64 * 1024;

/// What the rewrite must know beforehand.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Signatures, by type index.
    pub(crate) types: Vec<FuncType>,
    /// Imported functions: module, name, type index.
    pub(crate) imports: Vec<(String, String, u32)>,
    /// Type index of each defined function.
    pub(crate) functions: Vec<u32>,
    /// The one memory.
    pub(crate) memory: MemoryType,
    /// Globals the module defines.
    pub(crate) globals: u32,
    /// Function index of export `call`.
    pub(crate) call: u32,
    /// Function index of export `deploy`.
    pub(crate) deploy: u32,
}

/// Checks a module and returns its layout. `known` tells whether the host has a function of this module and name.
pub(crate) fn validate(wasm: &[u8], known: impl Fn(&str, &str) -> bool) -> Result<Layout, CodeError> {
    at_most("bytes of code", wasm.len() as u64, CODE_BYTES_MAX as u64)?;
    Validator::new_with_features(features()).validate_all(wasm).map_err(invalid)?;
    let mut scan = Scan::default();
    for payload in Parser::new(0).parse_all(wasm) {
        scan.payload(payload.map_err(invalid)?, &known)?;
    }
    scan.finish()
}

/// A parser's or validator's error.
pub(super) fn invalid(error: wasmparser::BinaryReaderError) -> CodeError {
    CodeError::Invalid(error.to_string())
}

fn at_most(what: &'static str, count: u64, max: u64) -> Result<(), CodeError> {
    if count > max { Err(CodeError::TooLarge { what, count, max }) } else { Ok(()) }
}

#[derive(Default)]
struct Scan {
    types: Vec<FuncType>,
    imports: Vec<(String, String, u32)>,
    functions: Vec<u32>,
    memory: Option<MemoryType>,
    globals: u32,
    /// Elements of the table.
    elements: u64,
    call: Option<u32>,
    deploy: Option<u32>,
}

impl Scan {
    fn payload(&mut self, payload: Payload<'_>, known: &impl Fn(&str, &str) -> bool) -> Result<(), CodeError> {
        match payload {
            Payload::TypeSection(section) => self.types(section)?,
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.import(import.map_err(invalid)?, known)?;
                }
            }
            Payload::FunctionSection(section) => {
                at_most("functions", section.count().into(), CONTRACT_FUNCTIONS_MAX.into())?;
                self.functions = section.into_iter().collect::<Result<_, _>>().map_err(invalid)?;
            }
            Payload::TableSection(section) => self.elements = tables(section)?,
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memory(memory.map_err(invalid)?)?;
                }
            }
            Payload::GlobalSection(section) => {
                at_most("globals", section.count().into(), CONTRACT_GLOBALS_MAX.into())?;
                self.globals = section.count();
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.export(&export.map_err(invalid)?);
                }
            }
            Payload::StartSection { .. } => return Err(CodeError::Start),
            Payload::CodeSectionEntry(body) => {
                at_most("bytes of one function", body.range().len() as u64, FUNCTION_BYTES_MAX as u64)?;
            }
            Payload::ElementSection(section) => {
                for element in section {
                    self.element(&element.map_err(invalid)?)?;
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    self.data(&data.map_err(invalid)?)?;
                }
            }
            _ => (),
        }
        Ok(())
    }

    /// A segment that cannot be written makes every call trap, which is better told now.
    fn data(&self, data: &wasmparser::Data<'_>) -> Result<(), CodeError> {
        let DataKind::Active { offset_expr, .. } = &data.kind else { return Ok(()) };
        let pages = self.memory.map_or(0, |memory| memory.initial);
        within(offset_expr, data.data.len() as u64, pages * PAGE_BYTES, "a data segment lies outside the memory")
    }

    fn element(&self, element: &wasmparser::Element<'_>) -> Result<(), CodeError> {
        let ElementKind::Active { offset_expr, .. } = &element.kind else { return Ok(()) };
        let count = match &element.items {
            ElementItems::Functions(items) => items.count(),
            ElementItems::Expressions(_, items) => items.count(),
        };
        within(offset_expr, count.into(), self.elements, "an element segment lies outside the table")
    }

    fn types(&mut self, section: wasmparser::TypeSectionReader<'_>) -> Result<(), CodeError> {
        for group in section {
            for ty in group.map_err(invalid)?.into_types() {
                match ty.composite_type.inner {
                    CompositeInnerType::Func(ty) => self.types.push(ty),
                    _ => return Err(CodeError::Invalid("types other than functions".into())),
                }
            }
        }
        Ok(())
    }

    fn import(&mut self, import: wasmparser::Import<'_>, known: &impl Fn(&str, &str) -> bool) -> Result<(), CodeError> {
        let refuse = |reason: &str| {
            let (module, name) = (import.module.to_owned(), import.name.to_owned());
            Err(CodeError::Import { module, name, reason: reason.to_owned() })
        };
        match import.ty {
            TypeRef::Memory(memory) if (import.module, import.name) == ("env", "memory") => self.memory(memory),
            TypeRef::Func(ty) if known(import.module, import.name) => {
                self.imports.push((import.module.to_owned(), import.name.to_owned(), ty));
                at_most("imports", self.imports.len() as u64, CONTRACT_FUNCTIONS_MAX.into())
            }
            TypeRef::Func(_) => refuse("the engine has no such function"),
            _ => refuse("only functions and env.memory can be imported"),
        }
    }

    fn memory(&mut self, memory: MemoryType) -> Result<(), CodeError> {
        if self.memory.is_some() {
            return Err(CodeError::Memory("more than one"));
        }
        at_most("pages of memory at the start", memory.initial, CONTRACT_PAGES_MAX)?;
        self.memory = Some(memory);
        Ok(())
    }

    fn export(&mut self, export: &wasmparser::Export<'_>) {
        match (export.kind, export.name) {
            (ExternalKind::Func, "call") => self.call = Some(export.index),
            (ExternalKind::Func, "deploy") => self.deploy = Some(export.index),
            // Linkers leave exports behind (`memcpy`, `__heap_base`); the rewrite drops them.
            _ => (),
        }
    }

    fn finish(self) -> Result<Layout, CodeError> {
        let Some(memory) = self.memory else { return Err(CodeError::Memory("there is none")) };
        let entry = |index: Option<u32>, name: &'static str| {
            let index = index.ok_or(CodeError::Export { name, reason: "is missing" })?;
            let defined = (index as usize).checked_sub(self.imports.len());
            let ty = defined.and_then(|index| self.types.get(*self.functions.get(index)? as usize));
            match ty.map(|ty| (ty.params(), ty.results())) {
                // Old ink! had entry points that return a status.
                Some(([], [] | [ValType::I32])) => Ok(index),
                Some(_) => Err(CodeError::Export { name, reason: "has arguments or other results than one i32" }),
                None => Err(CodeError::Export { name, reason: "is an imported function" }),
            }
        };
        let (call, deploy) = (entry(self.call, "call")?, entry(self.deploy, "deploy")?);
        let Self { types, imports, functions, globals, .. } = self;
        Ok(Layout { types, imports, functions, memory, globals, call, deploy })
    }
}

/// Elements of the table.
fn tables(section: wasmparser::TableSectionReader<'_>) -> Result<u64, CodeError> {
    at_most("tables", section.count().into(), 1)?;
    let mut elements = 0;
    for table in section {
        elements = table.map_err(invalid)?.ty.initial;
        at_most("elements of the table", elements, CONTRACT_TABLE_ELEMENTS_MAX)?;
    }
    Ok(elements)
}

/// Whether a segment fits, if its offset is a plain constant.
fn within(offset: &ConstExpr<'_>, length: u64, size: u64, reason: &str) -> Result<(), CodeError> {
    let Ok(Operator::I32Const { value }) = offset.get_operators_reader().read() else { return Ok(()) };
    let fits = u64::from(value.cast_unsigned()) + length <= size;
    if fits { Ok(()) } else { Err(CodeError::Invalid(reason.into())) }
}
