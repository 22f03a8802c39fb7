//! Files of environment variables, as far as they are agreed on: `NAME=value` a line, comments, quotes, `export`.

use anyhow::{anyhow, bail};
use tallow_types::SecretValue;

/// The secrets of a file, in its order. Names are judged elsewhere; errors name lines and never show values.
pub(super) fn parse(bytes: &[u8]) -> anyhow::Result<Vec<(String, SecretValue)>> {
    let text = std::str::from_utf8(bytes).map_err(|_| anyhow!("it is not UTF-8 text"))?;
    let mut secrets: Vec<(String, SecretValue)> = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = index + 1;
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or_else(|| anyhow!("line {number} has no `=`"))?;
        let (name, value) = (name.trim().to_owned(), SecretValue(value_of(value.trim(), number)?));
        if secrets.iter().any(|(other, _)| *other == name) {
            bail!("line {number} names a secret for the second time");
        }
        secrets.push((name, value));
    }
    if secrets.is_empty() { Err(anyhow!("it names no secret")) } else { Ok(secrets) }
}

/// A value without its quotes. In double quotes `\n`, `\t`, `\"` and `\\` mean what they mean in Rust; in single quotes
/// everything stands for itself; without quotes ` #` begins a comment.
fn value_of(text: &str, line: usize) -> anyhow::Result<Vec<u8>> {
    if let Some(inner) = text.strip_prefix('\'') {
        let (value, rest) = inner.split_once('\'').ok_or_else(|| anyhow!("the quote of line {line} does not end"))?;
        end(rest, line)?;
        return Ok(value.as_bytes().to_vec());
    }
    if let Some(inner) = text.strip_prefix('"') {
        return double_quoted(inner, line);
    }
    let value = text.split_once(" #").map_or(text, |(value, _)| value);
    Ok(value.trim_end().as_bytes().to_vec())
}

fn double_quoted(inner: &str, line: usize) -> anyhow::Result<Vec<u8>> {
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    loop {
        match chars.next() {
            Some('"') => break,
            Some('\\') => value.push(match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(c @ ('"' | '\\' | '$')) => c,
                _ => bail!("line {line} has an unknown escape"),
            }),
            Some(c) => value.push(c),
            None => bail!("the quote of line {line} does not end"),
        }
    }
    end(chars.as_str(), line)?;
    Ok(value.into_bytes())
}

/// Behind a quote only a comment may follow.
fn end(rest: &str, line: usize) -> anyhow::Result<()> {
    let rest = rest.trim();
    if rest.is_empty() || rest.starts_with('#') { Ok(()) } else { Err(anyhow!("line {line} goes on behind its quote")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(text: &str) -> Vec<(String, String)> {
        let parsed = parse(text.as_bytes()).unwrap();
        parsed.into_iter().map(|(name, value)| (name, String::from_utf8(value.0.clone()).unwrap())).collect()
    }

    #[test]
    fn values_are_plain_or_quoted() {
        let text =
            "# a comment\n\nexport A=1\nB = two words # why\nC='it is # \\n literal'\nD=\"a\\n\\\"b\\\"\" # end\nE=\n";
        let expected = [("A", "1"), ("B", "two words"), ("C", "it is # \\n literal"), ("D", "a\n\"b\""), ("E", "")];
        assert_eq!(good(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(good("URL=postgres://a:b@c/d?e=f#g\r\n"), [("URL".into(), "postgres://a:b@c/d?e=f#g".into())]);
    }

    #[test]
    fn wrong_lines_are_named_and_their_values_are_not() {
        for (text, expected) in [
            ("A=1\nhidden", "line 2 has no `=`"),
            ("A='hidden", "the quote of line 1 does not end"),
            ("A=\"hidden", "the quote of line 1 does not end"),
            ("A=\"hidden\\q\"", "line 1 has an unknown escape"),
            ("A='hidden' more", "line 1 goes on behind its quote"),
            ("A=hidden\nA=2", "line 2 names a secret for the second time"),
            ("# nothing", "it names no secret"),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert_eq!(error, expected);
        }
        assert!(parse(&[0xff]).is_err());
    }
}
