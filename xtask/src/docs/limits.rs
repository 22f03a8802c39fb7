//! `docs/limits.md` from `limits.rs`.

use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, BTreeSet};

const HEAD: &str = "# Limits

Every size, count and time that bounds something. What is full refuses, with an error that says so; nothing grows without
one of these. A stranger has as many fresh keys as he likes and one client address (of IPv6, one /64 network): what he can
take at most is the last column. Where it says \"its own\", the limit bounds one thing of whoever makes it, and nobody else
has less for it. Made from the comments of `crates/types/src/limits.rs` and from `docs/strangers.toml` by `cargo xtask
docs`; `cargo xtask tidy` checks that it is current.
";
const TABLE: &str = "\n| limit | value | what it bounds | what one stranger can take of it |\n|---|---|---|---|\n";

/// What one stranger can take of each limit at most: `docs/strangers.toml`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Strangers {
    /// Limits of one thing of whoever makes it.
    own: BTreeSet<String>,
    /// Limits that no stranger reaches.
    inner: BTreeSet<String>,
    /// What he can take of what all share, by limit.
    shared: BTreeMap<String, String>,
}

impl Strangers {
    /// What can be taken of a limit. Each limit is named, and once, so that no new one is forgotten.
    fn take(&mut self, limit: &str) -> Result<String> {
        let own = self.own.remove(limit).then(|| "its own".to_owned());
        let inner = self.inner.remove(limit).then(|| "nothing".to_owned());
        let found: Vec<String> = [own, inner, self.shared.remove(limit)].into_iter().flatten().collect();
        let [share] = <[String; 1]>::try_from(found)
            .map_err(|found| anyhow::anyhow!("docs/strangers.toml names {limit} {} times, not once", found.len()))?;
        Ok(share)
    }

    /// Names that are no limits.
    fn left(&self) -> Option<&String> {
        self.own.iter().chain(&self.inner).chain(self.shared.keys()).next()
    }
}

/// Makes the page.
pub(super) fn page(source: &str, strangers: &str) -> Result<String> {
    let mut strangers: Strangers = toml::from_str(strangers).context("docs/strangers.toml")?;
    let values = values(source)?;
    let (mut text, mut comment, mut open) = (HEAD.to_owned(), Vec::new(), false);
    for line in source.lines() {
        if let Some(words) = line.strip_prefix("/// ") {
            comment.push(words);
        } else if let Some((name, _)) = constant(line) {
            if !open {
                text.push_str(TABLE);
                open = true;
            }
            let value = values.get(name).with_context(|| format!("{name} has no value"))?;
            let (value, share) = (shown(name, *value), strangers.take(name)?);
            text.push_str(&format!("| `{name}` | {value} | {} | {share} |\n", comment.join(" ")));
            comment.clear();
        } else if line.is_empty() {
            open = false;
        }
    }
    match strangers.left() {
        None => Ok(text),
        Some(name) => bail!("docs/strangers.toml names {name}, which is no limit"),
    }
}

/// Name and expression of a public constant.
fn constant(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("pub const ")?.split_once(':')?;
    Some((name, rest.split_once('=')?.1.trim_end_matches(';')))
}

fn values(source: &str) -> Result<BTreeMap<String, u64>> {
    let mut known = BTreeMap::new();
    let constants: Vec<_> = source.lines().filter_map(constant).collect();
    // Some name others that come later in the file.
    for _ in 0..constants.len() {
        for (name, expression) in &constants {
            let waits = expression
                .split([' ', '*', '+', '/'])
                .any(|word| word.starts_with(|first: char| first.is_ascii_uppercase()) && !known.contains_key(word));
            if !waits {
                let value = value(expression, &known).with_context(|| format!("{name} = {expression}"))?;
                known.insert((*name).to_owned(), value);
            }
        }
    }
    Ok(known)
}

/// The value of an expression of numbers and earlier constants: `+`, `*`, `/`, and `+` last.
fn value(expression: &str, known: &BTreeMap<String, u64>) -> Option<u64> {
    let factor = |text: &str| {
        let text = text.trim().trim_end_matches(" as u64").trim();
        let number = text.replace('_', "").parse().ok();
        number.or_else(|| known.get(text).copied())
    };
    let quotient = |text: &str| {
        let mut parts = text.split('/').map(factor);
        let first = parts.next()??;
        parts.try_fold(first, |value, part| value.checked_div(part?))
    };
    let product = |text: &str| text.split('*').map(quotient).product::<Option<u64>>();
    expression.split('+').map(product).sum()
}

/// A number in the unit that its name tells.
fn shown(name: &str, value: u64) -> String {
    let scaled = |units: &[(&str, u64)]| {
        let fits = |(_, size): &&(&str, u64)| value >= *size && value.is_multiple_of(*size);
        let (unit, size) = units.iter().find(fits).copied().unwrap_or((units[units.len() - 1].0, 1));
        format!("{} {unit}", grouped(value / size))
    };
    if name.contains("BYTES") {
        scaled(&[("MiB", 1 << 20), ("KiB", 1 << 10), ("bytes", 1)])
    } else if name.contains("_MS") {
        scaled(&[("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)])
    } else if name.contains("SECONDS") {
        scaled(&[("days", 86_400), ("h", 3_600), ("s", 1)])
    } else {
        grouped(value)
    }
}

/// Digits in groups of three.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for start in (first..digits.len()).step_by(3) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&digits[start..start + 3]);
    }
    text
}
