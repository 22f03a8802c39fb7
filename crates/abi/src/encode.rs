//! Text and values to SCALE.

use crate::{
    Fields, Message, Metadata, TextError, UnknownName, Value,
    metadata::ReturnType,
    names::list,
    parse_value,
    registry::{Bits, Def, Field, Primitive, Registry, Type, Variant},
    ss58,
};
use parity_scale_codec::{Compact, Encode};
use std::{collections::BTreeMap, fmt::Write};
use tallow_types::limits::VALUE_DEPTH_MAX;

/// Arguments do not fit what is called.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArgumentError {
    /// There is no such message or constructor.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// Too few or too many arguments.
    #[error("`{label}` takes {}, got {got}", signature(expected))]
    Count {
        /// The message or constructor.
        label: String,
        /// What it takes, each as `name: type`.
        expected: Vec<String>,
        /// How many there are.
        got: usize,
    },
    /// An argument is not a value at all.
    #[error("argument {index} `{label}`: expected {expected}, got `{text}`: {source}")]
    Text {
        /// Which, from 1.
        index: usize,
        /// Its name.
        label: String,
        /// Its type.
        expected: String,
        /// What was given, shortened.
        text: String,
        /// What is wrong with it.
        source: TextError,
    },
    /// An argument is a value of another type.
    #[error("argument {index} `{label}{}`: {}", problem.at, problem.what)]
    Type {
        /// Which, from 1.
        index: usize,
        /// Its name.
        label: String,
        /// Where in it, and what is wrong.
        problem: ArgumentProblem,
    },
}

/// Why a value is not of a type.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what}")]
pub struct ArgumentProblem {
    /// The place inside the argument: empty, or as `.field[3]`.
    pub at: String,
    /// What is wrong.
    pub what: String,
}

fn signature(expected: &[String]) -> String {
    match expected {
        [] => "no arguments".to_owned(),
        [one] => format!("1 argument ({one})"),
        several => format!("{} arguments ({})", several.len(), several.join(", ")),
    }
}

impl Metadata {
    /// The input that calls a message: selector and encoded arguments.
    ///
    /// # Errors
    /// [`ArgumentError`], which names the argument and the type it should have.
    pub fn encode_call(&self, name: &str, args: &[String]) -> Result<Vec<u8>, ArgumentError> {
        self.encode_input(self.message(name)?, args)
    }

    /// The input that runs a constructor.
    ///
    /// # Errors
    /// As [`Self::encode_call`].
    pub fn encode_constructor(&self, name: &str, args: &[String]) -> Result<Vec<u8>, ArgumentError> {
        self.encode_input(self.constructor(name)?, args)
    }

    /// What a message returns when its result is `text`; the opposite of [`Self::decode_return`].
    ///
    /// # Errors
    /// [`ArgumentError`]; the result counts as argument 1, `result`.
    pub fn encode_return(&self, name: &str, text: &str) -> Result<Vec<u8>, ArgumentError> {
        self.encode_result(self.message(name)?, text)
    }

    /// What a constructor returns when its result is `text`.
    ///
    /// # Errors
    /// As [`Self::encode_return`].
    pub fn encode_constructed(&self, name: &str, text: &str) -> Result<Vec<u8>, ArgumentError> {
        self.encode_result(self.constructor(name)?, text)
    }

    fn encode_input(&self, message: &Message, args: &[String]) -> Result<Vec<u8>, ArgumentError> {
        if args.len() != message.args.len() {
            return Err(ArgumentError::Count {
                label: message.label.clone(),
                expected: message.args.iter().map(|arg| format!("{}: {}", arg.label, arg.type_name)).collect(),
                got: args.len(),
            });
        }
        let mut out = message.selector.to_vec();
        for (i, (arg, text)) in message.args.iter().zip(args).enumerate() {
            self.encode_text(i + 1, &arg.label, Some(arg.ty), text, &mut out)?;
        }
        Ok(out)
    }

    fn encode_result(&self, message: &Message, text: &str) -> Result<Vec<u8>, ArgumentError> {
        let mut out = Vec::new();
        let ty = match self.return_type(message) {
            ReturnType::Nothing => None,
            ReturnType::Plain(id) => Some(id),
            ReturnType::Wrapped { ok: (index, id), .. } => {
                out.push(index);
                id
            }
        };
        self.encode_text(1, "result", ty, text, &mut out)?;
        Ok(out)
    }

