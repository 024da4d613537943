//! The threads on which everything runs, with their logs and metrics.

use crate::{
    NEVER,
    answer::UserData,
    bytes::Bytes,
    error::{ErrorCallback, Failure},
    logs::{self, LogCallback},
    metrics::{Meter, MeterTable},
    panics,
};
use std::{
    ffi::c_void,
    mem::zeroed,
    ptr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use temporalio_common::{
    protos::temporal::api::worker::v1::environment_info::{
        Runtime as EnvironmentRuntime, runtime::RuntimeType,
    },
    telemetry::{
        Logger, TelemetryOptions, metrics::CoreMeter, remove_trace_subscriber_for_current_thread,
        set_trace_subscriber_for_current_thread,
    },
};
use temporalio_sdk_core::{CoreRuntime, RuntimeOptions as CoreOptions};
use tokio::runtime::{EnterGuard, Handle};
use tracing::{Dispatch, dispatcher::DefaultGuard};

type Subscriber = Arc<dyn tracing::Subscriber + Send + Sync>;

const DEFAULT_WORKER_THREADS: usize = 2;
const DEFAULT_LOG_FILTER: &str = "error";
const DEFAULT_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(60);
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// `tb_runtime_options`.
#[repr(C)]
pub struct RuntimeOptions {
    pub worker_threads: u32,
    pub log_callback: Option<LogCallback>,
    pub log_user_data: *mut c_void,
    pub log_filter: Bytes,
    pub worker_heartbeat_interval_millis: u64,
    pub disable_environment_info: bool,
    pub runtime_version: Bytes,
    pub meter: *const MeterTable,
    pub thread_started: Option<extern "C" fn()>,
    pub thread_stopped: Option<extern "C" fn()>,
}

/// `tb_runtime`: the one owner of the threads. All else holds only a [`Context`], so that no thread of
/// the runtime can be the one that ends it.
pub struct Runtime {
    tokio: tokio::runtime::Runtime,
    pub context: Context,
}

/// What a handle needs of its runtime.
#[derive(Clone)]
pub struct Context {
    pub core: Arc<CoreRuntime>,
    pub handle: Handle,
    dispatch: Option<Dispatch>,
}

/// While it lives, the caller's thread counts as one of the runtime: Core may spawn, and its logs come.
pub struct Entered<'a> {
    _logs: Option<DefaultGuard>,
    _tokio: EnterGuard<'a>,
}

impl Context {
    pub fn enter(&self) -> Entered<'_> {
        Entered {
            _logs: self.dispatch.as_ref().map(tracing::dispatcher::set_default),
            _tokio: self.handle.enter(),
        }
    }
}

unsafe fn heartbeat_interval(options: &RuntimeOptions) -> Result<Option<Duration>, Failure> {
    match options.worker_heartbeat_interval_millis {
        0 => Ok(Some(DEFAULT_HEARTBEAT_INTERVAL)),
        NEVER => Ok(None),
        millis @ 1_000..=60_000 => Ok(Some(Duration::from_millis(millis))),
        millis => Err(Failure::invalid(format!(
            "worker_heartbeat_interval_millis is {millis}, not from 1000 to 60000"
        ))),
    }
}

