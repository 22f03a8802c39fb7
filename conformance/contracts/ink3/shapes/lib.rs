//! A trait with several messages, and types of every kind.
#![cfg_attr(not(feature = "std"), no_std)]

use ink_lang as ink;

/// What every shape can tell of itself.
#[ink::trait_definition]
pub trait Shape {
    #[ink(message)]
    fn area(&self) -> u64;

    #[ink(message, payable, selector = 0xC0DECAFE)]
    fn scale_by(&mut self, factor: u32) -> u64;
}

#[ink::contract]
mod shapes {
    use super::Shape;
    use ink_prelude::{collections::BTreeMap, string::String, vec::Vec};
    use ink_storage::traits::{PackedLayout, SpreadLayout};
    use scale::Compact;

    #[derive(Debug, Clone, PartialEq, Eq, scale::Encode, scale::Decode, SpreadLayout, PackedLayout)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo, ink_storage::traits::StorageLayout))]
    pub enum Kind {
        Point,
        Circle(u32),
        Rectangle { width: u32, height: u32 },
    }

    #[ink(storage)]
    pub struct Shapes {
        kind: Kind,
    }

    impl Shapes {
        #[ink(constructor)]
        pub fn new(kind: Kind) -> Self {
            Self { kind }
        }

        #[ink(constructor, selector = 0x00000001)]
        pub fn point() -> Self {
            Self { kind: Kind::Point }
        }

        #[ink(message)]
        pub fn kind(&self) -> Kind {
            self.kind.clone()
        }

        #[ink(message)]
        pub fn echo(
            &self,
            a: i128,
            b: Compact<u32>,
            c: Option<Kind>,
            d: Result<bool, String>,
        ) -> (i128, Compact<u32>, Option<Kind>, Result<bool, String>) {
            (a, b, c, d)
        }

        #[ink(message)]
        pub fn maps(
            &self,
            map: BTreeMap<String, Vec<u16>>,
            bytes: Vec<u8>,
            hash: Hash,
        ) -> (BTreeMap<String, Vec<u16>>, Vec<u8>, Hash) {
            (map, bytes, hash)
        }

        /// Divides by zero, for nothing.
        #[ink(message)]
        pub fn per(&self, count: u32) -> u64 {
            self.area() / u64::from(count)
        }
    }

    impl Shape for Shapes {
        #[ink(message)]
        fn area(&self) -> u64 {
            match self.kind {
                Kind::Point => 0,
                // Good enough for a test.
                Kind::Circle(radius) => 3 * u64::from(radius) * u64::from(radius),
                Kind::Rectangle { width, height } => u64::from(width) * u64::from(height),
            }
        }

        #[ink(message, payable, selector = 0xC0DECAFE)]
        fn scale_by(&mut self, factor: u32) -> u64 {
            match &mut self.kind {
                Kind::Point => (),
                Kind::Circle(radius) => *radius *= factor,
                Kind::Rectangle { width, height } => {
                    *width *= factor;
                    *height *= factor;
                }
            }
            self.area()
        }
    }
}
