//! Hosts to which idle connections are kept.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tallow_types::limits::{CALL_TIME_MS_MAX, HTTP_IDLE_HOSTS_MAX, HTTP_IDLE_MS_MAX};

/// Time after the last request in which a connection to its host may lie idle: the request ends, then the time runs.
const IDLE_UNTIL: Duration = Duration::from_millis(CALL_TIME_MS_MAX + HTTP_IDLE_MS_MAX);

/// Hosts that may have idle connections, by origin, and until when they may. The HTTP library bounds those of one host
/// and their time; that hosts are bounded too bounds them all. None is pushed out by others, since its connections would
/// still be there.
#[derive(Default)]
pub(crate) struct Hosts {
    until: BTreeMap<String, Instant>,
}

impl Hosts {
    /// Whether connections of a request to this host may be kept.
    pub(crate) fn keep(&mut self, origin: String, now: Instant) -> bool {
        if !self.until.contains_key(&origin) && self.until.len() >= HTTP_IDLE_HOSTS_MAX {
            self.until.retain(|_, until| *until > now);
            if self.until.len() >= HTTP_IDLE_HOSTS_MAX {
                return false;
            }
        }
        self.until.insert(origin, now + IDLE_UNTIL);
        true
    }
}
