//! Queries: sealed in sessions, run on snapshots, answered with a signature.

mod cache;
mod lane;
mod memory;
mod session;

pub(crate) use cache::ContractCache;
use lane::Came;
pub(crate) use lane::Lane;
pub(crate) use memory::Room;
pub(crate) use session::{InsertError, Session, SessionError, Sessions};

use crate::context::Context;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tallow_cluster::{State, View};
use tallow_engine::{Execution, HostError, Invocation, Mode, Run, Step, Target};
use tallow_types::limits::{
    COMMAND_GAS_MAX, LOG_QUERY_RECORDS_MAX, MIN_HEIGHT_WAIT_MS_MAX, QUERY_GAS_MAX, QUERY_TIME_MS_MAX,
};
use tallow_types::{
    AccountId, Answer, ExternalCall, HttpError, Position, Query, QueryRefusal, QueryRequest, QueryResult,
};

/// Who asks: an account, which anybody makes for nothing, at an address, as limits count clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asker {
    pub(crate) caller: AccountId,
    pub(crate) client: IpAddr,
}

/// A query's result with the height of the snapshot it ran on.
pub(crate) struct Answered {
    pub(crate) height: u64,
    pub(crate) result: QueryResult,
    pub(crate) spent: Spent,
}

/// Where a query's time went.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spent {
    /// Waiting for the height it asked for, and for its turns.
    pub(crate) queue: Duration,
    /// Running the contract.
    pub(crate) run: Duration,
}

/// Answers a query of `asker`. Every fault of the contract or the caller is a result; a lack of host resources is an
/// error, for the caller to try again.
pub(crate) async fn answer(context: &Context, asker: Asker, request: QueryRequest) -> Result<Answered, HostError> {
    let caller = asker.caller;
    let arrived = Instant::now();
    let state = snapshot(context, request.min_height).await;
    let mut spent = Spent { queue: arrived.elapsed(), ..Spent::default() };
    let state = match state {
        Ok(state) => state,
        Err(refusal) => {
            let height = context.published.state().position().height;
            return Ok(Answered { height, result: QueryResult::Refused(refusal), spent });
        }
    };
    let height = state.position().height;
    let result = match request.query {
        // A stream is no answer: the API sends it elsewhere.
        Query::Subscribe { .. } => QueryResult::Refused(QueryRefusal::NotPermitted),
        Query::Balance(account) => QueryResult::Balance(state.balance(&account)),
        Query::Contract(contract) => QueryResult::Contract(state.contract_status(&contract)),
        Query::Secrets(contract) => secrets(&state, &caller, &contract),
        Query::SystemContract => QueryResult::SystemContract(state.system_contract()),
        Query::Logs { contract, from, limit } => logs(context, &state, &caller, &contract, from, limit),
        Query::Timers { contract } => timers(context, &state, &caller, &contract),
        Query::Call { contract, input, value, gas_limit, estimate } => {
            let gas_limit = gas(gas_limit, estimate);
            let invocation = Invocation { caller, target: Target::Call { contract }, input, value, gas_limit };
            run(context, &state, asker.client, invocation, estimate, &mut spent).await?
        }
        Query::Instantiate { code, input, salt, compat, value } => {
            let target = Target::Instantiate { code, salt, compat, public_events: false };
            let invocation = Invocation { caller, target, input, value, gas_limit: COMMAND_GAS_MAX };
            run(context, &state, asker.client, invocation, true, &mut spent).await?
        }
    };
    Ok(Answered { height, result, spent })
}

fn gas(asked: u64, estimate: bool) -> u64 {
    let most = if estimate { COMMAND_GAS_MAX } else { QUERY_GAS_MAX };
    if asked == 0 { most } else { asked.min(most) }
}

/// The newest final state, once it is as high as the caller has seen and not older than the newest anchor.
pub(crate) async fn snapshot(context: &Context, min_height: u64) -> Result<State, QueryRefusal> {
    let state = fresh(context)?;
    if state.position().height >= min_height {
        return Ok(state);
    }
    let mut height = context.published.height();
    let reached = height.wait_for(|height| *height >= min_height);
    match tokio::time::timeout(Duration::from_millis(MIN_HEIGHT_WAIT_MS_MAX), reached).await {
        // The ledger may have anchored more meanwhile.
        Ok(Ok(_)) => fresh(context),
        _ => Err(QueryRefusal::Behind { height: context.published.state().position().height }),
    }
}

/// The newest final state, if it is not older than the newest anchor (invariant 5).
fn fresh(context: &Context) -> Result<State, QueryRefusal> {
    let state = context.published.state();
    if state.position().height < context.anchored_height() { Err(QueryRefusal::Stale) } else { Ok(state) }
}

/// What a query gets that its session's delegate may not ask.
pub(crate) fn not_permitted(context: &Context) -> Answered {
    let height = context.published.state().position().height;
    Answered { height, result: QueryResult::Refused(QueryRefusal::NotPermitted), spent: Spent::default() }
}

