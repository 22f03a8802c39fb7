//! Calls with every flag, and back again. Works with another contract of the same code.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod calls {
    use ink::{
        env::{
            call::{build_call, ExecutionInput, Selector},
            CallFlags, DefaultEnvironment,
        },
        prelude::vec::Vec,
    };

    #[ink(storage)]
    pub struct Calls {
        depth: u32,
        touched: u32,
    }

    type Outcome = Result<u32, u32>;

    impl Calls {
        #[ink(constructor, payable)]
        pub fn new() -> Self {
            Self { depth: 0, touched: 0 }
        }

        #[ink(message)]
        pub fn touched(&self) -> u32 {
            self.touched
        }

        #[ink(message, payable)]
        pub fn touch(&mut self, by: u32) -> u32 {
            self.touched = self.touched.wrapping_add(by);
            self.touched
        }

        /// Calls itself: allowed only with the flag.
        #[ink(message)]
        pub fn reenter(&mut self, allow: bool) -> Outcome {
            let flags = if allow { CallFlags::ALLOW_REENTRY } else { CallFlags::empty() };
            self.call_touch(self.env().account_id(), flags, 1, 0)
        }

        /// Calls another contract with value.
        #[ink(message, payable)]
        pub fn pay(&mut self, to: AccountId, by: u32, value: Balance) -> Outcome {
            self.call_touch(to, CallFlags::empty(), by, value)
        }

        /// The other contract gets this message's own input, and calls nothing else.
        #[ink(message)]
        pub fn clone_input(&mut self, to: AccountId, hops: u32) -> u32 {
            if self.env().account_id() == to || hops == 0 {
                self.touched = self.touched.wrapping_add(hops);
                return self.touched;
            }
            let result = build_call::<DefaultEnvironment>()
                .call(to)
                .call_flags(CallFlags::CLONE_INPUT)
                .exec_input(ExecutionInput::new(Selector::new([0; 4])))
                .returns::<u32>()
                .try_invoke();
            result.map_or(u32::MAX, |result| result.unwrap_or(u32::MAX))
        }

        /// As above, and the input is gone afterwards: what the other answers is the answer of this one.
        #[ink(message)]
        pub fn forward(&mut self, to: AccountId) -> u32 {
            if self.env().account_id() == to {
                self.touched = self.touched.wrapping_add(1000);
                return self.touched;
            }
            let _ = build_call::<DefaultEnvironment>()
                .call(to)
                .call_flags(CallFlags::FORWARD_INPUT | CallFlags::TAIL_CALL)
                .try_invoke();
            unreachable!("a tail call does not come back")
        }

        /// A chain of calls, each contract calling the other; how deep it went.
        #[ink(message)]
        pub fn ping(&mut self, other: AccountId, depth: u32) -> Outcome {
            self.depth = depth;
            if depth == 0 {
                return Ok(0);
            }
            let own = self.env().account_id();
            let result = build_call::<DefaultEnvironment>()
                .call(other)
                .call_flags(CallFlags::ALLOW_REENTRY)
                .exec_input(
                    ExecutionInput::new(Selector::new(ink::selector_bytes!("ping"))).push_arg(own).push_arg(depth - 1),
                )
                .returns::<Outcome>()
                .try_invoke();
            match result {
                Ok(Ok(Ok(deeper))) => Ok(deeper + 1),
                Ok(Ok(Err(error))) => Err(error),
                Ok(Err(_)) => Err(1002),
                Err(ink::env::Error::ReturnError(code)) => Err(code.into()),
                Err(_) => Err(1001),
            }
        }

        #[ink(message)]
        pub fn depth(&self) -> u32 {
            self.depth
        }

        /// Each of these is paid one unit; how many succeeded.
        #[ink(message, payable)]
        pub fn share(&mut self, among: Vec<AccountId>) -> u32 {
            among.iter().filter(|account| self.env().transfer(**account, 1).is_ok()).count() as u32
        }

        fn call_touch(&self, to: AccountId, flags: CallFlags, by: u32, value: Balance) -> Outcome {
            let result = build_call::<DefaultEnvironment>()
                .call(to)
                .call_flags(flags)
                .transferred_value(value)
                .exec_input(ExecutionInput::new(Selector::new(ink::selector_bytes!("touch"))).push_arg(by))
                .returns::<u32>()
                .try_invoke();
            match result {
                Ok(Ok(touched)) => Ok(touched),
                Ok(Err(_)) => Err(1002),
                Err(ink::env::Error::ReturnError(code)) => Err(code.into()),
                Err(_) => Err(1001),
            }
        }
    }
}
