//! Traces go on across a header.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use super::*;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_traceparent_is_read_as_w3c_has_it() {
    let parsed = parse(PARENT).unwrap();
    assert_eq!(parsed.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(parsed.span_id().to_string(), "b7ad6b7169203331");
    assert!(parsed.is_sampled() && parsed.is_remote());
    assert!(!parse(&PARENT.replace("-01", "-00")).unwrap().is_sampled());
    assert!(parse(&(PARENT.replace("00-0af", "01-0af") + "-more")).is_some(), "a later version");
    let zeros = |part: &str| PARENT.replace(part, &"0".repeat(part.len()));
    for bad in [
        "",
        "00",
        &PARENT.replace("00-0af", "ff-0af"),
        &(PARENT.to_owned() + "-more"),
        &PARENT.to_uppercase(),
        &PARENT.replace("0af7", "0af"),
        &zeros("0af7651916cd43dd8448eb211c80319c"),
        &zeros("b7ad6b7169203331"),
        "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        &"-".repeat(100_000),
    ] {
        assert!(parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_trace_goes_on_where_spans_are_exported_and_costs_nothing_elsewhere() {
    let nobody = span!("nobody");
    continue_from(&nobody, PARENT);
    assert_eq!((traceparent(&nobody), is_sampled(&nobody)), (None, false));
    record(&nobody, "nothing", SystemTime::UNIX_EPOCH..SystemTime::now(), &[]);

    let provider = SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let span = span!("request");
        continue_from(&span, PARENT);
        let said = traceparent(&span).unwrap();
        assert!(said.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && said.ends_with("-01"), "{said}");
        assert_ne!(said, PARENT, "it has an id of its own");
        assert!(is_sampled(&span));
        let child = span!(parent: &span, "child");
        assert_eq!(traceparent(&child).unwrap()[..35], said[..35], "the same trace");
        let unsampled = span!("request");
        continue_from(&unsampled, &PARENT.replace("-01", "-00"));
        assert!(!is_sampled(&unsampled), "who asked does not want it");
    });
}
