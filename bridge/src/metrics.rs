//! Core's metrics, recorded to a meter of the other side.
//!
//! Core names an instrument and a set of labels at each record; the other side knows only series, one for
//! each pair. So label sets are interned here, and each instrument remembers its series by their number:
//! a record is a look-up under a read lock, and one call.

use crate::{
    answer::UserData,
    bytes::{Bytes, Pair},
};
use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    error::Error,
    ffi::c_void,
    fmt, ptr,
    sync::{Arc, LazyLock, Mutex, PoisonError, RwLock},
    time::Duration,
};
use temporalio_common::telemetry::{
    METRIC_PREFIX,
    metrics::{
        CoreMeter, Counter, CounterBase, Gauge, GaugeBase, GaugeF64, GaugeF64Base, Histogram,
        HistogramBase, HistogramDuration, HistogramDurationBase, HistogramF64, HistogramF64Base,
        MetricAttributable, MetricAttributes, MetricKeyValue, MetricParameters, NewAttributes,
        UpDownCounter, UpDownCounterBase, core::CustomMetricAttributes, default_buckets_for,
    },
};

/// Label sets that are kept; what comes after is counted as one. A guard against a label with
/// unbounded values, far above what Core makes.
const MAX_LABEL_SETS: usize = 10_000;

/// `tb_metric_kind`.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Counter = 0,
    UpDownCounter = 1,
    Gauge = 2,
    GaugeF64 = 3,
    Histogram = 4,
    HistogramF64 = 5,
    HistogramDuration = 6,
}

/// `tb_metric`.
#[repr(C)]
pub struct Metric {
    pub kind: i32,
    pub name: Bytes,
    pub description: Bytes,
    pub unit: Bytes,
    pub buckets: *const f64,
    pub bucket_count: usize,
}

/// `tb_meter`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MeterTable {
    pub user_data: *mut c_void,
    pub create_series:
        unsafe extern "C" fn(*mut c_void, *const Metric, *const Pair, usize) -> *mut c_void,
    pub record_u64: unsafe extern "C" fn(*mut c_void, *mut c_void, u64),
    pub record_i64: unsafe extern "C" fn(*mut c_void, *mut c_void, i64),
    pub record_f64: unsafe extern "C" fn(*mut c_void, *mut c_void, f64),
    pub free_series: unsafe extern "C" fn(*mut c_void, *mut c_void),
    pub free: unsafe extern "C" fn(*mut c_void),
}

/// The table, freed after all that was made with it.
struct Table(MeterTable);

unsafe impl Send for Table {}
unsafe impl Sync for Table {}

impl Drop for Table {
    fn drop(&mut self) {
        unsafe { (self.0.free)(self.0.user_data) }
    }
}

/// One instrument with one set of labels.
struct Series {
    table: Arc<Table>,
    handle: UserData,
}

impl Series {
    fn record_u64(&self, value: u64) {
        unsafe { (self.table.0.record_u64)(self.table.0.user_data, self.handle.0, value) }
    }

    fn record_i64(&self, value: i64) {
        unsafe { (self.table.0.record_i64)(self.table.0.user_data, self.handle.0, value) }
    }

    fn record_f64(&self, value: f64) {
        unsafe { (self.table.0.record_f64)(self.table.0.user_data, self.handle.0, value) }
    }
}

impl Drop for Series {
    fn drop(&mut self) {
        unsafe { (self.table.0.free_series)(self.table.0.user_data, self.handle.0) }
    }
}

type Label = (String, String);

/// A set of labels, sorted by key. Equal sets of a meter are one object.
#[derive(Debug)]
struct Labels {
    number: u64,
    pairs: Vec<Label>,
}

impl CustomMetricAttributes for Labels {
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

static NO_LABELS: LazyLock<Arc<Labels>> =
    LazyLock::new(|| Arc::new(Labels { number: 0, pairs: Vec::new() }));

fn labels_of(attributes: &MetricAttributes) -> Result<Arc<Labels>, Box<dyn Error>> {
    match attributes {
        MetricAttributes::Empty => Ok(NO_LABELS.clone()),
        MetricAttributes::Dynamic(ours) => ours
            .clone()
            .as_any()
            .downcast::<Labels>()
            .map_err(|_| "metric attributes of another meter".into()),
        _ => Err("metric attributes of another meter".into()),
    }
}

struct Instrument {
    table: Arc<Table>,
    kind: Kind,
    parameters: MetricParameters,
    buckets: &'static [f64],
    series: RwLock<HashMap<u64, Arc<Series>>>,
}

impl Instrument {
    fn new(table: Arc<Table>, kind: Kind, mut parameters: MetricParameters) -> Instrument {
        let name = parameters.name.trim_start_matches(METRIC_PREFIX);
        let buckets: &[f64] = match kind {
            Kind::HistogramDuration => default_buckets_for(name, true),
            Kind::Histogram | Kind::HistogramF64 => default_buckets_for(name, false),
            _ => &[],
        };
        if kind == Kind::HistogramDuration {
            parameters.unit = "s".into();
        }
        Instrument { table, kind, parameters, buckets, series: RwLock::default() }
    }

    fn series(&self, attributes: &MetricAttributes) -> Result<Arc<Series>, Box<dyn Error>> {
        let labels = labels_of(attributes)?;
        let known = self.series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(&labels.number) {
            return Ok(series.clone());
        }
        drop(known);
        let mut known = self.series.write().unwrap_or_else(PoisonError::into_inner);
        let series = known.entry(labels.number).or_insert_with(|| Arc::new(self.create(&labels)));
        Ok(series.clone())
    }

