//! What pallet-contracts asks of a module: no exports but the entry points.

use anyhow::Result;
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection};
use wasmparser::{Parser, Payload};

const ENTRY_POINTS: [&str; 2] = ["call", "deploy"];

/// The module without its custom sections and with the entry points as its only exports; linkers add others.
///
/// # Errors
/// When the module is malformed.
pub(crate) fn only(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ExportSection(exports) => {
                let mut kept = ExportSection::new();
                for export in exports {
                    let export = export?;
                    if ENTRY_POINTS.contains(&export.name) {
                        kept.export(export.name, ExportKind::Func, export.index);
                    }
                }
                module.section(&kept);
            }
            Payload::CustomSection(_) => (),
            other => {
                if let Some((id, range)) = other.as_section() {
                    module.section(&RawSection { id, data: &wasm[range] });
                }
            }
        }
    }
    Ok(module.finish())
}