    fn encode_text(
        &self,
        index: usize,
        label: &str,
        ty: Option<u32>,
        text: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), ArgumentError> {
        let expected = || ty.map_or("()".to_owned(), |id| self.registry.describe(id));
        let value = parse_value(text).map_err(|source| ArgumentError::Text {
            index,
            label: label.to_owned(),
            expected: expected(),
            text: shortened(text),
            source,
        })?;
        let mut encoder = Encoder { registry: &self.registry, path: Vec::new(), out };
        let result = match ty {
            Some(id) => encoder.value(&value, id),
            None if value == Value::UNIT => Ok(()),
            None => Err(mismatch("()", &value)),
        };
        result.map_err(|what| ArgumentError::Type {
            index,
            label: label.to_owned(),
            problem: ArgumentProblem { at: encoder.path.concat(), what },
        })
    }
}

/// Characters shown of a value that does not fit.
const SHOWN_CHARS_MAX: usize = 60;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}

fn mismatch(expected: &str, value: &Value) -> String {
    let mut text = format!("expected {expected}, got {}", shortened(&value.to_string()));
    if expected == "str" && !matches!(value, Value::Text(_)) {
        // Shells take the quotes away, which surprises everyone once.
        text.push_str("; text needs double quotes around it");
    }
    text
}

/// Writes values by their types. On an error the path leads to the part that does not fit.
struct Encoder<'a> {
    registry: &'a Registry,
    path: Vec<String>,
    out: &'a mut Vec<u8>,
}

type Encoded = Result<(), String>;

