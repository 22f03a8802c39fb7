//! The JSON of bundles and metadata, as far as it is needed; unknown fields are skipped.

use serde::{Deserialize, Deserializer, de};
use std::fmt;

/// A `.contract` or metadata file of any layout.
#[derive(Deserialize)]
pub(crate) struct RawFile {
    pub(crate) source: Option<RawSource>,
    /// ink! 4 and later: a number or a string.
    pub(crate) version: Option<RawVersion>,
    pub(crate) spec: Option<RawSpec>,
    pub(crate) types: Option<Vec<RawType>>,
    /// Layouts of ink! 3; the first of them may also stand at the top, with `metadataVersion`.
    #[serde(rename = "V0")]
    pub(crate) v0: Option<RawMetadata>,
    #[serde(rename = "V1")]
    pub(crate) v1: Option<RawMetadata>,
    #[serde(rename = "V2")]
    pub(crate) v2: Option<RawMetadata>,
    #[serde(rename = "V3")]
    pub(crate) v3: Option<RawMetadata>,
}

/// A `.contract` file, but for its metadata.
#[derive(Deserialize)]
pub(crate) struct RawCode {
    pub(crate) source: Option<RawSource>,
}

#[derive(Deserialize)]
pub(crate) struct RawMetadata {
    pub(crate) spec: RawSpec,
    pub(crate) types: Vec<RawType>,
}

#[derive(Deserialize)]
pub(crate) struct RawSource {
    pub(crate) hash: Option<String>,
    pub(crate) wasm: Option<String>,
    /// ink! 6, whose code is not Wasm.
    pub(crate) contract_binary: Option<de::IgnoredAny>,
}

#[derive(Deserialize)]
pub(crate) struct RawSpec {
    #[serde(default)]
    pub(crate) constructors: Vec<RawMessage>,
    #[serde(default)]
    pub(crate) messages: Vec<RawMessage>,
    #[serde(default)]
    pub(crate) events: Vec<RawEvent>,
    pub(crate) lang_error: Option<RawTypeUse>,
}

