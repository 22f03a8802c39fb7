//! Linked with a contract that was compiled for this machine: prints what ink! says of its interface.
//!
//! A contract brings serde, but not always a crate that writes JSON; so this does, as far as metadata goes.

extern crate contract as _;

#[cfg(not(before_ink4))]
use ink_metadata::InkProject as Interface;
#[cfg(before_ink4)]
use ink_metadata::MetadataVersioned as Interface;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::fmt::{self, Display, Write};

extern "Rust" {
    fn __ink_generate_metadata() -> Interface;
}

fn main() {
    let mut text = String::new();
    // SAFETY: `#[ink::contract]` defines the function with this signature in the contract linked here.
    let interface = unsafe { __ink_generate_metadata() };
    match interface.serialize(Json(&mut text)) {
        Ok(()) => println!("{text}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}

#[derive(Debug)]
struct Failure(String);

impl Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl serde::ser::Error for Failure {
    fn custom<T: Display>(text: T) -> Self {
        Self(text.to_string())
    }
}

impl From<fmt::Error> for Failure {
    fn from(error: fmt::Error) -> Self {
        Self::custom(error)
    }
}

type Done = Result<(), Failure>;

struct Json<'a>(&'a mut String);

impl Json<'_> {
    fn plain(self, value: impl Display) -> Done {
        Ok(write!(self.0, "{value}")?)
    }

    fn string(self, text: &str) -> Done {
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.0.extend(['\\', c]),
                c if c.is_control() => write!(self.0, "\\u{:04x}", c as u32)?,
                c => self.0.push(c),
            }
        }
        self.0.push('"');
        Ok(())
    }
}

/// A list or an object under way.
struct Group<'a> {
    text: &'a mut String,
    empty: bool,
    end: &'static str,
}

impl<'a> Group<'a> {
    fn open(text: &'a mut String, start: &str, end: &'static str) -> Self {
        text.push_str(start);
        Group { text, empty: true, end }
    }

    /// The object of one field that stands for a variant with content, and what is in it.
    fn variant(text: &'a mut String, variant: &str, start: &str, end: &'static str) -> Result<Self, Failure> {
        text.push('{');
        Json(text).string(variant)?;
        text.push(':');
        Ok(Self::open(text, start, end))
    }

    fn next(&mut self) {
        if !self.empty {
            self.text.push(',');
        }
        self.empty = false;
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.next();
        value.serialize(Json(self.text))
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Done {
        self.next();
        Json(self.text).string(name)?;
        self.text.push(':');
        value.serialize(Json(self.text))
    }

    fn close(self) -> Done {
        self.text.push_str(self.end);
        Ok(())
    }
}

macro_rules! plain {
    ($($name:ident: $of:ty),*) => { $(fn $name(self, value: $of) -> Done { self.plain(value) })* };
}

impl<'a> Serializer for Json<'a> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Group<'a>;
    type SerializeTuple = Group<'a>;
    type SerializeTupleStruct = Group<'a>;
    type SerializeTupleVariant = Group<'a>;
    type SerializeMap = Group<'a>;
    type SerializeStruct = Group<'a>;
    type SerializeStructVariant = Group<'a>;

    plain! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128
    }

    fn serialize_f32(self, _: f32) -> Done {
        Err(Failure::custom("metadata has no fractions"))
    }

    fn serialize_f64(self, _: f64) -> Done {
        Err(Failure::custom("metadata has no fractions"))
    }

    fn serialize_char(self, value: char) -> Done {
        self.string(&value.to_string())
    }

    fn serialize_str(self, value: &str) -> Done {
        self.string(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Done {
        value.serialize(self)
    }

    fn serialize_none(self) -> Done {
        self.plain("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.plain("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.plain("null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.string(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        let mut object = Group::open(self.0, "{", "}");
        object.field(variant, value)?;
        object.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Group<'a>, Failure> {
        Ok(Group::open(self.0, "[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Group<'a>, Failure> {
        Ok(Group::open(self.0, "[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Group<'a>, Failure> {
        Ok(Group::open(self.0, "[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Group<'a>, Failure> {
        Group::variant(self.0, variant, "[", "]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Group<'a>, Failure> {
        Ok(Group::open(self.0, "{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Group<'a>, Failure> {
        Ok(Group::open(self.0, "{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Group<'a>, Failure> {
        Group::variant(self.0, variant, "{", "}}")
    }
}

macro_rules! list {
    ($($kind:ident: $add:ident),*) => { $(impl $kind for Group<'_> {
        type Ok = ();
        type Error = Failure;

        fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
            self.item(value)
        }

        fn end(self) -> Done {
            self.close()
        }
    })* };
}

macro_rules! object {
    ($($kind:ident),*) => { $(impl $kind for Group<'_> {
        type Ok = ();
        type Error = Failure;

        fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
            self.field(name, value)
        }

        fn end(self) -> Done {
            self.close()
        }
    })* };
}

list!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);
object!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Group<'_> {
    type Ok = ();
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.next();
        let mut text = String::new();
        key.serialize(Json(&mut text))?;
        // Numbers are keys in quotes.
        if text.starts_with('"') { Json(self.text).plain(text) } else { Json(self.text).string(&text) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.text.push(':');
        value.serialize(Json(self.text))
    }

    fn end(self) -> Done {
        self.close()
    }
}
