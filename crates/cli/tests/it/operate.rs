//! What an operator sees of a running worker: probes and metrics.

use crate::process::{Dev, Machine, bundle};
use serde_json::{Value, json};

/// The status and the body that a path answers with.
pub(crate) fn get(dev: &Dev, path: &str) -> (u16, String) {
    ask(dev, path, |request| request)
}

fn ask(
    dev: &Dev,
    path: &str,
    change: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
) -> (u16, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = change(http.get(format!("{}{path}", dev.url)));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    })
}

/// A metric's value, by its name and labels as the text has them.
fn value(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

/// What a command and a query move, and by how much at least.
const MOVED: [(&str, f64); 13] = [
    ("tallow_http_requests_total{method=\"POST\",route=\"/v1/commands\",status=\"200\"}", 1.0),
    ("tallow_http_requests_total{method=\"POST\",route=\"/v1/query\",status=\"200\"}", 1.0),
    ("tallow_http_request_seconds_count{method=\"POST\",route=\"/v1/query\"}", 1.0),
    ("tallow_command_submissions_total{result=\"accepted\"}", 1.0),
    ("tallow_cluster_ordered_commands_total", 1.0),
    ("tallow_cluster_receipts_total", 1.0),
    ("tallow_cluster_final_blocks_total", 1.0),
    ("tallow_cluster_height_blocks", 1.0),
    ("tallow_cluster_execution_seconds_count", 1.0),
    ("tallow_query_answers_total{result=\"answered\"}", 1.0),
    ("tallow_query_seconds_sum", 0.000_001),
    ("tallow_session_openings_total", 1.0),
    ("tallow_process_cpu_seconds_total", 0.000_001),
];

#[test]
fn probes_and_metrics_tell_how_a_worker_does() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let document = |path| -> (u16, Value) {
        let (status, body) = get(&dev, path);
        (status, serde_json::from_str(&body).unwrap())
    };
    assert_eq!(document("/health"), (200, json!({ "version": env!("CARGO_PKG_VERSION") })));
    assert_eq!(document("/ready"), (200, json!({ "ready": true, "reasons": [] })));
    let deployed = machine.ok(&dev, &["deploy", &bundle("flipper"), "--args", "true"]);
    let contract = deployed["contract"].as_str().unwrap();

    let (status, before) = get(&dev, "/metrics");
    assert_eq!(status, 200);
    machine.ok(&dev, &["call", contract, "flip"]);
    machine.ok(&dev, &["call", contract, "get"]);
    let (_, after) = get(&dev, "/metrics");
    for (name, least) in MOVED {
        let moved = value(&after, name) - value(&before, name);
        assert!(moved >= least, "{name} moved by {moved}:\n{after}");
    }
    for name in ["tallow_disk_free_bytes", "tallow_process_resident_bytes", "tallow_http_open_connections"] {
        assert!(value(&after, name) > 0.0, "{name}:\n{after}");
    }
    assert!(after.ends_with("# EOF\n"));
    let hex = contract.trim_start_matches("0x");
    assert!(!after.contains(hex) && !after.contains("flipper"), "nothing of a contract:\n{after}");
    let (status, _) = ask(&dev, "/metrics", |request| request.header("x-forwarded-for", "192.0.2.1"));
    assert_eq!(status, 404, "who comes from elsewhere");
    assert_eq!(dev.terminate(), Some(0));
}
