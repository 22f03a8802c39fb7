//! What the user sees: data on standard output, everything else on standard error.

use crate::failure::Failure;
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use tallow_crypto::Secret;

/// What to do about a failure that has no advice of its own.
const HINT: &str = "`tallow doctor` checks this machine and the worker; `tallow help` shows what a command takes";

/// Where and how to print.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
    color: bool,
}

/// A colour that supports the words and never replaces them.
#[derive(Clone, Copy)]
pub(crate) enum Color {
    Red,
    Green,
    Yellow,
    Cyan,
    Bold,
}

impl Color {
    const fn code(self) -> &'static str {
        match self {
            Self::Red => "31",
            Self::Green => "32",
            Self::Yellow => "33",
            Self::Cyan => "36",
            Self::Bold => "1",
        }
    }
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { json, color: wanted && std::io::stderr().is_terminal() && std::io::stdout().is_terminal() }
    }

    /// Data as text; nothing when JSON is asked for.
    pub(crate) fn text(&self, text: impl Display) {
        if !self.json {
            print(&mut std::io::stdout().lock(), &text.to_string());
        }
    }

    /// Data as JSON; nothing when text is asked for.
    pub(crate) fn document(&self, value: &Value) {
        if self.json {
            print(&mut std::io::stdout().lock(), &value.to_string());
        }
    }

    /// A secret that was asked for, in either form.
    pub(crate) fn secret(&self, text: &Secret<String>) {
        print(&mut std::io::stdout().lock(), text.expose());
    }

    /// A message.
    pub(crate) fn note(&self, text: impl Display) {
        print(&mut std::io::stderr().lock(), &text.to_string());
    }

    /// A warning.
    pub(crate) fn warn(&self, text: impl Display) {
        self.note(format!("{} {text}", self.paint(Color::Yellow, "warning:")));
    }

    /// Reports a failure and gives the exit code.
    pub(crate) fn fail(&self, failure: &Failure) -> ExitCode {
        let text = said(&failure.error);
        self.note(format!("{} {text}", self.paint(Color::Red, "error:")));
        let hint = if failure.hint.is_empty() { HINT } else { failure.hint.as_str() };
        self.note(format!("{} {hint}", self.paint(Color::Cyan, "hint:")));
        match &failure.document {
            Some(document) => self.document(document),
            None => self.document(&json!({ "error": text, "hint": hint })),
        }
        ExitCode::from(failure.code)
    }

    /// Text in a colour, on a terminal.
    pub(crate) fn paint(&self, color: Color, text: &str) -> String {
        if self.color { format!("\u{1b}[{}m{}\u{1b}[0m", color.code(), plain(text)) } else { plain(text) }
    }
}

/// An error and its causes, without those that the error before has said already.
fn said(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        before if before.contains(&cause) => said,
        before => format!("{before}: {cause}"),
    })
}

/// Writes a line. A reader that went away is no error: `tallow logs | head`.
fn print(to: &mut impl Write, text: &str) {
    drop(writeln!(to, "{text}").and_then(|()| to.flush()));
}

/// Text of a worker or a contract without characters that act on a terminal.
pub(crate) fn plain(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() && c != '\n' && c != '\t'
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(hidden, "\u{fffd}")
}
