//! Every switch of the Wasm runtime, in one function.

use crate::{gas, prepare};
use std::path::PathBuf;
use tallow_crypto::Secret;
use tallow_types::limits::{
    CALL_DEPTH_MAX, CONTRACT_PAGES_MAX, CONTRACT_STACK_BYTES, CONTRACT_TABLE_ELEMENTS_MAX, PAGE_BYTES,
};
use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

/// How contracts' memories are laid out. Gas and results are the same in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profile {
    /// Pooled instances with guard regions of gigabytes of address space each.
    #[default]
    Default,
    /// Memories made on demand with explicit bounds checks, for enclaves with a small address space.
    SmallAddressSpace,
}

/// Where compiled code is kept between starts.
pub struct CodeCache {
    /// The directory; made when it is not there.
    pub dir: PathBuf,
    /// Authenticates the files: loading compiled code runs it.
    pub key: Secret<[u8; 32]>,
}

/// How to build an [`crate::Engine`].
#[derive(Default)]
pub struct EngineConfig {
    /// Layout of memories.
    pub profile: Profile,
    /// Compiled code on disk; none by default.
    pub cache: Option<CodeCache>,
    /// Frames that may exist at once; a run that needs one more ends as [`crate::HostError`]. A worker takes what
    /// [`HostLimits::instances`] says; [`INSTANCES_DEFAULT`] when there is nothing here.
    pub max_instances: Option<u32>,
    /// Gives every NaN one bit pattern: needed only where replicas have different processors, and three to four times
    /// slower on floating-point code. Part of the cluster's configuration, since it can change results.
    pub canonical_nans: bool,
}

/// Frames at once unless the configuration says otherwise: well within what Linux grants by default.
pub const INSTANCES_DEFAULT: u32 = 8_192;

/// What the operating system grants this process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HostLimits {
    /// Memory mappings (`vm.max_map_count`).
    pub mappings: u64,
    /// Open files and sockets (`RLIMIT_NOFILE`).
    pub descriptors: u64,
}

/// The operating system grants too little to run contracts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the operating system grants room for {instances} contract calls at once, and {INSTANCES_MIN} are needed: raise \
     vm.max_map_count (now {}) or the limit of open files (now {})", limits.mappings, limits.descriptors
)]
pub struct TooFewInstances {
    /// What there is room for.
    pub instances: u64,
    /// What the system grants.
    pub limits: HostLimits,
}

/// Memory mappings of one frame in the default profile: its stack and the guard below, its memory and the reserve
/// behind. Data segments are copied, not mapped, and tables share one mapping, so there are never more.
const MAPPINGS_PER_INSTANCE: u64 = 4;
/// Frames at least: a few calls of the greatest depth.
const INSTANCES_MIN: u64 = 4 * CALL_DEPTH_MAX as u64;
/// Frames at most: each reserves 4 GiB and more of an address space of 128 TiB.
const INSTANCES_MAX: u64 = 16_384;

impl HostLimits {
    /// Frames that may exist at once, for [`EngineConfig::max_instances`]. A quarter of what the system grants stays
    /// for everything else: threads, code, files, the sockets of clients and peers. A suspended query holds a socket as
    /// well as a frame.
    ///
    /// # Errors
    /// When too few would be left.
    pub fn instances(self) -> Result<u32, TooFewInstances> {
        let ours = |granted: u64| granted / 4 * 3;
        let instances = (ours(self.mappings) / MAPPINGS_PER_INSTANCE).min(ours(self.descriptors));
        match u32::try_from(instances.min(INSTANCES_MAX)) {
            Ok(instances) if u64::from(instances) >= INSTANCES_MIN => Ok(instances),
            _ => Err(TooFewInstances { instances, limits: self }),
        }
    }
}

