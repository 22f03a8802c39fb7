//! Where the sides are meant to differ, and everything else they differ in.

use crate::{Comparison, Mismatch};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Entries there may be.
pub(crate) const ENTRIES_MAX: usize = 30;

/// One difference that is meant.
#[derive(Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name.
    pub id: String,
    /// The host functions, or other labels of steps.
    pub functions: Vec<String>,
    /// The programs in which it shows. A name may end in `*`, but only after the name of what it is about.
    pub programs: Vec<String>,
    /// What differs, as [`Mismatch::what`].
    pub what: String,
    /// How the step ends on the reference.
    pub reference: String,
    /// How it ends here.
    pub tallow: String,
    /// When exactly.
    pub condition: String,
    /// Why.
    pub reason: String,
}

/// All of them.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    /// The entries.
    #[serde(default)]
    pub difference: Vec<Entry>,
}

/// What became of a number of comparisons.
#[derive(Debug, Default)]
pub struct Report {
    /// Steps compared.
    pub cases: usize,
    /// Steps on which the sides agree.
    pub equal: usize,
    /// Steps on which they differ as they should.
    pub listed: usize,
    /// Steps on which both ended in the same error, among the equal ones.
    pub errors: usize,
    /// What is not listed.
    pub different: Vec<Mismatch>,
    /// Entries that were used.
    pub used: BTreeSet<String>,
}

impl Differences {
    /// Reads the file.
    ///
    /// # Panics
    /// When it is not what it should be: too many entries, ids twice, a wildcard for everything.
    pub fn parse(text: &str) -> Self {
        let this: Self = toml::from_str(text).expect("differences.toml is valid");
        assert!(this.difference.len() <= ENTRIES_MAX, "more than {ENTRIES_MAX} differences");
        let ids: BTreeSet<_> = this.difference.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids.len(), this.difference.len(), "ids are unique");
        for entry in &this.difference {
            assert!(!entry.programs.is_empty() && !entry.condition.is_empty() && !entry.reason.is_empty());
            let exact = |name: &String| !name.ends_with('*') || name.len() > 8;
            assert!(entry.programs.iter().all(exact), "{}: too wide", entry.id);
        }
        this
    }

    /// The committed one.
    pub fn committed() -> Self {
        Self::parse(include_str!("../../differences.toml"))
    }

    /// The entry a mismatch falls under.
    pub fn entry(&self, mismatch: &Mismatch) -> Option<&Entry> {
        let named = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => mismatch.program.starts_with(start),
            None => mismatch.program == *pattern,
        };
        self.difference.iter().find(|entry| {
            entry.functions.contains(&mismatch.label)
                && entry.what == mismatch.what
                && entry.reference == mismatch.reference.0
                && entry.tallow == mismatch.tallow.0
                && entry.programs.iter().any(named)
        })
    }

    /// Adds a comparison to a report.
    pub fn judge(&self, found: Comparison, report: &mut Report) {
        report.cases += found.steps;
        report.errors += found.errors;
        let differing: BTreeSet<_> = found.mismatches.iter().map(|it| (it.what == "upload", it.step)).collect();
        report.equal += found.steps - differing.len();
        let mut wrong = BTreeSet::new();
        for mismatch in found.mismatches {
            match self.entry(&mismatch) {
                Some(entry) => drop(report.used.insert(entry.id.clone())),
                None => {
                    wrong.insert((mismatch.what == "upload", mismatch.step));
                    report.different.push(mismatch);
                }
            }
        }
        report.listed += differing.len() - wrong.len();
    }
}
