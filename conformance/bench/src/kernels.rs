//! The compute kernels: natively, in Tallow's both modes, in pallet-contracts.

use crate::{
    entry_points,
    measure::{Work, medians_ms},
    reference::Reference,
    tallow::{Tallow, returned},
};
use ::kernels::{FLOAT, INTEGER, Kernel};
use anyhow::ensure;

/// Seed of the kernels' input.
const SEED: u64 = 20_261_122;
/// Where Tallow has the kernels.
const ADDRESS: [u8; 32] = [1; 32];
/// Where it has those compiled with wide arithmetic.
const WIDE_ADDRESS: [u8; 32] = [2; 32];
/// The kernel that is about wide arithmetic.
const WIDE: &str = "rsa_2048_verify";

/// Why pallet-contracts does not run some kernels.
const FLOATS: &str = "floating-point numbers are refused";

/// Milliseconds of a kernel on every side.
pub(crate) struct Figures {
    pub(crate) name: &'static str,
    pub(crate) native_ms: f64,
    pub(crate) query_ms: f64,
    pub(crate) command_ms: f64,
    /// Or why there are none.
    pub(crate) pallet_ms: Result<f64, String>,
    /// Gas of a command, picoseconds.
    pub(crate) gas: u64,
}

fn input(number: usize) -> Vec<u8> {
    let mut input = vec![u8::try_from(number).expect("there are few kernels")];
    input.extend(SEED.to_le_bytes());
    input
}

/// Measures all kernels: the contract with SIMD and floating-point numbers, the same with wide arithmetic, and the one
/// for pallet-contracts.
pub(crate) fn run([fast, wide, mvp]: [&[u8]; 3], only: Option<&str>) -> anyhow::Result<Vec<Figures>> {
    let tallow = Tallow::new(None)?;
    tallow.place(ADDRESS, fast)?;
    tallow.place(WIDE_ADDRESS, wide)?;
    let reference = Reference::new();
    let placed = reference.instantiate(&entry_points::only(mvp)?, &[], b"kernels").map_err(|error| error.to_string());
    let integer = INTEGER.iter().map(|kernel| (kernel, placed.clone()));
    let float = FLOAT.iter().map(|kernel| (kernel, Err(FLOATS.to_owned())));
    let all = integer.chain(float).enumerate().filter(|(_, (kernel, _))| only.is_none_or(|only| kernel.name == only));
    all.map(|(number, (kernel, placed))| measure(kernel, &input(number), &tallow, &reference, placed)).collect()
}

fn measure(
    kernel: &Kernel,
    input: &[u8],
    tallow: &Tallow,
    reference: &Reference,
    placed: Result<[u8; 32], String>,
) -> anyhow::Result<Figures> {
    let address = if kernel.name == WIDE { WIDE_ADDRESS } else { ADDRESS };
    let expected = (kernel.run)(std::hint::black_box(SEED)).to_le_bytes();
    let command = tallow.command(address, input)?;
    ensure!(returned(&command)? == expected, "{}: a command gives another checksum", kernel.name);
    ensure!(returned(&tallow.query(address, input)?)? == expected, "{}: a query gives another checksum", kernel.name);
    if let Ok(placed) = placed {
        ensure!(reference.call(placed, input)? == expected, "{}: the pallet gives another checksum", kernel.name);
    }
    let mut sides: Vec<Work<'_>> = vec![
        Box::new(|| {
            std::hint::black_box((kernel.run)(std::hint::black_box(SEED)));
        }),
        Box::new(|| drop(tallow.query(address, input))),
        Box::new(|| drop(tallow.command(address, input))),
    ];
    if let Ok(placed) = placed {
        sides.push(Box::new(move || drop(reference.call(placed, input))));
    }
    let times = medians_ms(sides);
    let pallet_ms = placed.map(|_| times[3]);
    let [native_ms, query_ms, command_ms] = [times[0], times[1], times[2]];
    Ok(Figures { name: kernel.name, native_ms, query_ms, command_ms, pallet_ms, gas: command.gas_used })
}
