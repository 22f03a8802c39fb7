//! The way from a contract to what is not `pallet-contracts`': one host function, which names an extension and one of
//! its functions. Extension 0 is Phala's (module `pink`), 1 is our own (module `extension`).

use crate::{
    bind::{Linkers, Suspending},
    extension,
    gas::{self, charge},
    memory::{Host, read, write_output},
    pink,
    session::Session,
    stop::Stop,
};
use parity_scale_codec::{Decode, Encode};
use tallow_types::{CallError, decode_exact};

/// Extension number of Phala's, and what old builds gave instead.
const PINK: [u32; 2] = [0, 0xff00];
/// Extension number of ours.
const TALLOW: u32 = 1;

/// Defines the host function.
pub(crate) fn link(linkers: &mut Linkers) -> wasmtime::Result<()> {
    linkers.define_async("seal0", "call_chain_extension", call_chain_extension)?;
    Ok(())
}

/// What a function gives back.
pub(crate) enum Reply {
    /// An encoded value, with status 0.
    Value(Vec<u8>),
    /// An error's number, without output.
    Status(u32),
}

impl Reply {
    /// A value.
    pub(crate) fn value(value: &impl Encode) -> Self {
        Self::Value(value.encode())
    }
}

type Parameters = (u32, u32, u32, u32, u32);

fn call_chain_extension(mut host: Host<'_>, (id, input, input_len, output, output_len): Parameters) -> Suspending<'_> {
    Box::pin(async move {
        charge(&mut host, gas::HOST + gas::EXTENSION)?;
        let (extension, function) = (id >> 16, id & 0xffff);
        let ours = extension == TALLOW && !session(&mut host).expects_phala();
        if !ours && !PINK.contains(&extension) {
            return Err(CallError::NoChainExtension.into());
        }
        let input = read(&mut host, input, input_len)?;
        let reply = match ours {
            true => extension::dispatch(&mut host, function, &input)?,
            false => pink::dispatch(&mut host, function, &input).await?,
        };
        match reply {
            Reply::Status(status) => Ok(status),
            Reply::Value(value) => match write_output(&mut host, output, output_len, &value) {
                Err(Stop::Fail(CallError::OutputBufferTooSmall)) => Err(CallError::ContractIoBufferOverflow.into()),
                written => written.map(|()| 0),
            },
        }
    })
}

/// Decodes a function's arguments.
pub(crate) fn decode<T: Decode>(input: &[u8]) -> Result<T, Stop> {
    decode_exact(input).map_err(|_| CallError::DecodingFailed.into())
}

/// The run's state.
pub(crate) fn session<'a>(host: &'a mut Host<'_>) -> &'a mut Session {
    host.data_mut().session()
}
