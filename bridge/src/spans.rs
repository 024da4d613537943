//! Spans, exported to an OpenTelemetry collector by OTLP over HTTP.
//!
//! The protocol, its environment variables and the HTTP client are OpenTelemetry's own crates. What
//! stands here is the queue before them: bounded, counted, and on the runtime's threads instead of one
//! of its own.

use crate::{
    answer::{self, Done, DoneCallback, UserData},
    bytes::{Bytes, Pair, array, text_map},
    error::{ErrorCallback, Failure},
    panics,
    runtime::Runtime,
};
use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry::{
    InstrumentationScope, Key, KeyValue, SpanId, TraceFlags, TraceId, Value,
    trace::{Link, SpanContext, SpanKind, Status, TraceState},
};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks},
};
use std::{
    env,
    ffi::c_void,
    ptr,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{mpsc, oneshot};

const DEFAULT_QUEUE: usize = 2048;
const DEFAULT_BATCH: usize = 512;
const DEFAULT_DELAY: Duration = Duration::from_secs(5);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Flushes that wait for one another.
const WAITING_FLUSHES: usize = 16;

/// `tb_span_exporter_options`.
#[repr(C)]
pub struct ExporterOptions {
    pub endpoint: Bytes,
    pub scope: Bytes,
    pub resource: *const Pair,
    pub resource_count: usize,
    pub max_queue: usize,
    pub max_batch: usize,
    pub delay_millis: u64,
}

/// `tb_attribute_kind`.
pub const ATTRIBUTE_TEXT: i32 = 0;
pub const ATTRIBUTE_BOOL: i32 = 1;
pub const ATTRIBUTE_INTEGER: i32 = 2;
pub const ATTRIBUTE_REAL: i32 = 3;

/// `tb_attribute`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Attribute {
    pub key: Bytes,
    pub kind: i32,
    pub text: Bytes,
    pub integer: i64,
    pub real: f64,
}

/// `tb_span_context`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Context {
    pub trace_id: [u8; 16],
    pub span_id: [u8; 8],
    pub sampled: bool,
    pub trace_state: Bytes,
}

/// `tb_span`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Span {
    pub context: Context,
    pub parent_span_id: [u8; 8],
    pub name: Bytes,
    pub kind: i32,
    pub start_nanos: u64,
    pub end_nanos: u64,
    pub attributes: *const Attribute,
    pub attribute_count: usize,
    pub links: *const Context,
    pub link_count: usize,
    pub failed: bool,
    pub error: Bytes,
}

/// `tb_span_counts`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct SpanCounts {
    pub exported: u64,
    pub failed: u64,
    pub dropped: u64,
}

#[derive(Default)]
struct Counts {
    exported: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

type Flush = oneshot::Sender<()>;

/// `tb_span_exporter`. Its task ends, with what is queued exported, when this is gone.
pub struct SpanExporter {
    spans: mpsc::Sender<SpanData>,
    flushes: mpsc::Sender<Flush>,
    counts: Arc<Counts>,
    scope: InstrumentationScope,
    handle: tokio::runtime::Handle,
}

struct Batches {
    exporter: opentelemetry_otlp::SpanExporter,
    counts: Arc<Counts>,
    max: usize,
    delay: Duration,
    failing: bool,
}

impl Batches {
    async fn run(
        mut self,
        mut spans: mpsc::Receiver<SpanData>,
        mut flushes: mpsc::Receiver<Flush>,
    ) {
        let mut batch = Vec::new();
        let mut due = tokio::time::Instant::now();
        loop {
            let room = self.max - batch.len();
            tokio::select! {
                came = spans.recv_many(&mut batch, room) => {
                    if came == 0 {
                        return self.export(batch).await; // nobody is left to send more
                    }
                    if came == batch.len() {
                        due = tokio::time::Instant::now() + self.delay;
                    }
                    if batch.len() < self.max {
                        continue;
                    }
                    self.export(std::mem::take(&mut batch)).await;
                }
                () = tokio::time::sleep_until(due), if !batch.is_empty() => {
                    self.export(std::mem::take(&mut batch)).await;
                }
                Some(done) = flushes.recv() => {
                    while let Ok(span) = spans.try_recv() {
                        batch.push(span);
                        if batch.len() == self.max {
                            self.export(std::mem::take(&mut batch)).await;
                        }
                    }
                    self.export(std::mem::take(&mut batch)).await;
                    let _ = done.send(());
                }
            }
        }
    }

    /// Once: what the collector does not take is counted, and gone.
    async fn export(&mut self, batch: Vec<SpanData>) {
        let count = batch.len() as u64;
        if count == 0 {
            return;
        }
        match self.exporter.export(batch).await {
            Ok(()) => {
                self.counts.exported.fetch_add(count, Relaxed);
                self.failing = false;
            }
            Err(error) => {
                self.counts.failed.fetch_add(count, Relaxed);
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!("spans cannot be exported: {error}");
                }
            }
        }
    }
}

/// As the exporter reads it.
fn timeout() -> Duration {
    let variables = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
    let set = variables.iter().find_map(|name| env::var(name).ok());
    set.and_then(|millis| millis.parse().ok()).map_or(DEFAULT_TIMEOUT, Duration::from_millis)
}