/// Native stack of a contract's own functions, in bytes. The depth counter ends recursion before this does.
const WASM_STACK_BYTES: usize = 2 * CONTRACT_STACK_BYTES;
/// Native stack beyond it, for host functions.
const HOST_STACK_BYTES: usize = 512 * 1024;
/// Bytes of a memory that stay resident between uses: zeroing them is cheaper than faulting them in again.
const KEEP_MEMORY_BYTES: usize = 256 * 1024;
/// As [`KEEP_MEMORY_BYTES`], for a table.
const KEEP_TABLE_BYTES: usize = 16 * 1024;
/// Instances that keep their pages while they are not in use.
const WARM_SLOTS: u32 = 256;
/// Bytes of the runtime's own data of an instance; the limits of a module keep it below.
const INSTANCE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The runtime's configuration.
pub(crate) fn wasmtime_config(config: &EngineConfig) -> Config {
    let mut runtime = Config::new();
    features(&mut runtime, config.canonical_nans);
    runtime
        .consume_fuel(true)
        // Of components alone.
        .concurrency_support(false)
        .operator_cost(gas::operator_cost())
        .cranelift_opt_level(OptLevel::Speed)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(WASM_STACK_BYTES + HOST_STACK_BYTES)
        // Traps are the contract's business: their place in native code is not worth its price at every return.
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false)
        .generate_address_map(false);
    match config.profile {
        Profile::Default => pooled(&mut runtime, config.max_instances.unwrap_or(INSTANCES_DEFAULT)),
        Profile::SmallAddressSpace => on_demand(&mut runtime),
    }
    runtime
}

/// Exactly `prepare::features`, and what makes them deterministic.
fn features(runtime: &mut Config, canonical_nans: bool) {
    let wanted = prepare::features();
    runtime.wasm_features(wasmparser::WasmFeatures::all() - wanted, false).wasm_features(wanted, true);
    runtime.gc_support(false).relaxed_simd_deterministic(true).cranelift_nan_canonicalization(canonical_nans);
}

fn pooled(runtime: &mut Config, instances: u32) {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(instances)
        .total_memories(instances)
        .total_tables(instances)
        .total_stacks(instances)
        .total_gc_heaps(0)
        .total_component_instances(0)
        .max_memory_size((CONTRACT_PAGES_MAX * PAGE_BYTES) as usize)
        .max_core_instance_size(INSTANCE_BYTES_MAX)
        .table_elements(CONTRACT_TABLE_ELEMENTS_MAX as usize)
        .linear_memory_keep_resident(KEEP_MEMORY_BYTES)
        .table_keep_resident(KEEP_TABLE_BYTES)
        .pagemap_scan(wasmtime::Enabled::Auto)
        .max_unused_warm_slots(WARM_SLOTS.min(instances));
    // Contracts' data is small: copying it costs as much as mapping it, and a mapped image would take two mappings more.
    runtime.allocation_strategy(InstanceAllocationStrategy::Pooling(pool)).memory_init_cow(false);
}

fn on_demand(runtime: &mut Config) {
    runtime
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .signals_based_traps(false)
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_reservation_for_growth(PAGE_BYTES * 16)
        .memory_may_move(true)
        .guard_before_linear_memory(false)
        .memory_init_cow(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instances(mappings: u64, descriptors: u64) -> Result<u32, TooFewInstances> {
        HostLimits { mappings, descriptors }.instances()
    }

    #[test]
    fn linux_with_its_default_of_mappings_holds_ten_thousand_waiting_queries() {
        assert_eq!(instances(65_530, 20_000), Ok(12_286));
    }

    #[test]
    fn the_scarcer_of_both_decides_and_the_address_space_bounds_them() {
        assert_eq!(instances(65_530, 1_024), Ok(768));
        assert_eq!(instances(1_000, 1 << 20), Ok(187));
        assert_eq!(instances(u64::MAX, u64::MAX), Ok(16_384));
    }

    #[test]
    fn what_does_not_hold_a_few_nested_calls_is_refused() {
        assert_eq!(instances(400, 400), Ok(75));
        let refused = instances(300, 400).unwrap_err();
        assert_eq!(refused.instances, 56);
        let text = refused.to_string();
        assert!(text.contains("vm.max_map_count (now 300)") && text.contains("open files (now 400)"), "{text}");
        assert!(instances(65_530, 0).is_err());
    }
}
