//! Every switch of the Wasm runtime, in one function.

use crate::{gas, prepare};
use std::path::PathBuf;
use tallow_crypto::Secret;
use tallow_types::limits::{CONTRACT_PAGES_MAX, CONTRACT_TABLE_ELEMENTS_MAX};
use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

/// How contracts' memories are laid out. Gas and results are the same in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profile {
    /// Pooled instances, copy-on-write images, guard regions of gigabytes of address space each.
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
    /// Frames that may exist at once; a run that needs one more ends as [`crate::HostError`]. In the default profile
    /// each takes about six memory mappings at most, so the caller derives it from `vm.max_map_count`;
    /// [`INSTANCES_DEFAULT`] when it says nothing.
    pub max_instances: Option<u32>,
    /// Gives every NaN one bit pattern: needed only where replicas have different processors, and three to four times
    /// slower on floating-point code. Part of the cluster's configuration, since it can change results.
    pub canonical_nans: bool,
}

/// Frames at once unless the configuration says otherwise: what Linux's default of 65,530 mappings holds.
pub const INSTANCES_DEFAULT: u32 = 8_192;

/// Native stack of a contract's own functions, in bytes. The depth counter ends recursion before this does.
const WASM_STACK_BYTES: usize = 2 * 1024 * 1024;
/// Native stack beyond it, for host functions.
const HOST_STACK_BYTES: usize = 512 * 1024;
/// Bytes of a memory that stay resident between uses: zeroing them is cheaper than faulting them in again.
const KEEP_MEMORY_BYTES: usize = 256 * 1024;
/// As [`KEEP_MEMORY_BYTES`], for a fiber's stack.
const KEEP_STACK_BYTES: usize = 16 * 1024;
/// Instances that keep their pages while they are not in use.
const WARM_SLOTS: u32 = 256;
/// Bytes of the runtime's own data of an instance; the limits of a module keep it below.
const INSTANCE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a page of Wasm memory.
const PAGE_BYTES: u64 = 64 * 1024;

/// The runtime's configuration.
pub(crate) fn wasmtime_config(config: &EngineConfig) -> Config {
    let mut runtime = Config::new();
    features(&mut runtime, config.canonical_nans);
    runtime
        .consume_fuel(true)
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
        .table_keep_resident(KEEP_STACK_BYTES)
        .async_stack_keep_resident(KEEP_STACK_BYTES)
        .pagemap_scan(wasmtime::Enabled::Auto)
        .max_unused_warm_slots(WARM_SLOTS.min(instances));
    runtime.allocation_strategy(InstanceAllocationStrategy::Pooling(pool)).memory_init_cow(true);
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
