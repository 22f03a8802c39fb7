//! The one way out: a call of the host's chain extension.

use parity_scale_codec::{Decode, Encode};

/// Answers of fixed or small size. The host traps the contract when an answer does not fit.
pub(crate) const SMALL: usize = 16 * 1024;

/// Functions. In the high half of a number is that of the extension: 0 is Phala's, which both hosts know, 1 Tallow's.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum Function {
    HttpRequest = 1,
    Sign = 2,
    Verify = 3,
    DeriveSr25519Key = 4,
    PublicKey = 5,
    CacheSet = 6,
    CacheSetExpiration = 7,
    CacheGet = 8,
    CacheRemove = 9,
    Log = 10,
    Random = 11,
    IsInTransaction = 12,
    EcdsaSignPrehashed = 13,
    EcdsaVerifyPrehashed = 14,
    SystemContract = 15,
    BalanceOf = 16,
    WorkerPublicKey = 17,
    UntrustedMillis = 18,
    CodeExists = 19,
    ImportLatestSystemCode = 20,
    RuntimeVersion = 21,
    BatchHttpRequest = 22,
    EventChainHead = 23,
    JsEval = 24,
    WorkerQuote = 25,
    TimerSet = 0x1_0001,
    TimerCancel = 0x1_0002,
    TimerList = 0x1_0003,
    SecretGet = 0x1_0010,
}

/// Calls a function whose status code is an error number; `capacity` bounds the encoded answer.
///
/// # Errors
/// The status code, when it is not zero.
pub(crate) fn try_call<I: Encode, O: Decode>(function: Function, input: &I, capacity: usize) -> Result<O, u32> {
    imp::call(function as u32, input, capacity)
}

/// Calls a function that has no status code.
pub(crate) fn call<I: Encode, O: Decode>(function: Function, input: &I, capacity: usize) -> O {
    match try_call(function, input, capacity) {
        Ok(output) => output,
        Err(code) => panic!("the host answered function {} with status {code}", function as u32),
    }
}

#[cfg(target_arch = "wasm32")]
mod imp {
    //! ink!'s own path encodes arguments and answer into one static buffer of 16 KiB, too small for HTTP. This one
    //! uses a buffer on the heap, which is kept between calls because ink!'s allocator never frees.

    use alloc::{vec, vec::Vec};
    use core::cell::UnsafeCell;
    use pallet_contracts_uapi::{HostFn, HostFnImpl};
    use parity_scale_codec::{Decode, Encode};

    struct Buffer(UnsafeCell<Vec<u8>>);

    // SAFETY: a contract is a single thread.
    unsafe impl Sync for Buffer {}

    static BUFFER: Buffer = Buffer(UnsafeCell::new(Vec::new()));

    pub(super) fn call<I: Encode, O: Decode>(id: u32, input: &I, capacity: usize) -> Result<O, u32> {
        let input = input.encode();
        // SAFETY: one thread, and no path from here leads back into `call`: neither the host function nor decoding
        // an answer calls the chain extension.
        let buffer = unsafe { &mut *BUFFER.0.get() };
        if buffer.len() < capacity {
            *buffer = vec![0; capacity];
        }
        let mut output = &mut buffer[..];
        match HostFnImpl::call_chain_extension(id, &input, Some(&mut output)) {
            0 => Ok(O::decode(&mut &output[..]).expect("the host encodes what the function declares")),
            code => Err(code),
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod imp {
    //! Off the chain (unit tests), ink!'s engine answers by what `ink::env::test::register_chain_extension` was given.

    use ink::env::chain_extension::{ChainExtensionMethod, FromStatusCode};
    use parity_scale_codec::{Decode, Encode};

    struct Status(u32);

    impl FromStatusCode for Status {
        fn from_status_code(code: u32) -> Result<(), Self> {
            if code == 0 {
                Ok(())
            } else {
                Err(Self(code))
            }
        }
    }

    pub(super) fn call<I: Encode, O: Decode>(id: u32, input: &I, _capacity: usize) -> Result<O, u32> {
        ChainExtensionMethod::build(id)
            .input::<I>()
            .output::<O, false>()
            .handle_error_code::<Status>()
            .call(input)
            .map_err(|status| status.0)
    }
}
