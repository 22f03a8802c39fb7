//! SCALE to values.

use crate::{
    Fields, Metadata, ReturnError, Value,
    encode::{bit_place, compact_primitive},
    metadata::{Message, ReturnType},
    registry::{Bits, Def, Field, Primitive, Registry, Variant},
};
use parity_scale_codec::{Compact, Decode};
use tallow_types::limits::{VALUE_DEPTH_MAX, VALUE_PARTS_MAX};

/// Bytes are not of a type.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("{0} expected, but the data ends")]
    Short(String),
    /// Bytes are left over.
    #[error("{0} bytes are left over")]
    TooLong(usize),
    /// Bytes that no value of the type has.
    #[error("not a {0}")]
    Invalid(String),
    /// An index that no variant has.
    #[error("{ty} has no variant of index {index}")]
    UnknownVariant {
        /// The type.
        ty: String,
        /// The index.
        index: u8,
    },
    /// The value is nested too deeply, or has too many parts.
    #[error("the value is nested deeper than {VALUE_DEPTH_MAX} levels or has more than {VALUE_PARTS_MAX} parts")]
    TooComplex,
    /// A type that cannot be decoded.
    #[error("{0} is not supported")]
    Unsupported(String),
}

impl Metadata {
    /// What a message returned, from its return buffer: without the `Result` that ink! 4 and later wrap around it.
    ///
    /// # Errors
    /// [`ReturnError`]: the dispatch failed inside the contract, or the bytes are not of the return type.
    pub fn decode_return(&self, name: &str, data: &[u8]) -> Result<Value, ReturnError> {
        self.decode_result(self.message(name)?, data)
    }

    /// What a constructor returned, as [`Self::decode_return`].
    ///
    /// # Errors
    /// As [`Self::decode_return`].
    pub fn decode_constructed(&self, name: &str, data: &[u8]) -> Result<Value, ReturnError> {
        self.decode_result(self.constructor(name)?, data)
    }

    fn decode_result(&self, message: &Message, data: &[u8]) -> Result<Value, ReturnError> {
        let ty = match (self.return_type(message), data.split_first()) {
            (ReturnType::Plain(id), _) => return Ok(decode_all(&self.registry, &[id], data)?.remove(0)),
            (ReturnType::Wrapped { err: (index, id), .. }, Some((first, rest))) if *first == index => {
                return Err(ReturnError::Lang(decode_all(&self.registry, &[id], rest)?.remove(0)));
            }
            (ReturnType::Wrapped { ok: (index, id), .. }, Some((first, rest))) if *first == index => (id, rest),
            (ReturnType::Wrapped { .. }, Some((first, _))) => {
                return Err(DecodeError::UnknownVariant { ty: "Result".to_owned(), index: *first }.into());
            }
            (ReturnType::Wrapped { .. }, None) => return Err(DecodeError::Short("Result".to_owned()).into()),
            (ReturnType::Nothing, _) => (None, data),
        };
        match ty {
            (Some(id), rest) => Ok(decode_all(&self.registry, &[id], rest)?.remove(0)),
            (None, []) => Ok(Value::UNIT),
            (None, rest) => Err(DecodeError::TooLong(rest.len()).into()),
        }
    }
}

/// Decodes values of the given types, one after another, and nothing else: as many values as types.
pub(crate) fn decode_all(registry: &Registry, types: &[u32], data: &[u8]) -> Result<Vec<Value>, DecodeError> {
    let mut decoder = Decoder { registry, rest: data, parts: 0 };
    let values = types.iter().map(|id| decoder.value(*id, 0)).collect::<Result<_, _>>()?;
    match decoder.rest.len() {
        0 => Ok(values),
        left => Err(DecodeError::TooLong(left)),
    }
}

struct Decoder<'a> {
    registry: &'a Registry,
    rest: &'a [u8],
    /// Values made so far: types of size zero could ask for any number of them.
    parts: usize,
}

