//! Core's metrics and logs, as the other side gets them.

use super::caller::{Inbox, Threads, lend, text, worker_options};
use crate::{
    NEVER,
    bytes::{Pair, array},
    logs::Log,
    metrics::{Kind, Meter, MeterTable, Metric},
    replay::{tb_replay_free, tb_replay_worker_new},
    runtime::RuntimeOptions,
    worker::tb_worker_free,
};
use std::{collections::BTreeMap, ffi::c_void, mem::zeroed, ptr, sync::Mutex, time::Duration};
use temporalio_common::telemetry::metrics::{
    CoreMeter, MetricAttributes, MetricKeyValue, MetricParameters, NewAttributes,
};

/// A meter of C: its series by what they are called, each with what was recorded.
#[derive(Default)]
struct Registry {
    series: Vec<String>,
    recorded: BTreeMap<String, Vec<String>>,
    buckets: BTreeMap<String, Vec<f64>>,
    freed_series: usize,
    freed: bool,
}

type Shared = Mutex<Registry>;

unsafe extern "C" fn create_series(
    user_data: *mut c_void,
    metric: *const Metric,
    labels: *const Pair,
    count: usize,
) -> *mut c_void {
    let mut registry = unsafe { &*user_data.cast::<Shared>() }.lock().unwrap();
    let metric = unsafe { &*metric };
    let labels: Vec<String> = unsafe { array(labels, count) }
        .iter()
        .map(|pair| format!("{}={}", text(pair.key), text(pair.value)))
        .collect();
    let (name, unit) = (text(metric.name), text(metric.unit));
    if !metric.buckets.is_null() {
        let buckets = unsafe { array(metric.buckets, metric.bucket_count) }.to_vec();
        registry.buckets.insert(name.clone(), buckets);
    }
    registry.series.push(format!("{}:{name}[{unit}]{{{}}}", metric.kind, labels.join(",")));
    ptr::without_provenance_mut(registry.series.len())
}

fn record(user_data: *mut c_void, series: *mut c_void, value: String) {
    let mut registry = unsafe { &*user_data.cast::<Shared>() }.lock().unwrap();
    let name = registry.series[series.addr() - 1].clone();
    registry.recorded.entry(name).or_default().push(value);
}

unsafe extern "C" fn record_u64(user_data: *mut c_void, series: *mut c_void, value: u64) {
    record(user_data, series, value.to_string());
}

unsafe extern "C" fn record_i64(user_data: *mut c_void, series: *mut c_void, value: i64) {
    record(user_data, series, value.to_string());
}

unsafe extern "C" fn record_f64(user_data: *mut c_void, series: *mut c_void, value: f64) {
    record(user_data, series, value.to_string());
}

unsafe extern "C" fn free_series(user_data: *mut c_void, _: *mut c_void) {
    let mut registry = unsafe { &*user_data.cast::<Shared>() }.lock().unwrap();
    assert!(!registry.freed, "the meter is freed last");
    registry.freed_series += 1;
}

unsafe extern "C" fn free(user_data: *mut c_void) {
    let mut registry = unsafe { &*user_data.cast::<Shared>() }.lock().unwrap();
    assert!(!registry.freed, "the meter is freed once");
    registry.freed = true;
}

fn table(registry: &Shared) -> MeterTable {
    MeterTable {
        user_data: ptr::from_ref(registry).cast_mut().cast(),
        create_series,
        record_u64,
        record_i64,
        record_f64,
        free_series,
        free,
    }
}

fn parameters(name: &'static str) -> MetricParameters {
    MetricParameters::builder().name(name).unit("u").build()
}

