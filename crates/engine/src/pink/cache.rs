//! The replica's volatile cache. Queries use it at once; commands must not see it, since replicas differ, so theirs
//! are deferred to the end of the call and reads find nothing.

use super::{Reply, session};
use crate::{
    Cache, CacheChange, CacheOp, Mode,
    gas::{self, charge_bytes},
    memory::Host,
    session::Session,
    stop::Stop,
};
use std::sync::Arc;
use tallow_types::CallError;

/// Number of the error "quota exceeded".
const STORAGE_QUOTA_EXCEEDED: u32 = 1;

/// The cache and the replica's clock, in queries.
fn open(session: &Session) -> Option<(Arc<dyn Cache>, u64)> {
    match &session.mode {
        Mode::Query { cache, clock_ms, .. } => Some((cache.clone(), *clock_ms)),
        Mode::Command { .. } | Mode::Estimate => None,
    }
}

fn defer(session: &mut Session, key: Vec<u8>, op: CacheOp) -> Result<(), CallError> {
    let bytes = key.len() + if let CacheOp::Set(value) = &op { value.len() } else { 0 };
    let contract = session.contract();
    session.overlay.defer(CacheChange { contract, key, op }, bytes)
}

/// Function 6.
pub(super) fn set(host: &mut Host<'_>, (key, value): (Vec<u8>, Vec<u8>)) -> Result<Reply, Stop> {
    charge_bytes(host, gas::CACHE, gas::STORAGE_WRITE_BYTE, key.len() + value.len())?;
    let session = session(host);
    let Some((cache, now)) = open(session) else {
        defer(session, key, CacheOp::Set(value))?;
        return Ok(Reply::value(&()));
    };
    let stored = cache.set(&session.contract(), &key, &value, now);
    Ok(if stored { Reply::value(&()) } else { Reply::Status(STORAGE_QUOTA_EXCEEDED) })
}

/// Function 7.
pub(super) fn set_expiration(host: &mut Host<'_>, (key, seconds): (Vec<u8>, u64)) -> Result<Reply, Stop> {
    charge_bytes(host, gas::CACHE, gas::STORAGE_WRITE_BYTE, key.len())?;
    let session = session(host);
    match open(session) {
        Some((cache, now)) => cache.set_expiration(&session.contract(), &key, seconds, now),
        None => defer(session, key, CacheOp::Expire(seconds))?,
    }
    Ok(Reply::value(&()))
}

/// Function 8.
pub(super) fn get(host: &mut Host<'_>, key: Vec<u8>) -> Result<Reply, Stop> {
    charge_bytes(host, gas::CACHE, gas::COPY_BYTE, key.len())?;
    let session = session(host);
    let value = open(session).and_then(|(cache, now)| cache.get(&session.contract(), &key, now));
    Ok(Reply::value(&value))
}

/// Function 9.
pub(super) fn remove(host: &mut Host<'_>, key: Vec<u8>) -> Result<Reply, Stop> {
    charge_bytes(host, gas::CACHE, gas::STORAGE_WRITE_BYTE, key.len())?;
    let session = session(host);
    let former = match open(session) {
        Some((cache, now)) => cache.remove(&session.contract(), &key, now),
        None => {
            defer(session, key, CacheOp::Remove)?;
            None
        }
    };
    Ok(Reply::value(&former))
}
