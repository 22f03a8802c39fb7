//! Rules about single files.

use super::{Problem, Source};

/// Lines of code of one file, tests not counted.
const CODE_LINES_MAX: usize = 500;

/// What stays out of the project: paths of one machine, and work put off in a comment. In two pieces, so that this
/// file passes.
const FORBIDDEN: [(&str, &str); 6] =
    [("/work", "/main"), ("/work", "/shared"), ("/root", "/."), ("TO", "DO:"), ("FIX", "ME"), ("XX", "X:")];

/// Crates that may not see the world, and what they may not name (design of the pure cores).
const PURE_FORBIDDEN: [&str; 7] = ["std::net", "std::time", "std::thread", "std::fs", "HashMap", "HashSet", "tokio::"];
/// The engine keeps compiled code in a folder that its caller names.
const MAY_USE_FILES: &str = "engine";

/// Checks every file.
pub(super) fn check(sources: &[Source]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for source in sources {
        problems.extend(source.forbidden_words());
        if source.is_rust() && !source.is_test() {
            problems.extend(source.length());
            problems.extend(source.impurities());
        }
    }
    problems
}

impl Source {
    fn forbidden_words(&self) -> Vec<Problem> {
        let words = FORBIDDEN.iter().map(|(start, end)| format!("{start}{end}"));
        let found = words.filter_map(|word| Some((self.line_of(&word)?, word)));
        found.map(|(line, word)| (format!("{}:{line}", self.path), format!("`{word}` has no place here"))).collect()
    }

    fn length(&self) -> Option<Problem> {
        let code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        let lines = self.text.lines().filter(code).count();
        let problem = || (self.path.clone(), format!("{lines} lines of code, over {CODE_LINES_MAX}; split it by idea"));
        (lines > CODE_LINES_MAX).then(problem)
    }

    fn impurities(&self) -> Vec<Problem> {
        let Some(name) = self.path.strip_prefix("crates/").and_then(|path| path.split('/').next()) else {
            return Vec::new();
        };
        if !super::deps::PURE.contains(&name) {
            return Vec::new();
        }
        let forbidden = PURE_FORBIDDEN.iter().filter(|word| !(name == MAY_USE_FILES && **word == "std::fs"));
        let found = forbidden.filter_map(|word| Some((self.line_of(word)?, word)));
        found.map(|(line, word)| (format!("{}:{line}", self.path), format!("{name} is pure: no `{word}`"))).collect()
    }

    /// Number of the first line that has the word outside of line comments (for Rust), from 1.
    fn line_of(&self, word: &str) -> Option<usize> {
        let comment = |line: &str| self.is_rust() && line.trim_start().starts_with("//") && !word.contains(['/', ':']);
        let at = self.text.lines().position(|line| line.contains(word) && !comment(line))?;
        Some(at + 1)
    }
}