impl Encoder<'_> {
    fn value(&mut self, value: &Value, id: u32) -> Encoded {
        self.nested(value, id, 0)
    }

    /// Depth counts types, not only brackets: a type may wrap itself without any.
    fn nested(&mut self, value: &Value, id: u32, depth: usize) -> Encoded {
        if depth > VALUE_DEPTH_MAX {
            return Err(format!("nested deeper than {VALUE_DEPTH_MAX} levels"));
        }
        let ty = self.registry.get(id);
        match (&ty.def, value) {
            (Def::Primitive(primitive), _) => self.primitive(*primitive, value),
            (Def::Sequence(item), Value::Bytes(bytes)) if self.registry.is_byte(*item) => {
                self.length(bytes.len())?;
                self.out.extend_from_slice(bytes);
                Ok(())
            }
            (Def::Sequence(item), Value::Text(text)) if self.registry.is_byte(*item) => {
                text.encode_to(self.out);
                Ok(())
            }
            (Def::Sequence(item), Value::Seq(items)) => {
                self.length(items.len())?;
                self.items(items.iter().map(|value| (value, *item)), depth)
            }
            (Def::Array(len, item), _) => self.array(value, id, *len, *item, depth),
            (Def::Tuple(ids), _) => self.tuple(value, id, ids, depth),
            (Def::Composite(fields), _) => self.composite(value, id, fields, depth),
            (Def::Variant(variants), _) => self.variant(value, id, variants, depth),
            (Def::Compact(inner), _) => self.compact(value, id, *inner),
            (Def::BitSequence(bits), Value::Seq(items)) => self.bits(items, id, *bits),
            _ => Err(self.unfit(value, id)),
        }
    }

    fn unfit(&self, value: &Value, id: u32) -> String {
        mismatch(&self.registry.describe(id), value)
    }

    fn length(&mut self, length: usize) -> Encoded {
        let length = u32::try_from(length).map_err(|_| "too many items".to_owned())?;
        Compact(length).encode_to(self.out);
        Ok(())
    }

    /// Encodes parts; the path is left at the part that fails.
    fn items<'v>(&mut self, items: impl Iterator<Item = (&'v Value, u32)>, depth: usize) -> Encoded {
        for (i, (value, id)) in items.enumerate() {
            self.part(|| format!("[{i}]"), value, id, depth)?;
        }
        Ok(())
    }

    fn part(&mut self, place: impl Fn() -> String, value: &Value, id: u32, depth: usize) -> Encoded {
        let result = self.nested(value, id, depth + 1);
        if result.is_err() {
            // Errors unwind from the innermost part outwards.
            self.path.insert(0, place());
        }
        result
    }

    fn primitive(&mut self, primitive: Primitive, value: &Value) -> Encoded {
        match (primitive, value) {
            (Primitive::Bool, Value::Bool(value)) => value.encode_to(self.out),
            (Primitive::Char, Value::Char(value)) => u32::from(*value).encode_to(self.out),
            (Primitive::Str, Value::Text(text)) => text.encode_to(self.out),
            // 256-bit numbers may also be given as their encoding, since no number literal is that long.
            (Primitive::UInt(32) | Primitive::Int(32), Value::Bytes(bytes)) if bytes.len() == 32 => {
                self.out.extend_from_slice(bytes);
            }
            _ => {
                let bytes = integer(primitive, value).ok_or_else(|| mismatch(&primitive.name(), value))?;
                self.out.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }

    /// A bit sequence: how many bits there are, then words of them, the last one filled up with zeros.
    fn bits(&mut self, items: &[Value], id: u32, bits: Bits) -> Encoded {
        let unsupported = || format!("{} of this order is not supported", self.registry.describe(id));
        let (word, msb_first) = self.registry.bits(bits).ok_or_else(unsupported)?;
        self.length(items.len())?;
        let mut words = vec![0u8; items.len().div_ceil(word * 8) * word];
        for (at, item) in items.iter().enumerate() {
            let set = match item {
                Value::Bool(set) => *set,
                Value::UInt(bit @ (0 | 1)) => *bit == 1,
                other => return Err(mismatch("a bit (true or false)", other)),
            };
            let (byte, mask) = bit_place(at, word, msb_first);
            words[byte] |= if set { mask } else { 0 };
        }
        self.out.extend_from_slice(&words);
        Ok(())
    }

    fn array(&mut self, value: &Value, id: u32, len: u32, item: u32, depth: usize) -> Encoded {
        let bytes_wanted = self.registry.is_byte(item);
        match value {
            Value::Bytes(bytes) if bytes_wanted && bytes.len() == len as usize => self.out.extend_from_slice(bytes),
            Value::Seq(items) if items.len() == len as usize => {
                return self.items(items.iter().map(|value| (value, item)), depth);
            }
            Value::Literal(text) | Value::Variant { name: text, fields: Fields::Unit } if bytes_wanted && len == 32 => {
                let account = ss58::decode(text);
                let account =
                    account.ok_or_else(|| format!("expected 32 bytes or an address, got {}", shortened(text)))?;
                self.out.extend_from_slice(&account);
            }
            Value::Bytes(bytes) if bytes_wanted => {
                return Err(format!("expected {len} bytes, got {}", bytes.len()));
            }
            _ => return Err(self.unfit(value, id)),
        }
        Ok(())
    }

    fn tuple(&mut self, value: &Value, id: u32, ids: &[u32], depth: usize) -> Encoded {
        match (value, ids) {
            (Value::Tuple(items), _) if items.len() == ids.len() => {
                self.items(items.iter().zip(ids.iter().copied()), depth)
            }
            (value, [only]) if !matches!(value, Value::Tuple(_)) => self.nested(value, *only, depth + 1),
            _ => Err(self.unfit(value, id)),
        }
    }

    /// A struct: with its name or without it; one of a single unnamed field also as that field.
    fn composite(&mut self, value: &Value, id: u32, fields: &[Field], depth: usize) -> Encoded {
        let ty = self.registry.get(id);
        let own_name = ty.name.as_deref();
        let given = match value {
            Value::Struct { name, fields } if name.is_none() || name.as_deref() == own_name => Some(fields),
            Value::Variant { name, fields } if Some(name.as_str()) == own_name => Some(fields),
            _ => None,
        };
        match (given, value, fields) {
            (Some(given), ..) => self.fields(given, fields, depth),
            (None, Value::Tuple(items), _) if items.len() == fields.len() && !self.is_transparent(ty, fields) => {
                self.items(items.iter().zip(fields.iter().map(|field| field.ty)), depth)
            }
            (None, value, [only]) if only.name.is_none() => self.nested(value, only.ty, depth + 1),
            _ => Err(self.unfit(value, id)),
        }
    }

    fn is_transparent(&self, ty: &Type, fields: &[Field]) -> bool {
        matches!(fields, [only] if only.name.is_none() && self.registry.is_transparent(ty, only.ty))
    }

    fn variant(&mut self, value: &Value, id: u32, variants: &[Variant], depth: usize) -> Encoded {
        let Value::Variant { name, fields } = value else {
            return Err(format!("{}; its variants are {}", self.unfit(value, id), variant_names(variants)));
        };
        let Some(variant) = variants.iter().find(|variant| variant.name == *name) else {
            let ty = self.registry.describe(id);
            return Err(format!("{ty} has no variant `{name}`; its variants are {}", variant_names(variants)));
        };
        self.out.push(variant.index);
        self.fields(fields, &variant.fields, depth)
    }

    fn fields(&mut self, given: &Fields, fields: &[Field], depth: usize) -> Encoded {
        match given {
            Fields::Unit if fields.is_empty() => Ok(()),
            Fields::Unnamed(items) if items.len() == fields.len() => {
                self.items(items.iter().zip(fields.iter().map(|field| field.ty)), depth)
            }
            Fields::Named(entries) => self.named(entries, fields, depth),
            Fields::Unnamed(items) => Err(format!("expected {}, got {}", self.signature(fields), items.len())),
            Fields::Unit => Err(format!("expected {}, got none", self.signature(fields))),
        }
    }

    fn named(&mut self, entries: &[(String, Value)], fields: &[Field], depth: usize) -> Encoded {
        let mut given = BTreeMap::new();
        for (name, value) in entries {
            if given.insert(name.as_str(), value).is_some() {
                return Err(format!("field `{name}` is given twice"));
            }
        }
        for field in fields {
            let name = field.name.as_deref().unwrap_or_default();
            let missing = || format!("expected {}; `{name}` is missing", self.signature(fields));
            let value = given.remove(name).ok_or_else(missing)?;
            self.part(|| format!(".{name}"), value, field.ty, depth)?;
        }
        match given.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("unknown field `{name}`; expected {}", self.signature(fields))),
        }
    }

    fn signature(&self, fields: &[Field]) -> String {
        let mut text = format!("{} field{}", fields.len(), if fields.len() == 1 { "" } else { "s" });
        for (i, field) in fields.iter().enumerate().take(FIELDS_SHOWN_MAX) {
            let separator = if i == 0 { " (" } else { ", " };
            let name = field.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            // Writing to a string cannot fail.
            let _ = write!(text, "{separator}{name}{}", self.registry.describe(field.ty));
        }
        match fields.len() {
            0 => text,
            n if n > FIELDS_SHOWN_MAX => text + ", ..)",
            _ => text + ")",
        }
    }

    fn compact(&mut self, value: &Value, id: u32, inner: u32) -> Encoded {
        let Some(Primitive::UInt(bytes)) = compact_primitive(self.registry, inner) else {
            return Err(format!("{} is not supported", self.registry.describe(id)));
        };
        let mut number = integer(Primitive::UInt(bytes), value).ok_or_else(|| self.unfit(value, id))?;
        number.resize(16, 0);
        let number: [u8; 16] = number.try_into().expect("compact numbers have up to 16 bytes");
        Compact(u128::from_le_bytes(number)).encode_to(self.out);
        Ok(())
    }
}

