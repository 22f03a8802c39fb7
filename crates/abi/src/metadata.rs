//! What a contract's messages, constructors and events are called and made of.

use crate::{
    UnknownName, Value,
    bundle::parse_json,
    raw::{RawArgument, RawEvent, RawFile, RawLabel, RawMessage, RawMetadata, RawTypeUse},
    registry::{Def, Registry, Variant, identifier},
    value::deceives,
};
use tallow_types::{Hash, limits::BUNDLE_BYTES_MAX};

/// The metadata of an ink! contract.
#[derive(Clone, Debug)]
pub struct Metadata {
    pub(crate) layout: Layout,
    pub(crate) registry: Registry,
    constructors: Vec<Message>,
    messages: Vec<Message>,
    events: Vec<EventSpec>,
    lang_error: Option<u32>,
}

/// The layout of metadata, which follows the version of ink! that made it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Layout {
    /// V0 to V3.
    Ink3,
    /// Version 4.
    Ink4,
    /// Version 5.
    Ink5,
}

/// A message or constructor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its name; `trait::method` for a trait's message.
    pub label: String,
    /// What the input starts with.
    pub selector: [u8; 4],
    /// Its arguments.
    pub args: Vec<Argument>,
    /// Whether it changes state: a command, not a query. True for constructors.
    pub mutates: bool,
    /// Whether it accepts value.
    pub payable: bool,
    /// Whether its author marked it as the default.
    pub default: bool,
    /// Its documentation, one string a line.
    pub docs: Vec<String>,
    pub(crate) return_type: Option<u32>,
}

/// An argument of a message, or a field of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Argument {
    /// Its name.
    pub label: String,
    /// Its type as a Rust programmer would write it.
    pub type_name: String,
    pub(crate) ty: u32,
}

/// An event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventSpec {
    /// Its name.
    pub label: String,
    /// Its fields.
    pub args: Vec<Argument>,
    /// Its first topic (ink! 5); `None` when anonymous, and in older layouts.
    pub signature_topic: Option<Hash>,
    /// Its documentation, one string a line.
    pub docs: Vec<String>,
}

/// Metadata cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MetadataError {
    /// The file exceeds the limit.
    #[error("the file is larger than {BUNDLE_BYTES_MAX} bytes")]
    TooLarge,
    /// Not JSON, or not of the shape of metadata.
    #[error("not ink! metadata: {0}")]
    NotMetadata(String),
    /// There is no metadata in the file.
    #[error("no metadata: `spec` and `types` are missing")]
    Missing,
    /// A layout that is not known.
    #[error("version {0} is not known; versions of ink! 3, 4 and 5 are")]
    UnknownVersion(u64),
    /// A type is named that is not in the registry.
    #[error("type {0} is not defined")]
    UnknownType(u32),
    /// Two types have the same id.
    #[error("type {0} is defined twice")]
    DuplicateType(u32),
    /// A type's definition makes no sense.
    #[error("type {0} is malformed")]
    MalformedType(u32),
    /// A name that is not a Rust identifier.
    #[error("`{0}` is not a name")]
    InvalidName(String),
    /// A selector that is not four bytes.
    #[error("the selector of `{0}` is not 0x followed by 8 hexadecimal digits")]
    InvalidSelector(String),
}

/// A returned buffer does not hold a result.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReturnError {
    /// The contract could not be asked for what the caller wants.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// The contract's dispatch failed: ink!'s `LangError`.
    #[error("the contract did not understand the call: {0}")]
    Lang(Value),
    /// The bytes are not of the return type.
    #[error("the returned data is not what the metadata says: {0}")]
    Malformed(#[from] crate::DecodeError),
}

/// A return type, taken apart.
pub(crate) enum ReturnType {
    /// Nothing is returned.
    Nothing,
    /// The bare type (ink! 3).
    Plain(u32),
    /// `Result<T, LangError>`: the variants' indexes, `T` (`None` for unit-like `Ok`) and the error's type.
    Wrapped { ok: (u8, Option<u32>), err: (u8, u32) },
}

