//! A run: one call from outside, driven step by step.

use crate::{
    CacheChange, Changes, Environment, Execution, HostError, Invocation, Memory, Mode, Step, Target, World,
    exchange::Exchange,
    frame::{Ended, Outcome, Task, callee, execute},
    gas::{GAS_PER_FUEL, SLICE_FUEL},
    held::Held,
    host::instantiation_number,
    overlay::Overlay,
    session::{Activation, Session},
    stop::Abort,
};
use smallvec::SmallVec;
use std::{
    future::ready,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};
use tallow_crypto::contract::contract_address;
use tallow_types::{Answer, CallError, Compat, Event, Output};

type Running = Pin<Box<dyn Future<Output = Result<Box<Execution>, Abort>> + Send>>;

/// A call that is under way. It may be dropped at any point: nothing outside has changed, but for a query's writes to
/// the cache.
pub struct Run {
    running: Option<Running>,
    exchange: Arc<Exchange>,
    gas_limit: u64,
    slices: u64,
}

impl Run {
    pub(crate) fn new(world: Arc<dyn World>, env: Environment, mode: Mode, invocation: Invocation) -> Self {
        let exchange = Arc::new(Exchange::default());
        let gas_limit = invocation.gas_limit;
        let (compat, public_events) = match &invocation.target {
            Target::Instantiate { compat, public_events, .. } => (*compat, *public_events),
            Target::Call { .. } => (Compat::Tallow, false),
        };
        let session = Session {
            world,
            env,
            mode,
            overlay: Overlay::new(),
            frames: SmallVec::new(),
            origin: invocation.caller,
            compat,
            public_events,
            exchange: exchange.clone(),
            draws: 0,
            instantiations: 0,
            writes: Held::new(None),
        };
        let running: Running = match first_task(&session, invocation) {
            Ok(task) => Box::pin(drive(Box::new(session), task, gas_limit)),
            Err(error) => Box::pin(ready(Ok(Box::new(failed(error, 0, &exchange))))),
        };
        Self { running: Some(running), exchange, gas_limit, slices: 0 }
    }

    /// Counts the memory that the run holds in `memory`; a run that needs more than may be had ends as [`HostError`]. To
    /// be said before the first step, and not of commands, whose results no shortage may change.
    #[must_use]
    pub fn counted(self, memory: Arc<dyn Memory>) -> Self {
        self.exchange.count_in(memory);
        self
    }

    /// Runs to the next pause. `answer` is that of the external call which the last step named; without it the same
    /// step comes again.
    ///
    /// # Errors
    /// [`HostError`] when the host lacks something, and after the end.
    pub fn step(&mut self, answer: Option<Answer>) -> Result<Step, HostError> {
        if let Some(answer) = answer {
            self.exchange.answer(answer);
        }
        let Some(running) = &mut self.running else { return Err(HostError("the run has ended".into())) };
        let polled = running.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Pending => Ok(self.paused()),
            Poll::Ready(ended) => {
                self.running = None;
                match ended {
                    Ok(execution) => Ok(Step::Done(execution)),
                    Err(Abort::Suspended { index, call, gas_used }) => Ok(Step::External { index, call, gas_used }),
                    Err(Abort::Host(reason)) => Err(HostError(reason)),
                }
            }
        }
    }

    fn paused(&mut self) -> Step {
        match self.exchange.asked() {
            Some((index, call)) => Step::External { index, call, gas_used: 0 },
            None => {
                self.slices += 1;
                Step::Yield
            }
        }
    }

    /// Ends a query whose time is over. Gas is counted by the time slices it used.
    pub fn expire(mut self) -> Execution {
        self.running = None;
        let gas_used = self.slices.saturating_mul(SLICE_FUEL).saturating_mul(GAS_PER_FUEL).min(self.gas_limit);
        failed(CallError::DeadlineExceeded, gas_used, &self.exchange)
    }
}

fn failed(error: CallError, gas_used: u64, exchange: &Exchange) -> Execution {
    let (changes, events, cache) = Default::default();
    let (calls, logs) = exchange.end();
    Execution { result: Err(error), gas_used, calls, changes, events, logs, cache }
}

async fn drive(mut session: Box<Session>, task: Task, gas_limit: u64) -> Result<Box<Execution>, Abort> {
    session.writes = Held::new(session.exchange.memory());
    let created = task.activation.constructor.then_some(task.activation.contract);
    let given = task.fuel;
    let (mut session, Ended { outcome, fuel }) = execute(session, task).await;
    let gas_used = given.saturating_sub(fuel).saturating_mul(GAS_PER_FUEL);
    let execution = match outcome {
        Outcome::Aborted(Abort::Suspended { index, call, .. }) => {
            return Err(Abort::Suspended { index, call, gas_used });
        }
        Outcome::Aborted(abort) => return Err(abort),
        // Gas is sold in whole units of fuel; what does not fill one is gone with the rest.
        Outcome::Failed { error: CallError::OutOfGas, .. } => failed(CallError::OutOfGas, gas_limit, &session.exchange),
        Outcome::Failed { error, .. } => failed(error, gas_used, &session.exchange),
        Outcome::Returned { flags, data } => {
            if let Err(error) = session.settle() {
                return Ok(Box::new(failed(error, gas_used, &session.exchange)));
            }
            let mut output = Output { flags, data, created };
            let (changes, events, cache): (Changes, Vec<Event>, Vec<CacheChange>) = session.overlay.finish();
            if output.reverted() {
                output.created = None;
            }
            let (calls, logs) = session.exchange.end();
            Execution { result: Ok(output), gas_used, calls, changes, events, logs, cache }
        }
    };
    Ok(Box::new(execution))
}

fn first_task(session: &Session, invocation: Invocation) -> Result<Task, CallError> {
    let Invocation { caller, target, input, value, gas_limit } = invocation;
    let (contract, code, constructor) = match target {
        Target::Call { contract } => (contract, callee(session, &contract)?, false),
        Target::Instantiate { code, salt, .. } => {
            let address = contract_address(&caller, &code, &session.env.cluster, &salt);
            (address, session.world.code(&code).ok_or(CallError::CodeNotFound)?, true)
        }
    };
    let nonce = if constructor { instantiation_number(&contract, session.env.height, 0) } else { 0 };
    let activation = Activation { constructor, nonce, ..Activation::plain(contract, caller, value) };
    Ok(Task { activation, code, input, fuel: crate::gas::fuel(gas_limit) })
}
