//! Refuses in every way that ink! 4 knows.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod gate {
    use ink::prelude::string::String;

    #[derive(Debug, PartialEq, Eq, scale::Encode, scale::Decode)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
    pub enum Refusal {
        Closed,
        Because(String),
    }

    #[ink(storage)]
    pub struct Gate {
        open: bool,
        passed: u32,
    }

    impl Gate {
        #[ink(constructor)]
        pub fn new(open: bool) -> Result<Self, Refusal> {
            if !open {
                return Err(Refusal::Because("a gate that never opens is a wall".into()));
            }
            Ok(Self { open, passed: 0 })
        }

        #[ink(constructor, payable)]
        pub fn closed() -> Self {
            Self { open: false, passed: 0 }
        }

        #[ink(message)]
        pub fn pass(&mut self) -> Result<u32, Refusal> {
            self.passed += 1;
            if self.open {
                Ok(self.passed)
            } else {
                Err(Refusal::Closed)
            }
        }

        #[ink(message)]
        pub fn passed(&self) -> u32 {
            self.passed
        }

        #[ink(message)]
        pub fn open(&mut self, open: bool) {
            self.open = open;
        }

        #[ink(message)]
        pub fn force(&mut self) {
            self.open = true;
            assert!(self.passed > 0, "nobody passed yet");
        }

        /// A result inside of a result.
        #[ink(message)]
        pub fn nested(&self, how: u8) -> Result<Result<u8, Refusal>, Refusal> {
            match how {
                0 => Ok(Ok(1)),
                1 => Ok(Err(Refusal::Closed)),
                _ => Err(Refusal::Because("how?".into())),
            }
        }
    }
}
