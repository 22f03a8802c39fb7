//! The engine itself.

use crate::{
    Code, EngineConfig, Environment, HostError, Invocation, Mode, Run, Step, World,
    bind::Linkers,
    cache, chain_extension,
    code::Linked,
    config::{CodeCache, INSTANCES_DEFAULT, wasmtime_config},
    frame::Frame,
    held, host,
    prepare::{self, CALL, CodeError, DEPLOY, DEPTH, MEMORY},
    room::Room,
};
use std::sync::Arc;
use tallow_types::CodeHash;
use wasmtime::{Linker, Module};

/// The Wasm runtime cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the Wasm runtime: {0:#}")]
pub struct EngineError(wasmtime::Error);

/// Compiles and runs contracts; cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    runtime: wasmtime::Engine,
    linkers: Linkers,
    cache: Option<CodeCache>,
    room: Arc<Room>,
}

impl Engine {
    /// Sets up the runtime.
    ///
    /// # Errors
    /// When the machine cannot hold it, most often for lack of address space: the profile for that is
    /// [`crate::Profile::SmallAddressSpace`].
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        Self::linked(config, |_| Ok(()))
    }

    /// As [`Engine::new`], with one host function that is wrong.
    ///
    /// # Errors
    /// As [`Engine::new`].
    #[cfg(feature = "faults")]
    pub fn with_fault(config: EngineConfig, fault: crate::Fault) -> Result<Self, EngineError> {
        Self::linked(config, |linkers| host::faults::link(linkers, fault))
    }

    fn linked(
        config: EngineConfig,
        finish: impl FnOnce(&mut Linkers) -> wasmtime::Result<()>,
    ) -> Result<Self, EngineError> {
        let runtime = wasmtime::Engine::new(&wasmtime_config(&config)).map_err(EngineError)?;
        let mut linkers = Linkers::new(&runtime);
        host::link(&mut linkers).and_then(|()| chain_extension::link(&mut linkers)).map_err(EngineError)?;
        finish(&mut linkers).map_err(EngineError)?;
        let room = Arc::new(Room::new(config.max_instances.unwrap_or(INSTANCES_DEFAULT)));
        Ok(Self(Arc::new(Inner { runtime, linkers, cache: config.cache, room })))
    }

    /// Validates, rewrites and compiles a contract's Wasm; takes the compiled form from the cache if it is there.
    /// May take seconds: not for a thread that must answer.
    ///
    /// # Errors
    /// Says what is wrong with the code. [`CodeError::Host`] alone is not the code's fault.
    pub fn prepare(&self, wasm: &[u8]) -> Result<Code, CodeError> {
        let hash = tallow_crypto::code_hash(wasm);
        let module = match self.cached(&hash) {
            // It was validated when it was compiled, by the same rules: their version is part of the file's name.
            Some(module) => module,
            None => self.compile(wasm, &hash)?,
        };
        let command = link(&self.0.linkers.command, &module)?;
        let query = link(&self.0.linkers.query, &module)?;
        Ok(Code::new(hash, [command, query], prepare::start(wasm)?, held::initial(&module), self.0.room.clone()))
    }

    /// The module that [`Engine::prepare`] compiles for this one, for those who want to look at it.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub fn rewritten(&self, wasm: &[u8]) -> Result<Vec<u8>, CodeError> {
        let layout = prepare::validate(wasm, |module, name| self.0.linkers.knows(module, name))?;
        prepare::rewrite(wasm, &layout)
    }

    /// The host functions that contracts may import, as module and name, in order.
    pub fn host_functions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.linkers.names()
    }

    fn cached(&self, hash: &CodeHash) -> Option<Module> {
        cache::load(self.0.cache.as_ref()?, &self.0.runtime, hash)
    }

    fn compile(&self, wasm: &[u8], hash: &CodeHash) -> Result<Module, CodeError> {
        let rewritten = self.rewritten(wasm)?;
        let module =
            Module::from_binary(&self.0.runtime, &rewritten).map_err(|error| CodeError::Host(format!("{error:#}")))?;
        if let Some(files) = &self.0.cache {
            cache::store(files, &self.0.runtime, hash, &module);
        }
        Ok(module)
    }

    /// Frames that queries and estimates may have at once.
    pub fn room_for_queries(&self) -> usize {
        self.0.room.for_queries()
    }

    /// Begins a call; nothing runs before the first [`Run::step`].
    ///
    /// # Errors
    /// None today; the host's lack of resources shows in the steps.
    pub fn run(
        &self,
        world: Arc<dyn World>,
        env: Environment,
        mode: Mode,
        invocation: Invocation,
    ) -> Result<Run, HostError> {
        Ok(Run::new(world, env, mode, invocation))
    }

    /// Runs a call without a pause: a command to its end or to the external call it waits for. A query with external
    /// calls stops at the first; it is to be driven by [`Engine::run`].
    ///
    /// # Errors
    /// [`HostError`]
    pub fn run_to_end(
        &self,
        world: Arc<dyn World>,
        env: Environment,
        mode: Mode,
        invocation: Invocation,
    ) -> Result<Step, HostError> {
        let mut run = self.run(world, env, mode, invocation)?;
        loop {
            match run.step(None)? {
                Step::Yield => (),
                step => return Ok(step),
            }
        }
    }
}

fn link(linker: &Linker<Frame>, module: &Module) -> Result<Linked, CodeError> {
    let pre = linker.instantiate_pre(module).map_err(|error| import_error(&error, module))?;
    let export = |name| module.get_export_index(name).ok_or_else(|| CodeError::Host(format!("export {name} is lost")));
    Ok(Linked { call: export(CALL)?, deploy: export(DEPLOY)?, memory: export(MEMORY)?, depth: export(DEPTH)?, pre })
}

/// Names are known to exist by now, so what is left is a wrong type.
fn import_error(error: &wasmtime::Error, module: &Module) -> CodeError {
    let text = format!("{error:#}");
    let import = module.imports().find(|import| text.contains(&format!("{}::{}", import.module(), import.name())));
    match import {
        Some(import) => CodeError::Import { module: import.module().into(), name: import.name().into(), reason: text },
        None => CodeError::Invalid(text),
    }
}
