//! What is done to a module after the linker: only what a host of ink! contracts accepts stays, and nothing idle.

use wasm_encoder::{ConstExpr, DataSection, ExportKind, ExportSection, Module, RawSection};
use wasmparser::{DataKind, DataSectionReader, ExportSectionReader, ExternalKind, Operator, Parser, Payload};

/// The entry points; hosts refuse any other export.
const ENTRY_POINTS: [&str; 2] = ["call", "deploy"];
/// Shortest run of zeros worth cutting out of a data segment: a segment's header takes about this many bytes.
const ZEROS_MIN: usize = 16;

/// A module that is no contract.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StripError {
    #[error(transparent)]
    Malformed(#[from] wasmparser::BinaryReaderError),
    #[error("it does not export `call` and `deploy`")]
    EntryPoints,
    #[error("a data segment is not placed when the module starts")]
    Passive,
    #[error("a data segment has no constant address")]
    Address,
    #[error("a data segment lies beyond the memory")]
    Beyond,
}

/// Drops custom sections, exports other than the entry points, and zeros of data segments: memory is zero at first,
/// which the linker does not count on when memory is imported.
///
/// # Errors
/// When the module is malformed or lacks an entry point.
pub(crate) fn strip(wasm: &[u8]) -> Result<Vec<u8>, StripError> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ExportSection(exports) => {
                module.section(&entry_points(exports)?);
            }
            Payload::DataSection(data) => {
                module.section(&without_zeros(data)?);
            }
            // A count would be of the segments as they were. It is needed by bulk memory operations alone, which
            // contracts do not have.
            Payload::DataCountSection { .. } | Payload::CustomSection(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    module.section(&RawSection { id, data: &wasm[range] });
                }
            }
        }
    }
    Ok(module.finish())
}

fn entry_points(exports: ExportSectionReader<'_>) -> Result<ExportSection, StripError> {
    let mut kept = ExportSection::new();
    for export in exports {
        let export = export?;
        if export.kind == ExternalKind::Func && ENTRY_POINTS.contains(&export.name) {
            kept.export(export.name, ExportKind::Func, export.index);
        }
    }
    if kept.len() == ENTRY_POINTS.len() as u32 { Ok(kept) } else { Err(StripError::EntryPoints) }
}

fn without_zeros(data: DataSectionReader<'_>) -> Result<DataSection, StripError> {
    let mut kept = DataSection::new();
    for segment in data {
        let segment = segment?;
        let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else {
            return Err(StripError::Passive);
        };
        let Operator::I32Const { value: start } = offset_expr.get_operators_reader().read()? else {
            return Err(StripError::Address);
        };
        for (offset, bytes) in pieces(segment.data) {
            let address = i32::try_from(offset).ok().and_then(|offset| start.checked_add(offset));
            let address = address.ok_or(StripError::Beyond)?;
            kept.active(0, &ConstExpr::i32_const(address), bytes.iter().copied());
        }
    }
    Ok(kept)
}

/// The parts of a segment between long runs of zeros, with their offsets.
fn pieces(data: &[u8]) -> Vec<(usize, &[u8])> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(skip) = data[at..].iter().position(|byte| *byte != 0) {
        let start = at + skip;
        let length = data[start..].windows(ZEROS_MIN).position(|window| window.iter().all(|byte| *byte == 0));
        let mut end = length.map_or(data.len(), |length| start + length);
        while data[end - 1] == 0 {
            end -= 1;
        }
        pieces.push((start, &data[start..end]));
        at = end;
    }
    pieces
}

#[cfg(test)]
mod tests;
