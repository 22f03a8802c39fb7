//! The parser of the text form (`docs/text-form.md`).

use crate::{Fields, Value};
use tallow_types::limits::{VALUE_DEPTH_MAX, VALUE_TEXT_BYTES_MAX};

/// A text is not a value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a value: {problem} at character {column}")]
pub struct TextError {
    /// What is wrong, or was expected.
    pub problem: String,
    /// Where, counted in characters from 1.
    pub column: usize,
}

/// Parses the text form of one value.
///
/// # Errors
/// [`TextError`] when the text is not exactly one value, is too long or too deeply nested.
pub fn parse_value(text: &str) -> Result<Value, TextError> {
    if text.len() > VALUE_TEXT_BYTES_MAX {
        return Err(TextError { problem: format!("longer than {VALUE_TEXT_BYTES_MAX} bytes"), column: 1 });
    }
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.error("unexpected text after the value")),
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Byte offset; always at a character boundary.
    at: usize,
}

impl<'a> Parser<'a> {
    fn error(&self, problem: impl Into<String>) -> TextError {
        TextError { problem: problem.into(), column: self.text[..self.at].chars().count() + 1 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next character that is not white space, which stays unread.
    fn peek(&mut self) -> Option<char> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }

    /// The next character, white space included.
    fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, TextError> {
        if depth > VALUE_DEPTH_MAX {
            return Err(self.error(format!("nested deeper than {VALUE_DEPTH_MAX} levels")));
        }
        match self.peek() {
            Some('[') => Ok(Value::Seq(self.list('[', ']', depth)?)),
            Some('(') => Ok(match self.round(depth)? {
                Fields::Unit => Value::UNIT,
                Fields::Unnamed(items) => Value::Tuple(items),
                fields => Value::Struct { name: None, fields },
            }),
            Some('{') => Ok(Value::Struct { name: None, fields: self.curly(depth)? }),
            Some('"') => Ok(Value::Text(self.quoted()?)),
            Some('\'') => self.character(),
            Some('-' | '+') => self.signed(),
            Some(c) if c.is_alphanumeric() || c == '_' => self.word(depth),
            Some(c) => Err(self.error(format!("unexpected `{}`", c.escape_debug()))),
            None => Err(self.error("a value is missing")),
        }
    }

    /// Values between brackets, separated by commas; a trailing comma is allowed.
    fn list(&mut self, open: char, close: char, depth: usize) -> Result<Vec<Value>, TextError> {
        assert!(self.take(open), "called at the opening bracket");
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(self.value(depth + 1)?);
            self.separator(close)?;
        }
        Ok(items)
    }

    /// A comma, unless the closing bracket comes next.
    fn separator(&mut self, close: char) -> Result<(), TextError> {
        if self.take(',') || self.peek() == Some(close) {
            return Ok(());
        }
        Err(self.error(format!("expected `,` or `{close}`")))
    }

    /// `(1, 2)`, or, as `cargo contract` allows, `(a: 1)`.
    fn round(&mut self, depth: usize) -> Result<Fields, TextError> {
        let start = self.at;
        assert!(self.take('('), "called at the opening bracket");
        if self.take(')') {
            return Ok(Fields::Unit);
        }
        // Looks ahead without building errors, whose column takes a walk over the text.
        let key = if self.peek() == Some('"') { self.quoted().is_ok() } else { !self.letters().is_empty() };
        let named = key && self.take(':');
        self.at = start;
        match named {
            true => self.entries('(', ')', depth),
            false => Ok(Fields::Unnamed(self.list('(', ')', depth)?)),
        }
    }

    fn curly(&mut self, depth: usize) -> Result<Fields, TextError> {
        self.entries('{', '}', depth)
    }

