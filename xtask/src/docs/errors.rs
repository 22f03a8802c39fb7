//! `docs/errors.md` from the enums of errors: their comments, names and messages.

use anyhow::{Result, ensure};

const HEAD: &str = "# Errors

Names and codes are stable: programs may match on them, the texts are for people. Made from the code by `cargo xtask docs`;
`cargo xtask tidy` checks that it is current.

## Codes of the API

Every error of the API is a problem document (RFC 9457, `application/problem+json`):

```json
{ \"code\": \"command_expired\", \"status\": 410, \"title\": \"The command expired.\", \"detail\": \"...\", \"request_id\": \"...\" }
```

`title` is that of the code, `detail` says what was wrong with this request and what to do, `request_id` is also in the
header `X-Request-Id` and in the worker's log. With `busy`, `unavailable`, `rate_limited`, `allowance_used` and `disk_full`
comes `Retry-After`, in seconds. What is not HTTP, or exceeds the limits of a request's head, is answered with an empty 400, 414
or 431 and the end of the connection.

| code | status | title | when |
|---|---|---|---|
";
const CALLS: &str = "
## Errors of calls

Why a contract's call ended without a return value: in receipts, in answers to queries, and between contracts. The CLI
prints the name in parentheses.

| name | text | when |
|---|---|---|
";
const QUERIES: &str = "
## Refused queries

Inside a sealed answer, since only the caller is to know.

| name | text | when |
|---|---|---|
";
const HTTP: &str = "
## Errors of HTTP requests of contracts

What a contract gets instead of a response.

| name | text | when |
|---|---|---|
";

/// Texts of the files that the page is made of.
pub(super) struct Sources {
    pub(super) codes: String,
    pub(super) calls: String,
    pub(super) queries: String,
    pub(super) http: String,
}

/// Makes the page.
pub(super) fn page(sources: &Sources) -> Result<String> {
    let mut text = HEAD.to_owned();
    for code in codes(&sources.codes)? {
        text.push_str(&format!("| `{}` | {} | {} | {} |\n", snake(code.name), code.status, code.title, code.comment));
    }
    let tables = [
        (CALLS, &sources.calls, "CallError"),
        (QUERIES, &sources.queries, "QueryRefusal"),
        (HTTP, &sources.http, "HttpError"),
    ];
    for (head, source, name) in tables {
        text.push_str(head);
        for Variant { name, message, comment } in variants(source, name)? {
            text.push_str(&format!("| `{name}` | {message} | {comment} |\n"));
        }
    }
    Ok(text)
}

struct CodeLine<'a> {
    name: &'a str,
    status: &'a str,
    title: &'a str,
    comment: String,
}

/// The lines of `codes! { ... }`: comments, then `Name = status "title";`.
fn codes(source: &str) -> Result<Vec<CodeLine<'_>>> {
    let lines = source.lines().skip_while(|line| *line != "codes! {").skip(1).take_while(|line| *line != "}");
    let (mut codes, mut comment) = (Vec::new(), Vec::new());
    for line in lines.map(str::trim) {
        if let Some(words) = line.strip_prefix("/// ") {
            comment.push(words);
        } else if let Some((name, rest)) = line.split_once(" = ")
            && let Some((status, title)) = rest.split_once(' ')
        {
            let title = title.trim_end_matches(';').trim_matches('"');
            codes.push(CodeLine { name, status, title, comment: comment.join(" ") });
            comment.clear();
        }
    }
    ensure!(!codes.is_empty(), "there are no codes");
    Ok(codes)
}

/// One variant of an enum of errors.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variant<'a> {
    pub(super) name: &'a str,
    pub(super) message: &'a str,
    pub(super) comment: String,
}

/// The variants of an enum in a file: comments, `#[error("message")]`, name.
pub(super) fn variants<'a>(source: &'a str, name: &str) -> Result<Vec<Variant<'a>>> {
    let head = format!("pub enum {name} {{");
    let lines = source.lines().skip_while(|line| *line != head).skip(1).take_while(|line| *line != "}");
    let (mut variants, mut comment, mut message) = (Vec::new(), Vec::new(), "");
    // Lines of four spaces are the enum's own; deeper ones belong to fields.
    for line in lines.filter_map(|line| line.strip_prefix("    ")).filter(|line| !line.starts_with(' ')) {
        if let Some(words) = line.strip_prefix("/// ") {
            comment.push(words);
        } else if let Some(text) = line.strip_prefix("#[error(") {
            message = text.trim_end_matches(")]").split('"').nth(1).unwrap_or_default();
        } else if line.starts_with(|first: char| first.is_ascii_uppercase()) {
            let name = line.split([',', '(', ' ', '{']).next().unwrap_or_default();
            variants.push(Variant { name, message, comment: comment.join(" ") });
            (comment, message) = (Vec::new(), "");
        }
    }
    ensure!(!variants.is_empty(), "there is no enum {name}");
    Ok(variants)
}

/// As serde writes the names of codes.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
