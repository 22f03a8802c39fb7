//! Times as people write them.

use x509_cert::der::DateTime;

/// Seconds since the Unix epoch of a time like `2026-12-01T10:00:00Z`, or of a number of seconds.
pub fn parse_time(text: &str) -> Option<u64> {
    match text.parse() {
        Ok(seconds) => Some(seconds),
        Err(_) => text.parse::<DateTime>().ok().map(|time| time.unix_duration().as_secs()),
    }
}

/// A time as `2026-12-01T10:00:00Z`; the number of seconds when it lies beyond the year 9999.
pub fn show_time(seconds: u64) -> String {
    let time = DateTime::from_unix_duration(std::time::Duration::from_secs(seconds));
    time.map_or_else(|_| seconds.to_string(), |time| time.to_string())
}
