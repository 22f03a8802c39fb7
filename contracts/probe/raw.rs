//! What ink! does not let a contract do.

use ink::{
    prelude::vec::Vec,
    primitives::{AccountId, Hash},
    scale::{self, Decode, Encode, Input, Output},
};

/// Bytes that are already encoded.
pub struct Raw(pub Vec<u8>);

impl Encode for Raw {
    fn encode_to<T: Output + ?Sized>(&self, destination: &mut T) {
        destination.write(&self.0);
    }
}

impl Decode for Raw {
    fn decode<I: Input>(input: &mut I) -> Result<Self, scale::Error> {
        let mut bytes = Vec::new();
        while let Ok(byte) = input.read_byte() {
            bytes.push(byte);
        }
        Ok(Self(bytes))
    }
}

/// Uses one frame of the stack for each level.
#[inline(never)]
pub fn recurse(depth: u64) -> u64 {
    let frame = core::hint::black_box([depth; 4]);
    if depth == 0 {
        return frame[0];
    }
    recurse(depth - 1).wrapping_add(frame[3])
}

#[cfg(target_arch = "wasm32")]
pub use wasm::*;

#[cfg(target_arch = "wasm32")]
mod wasm {
    use super::*;
    use ink::prelude::vec;
    use pallet_contracts_uapi::{HostFn, HostFnImpl, ReturnFlags};

    const PAGE: usize = 64 * 1024;

    pub fn trap() -> ! {
        core::arch::wasm32::unreachable()
    }

    pub fn eat_memory(pages: u32) -> u32 {
        for page in 0..pages {
            let grown = core::arch::wasm32::memory_grow(0, 1);
            if grown == usize::MAX {
                return page;
            }
            // SAFETY: the page was just added, and nothing else knows of it.
            unsafe { ((grown * PAGE) as *mut u8).write_volatile(1) };
        }
        pages
    }

    pub fn return_bytes(bytes: &[u8]) -> ! {
        HostFnImpl::return_value(ReturnFlags::empty(), bytes)
    }

    pub fn emit(topics: &[[u8; 32]], data: &[u8]) {
        let topics = if topics.is_empty() { Vec::new() } else { topics.encode() };
        HostFnImpl::deposit_event(&topics, data);
    }

    pub fn store(key: u32, value: &[u8]) {
        HostFnImpl::set_storage_v2(&key.to_le_bytes(), value);
    }

    pub fn stored(key: u32) -> Option<u32> {
        HostFnImpl::contains_storage_v1(&key.to_le_bytes())
    }

    pub fn remove(key: u32) {
        HostFnImpl::clear_storage_v1(&key.to_le_bytes());
    }

    pub fn instantiate(code: &Hash, input: &[u8], endowment: u128, salt: &[u8]) -> Option<AccountId> {
        let mut address = [0; 32];
        let mut output = vec![0; 16 * 1024];
        HostFnImpl::instantiate_v2(
            code.as_ref(),
            // No limit of its own.
            0,
            0,
            None,
            &endowment.to_le_bytes(),
            input,
            Some(&mut &mut address[..]),
            Some(&mut &mut output[..]),
            salt,
        )
        .ok()?;
        Some(AccountId::from(address))
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub use host::*;

/// For the metadata alone: off the chain there is no host to provoke.
#[cfg(not(target_arch = "wasm32"))]
mod host {
    use super::*;

    pub fn trap() -> ! {
        panic!("a trap on purpose")
    }

    pub fn eat_memory(_: u32) -> u32 {
        panic!("only in a host")
    }

    pub fn return_bytes(_: &[u8]) -> ! {
        panic!("only in a host")
    }

    pub fn emit(_: &[[u8; 32]], _: &[u8]) {
        panic!("only in a host")
    }

    pub fn store(_: u32, _: &[u8]) {
        panic!("only in a host")
    }

    pub fn stored(_: u32) -> Option<u32> {
        panic!("only in a host")
    }

    pub fn remove(_: u32) {
        panic!("only in a host")
    }

    pub fn instantiate(_: &Hash, _: &[u8], _: u128, _: &[u8]) -> Option<AccountId> {
        panic!("only in a host")
    }
}
