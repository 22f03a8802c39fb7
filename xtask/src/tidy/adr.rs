//! The index of decisions lists every decision once.

use super::{Problem, Source};
use std::collections::BTreeMap;

const FOLDER: &str = "docs/adr/";
const INDEX: &str = "README.md";

/// Checks files against the index, and their numbers.
pub(super) fn check(sources: &[Source]) -> Vec<Problem> {
    let files = sources.iter().filter_map(|source| source.path.strip_prefix(FOLDER).map(|name| (name, source)));
    let mut files: BTreeMap<&str, &Source> = files.filter(|(name, _)| name.ends_with(".md")).collect();
    let Some(index) = files.remove(INDEX) else {
        return vec![(format!("{FOLDER}{INDEX}"), "there is no index of decisions".into())];
    };
    let mut problems = Vec::new();
    for name in files.keys().filter(|name| !index.text.contains(&format!("]({name})"))) {
        problems.push((format!("{FOLDER}{INDEX}"), format!("does not list {name}")));
    }
    let links = index.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for link in links.filter(|link| !link.contains('/') && !files.contains_key(link)) {
        problems.push((format!("{FOLDER}{INDEX}"), format!("lists {link}, which is not there")));
    }
    let mut numbers = BTreeMap::<&str, &str>::new();
    for name in files.keys() {
        let number = name.split('-').next().unwrap_or_default();
        if let Some(other) = numbers.insert(number, name) {
            problems.push((format!("{FOLDER}{name}"), format!("has the number of {other}")));
        }
    }
    problems
}