#[derive(Deserialize)]
pub(crate) struct RawMessage {
    #[serde(alias = "name")]
    pub(crate) label: RawLabel,
    pub(crate) selector: RawSelector,
    #[serde(default)]
    pub(crate) args: Vec<RawArgument>,
    #[serde(default)]
    pub(crate) mutates: bool,
    pub(crate) payable: Option<bool>,
    #[serde(default)]
    pub(crate) default: bool,
    #[serde(rename = "returnType")]
    pub(crate) return_type: Option<RawTypeUse>,
    #[serde(default)]
    pub(crate) docs: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct RawArgument {
    #[serde(alias = "name")]
    pub(crate) label: RawLabel,
    #[serde(rename = "type")]
    pub(crate) ty: RawTypeUse,
}

#[derive(Deserialize)]
pub(crate) struct RawEvent {
    #[serde(alias = "name")]
    pub(crate) label: RawLabel,
    #[serde(default)]
    pub(crate) args: Vec<RawArgument>,
    pub(crate) signature_topic: Option<RawTopic>,
    #[serde(default)]
    pub(crate) docs: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct RawTypeUse {
    #[serde(rename = "type")]
    pub(crate) id: u32,
}

/// An entry of the registry: `{id, type: {..}}`, or, in the first layout, the inner part alone.
#[derive(Deserialize)]
pub(crate) struct RawType {
    pub(crate) id: Option<u32>,
    #[serde(rename = "type")]
    pub(crate) inner: Option<RawTypeBody>,
    #[serde(default)]
    pub(crate) path: Vec<String>,
    #[serde(default)]
    pub(crate) params: Vec<RawParam>,
    pub(crate) def: Option<RawDef>,
}

#[derive(Deserialize)]
pub(crate) struct RawTypeBody {
    #[serde(default)]
    pub(crate) path: Vec<String>,
    #[serde(default)]
    pub(crate) params: Vec<RawParam>,
    pub(crate) def: RawDef,
}

/// A type parameter: `{name, type}`, or, in the first layout, the id alone.
pub(crate) struct RawParam(pub(crate) Option<u32>);

#[derive(Deserialize)]
pub(crate) enum RawDef {
    #[serde(rename = "composite")]
    Composite {
        #[serde(default)]
        fields: Vec<RawField>,
    },
    #[serde(rename = "variant")]
    Variant {
        #[serde(default)]
        variants: Vec<RawVariant>,
    },
    #[serde(rename = "sequence")]
    Sequence {
        #[serde(rename = "type")]
        item: u32,
    },
    #[serde(rename = "array")]
    Array {
        len: u32,
        #[serde(rename = "type")]
        item: u32,
    },
    #[serde(rename = "tuple")]
    Tuple(Vec<u32>),
    #[serde(rename = "primitive")]
    Primitive(String),
    #[serde(rename = "compact")]
    Compact {
        #[serde(rename = "type")]
        inner: u32,
    },
    #[serde(rename = "phantom")]
    Phantom(de::IgnoredAny),
    #[serde(rename = "bitsequence", alias = "bitSequence")]
    BitSequence {
        #[serde(rename = "bit_store_type", alias = "bitStoreType")]
        store: u32,
        #[serde(rename = "bit_order_type", alias = "bitOrderType")]
        order: u32,
    },
}

#[derive(Deserialize)]
pub(crate) struct RawField {
    pub(crate) name: Option<String>,
    #[serde(rename = "type")]
    pub(crate) ty: u32,
}

#[derive(Deserialize)]
pub(crate) struct RawVariant {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) fields: Vec<RawField>,
    pub(crate) index: Option<u64>,
    /// The first layout names only discriminants of variants without fields.
    pub(crate) discriminant: Option<u64>,
}

/// The version of the layout: a number, or a string of one.
pub(crate) struct RawVersion(pub(crate) u64);

/// A label: a string, or the segments of a trait's message in older layouts.
pub(crate) struct RawLabel(pub(crate) String);

/// A selector: `None` unless it was four bytes, in hexadecimal, or as a list, or as the text of a list of bytes in
/// hexadecimal, which the first versions wrote.
pub(crate) struct RawSelector(pub(crate) Option<[u8; 4]>);

/// An event's signature topic: a hexadecimal string, or an array of bytes.
pub(crate) struct RawTopic(pub(crate) [u8; 32]);

impl<'de> Deserialize<'de> for RawVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = RawVersion;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version number")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<RawVersion, E> {
                Ok(RawVersion(number))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawVersion, E> {
                text.parse().map(RawVersion).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for RawLabel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = RawLabel;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a label")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawLabel, E> {
                Ok(RawLabel(text.to_owned()))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut segments: A) -> Result<RawLabel, A::Error> {
                let mut label = String::new();
                while let Some(segment) = segments.next_element::<String>()? {
                    if !label.is_empty() {
                        label.push_str("::");
                    }
                    label.push_str(&segment);
                }
                Ok(RawLabel(label))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl RawSelector {
    fn of_text(text: &str) -> Self {
        let listed = text.trim().strip_prefix('[').and_then(|list| list.strip_suffix(']'));
        let digits: String = match listed {
            Some(list) => list.split(',').map(|byte| byte.trim().trim_matches('"').trim_start_matches("0x")).collect(),
            None => text.strip_prefix("0x").unwrap_or(text).to_owned(),
        };
        let mut selector = [0; 4];
        Self(hex::decode_to_slice(digits, &mut selector).ok().map(|()| selector))
    }
}

impl<'de> Deserialize<'de> for RawSelector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = RawSelector;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a selector")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawSelector, E> {
                Ok(RawSelector::of_text(text))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<RawSelector, A::Error> {
                let mut bytes = Vec::new();
                while let Some(item) = items.next_element::<RawByte>()? {
                    bytes.push(item.0);
                }
                Ok(RawSelector(bytes.try_into().ok()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A byte: a number, or two hexadecimal digits.
struct RawByte(u8);

impl<'de> Deserialize<'de> for RawByte {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = RawByte;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a byte")
            }
            fn visit_u64<E: de::Error>(self, byte: u64) -> Result<RawByte, E> {
                u8::try_from(byte).map(RawByte).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, digits: &str) -> Result<RawByte, E> {
                u8::from_str_radix(digits.trim_start_matches("0x"), 16).map(RawByte).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for RawParam {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = RawParam;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type parameter")
            }
            fn visit_u64<E: de::Error>(self, id: u64) -> Result<RawParam, E> {
                u32::try_from(id).map(|id| RawParam(Some(id))).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<RawParam, A::Error> {
                let mut id = None;
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "type" => id = map.next_value()?,
                        _ => drop(map.next_value::<de::IgnoredAny>()?),
                    }
                }
                Ok(RawParam(id))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for RawTopic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = RawTopic;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a topic of 32 bytes")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawTopic, E> {
                let mut topic = [0; 32];
                hex::decode_to_slice(text.trim_start_matches("0x"), &mut topic).map_err(E::custom)?;
                Ok(RawTopic(topic))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut bytes: A) -> Result<RawTopic, A::Error> {
                let mut topic = [0; 32];
                for (i, slot) in topic.iter_mut().enumerate() {
                    *slot = bytes.next_element()?.ok_or_else(|| de::Error::invalid_length(i, &self))?;
                }
                Ok(RawTopic(topic))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