fn logs(
    context: &Context,
    state: &State,
    caller: &AccountId,
    contract: &AccountId,
    from: u64,
    limit: u32,
) -> QueryResult {
    match state.contract(contract) {
        Some(info) if info.deployer == *caller => {
            QueryResult::Logs(context.published.logs.read(contract, from, limit.min(LOG_QUERY_RECORDS_MAX)))
        }
        _ => QueryResult::Refused(QueryRefusal::NotPermitted),
    }
}

fn timers(context: &Context, state: &State, caller: &AccountId, contract: &AccountId) -> QueryResult {
    match state.contract(contract) {
        Some(info) if info.deployer == *caller => {
            let receipt_key = context.cluster.firings_key(contract);
            QueryResult::Timers { receipt_key, timers: state.timers(contract) }
        }
        _ => QueryResult::Refused(QueryRefusal::NotPermitted),
    }
}

/// Who learns the names of a contract's secrets learns what it is connected to: its deployer alone may.
fn secrets(state: &State, caller: &AccountId, contract: &AccountId) -> QueryResult {
    match state.contract(contract) {
        Some(info) if info.deployer == *caller => QueryResult::Secrets(state.secrets(contract)),
        _ => QueryResult::Refused(QueryRefusal::NotPermitted),
    }
}

async fn run(
    context: &Context,
    state: &State,
    client: IpAddr,
    invocation: Invocation,
    estimate: bool,
    spent: &mut Spent,
) -> Result<QueryResult, HostError> {
    let world = state.world(context.codes.clone());
    let clock_ms = crate::clock::now_ms();
    let mode = if estimate {
        Mode::Estimate
    } else {
        Mode::Query { cache: context.cache.clone(), worker: context.worker.0, clock_ms }
    };
    let asker = Asker { caller: invocation.caller, client };
    let account = match invocation.target {
        Target::Call { contract } => contract,
        Target::Instantiate { .. } => asker.caller,
    };
    let Some(place) = context.queries.place(asker, account) else {
        return Ok(QueryResult::Refused(QueryRefusal::Busy));
    };
    let environment = context.cluster.environment(state);
    let run = context.cluster.engine().run(world.clone(), environment, mode, invocation)?.counted(place);
    let mut execution = drive(context, asker, account, run, spent).await?;
    if estimate {
        // It wrote as the command that it stands for would: that has not happened.
        execution.logs.clear();
    }
    finish(context, state, &world, execution, clock_ms)
}

fn finish(
    context: &Context,
    state: &State,
    world: &Arc<View>,
    execution: Execution,
    clock_ms: u64,
) -> Result<QueryResult, HostError> {
    if world.missing_code() {
        return Err(HostError("code that the log lists is not on this host yet".to_owned()));
    }
    let at = Position { height: state.position().height, time_ms: clock_ms };
    let exists = |contract: &AccountId| state.contract(contract).is_some();
    let lines = context.published.logs.append_query(at, &execution.logs, exists);
    context.published.feed.publish_lines(lines);
    let Execution { result, gas_used, events, .. } = execution;
    Ok(QueryResult::Called { result, gas_used, events })
}

/// Steps a run to its end: the first slice here, since most queries need no more; further ones in the lane, where
/// callers take turns; external calls in between, on the account of the contract, or of who would make one.
async fn drive(
    context: &Context,
    asker: Asker,
    account: AccountId,
    mut run: Run,
    spent: &mut Spent,
) -> Result<Execution, HostError> {
    let deadline = Instant::now() + Duration::from_millis(QUERY_TIME_MS_MAX);
    let mut answer = None;
    loop {
        let began = Instant::now();
        let step = run.step(answer.take())?;
        spent.run += began.elapsed();
        let call = match step {
            Step::Done(execution) => return Ok(*execution),
            Step::External { call, .. } => call,
            Step::Yield => match in_lane(context, asker, run, deadline, spent).await? {
                Came::Done(execution) => return Ok(*execution),
                Came::External(stepped, call) => {
                    run = stepped;
                    call
                }
            },
        };
        answer = Some(perform(context, &account, &call, deadline).await);
        if Instant::now() >= deadline {
            return Ok(run.expire());
        }
    }
}

/// Steps a run in the lane; what it was not running there, it waited.
async fn in_lane(
    context: &Context,
    asker: Asker,
    run: Run,
    deadline: Instant,
    spent: &mut Spent,
) -> Result<Came, HostError> {
    let began = Instant::now();
    let (came, ran) = context.lane.step(asker, run, deadline).await?;
    spent.run += ran;
    spent.queue += began.elapsed().saturating_sub(ran);
    Ok(came)
}

/// Performs an external call of a query, within the query's time.
async fn perform(context: &Context, account: &AccountId, call: &ExternalCall, deadline: Instant) -> Answer {
    let ExternalCall::Http { requests, .. } = call;
    let timed_out = Answer::Http(vec![Err(HttpError::Timeout); requests.len()]);
    tokio::time::timeout_at(deadline.into(), context.egress.perform(account, call, None)).await.unwrap_or(timed_out)
}
