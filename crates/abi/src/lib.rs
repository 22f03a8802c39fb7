//! Contract bundles: code, metadata, and the text form of arguments, results and events.
//!
//! [`Bundle::parse`] reads what contract authors have (`.contract`, `.wasm`); [`Metadata`] translates between the text
//! form (`docs/text-form.md`) and SCALE for the contract's own types. It takes every metadata layout of ink! 3, 4 and 5.
//!
//! Bundles, metadata and returned bytes are hostile: nesting, sizes and the number of parts of a value are bounded.

mod bundle;
mod decode;
mod encode;
mod event;
mod metadata;
mod names;
mod raw;
mod registry;
mod ss58;
mod text;
mod value;

pub use bundle::{Bundle, BundleError};
pub use decode::DecodeError;
pub use encode::{ArgumentError, ArgumentProblem};
pub use event::EventError;
pub use metadata::{Argument, EventSpec, Layout, Message, Metadata, MetadataError, ReturnError};
pub use names::UnknownName;
pub use ss58::ss58_address;
pub use text::{TextError, parse_value};
pub use value::{Fields, Value};

#[cfg(test)]
mod tests;
