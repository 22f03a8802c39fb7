//! What the operating system grants this process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tallow_engine::HostLimits;

/// Where Linux says how many memory mappings a process may have.
const MAP_COUNT: &str = "/proc/sys/vm/max_map_count";
/// What it says unless somebody changed it; other systems have no such limit.
const MAPPINGS_DEFAULT: u64 = 65_530;

/// The limits in force. That of open files is first raised as far as the system lets a process raise it itself.
pub(crate) fn limits() -> HostLimits {
    HostLimits { mappings: mappings(), descriptors: descriptors() }
}

fn mappings() -> u64 {
    let text = std::fs::read_to_string(MAP_COUNT).ok();
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(MAPPINGS_DEFAULT)
}

fn descriptors() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // Without the higher limit fewer contracts wait at once; nothing else depends on it.
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    // `None` is no limit.
    if raised.is_ok() { maximum } else { current }.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_read_and_leave_room_for_contracts() {
        let limits = limits();
        assert!(limits.mappings > 0 && limits.descriptors > 0, "{limits:?}");
        assert_eq!(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX), limits.descriptors);
        assert!(limits.instances().is_ok(), "{limits:?}");
    }
}