/// How the SDK was built, for the server's list of workers.
unsafe fn runtimes(options: &RuntimeOptions) -> Result<Vec<EnvironmentRuntime>, Failure> {
    let version = unsafe { options.runtime_version.text("runtime_version")? };
    Ok(vec![EnvironmentRuntime { r#type: RuntimeType::Native as i32, version }])
}

unsafe fn core_options(
    options: &RuntimeOptions,
    logging: Option<Logger>,
    meter: Option<Arc<dyn CoreMeter>>,
) -> Result<CoreOptions, Failure> {
    let telemetry = TelemetryOptions::builder()
        .maybe_logging(logging)
        .maybe_metrics(meter)
        .attach_service_name(false)
        .build();
    let core_options = CoreOptions::builder()
        .telemetry_options(telemetry)
        .heartbeat_interval(unsafe { heartbeat_interval(options)? })
        .disable_environment_info(options.disable_environment_info)
        .build()
        .map_err(Failure::invalid)?;
    Ok(core_options.with_runtimes(unsafe { runtimes(options)? }))
}

/// A broken connection is an error of the write, whatever the program does about SIGPIPE: Rust's own
/// programs ignore it, all others end of it.
fn block_broken_pipes() {
    unsafe {
        let mut signals: libc::sigset_t = zeroed();
        libc::sigemptyset(&mut signals);
        libc::sigaddset(&mut signals, libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, &signals, ptr::null_mut());
    }
}

/// Core's threads; each of them waits at its start until `subscriber` is set.
fn start_threads(
    options: &RuntimeOptions,
    subscriber: Arc<OnceLock<Option<Subscriber>>>,
) -> Result<tokio::runtime::Runtime, Failure> {
    let worker_threads = match options.worker_threads {
        0 => DEFAULT_WORKER_THREADS,
        threads => threads as usize,
    };
    let (thread_started, thread_stopped) = (options.thread_started, options.thread_stopped);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(worker_threads)
        .thread_name("temporal-core")
        .enable_all()
        .on_thread_start(move || {
            block_broken_pipes();
            if let Some(started) = thread_started {
                started();
            }
            if let Some(subscriber) = subscriber.wait() {
                set_trace_subscriber_for_current_thread(subscriber.clone());
            }
        })
        .on_thread_stop(move || {
            if let Some(stopped) = thread_stopped {
                stopped();
            }
        })
        .build()
        .map_err(|error| Failure::internal(format!("cannot start threads: {error}")))
}

unsafe fn new_runtime(options: &RuntimeOptions) -> Result<Runtime, Failure> {
    // First, so that whatever fails below frees it.
    let meter = unsafe { options.meter.as_ref() }
        .map(|table| Arc::new(Meter::new(*table)) as Arc<dyn CoreMeter>);
    let filter = unsafe { options.log_filter.optional_text("log_filter")? };
    let logging = options.log_callback.map(|callback| {
        let filter = filter.unwrap_or_else(|| DEFAULT_LOG_FILTER.to_owned());
        logs::logger(filter, UserData(options.log_user_data), callback)
    });
    let core_options = unsafe { core_options(options, logging, meter)? };
    // Core begins on threads that are there, and they do not begin before its logs have a place.
    let subscriber = Arc::new(OnceLock::new());
    let tokio = start_threads(options, subscriber.clone())?;
    let handle = tokio.handle().clone();
    let entered = handle.enter();
    let core = CoreRuntime::new_assume_tokio(core_options);
    drop(entered);
    let logs = core.as_ref().ok().and_then(|core| core.telemetry().trace_subscriber());
    let dispatch = logs.clone().map(Dispatch::new);
    subscriber.get_or_init(|| logs);
    let core = core.map_err(|error| Failure::internal(format!("telemetry: {error:#}")))?;
    // Core has made the caller's thread one of its own, for good; it is only while inside a call.
    remove_trace_subscriber_for_current_thread();
    Ok(Runtime { tokio, context: Context { core: Arc::new(core), handle, dispatch } })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_runtime_new(
    options: *const RuntimeOptions,
    user_data: *mut c_void,
    on_error: ErrorCallback,
) -> *mut Runtime {
    let made = unsafe { panics::report(user_data, on_error, || new_runtime(&*options)) };
    made.map_or(ptr::null_mut(), |runtime| Box::into_raw(Box::new(runtime)))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_runtime_free(runtime: *mut Runtime) {
    panics::swallow(|| {
        if runtime.is_null() {
            return;
        }
        let Runtime { tokio, context } = *unsafe { Box::from_raw(runtime) };
        // A thread of a runtime may not wait for one to end.
        if Handle::try_current().is_ok() {
            tokio.shutdown_background();
        } else {
            tokio.shutdown_timeout(SHUTDOWN_TIMEOUT);
        }
        drop(context);
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tb_core_version() -> Bytes {
    Bytes::lend(env!("TEMPORAL_CORE_VERSION").as_bytes())
}
