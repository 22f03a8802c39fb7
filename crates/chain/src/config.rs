//! What a chain is told at its start.

use std::{net::SocketAddr, path::PathBuf, time::Duration};
use tallow_types::{Hash, WorkerId};

/// Settings of one chain on one machine.
#[derive(Debug, Clone)]
pub struct Config {
    /// The network id (ledger) or the cluster id (cluster log).
    pub chain: Hash,
    /// Epoch of the membership. Each epoch is an instance of its own with its own genesis and data directory.
    pub epoch: u64,
    /// Milliseconds since the Unix epoch of the genesis block.
    pub genesis_time_ms: u64,
    /// Where votes, blocks and certificates are kept; used by one process at a time.
    pub data_dir: PathBuf,
    /// How the other participants are reached; `None` if there are none (then no socket is opened).
    pub network: Option<NetworkConfig>,
    /// How long a leader without work waits before it proposes an empty block.
    pub heartbeat: Duration,
    /// How long the others wait for a proposal. Greater than `heartbeat`.
    pub leader_timeout: Duration,
    /// How long a view may take before it is given up. Greater than `leader_timeout`.
    pub certification_timeout: Duration,
    /// Threads of the chain's own runtime, beside those for the disk and for execution. Parts of the engine hand over to
    /// each other all the time: where there is no network to serve, a second thread costs more wakes than it saves time.
    pub worker_threads: usize,
}

/// Addresses of a chain with several participants.
#[derive(Debug, Clone)]
pub struct NetworkConfig {
    /// Where this participant listens.
    pub listen: SocketAddr,
    /// Where each participant is reached, this one included.
    pub peers: Vec<(WorkerId, SocketAddr)>,
}

impl Config {
    /// Settings for one participant alone.
    pub fn solo(chain: Hash, data_dir: PathBuf) -> Self {
        Self {
            chain,
            epoch: 0,
            genesis_time_ms: 0,
            data_dir,
            network: None,
            heartbeat: Duration::from_millis(1_000),
            leader_timeout: Duration::from_millis(1_100),
            certification_timeout: Duration::from_millis(1_200),
            worker_threads: 1,
        }
    }

    /// Settings for a local group; over long distances raise the time-outs.
    pub fn networked(chain: Hash, data_dir: PathBuf, network: NetworkConfig) -> Self {
        Self {
            network: Some(network),
            leader_timeout: Duration::from_millis(2_000),
            certification_timeout: Duration::from_millis(3_000),
            worker_threads: 2,
            ..Self::solo(chain, data_dir)
        }
    }
}
