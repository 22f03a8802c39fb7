//! What the operating system says of this process.

use super::{Registrar, set};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

pub(super) struct Process {
    system: Mutex<System>,
    pid: Pid,
    cpu: Counter<f64, AtomicU64>,
    memory: Gauge,
    descriptors: Gauge,
    uptime: Gauge,
}

impl Process {
    pub(super) fn new(at: &mut Registrar) -> Self {
        Self {
            system: Mutex::new(System::new()),
            pid: Pid::from_u32(std::process::id()),
            cpu: at.add("process_cpu_seconds", "Processor time of the whole process", Counter::default()),
            memory: at.gauge("process_resident_bytes", "Memory of the whole process"),
            descriptors: at.gauge("process_open_descriptors", "Open files and sockets of the whole process"),
            uptime: at.gauge("process_uptime_seconds", "Time since the process started"),
        }
    }

    /// Looks again. Where the system does not tell, the old values stay.
    pub(super) fn look(&self) {
        let mut system = self.system.lock().expect("no code panics while it holds the system");
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[self.pid]), true, what);
        let Some(process) = system.process(self.pid) else { return };
        let cpu_ms = std::time::Duration::from_millis(process.accumulated_cpu_time());
        self.cpu.inc_by((cpu_ms.as_secs_f64() - self.cpu.get()).max(0.0));
        set(&self.memory, process.memory());
        if let Some(open) = process.open_files() {
            set(&self.descriptors, open);
        }
        set(&self.uptime, process.run_time());
    }
}