fn labels(pairs: &[(&str, &'static str)]) -> NewAttributes {
    let pairs = pairs.iter().map(|(key, value)| MetricKeyValue::new(*key, *value));
    NewAttributes::new(pairs.collect())
}

#[test]
fn each_kind_records_to_its_own_series() {
    let registry = Shared::default();
    let meter = Meter::new(table(&registry));
    let none = MetricAttributes::Empty;
    meter.counter(parameters("c")).add(1, &none);
    meter.up_down_counter(parameters("ud")).add(-2, &none);
    meter.gauge(parameters("g")).record(3, &none);
    meter.gauge_f64(parameters("gf")).record(4.5, &none);
    meter.histogram(parameters("h")).record(5, &none);
    meter.histogram_f64(parameters("hf")).record(6.5, &none);
    meter.histogram_duration(parameters("hd")).record(Duration::from_millis(7500), &none);
    drop(meter);

    let registry = registry.lock().unwrap();
    let number = |kind| kind as i32;
    for (name, value) in [
        (format!("{}:c[u]{{}}", number(Kind::Counter)), "1"),
        (format!("{}:ud[u]{{}}", number(Kind::UpDownCounter)), "-2"),
        (format!("{}:g[u]{{}}", number(Kind::Gauge)), "3"),
        (format!("{}:gf[u]{{}}", number(Kind::GaugeF64)), "4.5"),
        (format!("{}:h[u]{{}}", number(Kind::Histogram)), "5"),
        (format!("{}:hf[u]{{}}", number(Kind::HistogramF64)), "6.5"),
        (format!("{}:hd[s]{{}}", number(Kind::HistogramDuration)), "7.5"),
    ] {
        assert_eq!(registry.recorded.get(&name).map(Vec::as_slice), Some(&[value.to_owned()][..]));
    }
    assert!(!registry.buckets.contains_key("c"), "null where there are none");
    assert_eq!(registry.buckets["hd"].first(), Some(&0.05), "seconds");
    assert_eq!((registry.freed_series, registry.freed), (7, true));
}

#[test]
fn equal_label_sets_are_one_series_and_later_labels_win() {
    let registry = Shared::default();
    let meter = Meter::new(table(&registry));
    let (once, again) = (meter.counter(parameters("c")), meter.counter(parameters("c")));
    let base = meter.new_attributes(labels(&[("b", "1"), ("a", "1")]));
    let same = meter.new_attributes(labels(&[("a", "1"), ("b", "1")]));
    let more = meter.extend_attributes(base.clone(), labels(&[("b", "2"), ("c", "3")]));
    once.add(1, &base);
    again.add(2, &same);
    once.add(3, &more);

    let registry = registry.lock().unwrap();
    assert_eq!(registry.series, ["0:c[u]{a=1,b=1}", "0:c[u]{a=1,b=2,c=3}"]);
    assert_eq!(registry.recorded["0:c[u]{a=1,b=1}"], ["1", "2"]);
}

#[test]
fn label_sets_are_bounded() {
    let registry = Shared::default();
    let meter = Meter::new(table(&registry));
    let counter = meter.counter(parameters("c"));
    for number in 0..10_010 {
        let set = MetricKeyValue::new("id", number.to_string());
        counter.add(1, &meter.new_attributes(NewAttributes::new(vec![set])));
    }
    let registry = registry.lock().unwrap();
    assert_eq!(registry.series.len(), 10_001);
    assert_eq!(registry.recorded["0:c[u]{overflow=true}"].len(), 10);
}

#[test]
fn a_runtime_frees_its_meter_also_when_it_fails() {
    let registry = Shared::default();
    let meter = table(&registry);
    let mut options = RuntimeOptions { meter: &meter, ..unsafe { zeroed() } };
    options.worker_heartbeat_interval_millis = 1;
    assert!(Threads::with(&options).is_err());
    assert!(registry.lock().unwrap().freed);

    let registry = Shared::default();
    let meter = table(&registry);
    let options = RuntimeOptions { meter: &meter, ..unsafe { zeroed() } };
    drop(Threads::with(&options).unwrap());
    assert!(registry.lock().unwrap().freed);
}

#[test]
fn logs_of_a_call_come_on_the_callers_thread() {
    type Lines = Inbox<(i32, String, String, bool)>;
    unsafe extern "C" fn on_log(user_data: *mut c_void, log: *const Log) {
        let log = unsafe { &*log };
        let line = (log.level, text(log.message), text(log.fields_json), log.timestamp_millis > 0);
        unsafe { Lines::put(user_data, line) }
    }
    let lines = Lines::new();
    let options = RuntimeOptions {
        log_callback: Some(on_log),
        log_user_data: lines.user_data(),
        log_filter: lend("temporalio_sdk_core=info"),
        worker_heartbeat_interval_millis: NEVER,
        ..unsafe { zeroed() }
    };
    let threads = Threads::with(&options).unwrap();
    let mut replay = ptr::null_mut();
    let worker = unsafe {
        tb_replay_worker_new(threads.0, &worker_options(), &mut replay, ptr::null_mut(), None)
    };
    let line = lines.take();
    assert_eq!((line.0, line.3), (2, true));
    assert_eq!(line.1, "Registering replay worker");
    assert_eq!(line.2, r#"{"task_queue":"queue"}"#);
    unsafe { tb_replay_free(replay) };
    unsafe { tb_worker_free(worker) };
}
