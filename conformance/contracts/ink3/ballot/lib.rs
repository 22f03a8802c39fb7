//! Voters, proposals and delegation: structs, vectors and mappings in the storage of ink! 3.
#![cfg_attr(not(feature = "std"), no_std)]

use ink_lang as ink;

#[ink::contract]
mod ballot {
    use ink_prelude::{string::String, vec::Vec};
    use ink_storage::{
        traits::{PackedAllocate, PackedLayout, SpreadAllocate, SpreadLayout},
        Mapping,
    };

    #[derive(Debug, Default, Clone, PartialEq, Eq, scale::Encode, scale::Decode, SpreadLayout, PackedLayout)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo, ink_storage::traits::StorageLayout))]
    pub struct Voter {
        weight: u32,
        vote: Option<u32>,
        delegate: Option<AccountId>,
    }

    #[derive(Debug, Clone, PartialEq, Eq, scale::Encode, scale::Decode, SpreadLayout, PackedLayout, SpreadAllocate)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo, ink_storage::traits::StorageLayout))]
    pub struct Proposal {
        name: String,
        votes: u32,
    }

    impl PackedAllocate for Proposal {
        fn allocate_packed(&mut self, _: &ink_primitives::Key) {}
    }

    #[ink(storage)]
    #[derive(SpreadAllocate)]
    pub struct Ballot {
        chair: AccountId,
        voters: Mapping<AccountId, Voter>,
        proposals: Vec<Proposal>,
    }

    impl Ballot {
        #[ink(constructor)]
        pub fn new(names: Vec<String>) -> Self {
            ink_lang::utils::initialize_contract(|ballot: &mut Self| {
                ballot.chair = Self::env().caller();
                ballot.proposals = names.into_iter().map(|name| Proposal { name, votes: 0 }).collect();
                ballot.voters.insert(ballot.chair, &Voter { weight: 1, ..Voter::default() });
            })
        }

        #[ink(message)]
        pub fn allow(&mut self, voter: AccountId) -> bool {
            if self.env().caller() != self.chair || self.voters.contains(voter) {
                return false;
            }
            self.voters.insert(voter, &Voter { weight: 1, ..Voter::default() });
            true
        }

        #[ink(message)]
        pub fn vote(&mut self, proposal: u32) -> Result<u32, String> {
            let caller = self.env().caller();
            let mut voter = self.voters.get(caller).ok_or_else(|| String::from("not a voter"))?;
            if voter.vote.is_some() || voter.delegate.is_some() {
                return Err("voted already".into());
            }
            voter.vote = Some(proposal);
            self.voters.insert(caller, &voter);
            // Traps when there is no such proposal.
            let proposal = &mut self.proposals[proposal as usize];
            proposal.votes += voter.weight;
            Ok(proposal.votes)
        }

        #[ink(message)]
        pub fn delegate(&mut self, to: AccountId) -> Result<(), String> {
            let caller = self.env().caller();
            let mut voter = self.voters.get(caller).ok_or_else(|| String::from("not a voter"))?;
            let mut delegate = self.voters.get(to).ok_or_else(|| String::from("no such delegate"))?;
            if voter.vote.is_some() || caller == to {
                return Err("cannot delegate".into());
            }
            voter.delegate = Some(to);
            delegate.weight += voter.weight;
            self.voters.insert(caller, &voter);
            self.voters.insert(to, &delegate);
            Ok(())
        }

        #[ink(message)]
        pub fn voter(&self, account: AccountId) -> Option<Voter> {
            self.voters.get(account)
        }

        #[ink(message)]
        pub fn proposals(&self) -> Vec<Proposal> {
            self.proposals.clone()
        }

        #[ink(message)]
        pub fn winner(&self) -> Option<String> {
            self.proposals.iter().max_by_key(|proposal| proposal.votes).map(|proposal| proposal.name.clone())
        }
    }
}
