//! What a run holds of the host's memory. Commands, of which one runs at a time, have a part of their own and are not
//! counted; queries and estimates are, when their driver says where: see [`Memory`].

use crate::{
    Memory,
    frame::Frame,
    memory::{Host, parts},
    stop::{Abort, Stop},
};
use std::sync::Arc;
use tallow_types::limits::{CONTRACT_STACK_BYTES, PAGE_BYTES};
use wasmtime::Module;

/// Bytes of the host that a frame takes besides memory and stack: store, fiber, futures.
const FRAME_BYTES: usize = 8 * 1024;
/// Bytes of an element of a table.
const ELEMENT_BYTES: u64 = 8;

/// Counted bytes, given back when it is dropped.
pub(crate) struct Held {
    memory: Option<Arc<dyn Memory>>,
    bytes: usize,
}

impl Held {
    /// Nothing yet.
    pub(crate) fn new(memory: Option<Arc<dyn Memory>>) -> Self {
        Self { memory, bytes: 0 }
    }

    /// Holds so many bytes from now on, fewer or more than before.
    pub(crate) fn set(&mut self, bytes: usize) -> Result<(), Abort> {
        let Some(memory) = &self.memory else { return Ok(()) };
        if bytes > self.bytes && !memory.take(bytes - self.bytes) {
            return Err(Abort::Host("busy: queries take all the memory that they may; try again later".into()));
        }
        if bytes < self.bytes {
            memory.give(self.bytes - bytes);
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Holds so many bytes more.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Abort> {
        self.set(self.bytes.saturating_add(bytes))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(memory) = &self.memory {
            memory.give(self.bytes);
        }
    }
}

/// Bytes that a frame of this module holds from its beginning, whatever it touches of them.
pub(crate) fn initial(module: &Module) -> usize {
    let needs = module.resources_required();
    let memory = needs.max_initial_memory_size.unwrap_or(0).saturating_mul(PAGE_BYTES);
    let table = needs.max_initial_table_size.unwrap_or(0).saturating_mul(ELEMENT_BYTES);
    let bytes = usize::try_from(memory.saturating_add(table)).unwrap_or(usize::MAX);
    bytes.saturating_add(FRAME_BYTES + CONTRACT_STACK_BYTES)
}

/// While the running frame waits, it holds what it has touched of its memory and its stack, and what it asks for. Gives
/// what it held before, for [`resume`].
pub(crate) fn rest(host: &mut Host<'_>, asked: usize) -> Result<usize, Stop> {
    let Some(memory) = host.data().held.memory.clone() else { return Ok(0) };
    let (contract, frame) = parts(host)?;
    let stack = stack_pointer();
    let touched = memory.resident(contract.as_ptr() as usize, contract.len())
        + memory
            .resident(stack.saturating_sub(CONTRACT_STACK_BYTES), 2 * CONTRACT_STACK_BYTES)
            .min(CONTRACT_STACK_BYTES);
    let before = frame.held.bytes;
    frame.held.set(touched.saturating_add(asked).saturating_add(FRAME_BYTES).min(before.saturating_add(asked)))?;
    Ok(before)
}

/// When it goes on, it may touch all again.
pub(crate) fn resume(frame: &mut Frame, before: usize) -> Result<(), Stop> {
    Ok(frame.held.set(before)?)
}

/// About where the running stack ends.
#[inline(never)]
fn stack_pointer() -> usize {
    let here = 0u8;
    std::hint::black_box(&raw const here) as usize
}
