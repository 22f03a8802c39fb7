//! Prepared code.

use crate::{
    frame::Frame,
    gas,
    prepare::Start,
    room::{Place, Room},
    stop::Abort,
};
use std::sync::Arc;
use tallow_types::CodeHash;
use wasmtime::{InstancePre, ModuleExport};

/// Code that is ready to run; cheap to clone.
#[derive(Clone)]
pub struct Code(Arc<Inner>);

struct Inner {
    hash: CodeHash,
    /// Linked with host functions that never yield: commands.
    command: Linked,
    /// Linked with host functions that let others run: queries and estimates.
    query: Linked,
    start: Start,
    /// Bytes of the host that a frame holds from its beginning.
    bytes: usize,
    /// Where its frames find place.
    room: Arc<Room>,
}

/// A module with its imports resolved and its exports found.
pub(crate) struct Linked {
    pub(crate) pre: InstancePre<Frame>,
    pub(crate) call: ModuleExport,
    pub(crate) deploy: ModuleExport,
    pub(crate) memory: ModuleExport,
    pub(crate) depth: ModuleExport,
}

impl Code {
    pub(crate) fn new(
        hash: CodeHash,
        [command, query]: [Linked; 2],
        start: Start,
        bytes: usize,
        room: Arc<Room>,
    ) -> Self {
        Self(Arc::new(Inner { hash, command, query, start, bytes, room }))
    }

    /// A place for one more frame.
    pub(crate) fn place(&self, yields: bool) -> Result<Place<'_>, Abort> {
        self.0.room.place(yields)
    }

    /// BLAKE2b-256 of the Wasm as it was uploaded.
    pub fn hash(&self) -> CodeHash {
        self.0.hash
    }

    /// Pages of memory a frame begins with.
    pub fn pages(&self) -> u64 {
        self.0.start.pages
    }

    /// Fuel that beginning a frame takes.
    pub(crate) fn start_fuel(&self) -> u64 {
        gas::fuel(self.0.start.gas)
    }

    /// How many units of fuel are paid for each that a frame begins to use.
    pub(crate) fn rate(&self) -> u64 {
        self.0.start.rate
    }

    /// Bytes of the host that a frame holds from its beginning.
    pub(crate) fn bytes(&self) -> usize {
        self.0.bytes
    }

    pub(crate) fn linked(&self, yields: bool) -> &Linked {
        if yields { &self.0.query } else { &self.0.command }
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Code").field(&self.hash()).finish()
    }
}