    fn entries(&mut self, open: char, close: char, depth: usize) -> Result<Fields, TextError> {
        assert!(self.take(open), "called at the opening bracket");
        let mut entries = Vec::new();
        while !self.take(close) {
            let key = self.key()?;
            if !self.take(':') {
                return Err(self.error(format!("expected `:` after `{key}`")));
            }
            entries.push((key, self.value(depth + 1)?));
            self.separator(close)?;
        }
        Ok(Fields::Named(entries))
    }

    fn key(&mut self) -> Result<String, TextError> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        match self.letters() {
            "" => Err(self.error("expected the name of a field")),
            name => Ok(name.to_owned()),
        }
    }

    /// Letters, digits and underscores; possibly none.
    fn letters(&mut self) -> &'a str {
        self.peek();
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A number, bytes, `true`, `false`, an address, or a name with its fields.
    fn word(&mut self, depth: usize) -> Result<Value, TextError> {
        let start = self.at;
        let word = self.letters();
        if let Some(digits) = word.strip_prefix("0x") {
            self.at = start;
            let bytes = hex::decode(digits).map_err(|e| self.error(format!("not hexadecimal bytes ({e})")))?;
            self.at = start + word.len();
            return Ok(Value::Bytes(bytes));
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return match digits(word) {
                Some(digits) => digits.parse().map(Value::UInt).map_err(|_| self.error("the number exceeds 128 bits")),
                None => Ok(Value::Literal(word.to_owned())),
            };
        }
        match word {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            name => Ok(Value::Variant { name: name.to_owned(), fields: self.fields(depth)? }),
        }
    }

    fn fields(&mut self, depth: usize) -> Result<Fields, TextError> {
        match self.peek() {
            Some('(') => self.round(depth),
            Some('{') => self.curly(depth),
            _ => Ok(Fields::Unit),
        }
    }

    fn signed(&mut self) -> Result<Value, TextError> {
        let sign = self.next().expect("called at the sign");
        let text = digits(self.letters()).ok_or_else(|| self.error("expected digits"))?;
        let number = format!("{sign}{text}").parse();
        number.map(Value::Int).map_err(|_| self.error("the number exceeds 128 bits"))
    }

    fn character(&mut self) -> Result<Value, TextError> {
        self.next();
        let c = match self.next() {
            // `'\'` is a backslash, as for `cargo contract`, unless another quote follows.
            Some('\\') if !self.rest().starts_with('\'') || self.rest().starts_with("''") => self.escape()?,
            Some(c) => c,
            None => return Err(self.error("expected a character")),
        };
        match self.next() {
            Some('\'') => Ok(Value::Char(c)),
            _ => Err(self.error("expected `'` after the character")),
        }
    }

    fn quoted(&mut self) -> Result<String, TextError> {
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(c) => text.push(c),
                None => return Err(self.error("the text has no closing `\"`")),
            }
        }
    }

    /// What follows a backslash: the escapes of JSON (RFC 8259), and `\'`.
    fn escape(&mut self) -> Result<char, TextError> {
        match self.next() {
            Some(c @ ('"' | '\\' | '/' | '\'')) => Ok(c),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.unicode(),
            _ => Err(self.error("unknown escape")),
        }
    }

    /// Four hexadecimal digits, or eight as a surrogate pair.
    fn unicode(&mut self) -> Result<char, TextError> {
        let mut units = vec![self.code_unit()?];
        if (0xd800..0xdc00).contains(&units[0]) && self.rest().starts_with("\\u") {
            self.at += 2;
            units.push(self.code_unit()?);
        }
        match String::from_utf16(&units) {
            Ok(text) if text.chars().count() == 1 => Ok(text.chars().next().expect("counted")),
            _ => Err(self.error("not a character")),
        }
    }

    fn code_unit(&mut self) -> Result<u16, TextError> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.error("expected four hexadecimal digits"))?;
        self.at += 4;
        Ok(unit)
    }
}

/// The digits of a decimal number without its underscores, which may stand between digits.
fn digits(word: &str) -> Option<String> {
    let parts_ok = word.split('_').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    parts_ok.then(|| word.replace('_', ""))
}
