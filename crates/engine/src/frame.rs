//! One frame: a contract's code in its own store, over its own layer of the overlay.

use crate::{
    Code, ContractInfo,
    code::Linked,
    gas::SLICE_FUEL,
    held::Held,
    session::{Activation, Session},
    stop::{Abort, Stop},
};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};
use tallow_types::{AccountId, CallError, CodeHash, FLAG_REVERT};
use wasmtime::{AsContextMut, Instance, Memory, Store, Trap, Val};

/// Data of a frame's store.
pub(crate) struct Frame {
    /// The run's state; lent to the callee while this frame waits for it.
    session: Option<Box<Session>>,
    /// The contract's memory, once there is an instance.
    pub(crate) memory: Option<Memory>,
    /// The input, until it is forwarded.
    pub(crate) input: Option<Vec<u8>>,
    /// What the frame holds of the host's memory.
    pub(crate) held: Held,
    /// Fuel that is paid for each unit that the runtime counts.
    pub(crate) rate: u64,
    /// Fuel left when the running time slice began.
    slice_began: u64,
}

impl Frame {
    /// The run's state.
    pub(crate) fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("a frame that runs has the session")
    }

    /// Lends the run's state to a callee.
    pub(crate) fn lend(&mut self) -> Box<Session> {
        self.session.take().expect("a frame that runs has the session")
    }

    /// Takes it back.
    pub(crate) fn give_back(&mut self, session: Box<Session>) {
        self.session = Some(session);
    }

    /// Whether the time slice is over, with so much fuel left; then the next one begins.
    pub(crate) fn slice_over(&mut self, left: u64) -> bool {
        let over = self.slice_began.saturating_sub(left) >= SLICE_FUEL;
        if over {
            self.slice_began = left;
        }
        over
    }
}

/// What to run.
pub(crate) struct Task {
    pub(crate) activation: Activation,
    pub(crate) code: Code,
    pub(crate) input: Vec<u8>,
    /// Fuel it may use.
    pub(crate) fuel: u64,
}

/// How a frame ended.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// Fuel it left.
    pub(crate) fuel: u64,
}

/// What a frame came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It returned; its effects are dropped if the flags say so.
    Returned { flags: u32, data: Vec<u8> },
    /// The contract failed, by its own code (`callee`) or before that ran.
    Failed { error: CallError, callee: bool },
    /// The whole run ends.
    Aborted(Abort),
}

/// Runs a frame to its end.
pub(crate) async fn execute(mut session: Box<Session>, task: Task) -> (Box<Session>, Ended) {
    let Task { activation, code, input, fuel } = task;
    if session.is_full() {
        return (session, failed(CallError::MaxCallDepthReached, fuel));
    }
    session.overlay.push();
    session.frames.push(activation);
    let (mut session, ended) = match enter(&mut session, code.hash()) {
        Ok(()) => run_code(session, code, input, fuel).await,
        Err(error) => (session, failed(error, fuel)),
    };
    let ended = if session.top().constructor { settle_constructor(&session, ended) } else { ended };
    session.frames.pop();
    match &ended.outcome {
        Outcome::Returned { flags, .. } if flags & FLAG_REVERT == 0 => session.overlay.commit(),
        _ => session.overlay.rollback(),
    }
    (session, ended)
}

fn failed(error: CallError, fuel: u64) -> Ended {
    Ended { outcome: Outcome::Failed { error, callee: false }, fuel }
}

/// Makes the running frame's contract of this code, if it is to be made, and moves the value.
fn enter(session: &mut Session, code: CodeHash) -> Result<(), CallError> {
    let &Activation { contract, caller, value, delegated, constructor, .. } = session.top();
    if constructor {
        // An address that was terminated in this call stays closed until the next one, since the world still has the
        // storage of its former owner.
        if session.info(&contract).is_some() || session.overlay.touched(&contract) {
            return Err(CallError::DuplicateContract);
        }
        // What a contract makes expects the runtime that its maker does.
        let maker = session.info(&caller);
        let compat = maker.as_ref().map_or(session.compat, |maker| maker.compat);
        // Nobody could see the events of a contract's contract, whose deployer opens no session, if its maker's choice
        // did not hold for it.
        let public_events = maker.map_or(session.public_events, |maker| maker.public_events);
        let info = ContractInfo { code, deployer: caller, compat, public_events };
        session.overlay.set_contract(contract, Some(info));
    }
    if delegated { Ok(()) } else { session.transfer(caller, contract, value) }
}

fn settle_constructor(session: &Session, ended: Ended) -> Ended {
    let gone = session.info(&session.contract()).is_none();
    match ended.outcome {
        Outcome::Returned { .. } if gone => failed(CallError::TerminatedInConstructor, ended.fuel),
        _ => ended,
    }
}

