//! Logs to standard error, and traces to whom `OTEL_EXPORTER_OTLP_ENDPOINT` names.

use anyhow::ensure;
use axum::http::Uri;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use std::env;
use std::io::IsTerminal as _;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::filter::{FilterExt as _, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

/// Time to export the last spans at the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// Targets of what a serving process logs. Other libraries see HTTP and contracts, and do not know what is secret.
const SERVED: [&str; 3] = ["tallow", "commonware", "opentelemetry"];

/// What a process is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// It acts for the one who started it.
    Client,
    /// It serves, and has data of others.
    Worker,
}

/// Exports spans until it is dropped, if somebody wants them.
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Starts logs, and traces where the environment asks for them.
    pub(crate) fn start(role: Role) -> anyhow::Result<Self> {
        let may = move |metadata: &Metadata<'_>| may_log(role, metadata.target());
        let may = filter_fn(may).with_max_level_hint(LevelFilter::TRACE);
        let logs = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
        let logs = logs.with_filter(wanted().and(may));
        let subscriber = tracing_subscriber::registry().with(logs);
        let Some(collector) = collector(|name| env::var(name).unwrap_or_default()) else {
            subscriber.init();
            return Ok(Self(None));
        };
        // The SDK would take its default for what it cannot read.
        ensure!(is_url(&collector), "`{collector}` is no http:// or https:// URL");
        let exporter = SpanExporter::builder().with_http().build()?;
        let resource = Resource::builder().with_attributes(identity(role)).build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        opentelemetry::global::set_tracer_provider(provider.clone());
        let ours = Targets::new().with_target(tallow_telemetry::TARGET, Level::INFO);
        let spans = spans(provider.tracer(tallow_telemetry::TARGET)).with_filter(ours);
        subscriber.with(spans).init();
        Ok(Self(Some(provider)))
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            // The SDK has logged why it cannot; a trace that is lost fails no command.
            let _ = provider.shutdown_with_timeout(FAREWELL);
        }
    }
}

/// Warnings of our own parts, and errors of all others, unless `TALLOW_LOG` says otherwise (`info`, `tallow=debug` ...).
fn wanted() -> EnvFilter {
    let wanted = env::var("TALLOW_LOG").unwrap_or_default();
    let wanted = if wanted.is_empty() { "error,tallow=warn" } else { &wanted };
    EnvFilter::builder().parse_lossy(wanted)
}

/// Whether a process logs what comes from there.
fn may_log(role: Role, target: &str) -> bool {
    role == Role::Client || SERVED.iter().any(|known| target.starts_with(known))
}

/// Who takes traces, if the environment says so by OpenTelemetry's own variables.
fn collector(variable: impl Fn(&str) -> String) -> Option<String> {
    let named = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    let off = variable("OTEL_SDK_DISABLED").eq_ignore_ascii_case("true") || variable("OTEL_TRACES_EXPORTER") == "none";
    if off { None } else { named.iter().map(|name| variable(name)).find(|url| !url.is_empty()) }
}

fn is_url(text: &str) -> bool {
    let uri = text.parse::<Uri>();
    uri.is_ok_and(|uri| uri.authority().is_some() && matches!(uri.scheme_str(), Some("http" | "https")))
}

/// Who this process is, unless `OTEL_SERVICE_NAME` says it. Nothing of its command line, which can have arguments of
/// contracts.
fn identity(role: Role) -> Vec<opentelemetry::KeyValue> {
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let service = if role == Role::Worker { "tallow-worker" } else { "tallow-client" };
    let named = env::var("OTEL_SERVICE_NAME").is_ok_and(|name| !name.is_empty());
    let name = (!named).then(|| opentelemetry::KeyValue::new("service.name", service));
    name.into_iter().chain([version]).collect()
}

/// Spans as they are named and nothing more: no places in the source, no threads.
fn spans<S: tracing::Subscriber + for<'a> LookupSpan<'a>>(tracer: Tracer) -> OpenTelemetryLayer<S, Tracer> {
    let layer = tracing_opentelemetry::layer().with_tracer(tracer);
    layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_target(false).with_level(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_serves_logs_nothing_of_libraries_that_see_what_is_secret() {
        for target in ["hyper::proto::h1", "reqwest::connect", "rustls", "wasmtime", "h2", ""] {
            assert!(!may_log(Role::Worker, target) && may_log(Role::Client, target), "{target}");
        }
        for target in ["tallow_worker::http::edge", "commonware_consensus::simplex", "opentelemetry_sdk"] {
            assert!(may_log(Role::Worker, target), "{target}");
        }
    }

    #[test]
    fn traces_are_exported_only_where_the_environment_asks_for_it() {
        let asked = |set: &[(&str, &str)]| {
            collector(|name| set.iter().find(|(set, _)| *set == name).map_or("", |(_, value)| value).to_owned())
        };
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        assert_eq!(asked(&[]), None);
        assert_eq!(asked(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]), None);
        assert_eq!(asked(&[endpoint]).as_deref(), Some(endpoint.1));
        let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://collector/v1/traces");
        assert_eq!(asked(&[endpoint, traces]).as_deref(), Some(traces.1));
        assert_eq!(asked(&[endpoint, ("OTEL_SDK_DISABLED", "true")]), None);
        assert_eq!(asked(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]), None);
    }
}
