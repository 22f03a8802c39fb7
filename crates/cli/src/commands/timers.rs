//! `tallow timers`

use crate::bytes::to_hex;
use crate::context::Context;
use crate::failure::Failure;
use crate::local::SentCommand;
use crate::named::ContractName;
use crate::output::plain;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tallow_types::{AccountId, FLAG_REVERT, Firing, Query, QueryResult, Schedule, TimerStatus};

/// Whose timers.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project; the project's own contract when not given.
    contract: Option<ContractName>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let caller = context.signer()?;
    let contract = ContractName::or_project(args.contract.as_ref(), context)?;
    let client = context.client().await?;
    let contract = contract.resolve(context, &client)?;
    let query = Query::Timers { contract };
    let QueryResult::Timers { receipt_key, timers } = client.query(&*caller, query).await?.result else {
        return Err(Failure::failed(anyhow::anyhow!("the client let an answer of another kind pass")));
    };
    for firing in timers.iter().filter_map(|timer| timer.last.as_ref()) {
        remember(context, contract, firing, &receipt_key);
    }
    context.output.document(&json!({
        "contract": contract, "timers": timers.iter().map(document).collect::<Vec<_>>(),
    }));
    for timer in &timers {
        context.output.text(line(timer, SystemTime::now()));
    }
    if timers.is_empty() {
        context.output.note("the contract has no timers");
    }
    Ok(())
}

/// Keeps what `tallow receipt` needs to open the firing's outcome.
fn remember(context: &Context, contract: AccountId, firing: &Firing, key: &[u8; 32]) {
    let response_key = to_hex(key);
    let sent = SentCommand { response_key, contract: Some(contract), code: None, message: None, constructor: false };
    if let Err(error) = context.local.set_command(firing.command, &sent) {
        context.output.warn(format!("`tallow receipt` will need the key of command {}: {error}", firing.command));
    }
}

fn document(timer: &TimerStatus) -> Value {
    let TimerStatus { timer, due_ms, waiting, last, suspended } = timer;
    json!({
        "id": shown_id(&timer.id), "schedule": schedule_document(&timer.schedule), "due_ms": due_ms,
        "input": to_hex(&timer.input), "gas_limit": timer.gas_limit, "catch_up": timer.catch_up,
        "waiting": waiting, "suspended": suspended, "last": last.as_ref().map(firing_document),
    })
}

fn schedule_document(schedule: &Schedule) -> Value {
    match schedule {
        Schedule::Once { at_ms } => json!({ "once": { "at_ms": at_ms } }),
        Schedule::Every { first_ms, period_ms } => {
            json!({ "every": { "first_ms": first_ms, "period_ms": period_ms } })
        }
        Schedule::Cron(text) => json!({ "cron": text }),
    }
}

fn firing_document(firing: &Firing) -> Value {
    let Firing { command, due_ms, ended_ms, height, gas_used, result } = firing;
    json!({
        "command": command, "due_ms": due_ms, "ended_ms": ended_ms, "height": height, "gas_used": gas_used,
        "result": outcome(firing), "error": result.as_ref().err().map(|error| error.name()),
    })
}

fn outcome(firing: &Firing) -> &'static str {
    match firing.result {
        Ok(flags) if flags & FLAG_REVERT == 0 => "returned",
        Ok(_) => "reverted",
        Err(_) => "failed",
    }
}

/// One timer a line.
fn line(timer: &TimerStatus, now: SystemTime) -> String {
    let TimerStatus { timer, due_ms, waiting, last, suspended } = timer;
    let next = match waiting {
        Some(command) => format!("command {command} waits for an answer"),
        None if *suspended => "suspended: it ran out of gas too often; set it anew".to_owned(),
        None => format!("next {}", from_now(*due_ms, now)),
    };
    let last = last.as_ref().map_or_else(|| "not fired yet".to_owned(), last_text);
    format!("{}  {}  {next}  {last}", shown_id(&timer.id), schedule_text(&timer.schedule))
}

fn last_text(last: &Firing) -> String {
    let reason = last.result.as_ref().err().map(|error| format!(" ({error})")).unwrap_or_default();
    plain(&format!("last {}{reason} at height {}, command {}", outcome(last), last.height, last.command))
}

fn schedule_text(schedule: &Schedule) -> String {
    match schedule {
        Schedule::Once { .. } => "once".to_owned(),
        Schedule::Every { period_ms, .. } => format!("every {} s", seconds(*period_ms)),
        Schedule::Cron(text) => plain(&format!("cron {text:?}")),
    }
}

fn from_now(due_ms: u64, now: SystemTime) -> String {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    match Duration::from_millis(due_ms).checked_sub(now) {
        Some(left) => format!("in {:.1} s", left.as_secs_f64()),
        None => "now".to_owned(),
    }
}

fn seconds(milliseconds: u64) -> String {
    match milliseconds % 1_000 {
        0 => (milliseconds / 1_000).to_string(),
        rest => format!("{}.{rest:03}", milliseconds / 1_000),
    }
}

/// An id as its contract probably meant it: as text, else as a number, else in hexadecimal digits.
fn shown_id(id: &[u8]) -> String {
    match (str::from_utf8(id), <[u8; 8]>::try_from(id)) {
        (Ok(text), _) if text.chars().all(|c| c.is_ascii_graphic()) => text.to_owned(),
        (_, Ok(number)) => u64::from_le_bytes(number).to_string(),
        _ => to_hex(id),
    }
}

#[cfg(test)]
mod tests;
