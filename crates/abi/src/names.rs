//! Finding messages, constructors and variants by name.

/// No such name; says which there are, and which is closest.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct UnknownName {
    /// What was looked for: "message", "constructor".
    pub kind: &'static str,
    /// The name that was given.
    pub name: String,
    /// The names that there are; when `name` is short for several, only those.
    pub known: Vec<String>,
    /// The name that was probably meant.
    pub closest: Option<String>,
}

/// Names listed in an error.
const NAMES_SHOWN_MAX: usize = 40;
/// Characters up to which a misspelt name is compared.
const COMPARED_CHARS_MAX: usize = 64;

impl UnknownName {
    pub(crate) fn new(kind: &'static str, name: &str, known: Vec<String>) -> Self {
        let closest = closest(name, known.iter().map(String::as_str)).map(str::to_owned);
        Self { kind, name: name.to_owned(), known, closest }
    }

    fn text(&self) -> String {
        let mut text = format!("no {} `{}`", self.kind, self.name.escape_debug());
        if let Some(closest) = &self.closest {
            text.push_str(&format!("; did you mean `{closest}`?"));
        }
        match self.known.as_slice() {
            [] => text.push_str("; there are none"),
            known => text.push_str(&format!("; there are: {}", list(known.iter().map(String::as_str)))),
        }
        text
    }
}

/// Names separated by commas, cut off when there are very many.
pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown = names[..names.len().min(NAMES_SHOWN_MAX)].join(", ");
    match names.len().checked_sub(NAMES_SHOWN_MAX) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// The name that differs least, when it differs by no more than a third of its letters.
fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, best) = known
        .map(|candidate| {
            let last = candidate.rsplit("::").next().unwrap_or(candidate);
            (distance(name, candidate).min(distance(name, last)), candidate)
        })
        .min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= name.chars().count().max(3)).then_some(best)
}

/// Letters to insert, delete or replace to get from one word to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().take(COMPARED_CHARS_MAX).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().take(COMPARED_CHARS_MAX).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}
