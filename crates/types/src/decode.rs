//! Decoding of hostile input.

use crate::limits::DECODE_DEPTH_MAX;
use parity_scale_codec::{Decode, DecodeLimit};

/// The input is not the canonical encoding of the type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed {what}")]
pub struct Malformed {
    /// Name of the type that was expected.
    pub what: &'static str,
}

/// Decodes `bytes` as exactly one `T`: bounded nesting, nothing left over.
///
/// Collections cannot claim more elements than the input holds, so memory is bounded by the input's length.
pub fn decode_exact<T: Decode>(bytes: &[u8]) -> Result<T, Malformed> {
    T::decode_all_with_depth_limit(DECODE_DEPTH_MAX, &mut &*bytes)
        .map_err(|_| Malformed { what: std::any::type_name::<T>().rsplit("::").next().unwrap_or("message") })
}