/// Runs the code in a store of its own.
async fn run_code(session: Box<Session>, code: Code, input: Vec<u8>, fuel: u64) -> (Box<Session>, Ended) {
    let Some(fuel) = fuel.checked_sub(code.start_fuel()) else {
        let outcome = Outcome::Failed { error: CallError::OutOfGas, callee: true };
        return (session, Ended { outcome, fuel: 0 });
    };
    let yields = session.yields();
    let _place = match code.place(yields) {
        Ok(place) => place,
        Err(busy) => return (session, Ended { outcome: Outcome::Aborted(busy), fuel }),
    };
    let linked = code.linked(yields);
    let mut held = Held::new(session.exchange.memory());
    if let Err(busy) = held.set(code.bytes().saturating_add(input.len())) {
        return (session, Ended { outcome: Outcome::Aborted(busy), fuel });
    }
    let constructor = session.top().constructor;
    let rate = code.rate();
    let frame = Frame { session: Some(session), memory: None, input: Some(input), held, rate, slice_began: fuel };
    let mut store = Store::new(linked.pre.module().engine(), frame);
    let outcome = match set_fuel(&mut store, fuel / rate, yields) {
        Ok(()) => call(&mut store, linked, constructor).await,
        Err(error) => aborted(&error),
    };
    let left = match &outcome {
        Outcome::Failed { error: CallError::OutOfGas, .. } => 0,
        _ => store.get_fuel().unwrap_or(0).saturating_mul(store.data().rate),
    };
    (store.data_mut().lend(), Ended { outcome, fuel: left })
}

fn set_fuel(store: &mut Store<Frame>, fuel: u64, yields: bool) -> wasmtime::Result<()> {
    store.set_fuel(fuel)?;
    if yields {
        store.fuel_async_yield_interval(Some(SLICE_FUEL / store.data().rate))?;
    }
    Ok(())
}

async fn call(store: &mut Store<Frame>, linked: &Linked, constructor: bool) -> Outcome {
    let instance = match instantiate(store, linked) {
        Ok(instance) => instance,
        // A data or element segment out of bounds.
        Err(error) if error.is::<Trap>() => return outcome_of(error, false),
        Err(error) => return aborted(&error),
    };
    store.data_mut().memory = instance.get_module_export(&mut *store, &linked.memory).and_then(|it| it.into_memory());
    let entry = if constructor { &linked.deploy } else { &linked.call };
    let Some(entry) = instance.get_module_export(&mut *store, entry).and_then(|it| it.into_func()) else {
        return Outcome::Aborted(Abort::Host("the entry point is lost".into()));
    };
    let result = match entry.typed::<(), ()>(&store) {
        Ok(entry) => entry.call_async(&mut *store, ()).await,
        Err(_) => match entry.typed::<(), u32>(&store) {
            Ok(entry) => entry.call_async(&mut *store, ()).await.map(drop),
            Err(error) => return aborted(&error),
        },
    };
    match result {
        Ok(()) => Outcome::Returned { flags: 0, data: Vec::new() },
        Err(error) => {
            let unreachable = error.downcast_ref() == Some(&Trap::UnreachableCodeReached);
            let too_deep = unreachable && too_deep(store, instance, linked);
            outcome_of(error, too_deep)
        }
    }
}

/// Instantiates without a wait: nothing of it can suspend for longer than a poll, since contracts have no start function.
/// Awaited, its future would be a part of every frame's, and moved with it.
fn instantiate(store: &mut Store<Frame>, linked: &Linked) -> wasmtime::Result<Instance> {
    let mut instance = pin!(linked.pre.instantiate_async(store));
    loop {
        if let Poll::Ready(instance) = instance.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return instance;
        }
    }
}

/// Whether the depth counter of the rewrite has run out.
fn too_deep(mut store: impl AsContextMut, instance: Instance, linked: &Linked) -> bool {
    let depth = instance.get_module_export(&mut store, &linked.depth).and_then(|it| it.into_global());
    depth.is_some_and(|depth| matches!(depth.get(&mut store), Val::I32(left) if left < 0))
}

fn aborted(error: &wasmtime::Error) -> Outcome {
    Outcome::Aborted(Abort::Host(format!("{error:#}")))
}

/// What an unwound contract came to.
fn outcome_of(error: wasmtime::Error, too_deep: bool) -> Outcome {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return Outcome::Failed { error: trap_error(*trap, too_deep), callee: true };
    }
    match error.downcast::<Stop>() {
        Ok(Stop::Return { flags, data }) => Outcome::Returned { flags, data },
        Ok(Stop::Terminate) => Outcome::Returned { flags: 0, data: Vec::new() },
        Ok(Stop::Fail(error)) => Outcome::Failed { error, callee: true },
        Ok(Stop::Abort(abort)) => Outcome::Aborted(abort),
        Err(error) => aborted(&error),
    }
}

/// Texts are ours, so that they are the same in every version of the runtime.
fn trap_error(trap: Trap, too_deep: bool) -> CallError {
    let text = match trap {
        Trap::OutOfFuel => return CallError::OutOfGas,
        Trap::UnreachableCodeReached if too_deep => "call stack exhausted",
        Trap::StackOverflow => "call stack exhausted",
        Trap::UnreachableCodeReached => "unreachable code reached",
        Trap::MemoryOutOfBounds => "memory access out of bounds",
        Trap::TableOutOfBounds => "table access out of bounds",
        Trap::IndirectCallToNull | Trap::BadSignature => "indirect call of a wrong function",
        Trap::IntegerOverflow => "integer overflow",
        Trap::IntegerDivisionByZero => "integer division by zero",
        Trap::BadConversionToInteger => "invalid conversion to integer",
        _ => "trap",
    };
    CallError::ContractTrapped(text.into())
}

/// A contract to call.
pub(crate) fn callee(session: &Session, contract: &AccountId) -> Result<Code, CallError> {
    let info = session.finished(contract).ok_or(CallError::ContractNotFound)?;
    session.world.code(&info.code).ok_or(CallError::CodeNotFound)
}
