//! The types of a contract, whatever layout they came in.

use crate::{
    MetadataError,
    raw::{RawDef, RawField, RawParam, RawType, RawVariant},
};
use std::{collections::BTreeMap, fmt::Write};

/// Types by id. Every id that a type names is there.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    types: BTreeMap<u32, Type>,
}

#[derive(Clone, Debug)]
pub(crate) struct Type {
    /// Last segment of the path, for types that have one.
    pub(crate) name: Option<String>,
    params: Vec<Option<u32>>,
    pub(crate) def: Def,
}

#[derive(Clone, Debug)]
pub(crate) enum Def {
    Composite(Vec<Field>),
    Variant(Vec<Variant>),
    Sequence(u32),
    Array(u32, u32),
    Tuple(Vec<u32>),
    Primitive(Primitive),
    Compact(u32),
    BitSequence(Bits),
}

/// How bits are kept: in words, of a type and in an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bits {
    store: u32,
    order: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: Option<String>,
    pub(crate) ty: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) index: u8,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Primitive {
    Bool,
    Char,
    Str,
    /// Unsigned, of so many bytes.
    UInt(usize),
    /// Signed, of so many bytes.
    Int(usize),
}

impl Registry {
    /// Brings a registry of any layout into one form.
    pub(crate) fn new(raw: Vec<RawType>) -> Result<Self, MetadataError> {
        let mut types = BTreeMap::new();
        // Layouts without explicit ids count from 1.
        for (id, entry) in (1u32..).zip(raw) {
            let (id, ty) = normalise(id, entry)?;
            if types.insert(id, ty).is_some() {
                return Err(MetadataError::DuplicateType(id));
            }
        }
        let registry = Self { types };
        registry.check()?;
        Ok(registry)
    }

    fn check(&self) -> Result<(), MetadataError> {
        self.types.values().flat_map(Type::references).try_for_each(|id| self.check_id(id))
    }

    /// Whether there is such a type.
    pub(crate) fn check_id(&self, id: u32) -> Result<(), MetadataError> {
        if self.types.contains_key(&id) { Ok(()) } else { Err(MetadataError::UnknownType(id)) }
    }

    /// The type of an id that came from this contract's metadata.
    pub(crate) fn get(&self, id: u32) -> &Type {
        self.types.get(&id).expect("ids are checked when metadata is read")
    }

    /// Whether the type is `u8`, so that a list of it is bytes.
    pub(crate) fn is_byte(&self, id: u32) -> bool {
        matches!(self.get(id).def, Def::Primitive(Primitive::UInt(1)))
    }

    /// Whether a struct of one unnamed field is written as that field: hashes and account ids, and containers that
    /// are structs only in the registry.
    pub(crate) fn is_transparent(&self, ty: &Type, inner: u32) -> bool {
        let containers = ["BTreeMap", "BTreeSet", "BinaryHeap", "Cow", "WrapperKeepOpaque"];
        let name = ty.name.as_deref().unwrap_or_default();
        let is_bytes = matches!(self.get(inner).def, Def::Array(_, item) if self.is_byte(item));
        is_bytes || name.starts_with("NonZero") || containers.contains(&name)
    }

    /// Bytes of a word of a bit sequence, and whether a word's first bit is its most significant one; `None` for words
    /// and orders that `bitvec` does not have.
    pub(crate) fn bits(&self, bits: Bits) -> Option<(usize, bool)> {
        let bytes = match self.get(bits.store).def {
            Def::Primitive(Primitive::UInt(bytes @ (1 | 2 | 4 | 8))) => bytes,
            _ => return None,
        };
        match self.get(bits.order).name.as_deref() {
            Some("Lsb0") => Some((bytes, false)),
            Some("Msb0") => Some((bytes, true)),
            _ => None,
        }
    }

    /// The type as a Rust programmer would write it, cut off when it is very long or deep.
    pub(crate) fn describe(&self, id: u32) -> String {
        let mut text = String::new();
        self.write_type(&mut text, id, 0);
        text
    }

    fn write_type(&self, text: &mut String, id: u32, depth: usize) {
        if depth > DESCRIPTION_DEPTH_MAX || text.len() > DESCRIPTION_BYTES_MAX {
            return text.push_str("..");
        }
        let ty = self.get(id);
        if let Some(name) = &ty.name {
            text.push_str(name);
            let params: Vec<u32> = ty.params.iter().copied().flatten().collect();
            if !params.is_empty() {
                self.write_list(text, "<", params.into_iter(), ">", depth);
            }
            return;
        }
        match &ty.def {
            Def::Composite(fields) => self.write_list(text, "{", fields.iter().map(|field| field.ty), "}", depth),
            Def::Variant(_) => text.push_str("enum"),
            Def::Sequence(item) => self.write_list(text, "Vec<", [*item].into_iter(), ">", depth),
            Def::Array(len, item) => {
                self.write_list(text, "[", [*item].into_iter(), "", depth);
                // Writing to a string cannot fail.
                let _ = write!(text, "; {len}]");
            }
            Def::Tuple(items) => self.write_list(text, "(", items.iter().copied(), ")", depth),
            Def::Primitive(primitive) => text.push_str(&primitive.name()),
            Def::Compact(inner) => self.write_list(text, "Compact<", [*inner].into_iter(), ">", depth),
            Def::BitSequence(_) => text.push_str("BitVec"),
        }
    }

