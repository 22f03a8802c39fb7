//! How the demo looks.

use super::Places;
use crate::output::{Color, Output};
use serde_json::{Value, json};
use std::time::Instant;
use tallow_client::Client;
use tallow_devnet::DevNetwork;

/// The demo's page: text as it goes, or one document at its end.
pub(super) struct Show {
    output: Output,
    opening: Value,
    steps: Vec<Value>,
    began: Instant,
}

/// One step that was taken.
pub(super) struct Step<'a> {
    pub(super) title: &'a str,
    pub(super) latency_ms: f64,
    /// Names and texts, one line each.
    pub(super) lines: Vec<(&'a str, String)>,
    pub(super) document: Value,
}

impl Show {
    pub(super) fn new(output: Output) -> Self {
        Self { output, opening: Value::Null, steps: Vec::new(), began: Instant::now() }
    }

    pub(super) fn opening(&mut self, network: &DevNetwork, client: &Client, places: &Places) {
        let title = self.output.paint(Color::Bold, "Tallow: a ledger, a cluster and a worker in this process");
        self.output.text(title);
        self.line("network", client.network());
        self.line("cluster", client.cluster_id());
        self.line("worker", format!("{} at {}", client.worker_id(), network.url()));
        self.line("price from", &places.price_url);
        self.line("reports to", &places.telegram_url);
        for line in network.development() {
            self.output.text(format!("  {} {line}", self.output.paint(Color::Yellow, "development:")));
        }
        self.opening = json!({
            "url": network.url(), "network": client.network(), "cluster": client.cluster_id(),
            "worker": client.worker_id(), "development": network.development(),
        });
    }

    pub(super) fn step(&mut self, step: Step<'_>) {
        let Step { title, latency_ms, lines, mut document } = step;
        let number = self.steps.len() + 1;
        let heading = self.output.paint(Color::Bold, &format!("{number}. {title}"));
        let time = self.output.paint(Color::Green, &format!("{latency_ms:.2} ms"));
        self.output.text(format!("\n{heading}  {time}"));
        for (name, text) in lines {
            self.line(name, text);
        }
        document["step"] = json!(title);
        document["latency_ms"] = json!(latency_ms);
        self.steps.push(document);
    }

    pub(super) fn closing(&self) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.output.text(format!("\n{} in {seconds:.2} s", self.output.paint(Color::Green, "All steps done")));
        let mut document = self.opening.clone();
        document["steps"] = json!(self.steps);
        self.output.document(&document);
    }

    fn line(&self, name: &str, text: impl std::fmt::Display) {
        self.output.text(format!("  {name:<12} {}", crate::output::plain(&text.to_string())));
    }
}