/// Where a bit of a bit sequence is: the byte, and the bit in it. Words are little-endian.
pub(crate) fn bit_place(at: usize, word: usize, msb_first: bool) -> (usize, u8) {
    let in_word = at % (word * 8);
    let significance = if msb_first { word * 8 - 1 - in_word } else { in_word };
    (at / (word * 8) * word + significance / 8, 1 << (significance % 8))
}

/// Fields listed in an error.
const FIELDS_SHOWN_MAX: usize = 12;

fn variant_names(variants: &[Variant]) -> String {
    list(variants.iter().map(|variant| variant.name.as_str()))
}

/// The number inside a compact type: the type itself, or what structs of one field wrap.
pub(crate) fn compact_primitive(registry: &Registry, id: u32) -> Option<Primitive> {
    let mut ty: &Type = registry.get(id);
    for _ in 0..VALUE_DEPTH_MAX {
        let inner = match &ty.def {
            Def::Primitive(Primitive::UInt(bytes)) if *bytes <= 16 => return Some(Primitive::UInt(*bytes)),
            Def::Composite(fields) => match fields.as_slice() {
                [field] => field.ty,
                _ => return None,
            },
            Def::Tuple(ids) if ids.len() == 1 => ids[0],
            _ => return None,
        };
        ty = registry.get(inner);
    }
    None
}

/// The little-endian bytes of a number that fits the type.
fn integer(primitive: Primitive, value: &Value) -> Option<Vec<u8>> {
    let (magnitude, negative) = match value {
        Value::UInt(number) => (*number, false),
        Value::Int(number) => (number.unsigned_abs(), *number < 0),
        _ => return None,
    };
    let (bytes, bits) = match primitive {
        Primitive::UInt(bytes) => (bytes, bytes * 8),
        // One bit is the sign's.
        Primitive::Int(bytes) => (bytes, bytes * 8 - 1),
        _ => return None,
    };
    // The greatest magnitude, plus one: a negative number may have it, as its own two's complement.
    let beyond = u32::try_from(bits).ok().and_then(|bits| 1u128.checked_shl(bits));
    let fits = beyond.is_none_or(|beyond| magnitude < beyond || negative && magnitude == beyond);
    if !fits || negative && matches!(primitive, Primitive::UInt(_)) && magnitude > 0 {
        return None;
    }
    let low = if negative { magnitude.wrapping_neg() } else { magnitude };
    let mut encoded = low.to_le_bytes().to_vec();
    encoded.resize(bytes, if negative && magnitude > 0 { 0xff } else { 0 });
    Some(encoded)
}
