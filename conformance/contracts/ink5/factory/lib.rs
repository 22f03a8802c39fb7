//! Makes contracts and calls them, in every way that ink! 5 offers.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod factory {
    use ink::{
        env::{
            call::{build_call, build_create, ExecutionInput, Selector},
            DefaultEnvironment,
        },
        prelude::vec::Vec,
        LangError, ToAccountId,
    };
    use ink5_accumulator::{AccumulatorRef, Error as AccumulatorError};

    /// What may go wrong with another contract.
    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        /// The host's return code, as ink! encodes it.
        Host(u32),
        Lang(LangError),
        Contract(AccumulatorError),
    }

    #[ink(storage)]
    #[derive(Default)]
    pub struct Factory {
        made: Vec<AccountId>,
    }

    impl Factory {
        #[ink(constructor, payable)]
        pub fn new() -> Self {
            Self::default()
        }

        #[ink(message)]
        pub fn made(&self) -> Vec<AccountId> {
            self.made.clone()
        }

        /// With the second version of the host function: weight and deposit limits apart.
        #[ink(message, payable)]
        pub fn make(&mut self, code: Hash, value: i32, endowment: Balance, salt: Vec<u8>) -> Result<AccountId, Error> {
            let made = AccumulatorRef::new(value)
                .code_hash(code)
                .endowment(endowment)
                .salt_bytes(salt)
                .try_instantiate()
                .map_err(|error| Error::Host(code_of(error)))?
                .map_err(Error::Lang)?;
            Ok(self.keep(made.to_account_id()))
        }

        /// With the first version, and a constructor that may refuse.
        #[ink(message, payable)]
        pub fn make_even(&mut self, code: Hash, value: i32, salt: [u8; 4]) -> Result<AccountId, Error> {
            let made = AccumulatorRef::even(value)
                .instantiate_v1()
                .code_hash(code)
                .gas_limit(0)
                .endowment(0)
                .salt_bytes(salt)
                .try_instantiate()
                .map_err(|error| Error::Host(code_of(error)))?
                .map_err(Error::Lang)?
                .map_err(Error::Contract)?;
            Ok(self.keep(made.to_account_id()))
        }

        /// A constructor by its selector alone, which need not exist.
        #[ink(message)]
        pub fn make_by_selector(&mut self, code: Hash, selector: [u8; 4]) -> Result<AccountId, Error> {
            let made = build_create::<AccumulatorRef>()
                .code_hash(code)
                .endowment(0)
                .exec_input(ExecutionInput::new(Selector::new(selector)))
                .salt_bytes(selector)
                .returns::<AccumulatorRef>()
                .params()
                .try_instantiate()
                .map_err(|error| Error::Host(code_of(error)))?
                .map_err(Error::Lang)?;
            Ok(self.keep(made.to_account_id()))
        }

        /// Through the typed reference.
        #[ink(message)]
        pub fn add(&mut self, to: AccountId, by: i32) -> Result<i32, Error> {
            reference(to).add(by).map_err(Error::Contract)
        }

        /// With value, and limits of weight and deposit.
        #[ink(message, payable)]
        pub fn pay(&mut self, to: AccountId, by: i32, value: Balance) -> Result<i32, Error> {
            build_call::<DefaultEnvironment>()
                .call(to)
                .ref_time_limit(0)
                .proof_size_limit(0)
                .storage_deposit_limit(1_000_000_000_000)
                .transferred_value(value)
                .exec_input(ExecutionInput::new(Selector::new(ink::selector_bytes!("add"))).push_arg(by))
                .returns::<Result<i32, AccumulatorError>>()
                .try_invoke()
                .map_err(|error| Error::Host(code_of(error)))?
                .map_err(Error::Lang)?
                .map_err(Error::Contract)
        }

        /// With the first version of the host function.
        #[ink(message)]
        pub fn add_v1(&mut self, to: AccountId, by: i32, gas: u64) -> Result<i32, Error> {
            build_call::<DefaultEnvironment>()
                .call_v1(to)
                .gas_limit(gas)
                .exec_input(ExecutionInput::new(Selector::new(ink::selector_bytes!("add"))).push_arg(by))
                .returns::<Result<i32, AccumulatorError>>()
                .try_invoke()
                .map_err(|error| Error::Host(code_of(error)))?
                .map_err(Error::Lang)?
                .map_err(Error::Contract)
        }

        #[ink(message)]
        pub fn value(&self, of: AccountId) -> i32 {
            reference(of).value()
        }

        #[ink(message)]
        pub fn who_calls(&self, whom: AccountId) -> (AccountId, bool) {
            reference(whom).caller()
        }

        /// What the panic of another contract comes to: it is lost alone.
        #[ink(message)]
        pub fn survive(&mut self, whom: AccountId) -> Result<(), Error> {
            self.by_selector(whom, ink::selector_bytes!("fail"))
        }

        /// A message by its selector alone, which need not exist.
        #[ink(message)]
        pub fn by_selector(&mut self, whom: AccountId, selector: [u8; 4]) -> Result<(), Error> {
            build_call::<DefaultEnvironment>()
                .call(whom)
                .exec_input(ExecutionInput::new(Selector::new(selector)))
                .returns::<()>()
                .try_invoke()
                .map_err(|error| Error::Host(code_of(error)))?
                .map_err(Error::Lang)
        }

        /// Adds, and then refuses: what the other contract did is undone as well.
        #[ink(message)]
        pub fn add_and_refuse(&mut self, to: AccountId, by: i32) -> Result<(), Error> {
            reference(to).add(by).map_err(Error::Contract)?;
            Err(Error::Contract(AccumulatorError::TooMuch))
        }

        fn keep(&mut self, made: AccountId) -> AccountId {
            self.made.push(made);
            made
        }
    }

    fn reference(account: AccountId) -> AccumulatorRef {
        ink::env::call::FromAccountId::from_account_id(account)
    }

    /// The number of a return code; from 1000 on, errors that are not the host's.
    fn code_of(error: ink::env::Error) -> u32 {
        match error {
            ink::env::Error::ReturnError(code) => code.into(),
            ink::env::Error::Decode(_) => 1001,
            _ => 1000,
        }
    }
}
