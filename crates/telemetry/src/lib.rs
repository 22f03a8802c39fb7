//! Traces of what a client asks for, across processes: which spans there are, and how a trace goes on from one process to
//! the next (W3C Trace Context). Who exports them, the program decides (`OTEL_EXPORTER_OTLP_ENDPOINT` of `tallow`);
//! where nobody does, a span costs one look at whether it is wanted.
//!
//! A span has a name that this program knows, and what everyone may know: ids of commands, heights, counts, statuses,
//! routes. What a caller or a contract says is in none.

#[doc(hidden)]
pub use tracing as __tracing;

use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue, global};
use std::ops::Range;
use std::time::SystemTime;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The target of all spans of traces; those of other targets are not exported.
pub const TARGET: &str = "tallow_trace";
/// The header by which a trace goes on in another process.
pub const TRACEPARENT: &str = "traceparent";

/// Begins a span of a trace, as `tracing::info_span!` does.
#[macro_export]
macro_rules! span {
    ($($span:tt)*) => { $crate::__tracing::info_span!(target: $crate::TARGET, $($span)*) };
}

/// Whether a span is exported, so that it pays to note what belongs to it.
pub fn is_sampled(span: &Span) -> bool {
    !span.is_disabled() && span.context().span().span_context().is_sampled()
}

/// What [`TRACEPARENT`] says of a span, if it has a trace.
pub fn traceparent(span: &Span) -> Option<String> {
    if span.is_disabled() {
        return None;
    }
    let context = span.context();
    let span = context.span();
    let context = span.span_context();
    let flags = context.trace_flags().to_u8();
    context.is_valid().then(|| format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id()))
}

/// Makes a span that has just begun the child of one in another process. What is not a `traceparent` is ignored.
pub fn continue_from(span: &Span, traceparent: &str) {
    if span.is_disabled() {
        return;
    }
    if let Some(parent) = parse(traceparent) {
        // It fails where nobody exports spans.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

/// Makes a span that has just begun, without a parent, the child of one that may end before it.
pub fn set_parent(span: &Span, parent: &Span) {
    if !span.is_disabled() {
        // It fails where nobody exports spans.
        let _ = span.set_parent(parent.context());
    }
}

/// A child of `parent` that is over, with counts as its attributes.
pub fn record(parent: &Span, name: &'static str, time: Range<SystemTime>, counts: &[(&'static str, u64)]) {
    if !is_sampled(parent) {
        return;
    }
    let tracer = global::tracer(TARGET);
    let count = |(key, count): &(&'static str, u64)| KeyValue::new(*key, i64::try_from(*count).unwrap_or(i64::MAX));
    let span = tracer.span_builder(name).with_start_time(time.start).with_attributes(counts.iter().map(count));
    span.start_with_context(&tracer, &parent.context()).end_with_timestamp(time.end);
}

/// Reads a `traceparent` (W3C Trace Context, 3.2.2); later versions may say more behind it.
fn parse(text: &str) -> Option<SpanContext> {
    let lower =
        |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let well_formed = lower(version, 2) && lower(trace, 32) && lower(span, 16) && lower(flags, 2);
    if !well_formed || version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    Some(SpanContext::new(trace, span, flags, true, TraceState::NONE)).filter(SpanContext::is_valid)
}

#[cfg(test)]
mod tests;