    fn write_list(&self, text: &mut String, open: &str, ids: impl Iterator<Item = u32>, close: &str, depth: usize) {
        text.push_str(open);
        for (i, id) in ids.enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            if text.len() > DESCRIPTION_BYTES_MAX {
                text.push_str("..");
                break;
            }
            self.write_type(text, id, depth + 1);
        }
        text.push_str(close);
    }
}

/// Nesting up to which a type is described.
const DESCRIPTION_DEPTH_MAX: usize = 8;
/// Bytes after which the description of a type is cut off.
const DESCRIPTION_BYTES_MAX: usize = 200;

impl Type {
    fn references(&self) -> impl Iterator<Item = u32> {
        let own = match &self.def {
            Def::Composite(fields) => fields.iter().map(|field| field.ty).collect(),
            Def::Variant(variants) => variants.iter().flat_map(|v| &v.fields).map(|field| field.ty).collect(),
            Def::Tuple(items) => items.clone(),
            Def::Sequence(id) | Def::Array(_, id) | Def::Compact(id) => vec![*id],
            Def::BitSequence(bits) => vec![bits.store, bits.order],
            Def::Primitive(_) => Vec::new(),
        };
        own.into_iter().chain(self.params.iter().copied().flatten())
    }
}

impl Primitive {
    fn parse(name: &str) -> Option<Self> {
        let sized = |digits: &str| match digits {
            "8" => Some(1),
            "16" => Some(2),
            "32" => Some(4),
            "64" => Some(8),
            "128" => Some(16),
            "256" => Some(32),
            _ => None,
        };
        match name {
            "bool" => Some(Self::Bool),
            "char" => Some(Self::Char),
            "str" => Some(Self::Str),
            _ => match name.split_at_checked(1)? {
                ("u", digits) => sized(digits).map(Self::UInt),
                ("i", digits) => sized(digits).map(Self::Int),
                _ => None,
            },
        }
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Char => "char".to_owned(),
            Self::Str => "str".to_owned(),
            Self::UInt(bytes) => format!("u{}", bytes * 8),
            Self::Int(bytes) => format!("i{}", bytes * 8),
        }
    }
}

fn normalise(position: u32, entry: RawType) -> Result<(u32, Type), MetadataError> {
    let id = entry.id.unwrap_or(position);
    let (path, params, def) = match (entry.inner, entry.def) {
        (Some(inner), _) => (inner.path, inner.params, inner.def),
        (None, Some(def)) => (entry.path, entry.params, def),
        (None, None) => return Err(MetadataError::MalformedType(id)),
    };
    let params = params.into_iter().map(|RawParam(id)| id).collect();
    let def = definition(id, def)?;
    Ok((id, Type { name: path.last().map(|name| identifier(name)).transpose()?, params, def }))
}

fn definition(id: u32, raw: RawDef) -> Result<Def, MetadataError> {
    Ok(match raw {
        RawDef::Composite { fields } => Def::Composite(self::fields(id, fields)?),
        RawDef::Variant { variants } => Def::Variant(self::variants(id, variants)?),
        RawDef::Sequence { item } => Def::Sequence(item),
        RawDef::Array { len, item } => Def::Array(len, item),
        RawDef::Tuple(items) => Def::Tuple(items),
        RawDef::Primitive(name) => Def::Primitive(Primitive::parse(&name).ok_or(MetadataError::MalformedType(id))?),
        RawDef::Compact { inner } => Def::Compact(inner),
        RawDef::Phantom(_) => Def::Tuple(Vec::new()),
        RawDef::BitSequence { store, order } => Def::BitSequence(Bits { store, order }),
    })
}

/// Fields, either all named or all unnamed.
fn fields(id: u32, raw: Vec<RawField>) -> Result<Vec<Field>, MetadataError> {
    let named = raw.iter().filter(|field| field.name.is_some()).count();
    if named != 0 && named != raw.len() {
        return Err(MetadataError::MalformedType(id));
    }
    raw.into_iter()
        .map(|field| Ok(Field { name: field.name.as_deref().map(identifier).transpose()?, ty: field.ty }))
        .collect()
}

fn variants(id: u32, raw: Vec<RawVariant>) -> Result<Vec<Variant>, MetadataError> {
    if raw.len() > VARIANTS_MAX {
        return Err(MetadataError::MalformedType(id));
    }
    raw.into_iter()
        .zip(0u64..)
        .map(|(variant, position)| {
            let index = variant.index.or(variant.discriminant).unwrap_or(position);
            let index = u8::try_from(index).map_err(|_| MetadataError::MalformedType(id))?;
            Ok(Variant { name: identifier(&variant.name)?, index, fields: fields(id, variant.fields)? })
        })
        .collect()
}

/// A name that the text form can show and read back. Anything else in metadata could deceive its reader.
pub(crate) fn identifier(name: &str) -> Result<String, MetadataError> {
    let plain = name.strip_prefix("r#").unwrap_or(name);
    let starts_well = plain.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let reserved = plain == "true" || plain == "false";
    let short = plain.len() <= NAME_BYTES_MAX;
    if short && starts_well && !reserved && plain.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Ok(plain.to_owned());
    }
    Err(MetadataError::InvalidName(name.chars().take(NAME_SHOWN_MAX).flat_map(char::escape_debug).collect()))
}

/// Variants of one type: SCALE numbers them with a byte.
const VARIANTS_MAX: usize = 256;
/// Bytes of a name. Names are repeated in every value that has them.
const NAME_BYTES_MAX: usize = 128;
/// Characters shown of a name that is not one.
const NAME_SHOWN_MAX: usize = 40;
