//! Tokens that each have an owner.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod erc721 {
    use ink::{prelude::string::String, storage::Mapping};

    pub type TokenId = u32;

    #[derive(Debug, PartialEq, Eq, Clone, Copy)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        Exists,
        Unknown,
        NotAllowed,
    }

    #[ink(event)]
    pub struct Transfer {
        #[ink(topic)]
        from: Option<AccountId>,
        #[ink(topic)]
        to: Option<AccountId>,
        #[ink(topic)]
        id: TokenId,
    }

    #[ink(event)]
    pub struct ApprovalForAll {
        #[ink(topic)]
        owner: AccountId,
        #[ink(topic)]
        operator: AccountId,
        approved: bool,
    }

    #[ink(storage)]
    #[derive(Default)]
    pub struct Erc721 {
        owners: Mapping<TokenId, AccountId>,
        counts: Mapping<AccountId, u32>,
        approvals: Mapping<TokenId, AccountId>,
        operators: Mapping<(AccountId, AccountId), ()>,
        names: Mapping<TokenId, String>,
    }

    impl Erc721 {
        #[ink(constructor)]
        pub fn new() -> Self {
            Self::default()
        }

        #[ink(message)]
        pub fn owner_of(&self, id: TokenId) -> Option<AccountId> {
            self.owners.get(id)
        }

        #[ink(message)]
        pub fn balance_of(&self, owner: AccountId) -> u32 {
            self.counts.get(owner).unwrap_or_default()
        }

        #[ink(message)]
        pub fn name_of(&self, id: TokenId) -> Option<String> {
            self.names.get(id)
        }

        #[ink(message)]
        pub fn mint(&mut self, id: TokenId, name: String) -> Result<(), Error> {
            if self.owners.contains(id) {
                return Err(Error::Exists);
            }
            let caller = self.env().caller();
            self.owners.insert(id, &caller);
            self.names.insert(id, &name);
            self.count(caller, 1);
            self.env().emit_event(Transfer { from: None, to: Some(caller), id });
            Ok(())
        }

        #[ink(message)]
        pub fn approve(&mut self, to: AccountId, id: TokenId) -> Result<(), Error> {
            let owner = self.owners.get(id).ok_or(Error::Unknown)?;
            if owner != self.env().caller() {
                return Err(Error::NotAllowed);
            }
            self.approvals.insert(id, &to);
            Ok(())
        }

        #[ink(message)]
        pub fn set_approval_for_all(&mut self, operator: AccountId, approved: bool) {
            let owner = self.env().caller();
            if approved {
                self.operators.insert((owner, operator), &());
            } else {
                self.operators.remove((owner, operator));
            }
            self.env().emit_event(ApprovalForAll { owner, operator, approved });
        }

        #[ink(message)]
        pub fn transfer_from(&mut self, from: AccountId, to: AccountId, id: TokenId) -> Result<(), Error> {
            let owner = self.owners.get(id).ok_or(Error::Unknown)?;
            if owner != from || !self.may_move(owner, id) {
                return Err(Error::NotAllowed);
            }
            self.approvals.remove(id);
            self.owners.insert(id, &to);
            self.count(from, -1);
            self.count(to, 1);
            self.env().emit_event(Transfer { from: Some(from), to: Some(to), id });
            Ok(())
        }

        #[ink(message)]
        pub fn burn(&mut self, id: TokenId) -> Result<(), Error> {
            let caller = self.env().caller();
            match self.owners.get(id) {
                None => return Err(Error::Unknown),
                Some(owner) if owner != caller => return Err(Error::NotAllowed),
                Some(_) => (),
            }
            self.owners.remove(id);
            self.names.remove(id);
            self.count(caller, -1);
            self.env().emit_event(Transfer { from: Some(caller), to: None, id });
            Ok(())
        }

        fn may_move(&self, owner: AccountId, id: TokenId) -> bool {
            let caller = self.env().caller();
            caller == owner || self.approvals.get(id) == Some(caller) || self.operators.contains((owner, caller))
        }

        fn count(&mut self, owner: AccountId, change: i32) {
            let count = self.balance_of(owner).checked_add_signed(change).expect("counts follow the owners");
            self.counts.insert(owner, &count);
        }
    }
}