impl Metadata {
    /// Reads metadata from a `.json` or `.contract` file.
    ///
    /// # Errors
    /// [`MetadataError`] when it is none, or of an unknown version, or inconsistent.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(MetadataError::TooLarge);
        }
        Self::from_raw(parse_json(bytes).map_err(MetadataError::NotMetadata)?)
    }

    pub(crate) fn from_raw(file: RawFile) -> Result<Self, MetadataError> {
        let layout = match file.version.as_ref().map(|version| version.0) {
            None | Some(0..=3) => Layout::Ink3,
            Some(4) => Layout::Ink4,
            Some(5) => Layout::Ink5,
            Some(other) => return Err(MetadataError::UnknownVersion(other)),
        };
        let top = file.spec.zip(file.types).map(|(spec, types)| RawMetadata { spec, types });
        let RawMetadata { spec, types } =
            top.or(file.v3).or(file.v2).or(file.v1).or(file.v0).ok_or(MetadataError::Missing)?;
        let registry = Registry::new(types)?;
        let lang_error = spec.lang_error.map(|used| type_use(&registry, used)).transpose()?;
        let constructors = spec.constructors.into_iter().map(|raw| message(&registry, raw, true));
        let constructors = constructors.collect::<Result<_, _>>()?;
        let messages = spec.messages.into_iter().map(|raw| message(&registry, raw, false));
        let messages = messages.collect::<Result<_, _>>()?;
        let events = spec.events.into_iter().map(|raw| event(&registry, raw)).collect::<Result<_, _>>()?;
        Ok(Self { layout, registry, constructors, messages, events, lang_error })
    }

    /// The layout it was read from.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// All messages, in the author's order.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// All constructors, in the author's order.
    pub fn constructors(&self) -> &[Message] {
        &self.constructors
    }

    /// All events, in the author's order.
    pub fn events(&self) -> &[EventSpec] {
        &self.events
    }

    /// A message by its label, or by the label's last segment when no other message has it.
    ///
    /// # Errors
    /// [`UnknownName`], with the names that there are.
    pub fn message(&self, name: &str) -> Result<&Message, UnknownName> {
        find("message", &self.messages, name)
    }

    /// A constructor by its label, as [`Self::message`].
    ///
    /// # Errors
    /// [`UnknownName`], with the names that there are.
    pub fn constructor(&self, name: &str) -> Result<&Message, UnknownName> {
        find("constructor", &self.constructors, name)
    }

    /// The message that an input calls, by its selector.
    pub fn message_of(&self, input: &[u8]) -> Option<&Message> {
        self.messages.iter().find(|message| input.starts_with(&message.selector))
    }

    /// The constructor that an input runs, by its selector.
    pub fn constructor_of(&self, input: &[u8]) -> Option<&Message> {
        self.constructors.iter().find(|constructor| input.starts_with(&constructor.selector))
    }

    /// The constructor to run when none is named: the one marked as default, or called `new`, or the only one.
    pub fn default_constructor(&self) -> Option<&Message> {
        let marked = self.constructors.iter().find(|constructor| constructor.default);
        let new = || self.constructors.iter().find(|constructor| constructor.label == "new");
        let only = || self.constructors.first().filter(|_| self.constructors.len() == 1);
        marked.or_else(new).or_else(only)
    }

    /// Takes a return type apart: from ink! 4 on, messages return `Result<T, LangError>`.
    pub(crate) fn return_type(&self, message: &Message) -> ReturnType {
        let Some(id) = message.return_type else { return ReturnType::Nothing };
        let ty = self.registry.get(id);
        let Def::Variant(variants) = &ty.def else { return ReturnType::Plain(id) };
        let named = |name: &str| variants.iter().find(|variant| variant.name == name);
        match (named("Ok"), named("Err")) {
            (Some(ok), Some(err)) if ty.name.as_deref() == Some("Result") && self.is_lang_error(err) => {
                let inner = |variant: &Variant| variant.fields.first().map(|field| field.ty);
                let err_type = inner(err).expect("a language error has a type");
                ReturnType::Wrapped { ok: (ok.index, inner(ok)), err: (err.index, err_type) }
            }
            _ => ReturnType::Plain(id),
        }
    }

    fn is_lang_error(&self, err: &Variant) -> bool {
        match (err.fields.as_slice(), self.lang_error) {
            ([field], Some(lang_error)) => field.ty == lang_error,
            // The first builds of ink! 4 did not say which type it is.
            ([field], None) => {
                self.layout > Layout::Ink3 && self.registry.get(field.ty).name.as_deref() == Some("LangError")
            }
            _ => false,
        }
    }
}

fn find<'a>(kind: &'static str, messages: &'a [Message], name: &str) -> Result<&'a Message, UnknownName> {
    if let Some(message) = messages.iter().find(|message| message.label == name) {
        return Ok(message);
    }
    let last = |message: &&Message| message.label.rsplit("::").next() == Some(name);
    let found: Vec<&Message> = messages.iter().filter(last).collect();
    match found.as_slice() {
        [message] => Ok(message),
        [] => Err(UnknownName::new(kind, name, messages.iter().map(|message| message.label.clone()).collect())),
        several => Err(UnknownName::new(kind, name, several.iter().map(|message| message.label.clone()).collect())),
    }
}

fn type_use(registry: &Registry, used: RawTypeUse) -> Result<u32, MetadataError> {
    registry.check_id(used.id).map(|()| used.id)
}

fn message(registry: &Registry, raw: RawMessage, constructor: bool) -> Result<Message, MetadataError> {
    let label = label(raw.label)?;
    let selector = raw.selector.0.ok_or_else(|| MetadataError::InvalidSelector(label.clone()))?;
    Ok(Message {
        label,
        selector,
        args: arguments(registry, raw.args)?,
        mutates: constructor || raw.mutates,
        // Constructors of the older layouts do not say, because all of them accept value.
        payable: raw.payable.unwrap_or(constructor),
        default: raw.default,
        docs: docs(raw.docs),
        return_type: raw.return_type.map(|used| type_use(registry, used)).transpose()?,
    })
}

fn event(registry: &Registry, raw: RawEvent) -> Result<EventSpec, MetadataError> {
    Ok(EventSpec {
        label: label(raw.label)?,
        args: arguments(registry, raw.args)?,
        signature_topic: raw.signature_topic.map(|topic| Hash(topic.0)),
        docs: docs(raw.docs),
    })
}

fn arguments(registry: &Registry, raw: Vec<RawArgument>) -> Result<Vec<Argument>, MetadataError> {
    raw.into_iter()
        .enumerate()
        .map(|(position, argument)| {
            let ty = type_use(registry, argument.ty)?;
            // Arguments have their places; other languages than ink! leave the names out.
            let label = label(argument.label).unwrap_or_else(|_| format!("arg{position}"));
            Ok(Argument { label, type_name: registry.describe(ty), ty })
        })
        .collect()
}

fn label(RawLabel(label): RawLabel) -> Result<String, MetadataError> {
    let segments: Vec<String> = label.split("::").map(identifier).collect::<Result<_, _>>()?;
    Ok(segments.join("::"))
}

/// Documentation without characters that act on a terminal.
fn docs(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| line.replace(deceives, " ")).collect()
}
