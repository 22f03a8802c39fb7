//! Events as text.

use crate::{DecodeError, EventSpec, Fields, Layout, Metadata, Value, decode::decode_all};
use tallow_types::Hash;

/// An event cannot be shown with this metadata.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EventError {
    /// The contract's metadata knows no such event: another contract's, or an anonymous one that fits several.
    #[error("the metadata has no such event")]
    Unknown,
    /// The bytes are not those of the event.
    #[error("the event's data is not what the metadata says: {0}")]
    Malformed(#[from] DecodeError),
}

impl Metadata {
    /// An event of the contract by its topics and data: `Name { field: value }`.
    ///
    /// # Errors
    /// [`EventError`] when it is none of this metadata's.
    pub fn decode_event(&self, topics: &[Hash], data: &[u8]) -> Result<Value, EventError> {
        if self.layout < Layout::Ink5 {
            // The data starts with the event's number.
            let (index, rest) = data.split_first().ok_or(EventError::Unknown)?;
            let event = self.events().get(usize::from(*index)).ok_or(EventError::Unknown)?;
            return Ok(self.decode_fields(event, rest)?);
        }
        let signed =
            |event: &&EventSpec| event.signature_topic.is_some() && event.signature_topic.as_ref() == topics.first();
        match self.events().iter().find(signed) {
            Some(event) => Ok(self.decode_fields(event, data)?),
            None => self.decode_anonymous(data),
        }
    }

    /// The one anonymous event that the data fits.
    fn decode_anonymous(&self, data: &[u8]) -> Result<Value, EventError> {
        let anonymous = self.events().iter().filter(|event| event.signature_topic.is_none());
        let mut fitting = anonymous.filter_map(|event| self.decode_fields(event, data).ok());
        match (fitting.next(), fitting.next()) {
            (Some(event), None) => Ok(event),
            _ => Err(EventError::Unknown),
        }
    }

    fn decode_fields(&self, event: &EventSpec, data: &[u8]) -> Result<Value, DecodeError> {
        let types: Vec<u32> = event.args.iter().map(|arg| arg.ty).collect();
        let values = decode_all(&self.registry, &types, data)?;
        let named = event.args.iter().map(|arg| arg.label.clone()).zip(values).collect::<Vec<_>>();
        let fields = if named.is_empty() { Fields::Unit } else { Fields::Named(named) };
        Ok(Value::Struct { name: Some(event.label.clone()), fields })
    }
}
