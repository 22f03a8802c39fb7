//! Timers. They are set and cancelled with the call's other effects: a call that reverts has set none.

use super::{Reply, session};
use crate::{
    DueTimer,
    gas::{self, charge, charge_bytes},
    host::{deny_if_read_only, require_authority},
    memory::Host,
    schedule,
    stop::Stop,
};
use parity_scale_codec::Encode;
use tallow_types::{
    Schedule, Timer, TimerError,
    limits::{COMMAND_GAS_MAX, TIMER_CATCH_UP_MAX, TIMER_ID_BYTES_MAX, TIMER_INPUT_BYTES_MAX},
};

/// Bytes of a message's selector.
const SELECTOR_BYTES: usize = 4;

fn refused(error: TimerError) -> Result<Reply, Stop> {
    Ok(Reply::Status(error.status()))
}

/// Function 1: sets a timer, in place of the one that had its id.
pub(super) fn set(host: &mut Host<'_>, timer: Timer) -> Result<Reply, Stop> {
    deny_if_read_only(host)?;
    require_authority(host)?;
    charge_bytes(host, gas::STORAGE_READ + gas::STORAGE_WRITE, gas::STORAGE_WRITE_BYTE, timer.encoded_size())?;
    if matches!(timer.schedule, Schedule::Cron(_)) {
        charge(host, gas::CRON)?;
    }
    let session = session(host);
    if session.is_query() {
        return refused(TimerError::NotInCommand);
    }
    let due = match check(&timer).and_then(|()| first(&timer, session.env.now_ms)) {
        Ok(due_ms) => DueTimer { timer, due_ms },
        Err(error) => return refused(error),
    };
    let contract = session.contract();
    match session.overlay.set_timer(&*session.world, contract, due)? {
        Ok(()) => Ok(Reply::value(&())),
        Err(error) => refused(error),
    }
}

fn first(timer: &Timer, now_ms: u64) -> Result<u64, TimerError> {
    schedule::first(&timer.schedule, now_ms).ok_or(TimerError::BadSchedule)
}

/// What can be said of a timer by itself.
fn check(timer: &Timer) -> Result<(), TimerError> {
    if !(1..=TIMER_ID_BYTES_MAX).contains(&timer.id.len()) {
        return Err(TimerError::BadId);
    }
    if !(SELECTOR_BYTES..=TIMER_INPUT_BYTES_MAX).contains(&timer.input.len()) {
        return Err(TimerError::BadInput);
    }
    if !(1..=COMMAND_GAS_MAX).contains(&timer.gas_limit) {
        return Err(TimerError::BadGasLimit);
    }
    if timer.catch_up > TIMER_CATCH_UP_MAX { Err(TimerError::BadCatchUp) } else { Ok(()) }
}

/// Function 2: cancels a timer; tells whether there was one. A firing that is under way goes on.
pub(super) fn cancel(host: &mut Host<'_>, id: Vec<u8>) -> Result<Reply, Stop> {
    deny_if_read_only(host)?;
    require_authority(host)?;
    charge(host, gas::STORAGE_READ + gas::STORAGE_WRITE)?;
    let session = session(host);
    if session.is_query() {
        return refused(TimerError::NotInCommand);
    }
    let contract = session.contract();
    let cancelled = session.overlay.cancel_timer(&*session.world, contract, id)?;
    Ok(Reply::value(&cancelled))
}

/// Function 3: the contract's timers by id, as they will be if the call succeeds.
pub(super) fn list(host: &mut Host<'_>) -> Result<Reply, Stop> {
    charge(host, gas::STORAGE_READ)?;
    let session = session(host);
    let listed = session.overlay.timers(&*session.world, &session.contract());
    charge(host, gas::STORAGE_READ * listed.len() as u64)?;
    Ok(Reply::value(&listed))
}
