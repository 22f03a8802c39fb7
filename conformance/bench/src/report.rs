//! Figures, as a table and as JSON.

use serde_json::{Value, json};
use std::path::Path;

/// All figures of a run.
#[derive(Default)]
pub(crate) struct Report {
    metrics: Vec<Value>,
}

impl Report {
    /// Adds a figure.
    pub(crate) fn add(&mut self, name: &str, value: f64, unit: &str) {
        self.metrics.push(json!({ "name": name, "value": value, "unit": unit }));
    }

    /// Adds why there is no figure.
    pub(crate) fn absent(&mut self, name: &str, reason: &str) {
        self.metrics.push(json!({ "name": name, "value": null, "reason": reason }));
    }

    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        Ok(std::fs::write(path, serde_json::to_vec_pretty(&json!({ "metrics": self.metrics }))?)?)
    }
}
