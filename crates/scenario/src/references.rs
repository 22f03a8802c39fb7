//! Names in the text of an argument that stand for something else.

/// Replaces each name behind a mark by what `value` gives for it; `name` tells how many bytes of a text are a name.
/// Text in double quotes stays as it is.
///
/// # Errors
/// Those of `value`, and a mark without a name.
pub(crate) fn replace(
    text: &str,
    mark: char,
    name: impl Fn(&str) -> usize,
    value: impl Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = find_outside_quotes(rest, mark) {
        replaced.push_str(&rest[..at]);
        let after = &rest[at + mark.len_utf8()..];
        let end = name(after);
        if end == 0 {
            return Err(format!("`{mark}` names nothing"));
        }
        replaced.push_str(&value(&after[..end])?);
        rest = &after[end..];
    }
    Ok(replaced + rest)
}

/// How many bytes at the start of a text are of these characters.
pub(crate) fn while_of(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Where the mark first stands outside of double quotes.
fn find_outside_quotes(text: &str, mark: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == mark && !quoted => return Some(at),
            _ => (),
        }
    }
    None
}
