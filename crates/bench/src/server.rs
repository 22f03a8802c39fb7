//! The release binary under test: `tallow dev` in a process of its own.

use crate::baseline::free_port;
use anyhow::Context;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tallow_client::{Client, Trust};

/// A running `tallow dev`.
pub(crate) struct Server {
    process: Child,
    pub(crate) client: Client,
    /// From start to the first verified answer.
    pub(crate) startup: Duration,
    _data: tempfile::TempDir,
}

impl Server {
    /// Starts it on a fresh data directory and waits until a client has verified it.
    pub(crate) async fn start(tallow: &Path) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let port = free_port()?;
        let started = Instant::now();
        let mut process = Command::new(tallow)
            .args(["dev", "--port", &port.to_string(), "--data-dir"])
            .arg(data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", tallow.display()))?;
        let url = format!("http://127.0.0.1:{port}");
        loop {
            if let Ok(client) = Client::connect(&url, Trust::OnFirstUse).await {
                return Ok(Self { process, client, startup: started.elapsed(), _data: data });
            }
            anyhow::ensure!(process.try_wait()?.is_none(), "tallow dev ended at its start");
            anyhow::ensure!(started.elapsed() < Duration::from_secs(60), "tallow dev is not ready after a minute");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Resident memory, MB (10^6 bytes).
    pub(crate) fn resident_mb(&self) -> anyhow::Result<f64> {
        memory_mb(self.process.id(), "VmRSS:")
    }

    /// The most it ever had resident, MB.
    pub(crate) fn peak_mb(&self) -> anyhow::Result<f64> {
        memory_mb(self.process.id(), "VmHWM:")
    }

    /// Share of one core used over `duration`, percent.
    pub(crate) async fn cpu_pct(&self, duration: Duration) -> anyhow::Result<f64> {
        let before = self.cpu_seconds()?;
        tokio::time::sleep(duration).await;
        Ok((self.cpu_seconds()? - before) / duration.as_secs_f64() * 100.0)
    }

    /// User and system time so far; the kernel counts in hundredths of a second.
    fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().context("/proc stat")?.split_whitespace().collect();
        let ticks: f64 =
            fields.get(11).context("utime")?.parse::<f64>()? + fields.get(12).context("stime")?.parse::<f64>()?;
        Ok(ticks / 100.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A line of a process's `/proc/PID/status`, MB (10^6 bytes).
pub(crate) fn memory_mb(process: u32, line: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let text = status.lines().find_map(|found| found.strip_prefix(line)).context("a line of /proc status")?;
    let kib: f64 = text.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1_024.0 / 1e6)
}
