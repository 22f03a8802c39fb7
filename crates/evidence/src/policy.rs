//! Which documents are accepted.

use crate::claims::hex_lower;
use crate::{Claims, Kind, Refusal, show_time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a document must prove to be accepted. The default takes every program on hardware of every kind whose TCB is
/// up to date, refuses what can be debugged or migrated, and asks for nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Kinds of hardware that count; an empty list accepts all.
    pub kinds: Vec<Kind>,
    /// Programs that count; an empty list accepts all.
    pub programs: Vec<Program>,
    /// What the program must have bound to the document, in hexadecimal digits; shorter values are a prefix, and the
    /// rest must be zero.
    pub report_data: Option<String>,
    /// Whether a program that others can debug counts.
    pub debug: bool,
    /// Flags of the platform that are accepted: `dynamic_platform`, `cached_keys`, `smt`, `migration_agent`.
    pub flags: Vec<String>,
    /// Machines that count, each a `name=value` of the platform's ids; an empty list accepts all.
    pub platforms: Vec<String>,
    /// Highest privilege level number (VMPL) from which an SNP report counts.
    pub level_max: u32,
    /// What is accepted of firmware and microcode.
    pub tcb: TcbPolicy,
    /// Seconds since a document was made, where it says when, after which it counts no more.
    pub age_s_max: Option<u64>,
    /// Seconds since the oldest part of the collateral was made, after which it counts no more.
    pub collateral_age_s_max: Option<u64>,
    /// Whether lists of revoked keys must have been looked at.
    pub revocation: bool,
}

/// A program: all its named measurements must be as given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Kind of hardware.
    pub kind: Kind,
    /// Measurements in hexadecimal digits, by name; at least one.
    pub measurements: BTreeMap<String, String>,
}

/// What is accepted of firmware and microcode.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TcbPolicy {
    /// Intel's words that are accepted.
    pub statuses: Vec<String>,
    /// Advisories that are accepted; `None` accepts all that come with an accepted status.
    pub advisories: Option<Vec<String>>,
    /// Least versions of parts (SNP).
    pub svn_min: SvnMin,
}

/// Least versions of parts, by name: `bootloader`, `tee`, `snp`, `microcode`, `fmc`.
pub type SvnMin = BTreeMap<String, u64>;

impl Default for TcbPolicy {
    fn default() -> Self {
        Self { statuses: vec!["UpToDate".to_owned()], advisories: None, svn_min: SvnMin::new() }
    }
}

