//! A contract that misbehaves on demand, and one that calls, stores and asks in every way that a host must bear.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod raw;

#[ink::contract]
mod probe {
    use crate::raw::{self, Raw};
    use core::hint::black_box;
    use ink::{
        env::{
            call::{build_call, ExecutionInput, Selector},
            CallFlags, DefaultEnvironment,
        },
        prelude::{string::String, vec, vec::Vec},
    };
    use tallow_ink::{cache, context, http, keys, log};

    /// What a call of another contract came to.
    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Outcome {
        /// The return buffer.
        Returned(Vec<u8>),
        /// The host's error, as ink! names it.
        Failed(String),
    }

    /// A refusal on purpose.
    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        /// What was asked for.
        OnPurpose(u32),
        /// The host refused to move balance.
        TransferFailed,
        /// The host does not know the code.
        CodeNotFound,
        /// HTTP failed.
        Http(http::Error),
    }

    /// Emitted on demand.
    #[ink(event)]
    pub struct Marked {
        #[ink(topic)]
        number: u32,
        text: String,
    }

    #[ink(storage)]
    #[derive(Default)]
    pub struct Probe {
        number: u32,
        friend: Option<AccountId>,
    }

    impl Probe {
        /// Starts at zero.
        #[ink(constructor, payable)]
        pub fn new() -> Self {
            Self::default()
        }

        /// Refuses to be made.
        #[ink(constructor)]
        pub fn failing() -> Result<Self, Error> {
            Err(Error::OnPurpose(0))
        }

        /// Traps while it is made.
        #[ink(constructor)]
        pub fn trapping() -> Self {
            raw::trap()
        }

        // --- plain state ---

        /// Stores a number.
        #[ink(message)]
        pub fn set(&mut self, number: u32) {
            self.number = number;
        }

        /// The number.
        #[ink(message)]
        pub fn get(&self) -> u32 {
            self.number
        }

        /// Adds one; overflow traps.
        #[ink(message)]
        pub fn increment(&mut self) -> u32 {
            self.number += 1;
            self.number
        }

        /// Stores a number and then refuses, so nothing may be stored.
        #[ink(message)]
        pub fn set_and_fail(&mut self, number: u32) -> Result<(), Error> {
            self.number = number;
            ink::env::set_contract_storage(b"key", &number);
            Err(Error::OnPurpose(number))
        }

        /// Stores a number and then traps, so nothing may be stored.
        #[ink(message)]
        pub fn set_and_trap(&mut self, number: u32) {
            self.number = number;
            ink::env::set_contract_storage(b"key", &number);
            raw::trap()
        }

        /// Stores a value of this many bytes under a key.
        #[ink(message)]
        pub fn store(&mut self, key: u32, bytes: u32) {
            raw::store(key, &vec![key as u8; bytes as usize]);
        }

        /// Stores many values of this many bytes.
        #[ink(message)]
        pub fn store_many(&mut self, first: u32, count: u32, bytes: u32) {
            (0..count).for_each(|at| self.store(first.wrapping_add(at), bytes));
        }

        /// Bytes of a stored value.
        #[ink(message)]
        pub fn stored(&self, key: u32) -> Option<u32> {
            raw::stored(key)
        }

        /// Removes a stored value.
        #[ink(message)]
        pub fn remove(&mut self, key: u32) {
            raw::remove(key)
        }

        // --- misbehaviour ---

        /// Executes `unreachable`.
        #[ink(message)]
        pub fn trap(&self) {
            raw::trap()
        }

        /// Never ends.
        #[ink(message)]
        pub fn spin(&self) {
            loop {
                black_box(0);
            }
        }

        /// Computes: that many steps of xorshift.
        #[ink(message)]
        pub fn work(&self, steps: u64) -> u64 {
            (0..steps).fold(0x9e37_79b9_7f4a_7c15, |x: u64, _| {
                let x = x ^ (x << 13);
                let x = x ^ (x >> 7);
                x ^ (x << 17)
            })
        }

        /// Recurses on its own stack.
        #[ink(message)]
        pub fn recurse(&self, depth: u64) -> u64 {
            raw::recurse(depth)
        }

        /// Grows its memory by that many pages and touches each; the pages it got.
        #[ink(message)]
        pub fn eat_memory(&self, pages: u32) -> u32 {
            raw::eat_memory(pages)
        }

        /// Returns that many bytes.
        #[ink(message)]
        pub fn return_bytes(&self, bytes: u32) {
            raw::return_bytes(&vec![0x5a; bytes as usize])
        }

        /// Emits an event with that many bytes of data and topics of 32 bytes.
        #[ink(message)]
        pub fn emit(&mut self, bytes: u32, topics: u32) {
            let topics: Vec<[u8; 32]> = (0..topics).map(|at| [at as u8; 32]).collect();
            raw::emit(&topics, &vec![0x5a; bytes as usize]);
        }

        /// Emits an ordinary event.
        #[ink(message)]
        pub fn mark(&mut self, number: u32, text: String) {
            self.env().emit_event(Marked { number, text });
        }

        /// Writes a log line of that many bytes, so many times.
        #[ink(message)]
        pub fn log(&self, bytes: u32, times: u32) {
            let text = String::from_utf8_lossy(&vec![b'x'; bytes as usize]).into_owned();
            (0..times).for_each(|_| log::info!("{text}"));
        }

        /// Divides by zero in floating point and returns the bits of the NaN that comes out of it.
        #[ink(message)]
        pub fn nan(&self) -> u64 {
            (black_box(0.0_f64) / black_box(0.0_f64)).to_bits()
        }

        // --- other contracts ---

        /// Remembers the caller as the contract that is called when none is named.
        #[ink(message)]
        pub fn befriend(&mut self) {
            self.friend = Some(self.env().caller());
        }

        /// Calls a message of any contract with encoded arguments; without a name the friend's, or else its own.
        #[ink(message, payable)]
        pub fn call(
            &mut self,
            callee: Option<AccountId>,
            selector: [u8; 4],
            arguments: Vec<u8>,
            value: Balance,
            flags: u32,
        ) -> Outcome {
            self.forward(callee, selector, arguments, value, flags)
        }

        /// The same in a message that may not change state.
        #[ink(message)]
        pub fn ask(&self, callee: Option<AccountId>, selector: [u8; 4], arguments: Vec<u8>) -> Outcome {
            self.forward(callee, selector, arguments, 0, 0)
        }

        /// Stores a number, calls a contract and stores the next number, whatever the call came to.
        #[ink(message)]
        pub fn set_around(&mut self, callee: Option<AccountId>, selector: [u8; 4], arguments: Vec<u8>) -> Outcome {
            self.number += 1;
            let outcome = self.forward(callee, selector, arguments, 0, 0);
            self.number += 1;
            outcome
        }

        /// Calls itself, so deep; the depth that was reached.
        #[ink(message)]
        pub fn deep(&self, depth: u32) -> u32 {
            if depth == 0 {
                return 0;
            }
            let input = ExecutionInput::new(Selector::new(ink::selector_bytes!("deep"))).push_arg(depth - 1);
            let call = build_call::<DefaultEnvironment>()
                .call(self.env().account_id())
                .call_flags(CallFlags::ALLOW_REENTRY)
                .exec_input(input)
                .returns::<u32>();
            call.try_invoke().ok().and_then(Result::ok).map_or(0, |reached| reached + 1)
        }

        /// Runs other code on this contract's storage. Not `&mut self`, which would write its own state back after.
        #[ink(message)]
        pub fn delegate(&self, code: Hash, selector: [u8; 4], arguments: Vec<u8>) -> Outcome {
            let input = ExecutionInput::new(Selector::new(selector)).push_arg(Raw(arguments));
            let call = build_call::<DefaultEnvironment>().delegate(code).exec_input(input).returns::<Raw>();
            outcome(call.try_invoke())
        }

        /// Makes a contract by the constructor `new` of this code with encoded arguments.
        #[ink(message, payable)]
        pub fn make(&mut self, code: Hash, arguments: Vec<u8>, endowment: Balance, salt: Vec<u8>) -> Option<AccountId> {
            raw::instantiate(&code, &[&ink::selector_bytes!("new")[..], &arguments].concat(), endowment, &salt)
        }

        /// Becomes another code.
        #[ink(message)]
        pub fn set_code(&mut self, code: Hash) -> Result<(), Error> {
            self.env().set_code_hash(&code).map_err(|_| Error::CodeNotFound)
        }

        /// Moves balance to an account.
        #[ink(message)]
        pub fn transfer(&mut self, to: AccountId, value: Balance) -> Result<(), Error> {
            self.env().transfer(to, value).map_err(|_| Error::TransferFailed)
        }

        /// Takes what is sent.
        #[ink(message, payable)]
        pub fn pay(&mut self) -> Balance {
            self.env().transferred_value()
        }

        /// The contract's own balance.
        #[ink(message)]
        pub fn balance(&self) -> Balance {
            self.env().balance()
        }

        /// Ends the contract; its balance goes to the account.
        #[ink(message)]
        pub fn terminate(&mut self, beneficiary: AccountId) {
            self.env().terminate_contract(beneficiary)
        }

        // --- surroundings ---

        /// Caller, own address, block number and time.
        #[ink(message)]
        pub fn surroundings(&self) -> (AccountId, AccountId, BlockNumber, Timestamp) {
            let env = || self.env();
            (env().caller(), env().account_id(), env().block_number(), env().block_timestamp())
        }

        /// Two draws of randomness.
        #[ink(message)]
        pub fn random(&self) -> ([u8; 32], [u8; 32]) {
            (tallow_ink::random(), tallow_ink::random())
        }

        /// Draws and remembers four bytes.
        #[ink(message)]
        pub fn roll(&mut self) -> u32 {
            self.number = u32::from_le_bytes(tallow_ink::random());
            self.number
        }

        /// Whether this runs as a command, by the chain extension.
        #[ink(message)]
        pub fn in_transaction(&self) -> bool {
            context::is_in_transaction()
        }

        /// Signs with a key of this contract and checks the signature, in all three schemes.
        #[ink(message)]
        pub fn sign(&self, salt: Vec<u8>, message: Vec<u8>) -> bool {
            let key = keys::derive_sr25519_key(&salt);
            [(keys::Scheme::Sr25519, 64), (keys::Scheme::Ed25519, 32), (keys::Scheme::Ecdsa, 32)].iter().all(
                |(scheme, length)| {
                    let key = &key[..*length];
                    let signature = keys::sign(*scheme, key, &message);
                    keys::verify(*scheme, &keys::public_key(*scheme, key), &message, &signature)
                        && !keys::verify(*scheme, &keys::public_key(*scheme, key), b"another", &signature)
                },
            )
        }

        /// The public key of a derived sr25519 key.
        #[ink(message)]
        pub fn derived(&self, salt: Vec<u8>) -> Vec<u8> {
            keys::public_key(keys::Scheme::Sr25519, &keys::derive_sr25519_key(&salt))
        }

        /// Puts a value of this many bytes into the cache and returns how many bytes come back.
        #[ink(message)]
        pub fn cached(&self, bytes: u32) -> Option<u32> {
            cache::set(b"key", &vec![7; bytes as usize]).ok()?;
            cache::get(b"key").map(|value| value.len() as u32)
        }

        // --- HTTP ---

        /// GETs a URL: status and bytes of the body.
        #[ink(message)]
        pub fn fetch(&self, url: String) -> Result<(u16, u32), Error> {
            let answer = http::Request::get(&url).answer_bytes(3 << 20).send().map_err(Error::Http)?;
            Ok((answer.status_code, answer.body.len() as u32))
        }

        /// GETs URLs one after the other and counts the successes in the state.
        #[ink(message)]
        pub fn fetch_and_count(&mut self, urls: Vec<String>) -> Result<u32, Error> {
            for url in &urls {
                http::get(url).map_err(Error::Http)?;
                self.number += 1;
            }
            Ok(self.number)
        }

        /// GETs URLs at once: the statuses.
        #[ink(message)]
        pub fn fetch_all(&self, urls: Vec<String>, timeout_ms: u64) -> Result<Vec<Option<u16>>, Error> {
            let requests: Vec<_> = urls.iter().map(|url| http::Request::get(url)).collect();
            let answers = http::batch(&requests, timeout_ms).map_err(|error| Error::Http(error.into()))?;
            Ok(answers.into_iter().map(|answer| answer.ok().map(|answer| answer.status_code)).collect())
        }

        fn forward(
            &self,
            callee: Option<AccountId>,
            selector: [u8; 4],
            arguments: Vec<u8>,
            value: Balance,
            flags: u32,
        ) -> Outcome {
            let call = build_call::<DefaultEnvironment>()
                .call(callee.or(self.friend).unwrap_or_else(|| self.env().account_id()))
                .transferred_value(value)
                .call_flags(CallFlags::from_bits_truncate(flags))
                .exec_input(ExecutionInput::new(Selector::new(selector)).push_arg(Raw(arguments)))
                .returns::<Raw>();
            outcome(call.try_invoke())
        }
    }

    fn outcome(result: ink::env::Result<ink::MessageResult<Raw>>) -> Outcome {
        match result {
            Ok(Ok(Raw(bytes))) => Outcome::Returned(bytes),
            Ok(Err(error)) => Outcome::Failed(ink::prelude::format!("{error:?}")),
            Err(error) => Outcome::Failed(ink::prelude::format!("{error:?}")),
        }
    }
}