unsafe fn new_exporter(
    runtime: &Runtime,
    options: &ExporterOptions,
) -> Result<SpanExporter, Failure> {
    let endpoint = unsafe { options.endpoint.required_text("endpoint")? };
    let scope = unsafe { options.scope.required_text("scope")? };
    let resource = unsafe { text_map(options.resource, options.resource_count, "resource")? };
    let or = |value: usize, default| if value == 0 { default } else { value };
    let delay = match options.delay_millis {
        0 => DEFAULT_DELAY,
        millis => Duration::from_millis(millis),
    };

    let _entered = runtime.context.enter();
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| Failure::internal(format!("certificates: {error}")))?
        .https_or_http()
        .enable_http1()
        .build();
    let mut exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(HyperClient::new(connector, timeout(), None))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()
        .map_err(|error| Failure::invalid(format!("{error}")))?;
    let resource = resource.into_iter().map(|(key, value)| KeyValue::new(key, value));
    exporter.set_resource(&Resource::builder_empty().with_attributes(resource).build());

    let (spans, queue) = mpsc::channel(or(options.max_queue, DEFAULT_QUEUE));
    let (flushes, asked) = mpsc::channel(WAITING_FLUSHES);
    let counts = Arc::new(Counts::default());
    let batches = Batches {
        exporter,
        counts: counts.clone(),
        max: or(options.max_batch, DEFAULT_BATCH),
        delay,
        failing: false,
    };
    let handle = runtime.context.handle.clone();
    handle.spawn(batches.run(queue, asked));
    let scope = InstrumentationScope::builder(scope).build();
    Ok(SpanExporter { spans, flushes, counts, scope, handle })
}

unsafe fn lossy(bytes: Bytes) -> String {
    String::from_utf8_lossy(unsafe { bytes.as_slice() }).into_owned()
}

unsafe fn context(of: &Context) -> SpanContext {
    let flags = if of.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let state = TraceState::from_str(&unsafe { lossy(of.trace_state) }).unwrap_or_default();
    let (trace, span) = (TraceId::from_bytes(of.trace_id), SpanId::from_bytes(of.span_id));
    SpanContext::new(trace, span, flags, false, state)
}

unsafe fn attribute(of: &Attribute) -> KeyValue {
    let value = match of.kind {
        ATTRIBUTE_BOOL => Value::Bool(of.integer != 0),
        ATTRIBUTE_INTEGER => Value::I64(of.integer),
        ATTRIBUTE_REAL => Value::F64(of.real),
        ATTRIBUTE_TEXT => Value::String(unsafe { lossy(of.text) }.into()),
        unknown => Value::String(format!("of the unknown kind {unknown}").into()),
    };
    KeyValue::new(Key::new(unsafe { lossy(of.key) }), value)
}

fn at(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos)
}

unsafe fn span_data(span: &Span, scope: &InstrumentationScope) -> SpanData {
    let attributes = unsafe { array(span.attributes, span.attribute_count) };
    let mut links = SpanLinks::default();
    links.links = unsafe { array(span.links, span.link_count) }
        .iter()
        .map(|link| Link::with_context(unsafe { context(link) }))
        .collect();
    SpanData {
        span_context: unsafe { context(&span.context) },
        parent_span_id: SpanId::from_bytes(span.parent_span_id),
        parent_span_is_remote: false,
        span_kind: match span.kind {
            2 => SpanKind::Server,
            3 => SpanKind::Client,
            4 => SpanKind::Producer,
            5 => SpanKind::Consumer,
            _ => SpanKind::Internal,
        },
        name: unsafe { lossy(span.name) }.into(),
        start_time: at(span.start_nanos),
        end_time: at(span.end_nanos),
        attributes: attributes.iter().map(|each| unsafe { attribute(each) }).collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links,
        status: match span.failed {
            true => Status::error(unsafe { lossy(span.error) }),
            false => Status::Unset,
        },
        instrumentation_scope: scope.clone(),
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_span_exporter_new(
    runtime: *const Runtime,
    options: *const ExporterOptions,
    user_data: *mut c_void,
    on_error: ErrorCallback,
) -> *mut SpanExporter {
    let make = || unsafe { new_exporter(&*runtime, &*options) };
    let made = unsafe { panics::report(user_data, on_error, make) };
    made.map_or(ptr::null_mut(), |exporter| Box::into_raw(Box::new(exporter)))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_span_export(exporter: *const SpanExporter, span: *const Span) -> bool {
    let mut queued = false;
    panics::swallow(|| {
        let (exporter, span) = unsafe { (&*exporter, &*span) };
        // Before the span is copied, where that would be for nothing.
        queued = exporter.spans.capacity() > 0
            && exporter.spans.try_send(unsafe { span_data(span, &exporter.scope) }).is_ok();
        if !queued {
            exporter.counts.dropped.fetch_add(1, Relaxed);
        }
    });
    queued
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_span_exporter_flush(
    exporter: *const SpanExporter,
    user_data: *mut c_void,
    callback: DoneCallback,
) {
    let exporter = unsafe { &*exporter };
    let flushes = exporter.flushes.clone();
    let done = Done { user_data: UserData(user_data), callback };
    answer::spawn(&exporter.handle, done, async move {
        let (flush, flushed) = oneshot::channel();
        let asked = flushes.send(flush).await.is_ok();
        // No longer than the spans themselves may take.
        match asked && tokio::time::timeout(timeout(), flushed).await.is_ok_and(|end| end.is_ok()) {
            true => Ok(()),
            false => Err(Failure::internal("the spans were not exported in time".to_owned())),
        }
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_span_exporter_counts(exporter: *const SpanExporter) -> SpanCounts {
    let counts = unsafe { &(*exporter).counts };
    SpanCounts {
        exported: counts.exported.load(Relaxed),
        failed: counts.failed.load(Relaxed),
        dropped: counts.dropped.load(Relaxed),
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_span_exporter_free(exporter: *mut SpanExporter) {
    panics::swallow(|| {
        if !exporter.is_null() {
            drop(unsafe { Box::from_raw(exporter) });
        }
    });
}