    fn create(&self, labels: &Labels) -> Series {
        let metric = Metric {
            kind: self.kind as i32,
            name: Bytes::lend(self.parameters.name.as_bytes()),
            description: Bytes::lend(self.parameters.description.as_bytes()),
            unit: Bytes::lend(self.parameters.unit.as_bytes()),
            buckets: if self.buckets.is_empty() { ptr::null() } else { self.buckets.as_ptr() },
            bucket_count: self.buckets.len(),
        };
        let pairs: Vec<Pair> = labels
            .pairs
            .iter()
            .map(|(key, value)| Pair {
                key: Bytes::lend(key.as_bytes()),
                value: Bytes::lend(value.as_bytes()),
            })
            .collect();
        let table = &self.table.0;
        let handle =
            unsafe { (table.create_series)(table.user_data, &metric, pairs.as_ptr(), pairs.len()) };
        Series { table: self.table.clone(), handle: UserData(handle) }
    }
}

/// Core's meter over a table of the other side.
pub struct Meter {
    table: Arc<Table>,
    label_sets: Mutex<HashMap<Vec<Label>, Arc<Labels>>>,
    instruments: Mutex<HashMap<(Kind, String), Arc<Instrument>>>,
}

impl Meter {
    pub fn new(table: MeterTable) -> Meter {
        Meter {
            table: Arc::new(Table(table)),
            label_sets: Mutex::default(),
            instruments: Mutex::default(),
        }
    }

    /// `first`, then `more`, where a later one of the same key wins.
    fn intern(&self, first: &[Label], more: Vec<MetricKeyValue>) -> MetricAttributes {
        let mut pairs: BTreeMap<String, String> = first.iter().cloned().collect();
        pairs.extend(more.into_iter().map(|kv| (kv.key, kv.value.to_string())));
        let mut pairs: Vec<Label> = pairs.into_iter().collect();
        if pairs.is_empty() {
            return MetricAttributes::Dynamic(NO_LABELS.clone());
        }

        let mut known = self.label_sets.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_LABEL_SETS && !known.contains_key(&pairs) {
            pairs = vec![("overflow".to_owned(), "true".to_owned())];
        }
        let number = known.len() as u64 + 1;
        let labels = known
            .entry(pairs)
            .or_insert_with_key(|pairs| Arc::new(Labels { number, pairs: pairs.clone() }))
            .clone();
        MetricAttributes::Dynamic(labels)
    }

    fn instrument(&self, kind: Kind, parameters: MetricParameters) -> Arc<Instrument> {
        let mut known = self.instruments.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry((kind, parameters.name.to_string()))
            .or_insert_with(|| Arc::new(Instrument::new(self.table.clone(), kind, parameters)))
            .clone()
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("meter of C")
    }
}

impl CoreMeter for Meter {
    fn new_attributes(&self, attributes: NewAttributes) -> MetricAttributes {
        self.intern(&[], attributes.attributes)
    }

    fn extend_attributes(
        &self,
        existing: MetricAttributes,
        attributes: NewAttributes,
    ) -> MetricAttributes {
        match labels_of(&existing) {
            Ok(labels) => self.intern(&labels.pairs, attributes.attributes),
            Err(_) => self.intern(&[], attributes.attributes),
        }
    }

    fn counter(&self, parameters: MetricParameters) -> Counter {
        Counter::new(self.instrument(Kind::Counter, parameters))
    }

    fn histogram(&self, parameters: MetricParameters) -> Histogram {
        Histogram::new(self.instrument(Kind::Histogram, parameters))
    }

    fn histogram_f64(&self, parameters: MetricParameters) -> HistogramF64 {
        HistogramF64::new(self.instrument(Kind::HistogramF64, parameters))
    }

    fn histogram_duration(&self, parameters: MetricParameters) -> HistogramDuration {
        HistogramDuration::new(self.instrument(Kind::HistogramDuration, parameters))
    }

    fn gauge(&self, parameters: MetricParameters) -> Gauge {
        Gauge::new(self.instrument(Kind::Gauge, parameters))
    }

    fn gauge_f64(&self, parameters: MetricParameters) -> GaugeF64 {
        GaugeF64::new(self.instrument(Kind::GaugeF64, parameters))
    }

    fn up_down_counter(&self, parameters: MetricParameters) -> UpDownCounter {
        UpDownCounter::new(self.instrument(Kind::UpDownCounter, parameters))
    }
}

/// An instrument as Core uses it, bound to its labels.
struct Bound(Arc<Series>);

/// Says how each of Core's instruments, bound to its labels, records to a series.
macro_rules! records {
    ($($base:ident :: $method:ident($value:ty) => |$series:ident, $argument:ident| $record:expr;)*) => {$(
        impl MetricAttributable<Box<dyn $base>> for Instrument {
            fn with_attributes(
                &self,
                attributes: &MetricAttributes,
            ) -> Result<Box<dyn $base>, Box<dyn Error>> {
                Ok(Box::new(Bound(self.series(attributes)?)))
            }
        }

        impl $base for Bound {
            fn $method(&self, $argument: $value) {
                let $series = &self.0;
                $record
            }
        }
    )*};
}

records! {
    CounterBase::adds(u64) => |series, value| series.record_u64(value);
    UpDownCounterBase::adds(i64) => |series, value| series.record_i64(value);
    GaugeBase::records(u64) => |series, value| series.record_u64(value);
    GaugeF64Base::records(f64) => |series, value| series.record_f64(value);
    HistogramBase::records(u64) => |series, value| series.record_u64(value);
    HistogramF64Base::records(f64) => |series, value| series.record_f64(value);
    HistogramDurationBase::records(Duration) => |series, value| series.record_f64(value.as_secs_f64());
}
