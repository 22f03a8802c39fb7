//! The page that operators read lists every metric, and no other.

use super::*;
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../docs/operate.md");

/// Names in the text form, as dashboards have them.
fn names(text: &str) -> BTreeSet<String> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types
        .map(|line| {
            let (name, kind) = line.split_once(' ').unwrap();
            if kind == "counter" { format!("{name}_total") } else { name.to_owned() }
        })
        .collect()
}

#[test]
fn the_page_lists_every_metric_and_no_other() {
    let listed = PAGE.lines().filter_map(|line| line.strip_prefix("| `tallow_")?.split_once('`'));
    let listed: BTreeSet<String> =
        listed.map(|(name, _)| format!("tallow_{}", name.split('{').next().unwrap())).collect();
    assert_eq!(listed, names(&Metrics::default().encode()));
}

#[test]
fn names_have_a_subsystem_and_a_unit_and_nothing_sealed_is_counted() {
    for name in names(&Metrics::default().encode()) {
        assert!(name.starts_with("tallow_") && name.split('_').count() >= 3, "{name}");
        assert!(!name.contains("gas"), "{name}");
    }
    let refused = QueryResult::Refused(QueryRefusal::NotPermitted);
    assert_eq!(query_result(Ok::<_, ()>(&refused)), "answered", "that is for the caller alone");
}

#[test]
fn what_happens_is_counted() {
    let metrics = Metrics::default();
    let status = crate::http::operations().position(|operation| operation == ("GET", "/v1/status"));
    metrics.requests.answered(status, 200, Duration::from_millis(3));
    metrics.requests.answered(None, 404, Duration::from_millis(3));
    metrics.requests.answered(None, 1_000, Duration::from_millis(3));
    metrics.submission(Submission::Accepted);
    metrics.submission(Submission::Refused(Code::CommandExpired));
    metrics.query(Err(()), Duration::from_millis(1));
    metrics.call(&Answer::Http(vec![Err(HttpError::Timeout), Err(HttpError::InvalidUrl)]), Duration::from_secs(1));
    metrics.anchor(false);
    metrics.process.look();
    let text = metrics.encode();
    for line in [
        "tallow_http_requests_total{method=\"GET\",route=\"/v1/status\",status=\"200\"} 1",
        "tallow_http_requests_total{method=\"other\",route=\"other\",status=\"404\"} 1",
        "tallow_http_request_seconds_bucket{le=\"0.002048\",method=\"GET\",route=\"/v1/status\"} 0",
        "tallow_http_request_seconds_bucket{le=\"0.004096\",method=\"GET\",route=\"/v1/status\"} 1",
        "tallow_http_request_seconds_count{method=\"other\",route=\"other\"} 2",
        "tallow_command_submissions_total{result=\"accepted\"} 1",
        "tallow_command_submissions_total{result=\"command_expired\"} 1",
        "tallow_command_submissions_total{result=\"busy\"} 0",
        "tallow_query_answers_total{result=\"busy\"} 1",
        "tallow_query_seconds_sum 0.001",
        "tallow_egress_requests_total{result=\"timeout\"} 1",
        "tallow_egress_requests_total{result=\"refused\"} 1",
        "tallow_anchor_submissions_total{result=\"failed\"} 1",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "`{line}` is missing:\n{text}");
    }
    assert!(!text.contains("\ntallow_process_resident_bytes 0\n"), "{text}");
    assert!(text.ends_with("# EOF\n"));
}
