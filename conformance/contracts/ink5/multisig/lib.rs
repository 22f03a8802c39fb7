//! An account of several owners: what enough of them confirm is called.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod multisig {
    use ink::{
        env::{
            call::{build_call, ExecutionInput},
            CallFlags, DefaultEnvironment,
        },
        prelude::vec::Vec,
        scale::Output,
        storage::Mapping,
    };

    /// Arguments that are encoded already.
    struct Encoded<'a>(&'a [u8]);

    impl ink::scale::Encode for Encoded<'_> {
        fn encode_to<T: Output + ?Sized>(&self, destination: &mut T) {
            destination.write(self.0);
        }
    }

    #[derive(Debug, PartialEq, Eq, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Proposal {
        pub callee: AccountId,
        pub selector: [u8; 4],
        pub arguments: Vec<u8>,
        pub value: Balance,
        pub reenter: bool,
    }

    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        NotOwner,
        Unknown,
        Twice,
        Failed,
    }

    #[ink(event)]
    pub struct Confirmed {
        #[ink(topic)]
        id: u32,
        #[ink(topic)]
        by: AccountId,
    }

    #[ink(event)]
    pub struct Executed {
        #[ink(topic)]
        id: u32,
        result: Option<Vec<u8>>,
    }

    #[ink(storage)]
    pub struct Multisig {
        owners: Vec<AccountId>,
        needed: u32,
        next: u32,
        proposals: Mapping<u32, Proposal>,
        confirmations: Mapping<u32, Vec<AccountId>>,
    }

    impl Multisig {
        #[ink(constructor, payable)]
        pub fn new(owners: Vec<AccountId>, needed: u32) -> Self {
            assert!(needed > 0 && needed as usize <= owners.len(), "that many owners must be there");
            Self { owners, needed, next: 0, proposals: Mapping::new(), confirmations: Mapping::new() }
        }

        #[ink(message)]
        pub fn owners(&self) -> Vec<AccountId> {
            self.owners.clone()
        }

        #[ink(message)]
        pub fn proposal(&self, id: u32) -> Option<(Proposal, Vec<AccountId>)> {
            Some((self.proposals.get(id)?, self.confirmations.get(id).unwrap_or_default()))
        }

        /// Owners change by a call of the contract itself.
        #[ink(message)]
        pub fn add_owner(&mut self, owner: AccountId) -> Result<(), Error> {
            if self.env().caller() != self.env().account_id() {
                return Err(Error::NotOwner);
            }
            self.owners.push(owner);
            Ok(())
        }

        #[ink(message)]
        pub fn propose(&mut self, proposal: Proposal) -> Result<u32, Error> {
            self.only_owner()?;
            let id = self.next;
            self.next = id.checked_add(1).expect("four billion proposals");
            self.proposals.insert(id, &proposal);
            self.confirm(id)?;
            Ok(id)
        }

        #[ink(message)]
        pub fn confirm(&mut self, id: u32) -> Result<u32, Error> {
            let by = self.only_owner()?;
            if !self.proposals.contains(id) {
                return Err(Error::Unknown);
            }
            let mut confirmations = self.confirmations.get(id).unwrap_or_default();
            if confirmations.contains(&by) {
                return Err(Error::Twice);
            }
            confirmations.push(by);
            self.confirmations.insert(id, &confirmations);
            self.env().emit_event(Confirmed { id, by });
            Ok(confirmations.len() as u32)
        }

        /// Calls what was proposed; anybody may ask for it when it is confirmed.
        #[ink(message, payable)]
        pub fn execute(&mut self, id: u32) -> Result<Vec<u8>, Error> {
            let confirmed = self.confirmations.get(id).unwrap_or_default().len();
            if confirmed < self.needed as usize {
                return Err(Error::Unknown);
            }
            let Proposal { callee, selector, arguments, value, reenter } =
                self.proposals.take(id).ok_or(Error::Unknown)?;
            let flags = if reenter { CallFlags::ALLOW_REENTRY } else { CallFlags::empty() };
            let result = build_call::<DefaultEnvironment>()
                .call(callee)
                .transferred_value(value)
                .call_flags(flags)
                .exec_input(ExecutionInput::new(selector.into()).push_arg(Encoded(&arguments)))
                .returns::<Raw>()
                .try_invoke();
            let result = match result {
                Ok(Ok(Raw(data))) => Some(data),
                _ => None,
            };
            self.env().emit_event(Executed { id, result: result.clone() });
            result.ok_or(Error::Failed)
        }

        fn only_owner(&self) -> Result<AccountId, Error> {
            let caller = self.env().caller();
            self.owners.contains(&caller).then_some(caller).ok_or(Error::NotOwner)
        }
    }

    /// Whatever is left of a buffer.
    struct Raw(Vec<u8>);

    impl ink::scale::Decode for Raw {
        fn decode<I: ink::scale::Input>(input: &mut I) -> Result<Self, ink::scale::Error> {
            let mut bytes = Vec::new();
            while let Ok(byte) = input.read_byte() {
                bytes.push(byte);
            }
            Ok(Self(bytes))
        }
    }
}
