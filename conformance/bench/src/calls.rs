//! Calls that compute little: what the engine itself costs.

use crate::{
    contracts::{CHAIN, EMPTY, STORAGE},
    host_calls::State,
    measure::{Work, medians_ms},
    reference::Reference,
    tallow::{CALLER, Tallow, returned},
};
use anyhow::Context as _;
use tallow_abi::Bundle;

/// Milliseconds of a call on every side.
pub(crate) struct Figures {
    pub(crate) name: &'static str,
    pub(crate) query_ms: f64,
    pub(crate) command_ms: f64,
    pub(crate) pallet_ms: f64,
    /// Gas of a command, picoseconds.
    pub(crate) gas: u64,
    /// Picoseconds that the cluster's state takes for the command's changes, beside the engine.
    pub(crate) state_ps: f64,
}

/// A contract on both sides.
struct Contract {
    tallow: [u8; 32],
    reference: [u8; 32],
}

/// Bytes of a large value.
const LARGE: u32 = 16 * 1024;
/// Frames of the nested call.
const DEPTH: u8 = 4;

/// Both sides.
struct Sides {
    tallow: Tallow,
    reference: Reference,
    state: State,
}

/// Measures all calls; `erc20` is a bundle of an ink! contract.
pub(crate) fn run(erc20: &[u8]) -> anyhow::Result<Vec<Figures>> {
    let sides = Sides { tallow: Tallow::new(None)?, reference: Reference::new(), state: State::measure() };
    let mut figures = vec![sides.measure("empty_call", &sides.place(EMPTY, 0)?, &[7; 8])?];
    figures.extend(sides.storage()?);
    figures.push(sides.transfer(erc20)?);
    figures.push(sides.nested()?);
    Ok(figures)
}

impl Sides {
    fn place(&self, wat: &str, salt: u8) -> anyhow::Result<Contract> {
        let wasm = wat::parse_str(wat)?;
        let reference = self.reference.instantiate(&wasm, &[], &[salt])?;
        self.tallow.place(reference, &wasm)?;
        Ok(Contract { tallow: reference, reference })
    }

    fn commit(&self, contract: &Contract, input: &[u8]) -> anyhow::Result<()> {
        self.tallow.commit(contract.tallow, input)?;
        self.reference.call(contract.reference, input).map(drop)
    }

    fn storage(&self) -> anyhow::Result<Vec<Figures>> {
        let contract = self.place(STORAGE, 1)?;
        let names =
            [(["storage_read_32", "storage_write_32"], 32_u32), (["storage_read_16k", "storage_write_16k"], LARGE)];
        let mut figures = Vec::new();
        for ([read, write], length) in names {
            let input = |op: u8| [&[op][..], &length.to_le_bytes()].concat();
            self.commit(&contract, &input(1))?;
            figures.push(self.measure(read, &contract, &input(0))?);
            figures.push(self.measure(write, &contract, &input(1))?);
        }
        Ok(figures)
    }

    fn transfer(&self, erc20: &[u8]) -> anyhow::Result<Figures> {
        let bundle = Bundle::parse(erc20)?;
        let metadata = bundle.metadata.context("the bundle of erc20 has metadata")?;
        let new = metadata.encode_constructor("new", &["1000000000".to_owned()])?;
        let wasm = bundle.wasm;
        let tallow = self.tallow.instantiate(&wasm, &new, &[2])?;
        let reference = self.reference.instantiate(&wasm, &new, &[2])?;
        let to = tallow_crypto::blake2b_256(&CALLER);
        let to = to.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let input = metadata.encode_call("transfer", &[format!("0x{to}"), "3".to_owned()])?;
        self.measure("erc20_transfer", &Contract { tallow, reference }, &input)
    }

    fn nested(&self) -> anyhow::Result<Figures> {
        let contracts = (0..DEPTH).map(|salt| self.place(CHAIN, 10 + salt)).collect::<anyhow::Result<Vec<_>>>()?;
        let inner: Vec<u8> = contracts[1..].iter().flat_map(|contract| contract.reference).collect();
        self.measure("cross_contract_depth_4", &contracts[0], &inner)
    }

    fn measure(&self, name: &'static str, contract: &Contract, input: &[u8]) -> anyhow::Result<Figures> {
        let command = self.tallow.command(contract.tallow, input)?;
        returned(&command).context(name)?;
        returned(&self.tallow.query(contract.tallow, input)?).context(name)?;
        self.reference.call(contract.reference, input).context(name)?;
        let sides: Vec<Work<'_>> = vec![
            Box::new(|| drop(self.tallow.query(contract.tallow, input))),
            Box::new(|| drop(self.tallow.command(contract.tallow, input))),
            Box::new(|| drop(self.reference.call(contract.reference, input))),
        ];
        let times = medians_ms(sides);
        let [query_ms, command_ms, pallet_ms] = [times[0], times[1], times[2]];
        let state_ps = self.state.changes(&command.changes);
        Ok(Figures { name, query_ms, command_ms, pallet_ms, gas: command.gas_used, state_ps })
    }
}