impl Policy {
    /// Reads a policy as TOML.
    ///
    /// # Errors
    /// What is wrong with the text, by TOML's reader, or a value that no document can have.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let policy: Self = toml::from_str(text).map_err(|error| Self::where_wrong(text, &error))?;
        policy.check()?;
        Ok(policy)
    }

    /// An error of TOML's reader in one line, with the line of the text that it is about.
    fn where_wrong(text: &str, error: &toml::de::Error) -> String {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {}: {}", before.matches('\n').count() + 1, error.message().replace('\n', ", "))
    }

    /// The policy as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a policy is a table of plain values")
    }

    /// The narrowest policy that accepts just these claims: what a network would name to accept this program on such
    /// hardware.
    pub fn accepting(claims: &Claims) -> Self {
        let measurements = claims.measurements.iter().map(|m| (m.name.clone(), m.value.clone())).collect();
        Self {
            kinds: vec![claims.kind],
            programs: vec![Program { kind: claims.kind, measurements }],
            debug: claims.debug,
            flags: claims.flags.clone(),
            level_max: claims.level,
            tcb: TcbPolicy {
                statuses: claims.tcb.status.iter().cloned().collect(),
                advisories: Some(claims.tcb.advisories.clone()),
                svn_min: claims.tcb.versions.iter().cloned().collect(),
            },
            revocation: claims.revocation_checked,
            ..Self::default()
        }
    }

    /// Judges what a document proves, as of `now_s` (seconds since the Unix epoch).
    ///
    /// # Errors
    /// The first field that this policy refuses.
    pub fn judge(&self, claims: &Claims, now_s: u64) -> Result<(), Refusal> {
        self.judge_program(claims)?;
        self.judge_platform(claims)?;
        self.judge_tcb(claims)?;
        self.judge_age(claims, now_s)
    }

    fn judge_program(&self, claims: &Claims) -> Result<(), Refusal> {
        let kind = claims.kind;
        if !self.kinds.is_empty() && !self.kinds.contains(&kind) {
            return Err(Refusal::new("kind", format!("{kind} is not accepted")));
        }
        if claims.debug && !self.debug {
            return Err(Refusal::new("debug", "the program can be debugged, so it hides nothing"));
        }
        if let Some(expected) = &self.report_data
            && !is_padded(&claims.report_data, expected)
        {
            return Err(Refusal::new("report_data", format!("{}, not {expected}", claims.report_data)));
        }
        self.judge_measurements(claims)
    }

    fn judge_measurements(&self, claims: &Claims) -> Result<(), Refusal> {
        if self.programs.is_empty() || self.programs.iter().any(|program| program.is(claims)) {
            return Ok(());
        }
        // The first difference from the first program of that kind says most.
        let Some(program) = self.programs.iter().find(|program| program.kind == claims.kind) else {
            return Err(Refusal::new("kind", format!("no accepted program runs on {}", claims.kind)));
        };
        let (name, value) = program.difference(claims).expect("a program that does not match differs somewhere");
        let found = claims.measurement(name).unwrap_or("absent");
        Err(Refusal::new(name, format!("{found} is of no accepted program (the first has {value})")))
    }

    fn judge_platform(&self, claims: &Claims) -> Result<(), Refusal> {
        if let Some(flag) = claims.flags.iter().find(|flag| !self.flags.contains(flag)) {
            return Err(Refusal::new(&format!("platform.{flag}"), "it is set, and this policy does not accept it"));
        }
        if claims.level > self.level_max {
            let reason = format!("the report was asked for at level {}, of at most {}", claims.level, self.level_max);
            return Err(Refusal::new("vmpl", reason));
        }
        let listed = claims.platform.iter().any(|(name, value)| self.platforms.contains(&format!("{name}={value}")));
        if self.platforms.is_empty() || listed {
            return Ok(());
        }
        Err(Refusal::new("platform", "none of the machine's ids is listed"))
    }

    fn judge_tcb(&self, claims: &Claims) -> Result<(), Refusal> {
        if let Some(status) = &claims.tcb.status
            && !self.tcb.statuses.contains(status)
        {
            return Err(Refusal::new("tcb.status", format!("{status} is not accepted")));
        }
        if let Some(accepted) = &self.tcb.advisories
            && let Some(advisory) = claims.tcb.advisories.iter().find(|advisory| !accepted.contains(advisory))
        {
            return Err(Refusal::new("tcb.advisories", format!("{advisory} concerns the platform")));
        }
        // Where the vendor has a word for the whole, versions of parts say nothing.
        let versioned = claims.tcb.status.is_none() && !claims.tcb.versions.is_empty();
        for (part, least) in self.tcb.svn_min.iter().filter(|_| versioned) {
            let found = claims.tcb.versions.iter().find(|(name, _)| name == part).map(|(_, version)| *version);
            if found.is_none_or(|found| found < *least) {
                let found = found.map_or_else(|| "absent".to_owned(), |found| found.to_string());
                return Err(Refusal::new(&format!("tcb.{part}"), format!("{found}, of at least {least}")));
            }
        }
        Ok(())
    }

    fn judge_age(&self, claims: &Claims, now_s: u64) -> Result<(), Refusal> {
        if claims.valid_until_s < now_s {
            return Err(Refusal::new("valid_until", format!("{} has passed", show_time(claims.valid_until_s))));
        }
        if self.revocation && !claims.revocation_checked {
            return Err(Refusal::new("revocation", "no list of revoked keys was given"));
        }
        check_age("issued", claims.issued_s, self.age_s_max, now_s)?;
        check_age("collateral.issued", claims.collateral_issued_s, self.collateral_age_s_max, now_s)
    }

    fn check(&self) -> Result<(), String> {
        let is_hex = |text: &str| !text.is_empty() && hex::decode(text).is_ok();
        if let Some(data) = self.report_data.as_deref().filter(|data| !is_hex(data)) {
            return Err(format!("report_data: {data} is no even number of hexadecimal digits"));
        }
        for program in &self.programs {
            if program.measurements.is_empty() {
                return Err(format!("programs: one of kind {} names no measurement", program.kind));
            }
            if let Some((name, value)) = program.measurements.iter().find(|(_, value)| !is_hex(value)) {
                return Err(format!("programs: {name}: {value} is no even number of hexadecimal digits"));
            }
        }
        if let Some(platform) = self.platforms.iter().find(|platform| !platform.contains('=')) {
            return Err(format!("platforms: {platform} is no name=value"));
        }
        Ok(())
    }
}

impl Program {
    fn is(&self, claims: &Claims) -> bool {
        self.kind == claims.kind && self.difference(claims).is_none()
    }

    /// A measurement that the claims do not have, with the value it should have.
    fn difference(&self, claims: &Claims) -> Option<(&str, &str)> {
        let differs = |(name, value): &(&String, &String)| claims.measurement(name) != Some(&hex_lower(value));
        self.measurements.iter().find(differs).map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Whether `found` is `expected`, followed by zeros.
fn is_padded(found: &str, expected: &str) -> bool {
    found.strip_prefix(&hex_lower(expected)).is_some_and(|rest| rest.bytes().all(|digit| digit == b'0'))
}

fn check_age(field: &str, since_s: Option<u64>, age_s_max: Option<u64>, now_s: u64) -> Result<(), Refusal> {
    let Some(age_s_max) = age_s_max else { return Ok(()) };
    let Some(since_s) = since_s else {
        return Err(Refusal::new(field, "nothing says when it was made, and this policy bounds its age"));
    };
    let age_s = now_s.saturating_sub(since_s);
    if age_s > age_s_max {
        return Err(Refusal::new(field, format!("{age_s} s old, of at most {age_s_max}")));
    }
    Ok(())
}
