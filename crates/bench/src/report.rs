//! Figures, as a table and as JSON.

use anyhow::Context;
use serde::Serialize;
use std::path::Path;

/// One figure.
#[derive(Serialize)]
struct Metric {
    name: String,
    value: f64,
    unit: &'static str,
    /// What it has to reach, in words, for the table.
    #[serde(skip)]
    target: String,
}

/// All figures of a run.
#[derive(Default, Serialize)]
pub(crate) struct Report {
    metrics: Vec<Metric>,
}

impl Report {
    /// Adds a figure; the unit is the last part of its name (`_ms`, `_us`, `_per_s`, `_mb`, `_pct`).
    pub(crate) fn add(&mut self, name: &str, value: f64) {
        self.with_target(name, value, String::new());
    }

    /// Adds a figure with what it has to reach.
    pub(crate) fn with_target(&mut self, name: &str, value: f64, target: String) {
        self.metrics.push(Metric { name: name.to_owned(), value, unit: unit(name), target });
    }

    pub(crate) fn print(&self) {
        println!("{:<34} {:>12}  {:<5} target", "metric", "value", "unit");
        for Metric { name, value, unit, target } in &self.metrics {
            println!("{name:<34} {value:>12.3}  {unit:<5} {target}");
        }
    }

    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        std::fs::write(path, serde_json::to_vec_pretty(self)?).with_context(|| format!("writing {}", path.display()))
    }
}

fn unit(name: &str) -> &'static str {
    let units =
        [("_per_s", "1/s"), ("_ms", "ms"), ("_s", "s"), ("_us", "us"), ("_mb", "MB"), ("_pct", "%"), ("_ratio", "x")];
    let found = units.iter().find(|(suffix, _)| name.ends_with(suffix) || name.contains(&format!("{suffix}_")));
    found.map_or("", |(_, unit)| unit)
}
