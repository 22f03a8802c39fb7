//! What a frame of a module takes before its first instruction, and how much it may then touch.

use super::{CodeError, validate::invalid};
use crate::gas;
use wasmparser::{Data, DataKind, Element, ElementItems, ElementKind, Parser, Payload, TypeRef};

/// What the start of a frame depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Start {
    /// Pages of memory at the start.
    pub(crate) pages: u64,
    /// Gas of a frame with its memory, segments, tables and globals.
    pub(crate) gas: u64,
    /// How fast it burns fuel at the start.
    pub(crate) rate: u64,
}

/// Reads a module that is valid.
pub(crate) fn start(wasm: &[u8]) -> Result<Start, CodeError> {
    let mut parts = Parts::default();
    for payload in Parser::new(0).parse_all(wasm) {
        parts.payload(payload.map_err(invalid)?).map_err(invalid)?;
    }
    let Parts { pages, code, contents } = parts;
    let gas = gas::FRAME.saturating_add(gas::initial_pages(pages)).saturating_add(contents);
    Ok(Start { pages, gas, rate: gas::rate_of_memory(pages).max(gas::rate_of_code(code)) })
}

#[derive(Default)]
struct Parts {
    pages: u64,
    /// Bytes of function bodies.
    code: u64,
    /// Gas of segments, tables and globals.
    contents: u64,
}

impl Parts {
    fn payload(&mut self, payload: Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Memory(memory) = import?.ty {
                        self.pages = memory.initial;
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.pages = memory?.initial;
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.pay(gas::TABLE_ELEMENT, table?.ty.initial);
                }
            }
            Payload::GlobalSection(section) => self.pay(gas::GLOBAL, section.count().into()),
            Payload::ElementSection(section) => {
                for element in section {
                    self.element(&element?);
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    self.data(&data?);
                }
            }
            Payload::CodeSectionStart { size, .. } => self.code = size.into(),
            _ => (),
        }
        Ok(())
    }

    fn pay(&mut self, price: u64, count: u64) {
        self.contents = self.contents.saturating_add(price.saturating_mul(count));
    }

    fn data(&mut self, data: &Data<'_>) {
        match data.kind {
            DataKind::Active { .. } => {
                self.pay(gas::SEGMENT, 1);
                self.pay(gas::COPY_BYTE, data.data.len() as u64);
            }
            DataKind::Passive => self.pay(gas::PASSIVE_SEGMENT, 1),
        }
    }

    /// Those of passive segments are looked up as well.
    fn element(&mut self, element: &Element<'_>) {
        let count = match &element.items {
            ElementItems::Functions(items) => items.count(),
            ElementItems::Expressions(_, items) => items.count(),
        };
        let (segment, each) = match element.kind {
            ElementKind::Active { .. } => (gas::ELEMENT_SEGMENT, gas::ELEMENT),
            ElementKind::Passive => (gas::PASSIVE_SEGMENT, gas::ELEMENT),
            // It is there for the validator alone.
            ElementKind::Declared => (gas::PASSIVE_SEGMENT, 0),
        };
        self.pay(segment, 1);
        self.pay(each, count.into());
    }
}
