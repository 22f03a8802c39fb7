//! Forwards what it does not know to other code, which works on this contract's storage.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod proxy {
    use ink::{
        env::{call::build_call, CallFlags, DefaultEnvironment},
        storage::{traits::ManualKey, Lazy},
    };

    #[ink(storage)]
    pub struct Proxy {
        /// The first fields are those of the code behind.
        count: u32,
        owner: AccountId,
        code: Lazy<Hash, ManualKey<0xc0de>>,
    }

    impl Proxy {
        #[ink(constructor, payable)]
        pub fn new(code: Hash) -> Self {
            let mut behind = Lazy::new();
            behind.set(&code);
            Self { count: 0, owner: Self::env().caller(), code: behind }
        }

        #[ink(message, selector = @)]
        pub fn point_at(&mut self, code: Hash) {
            assert_eq!(self.env().caller(), self.owner, "only the owner points");
            self.code.set(&code);
        }

        /// Everything else.
        #[ink(message, payable, selector = _)]
        pub fn forward(&self) -> u32 {
            let code = self.code.get().expect("set by the constructor");
            build_call::<DefaultEnvironment>()
                .delegate(code)
                .call_flags(CallFlags::FORWARD_INPUT | CallFlags::TAIL_CALL)
                .try_invoke()
                .map(|_| 0)
                .unwrap_or(1)
        }
    }
}