impl<'a> Decoder<'a> {
    fn take(&mut self, count: usize, what: impl Fn() -> String) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| DecodeError::Short(what()))?;
        self.rest = rest;
        Ok(taken)
    }

    fn value(&mut self, id: u32, depth: usize) -> Result<Value, DecodeError> {
        self.parts += 1;
        if depth > VALUE_DEPTH_MAX || self.parts > VALUE_PARTS_MAX {
            return Err(DecodeError::TooComplex);
        }
        let ty = self.registry.get(id);
        match &ty.def {
            Def::Primitive(primitive) => self.primitive(*primitive),
            Def::Sequence(item) => {
                let length = self.length()?;
                self.list(length, *item, depth)
            }
            Def::Array(len, item) => self.list(*len as usize, *item, depth),
            Def::Tuple(ids) => Ok(Value::Tuple(self.values(ids.iter().copied(), depth)?)),
            Def::Composite(fields) => self.composite(id, fields, depth),
            Def::Variant(variants) => self.variant(id, variants, depth),
            Def::Compact(inner) => self.compact(id, *inner),
            Def::BitSequence(bits) => self.bits(id, *bits),
        }
    }

    fn values(&mut self, ids: impl Iterator<Item = u32>, depth: usize) -> Result<Vec<Value>, DecodeError> {
        ids.map(|id| self.value(id, depth + 1)).collect()
    }

    fn list(&mut self, length: usize, item: u32, depth: usize) -> Result<Value, DecodeError> {
        if self.registry.is_byte(item) {
            return Ok(Value::Bytes(self.take(length, || format!("{length} bytes"))?.to_vec()));
        }
        Ok(Value::Seq(self.values(std::iter::repeat_n(item, length), depth)?))
    }

    fn bits(&mut self, id: u32, bits: Bits) -> Result<Value, DecodeError> {
        let describe = || self.registry.describe(id);
        let (word, msb_first) = self.registry.bits(bits).ok_or_else(|| DecodeError::Unsupported(describe()))?;
        let length = self.length()?;
        let words = self.take(length.div_ceil(word * 8) * word, || format!("{length} bits"))?;
        self.parts = self.parts.saturating_add(length);
        if self.parts > VALUE_PARTS_MAX {
            return Err(DecodeError::TooComplex);
        }
        // What fills the last word up is not part of the value, and must be nothing.
        let all = (0..words.len() * 8).map(|at| {
            let (byte, mask) = bit_place(at, word, msb_first);
            words[byte] & mask != 0
        });
        let mut all: Vec<bool> = all.collect();
        if all.split_off(length).contains(&true) {
            return Err(DecodeError::Invalid(self.registry.describe(id)));
        }
        Ok(Value::Seq(all.into_iter().map(Value::Bool).collect()))
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        let Compact(length) =
            <Compact<u32>>::decode(&mut self.rest).map_err(|_| DecodeError::Short("a length".into()))?;
        Ok(length as usize)
    }

    fn primitive(&mut self, primitive: Primitive) -> Result<Value, DecodeError> {
        let invalid = || DecodeError::Invalid(primitive.name());
        Ok(match primitive {
            Primitive::Bool => match self.take(1, || primitive.name())? {
                [0] => Value::Bool(false),
                [1] => Value::Bool(true),
                _ => return Err(invalid()),
            },
            Primitive::Char => {
                let code = self.take(4, || primitive.name())?.try_into().expect("four bytes are taken");
                Value::Char(char::from_u32(u32::from_le_bytes(code)).ok_or_else(invalid)?)
            }
            Primitive::Str => {
                let length = self.length()?;
                let bytes = self.take(length, || format!("a text of {length} bytes"))?;
                Value::Text(std::str::from_utf8(bytes).map_err(|_| invalid())?.to_owned())
            }
            Primitive::UInt(bytes) => unsigned(self.take(bytes, || primitive.name())?),
            Primitive::Int(bytes) => signed(self.take(bytes, || primitive.name())?),
        })
    }

    fn composite(&mut self, id: u32, fields: &[Field], depth: usize) -> Result<Value, DecodeError> {
        let ty = self.registry.get(id);
        if let [only] = fields
            && only.name.is_none()
            && self.registry.is_transparent(ty, only.ty)
        {
            return self.value(only.ty, depth + 1);
        }
        Ok(match (&ty.name, self.fields(fields, depth)?) {
            (None, Fields::Unnamed(items)) => Value::Tuple(items),
            (None, Fields::Unit) => Value::UNIT,
            (name, fields) => Value::Struct { name: name.clone(), fields },
        })
    }

    fn variant(&mut self, id: u32, variants: &[Variant], depth: usize) -> Result<Value, DecodeError> {
        let index = self.take(1, || self.registry.describe(id))?[0];
        let variant = variants.iter().find(|variant| variant.index == index);
        let unknown = || DecodeError::UnknownVariant { ty: self.registry.describe(id), index };
        let variant = variant.ok_or_else(unknown)?;
        Ok(Value::Variant { name: variant.name.clone(), fields: self.fields(&variant.fields, depth)? })
    }

    fn fields(&mut self, fields: &[Field], depth: usize) -> Result<Fields, DecodeError> {
        let values = self.values(fields.iter().map(|field| field.ty), depth)?;
        Ok(match fields.first() {
            None => Fields::Unit,
            Some(Field { name: None, .. }) => Fields::Unnamed(values),
            Some(_) => {
                let names = fields.iter().map(|field| field.name.clone().unwrap_or_default());
                Fields::Named(names.zip(values).collect())
            }
        })
    }

    fn compact(&mut self, id: u32, inner: u32) -> Result<Value, DecodeError> {
        let describe = || self.registry.describe(id);
        let Some(Primitive::UInt(bytes)) = compact_primitive(self.registry, inner) else {
            return Err(DecodeError::Unsupported(describe()));
        };
        let decoded = <Compact<u128>>::decode(&mut self.rest);
        let Compact(number) = decoded.map_err(|_| DecodeError::Invalid(describe()))?;
        let fits = u32::try_from(bytes * 8).is_ok_and(|bits| number.checked_shr(bits).unwrap_or(0) == 0);
        if fits { Ok(Value::UInt(number)) } else { Err(DecodeError::Invalid(describe())) }
    }
}

/// A number of up to 16 little-endian bytes; longer ones stay bytes.
fn unsigned(bytes: &[u8]) -> Value {
    let mut wide = [0; 16];
    match wide.get_mut(..bytes.len()) {
        Some(low) => low.copy_from_slice(bytes),
        None => return Value::Bytes(bytes.to_vec()),
    }
    Value::UInt(u128::from_le_bytes(wide))
}

fn signed(bytes: &[u8]) -> Value {
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; 16];
    match wide.get_mut(..bytes.len()) {
        Some(low) => low.copy_from_slice(bytes),
        None => return Value::Bytes(bytes.to_vec()),
    }
    match i128::from_le_bytes(wide) {
        number if number < 0 => Value::Int(number),
        number => Value::UInt(number.unsigned_abs()),
    }
}
