//! Connecting and calling where no server answers.

use super::caller::{
    Answers, Connected, Errors, Threads, Token, Told, begin, call, call_options, connect,
    connection_options, lend, on_error, worker_options,
};
use crate::{
    NEVER,
    bytes::{Bytes, Pair},
    cancel::{tb_cancel_new, tb_cancel_trigger},
    connection::{TlsOptions, tb_connection_capabilities, tb_connection_set_headers},
    error::Kind,
    runtime::RuntimeOptions,
    worker::tb_worker_new,
    worker_options::WorkerOptions,
};
use std::{
    ffi::c_void,
    mem::zeroed,
    net::TcpListener,
    ptr::null,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

const CANCELLED: i32 = 1;
const INVALID_ARGUMENT: i32 = 3;
const DEADLINE_EXCEEDED: i32 = 4;
const UNIMPLEMENTED: i32 = 12;
const UNAVAILABLE: i32 = 14;

/// A peer that takes connections and never says a word.
struct Silence {
    _listener: TcpListener,
    target: String,
}

impl Silence {
    fn new() -> Silence {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = format!("http://{}", listener.local_addr().unwrap());
        Silence { _listener: listener, target }
    }

    fn connect(&self, threads: &Threads) -> Connected {
        let mut options = connection_options(&self.target);
        options.skip_get_system_info = true;
        connect(threads, &options).unwrap()
    }
}

#[test]
fn a_runtime_says_which_option_is_wrong() {
    let options = RuntimeOptions { worker_heartbeat_interval_millis: 5, ..unsafe { zeroed() } };
    let told = Threads::with(&options).err().unwrap();
    assert_eq!(told.kind, Kind::InvalidArgument);
    assert!(told.message.starts_with("worker_heartbeat_interval_millis is 5"), "{told:?}");
    let options = RuntimeOptions { worker_heartbeat_interval_millis: NEVER, ..unsafe { zeroed() } };
    assert!(Threads::with(&options).is_ok());
}

static ENDED_BY_BROKEN_PIPES: AtomicUsize = AtomicUsize::new(0);
static SAVED_FROM_BROKEN_PIPES: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count_who_blocks_broken_pipes() {
    let blocks = unsafe {
        let mut blocked: libc::sigset_t = zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, null(), &mut blocked);
        libc::sigismember(&blocked, libc::SIGPIPE) == 1
    };
    let count = if blocks { &SAVED_FROM_BROKEN_PIPES } else { &ENDED_BY_BROKEN_PIPES };
    count.fetch_add(1, Ordering::Relaxed);
}

/// A test's own program ignores SIGPIPE, as Rust's do, so that a write would tell nothing.
#[test]
fn a_broken_connection_ends_no_program() {
    let options = RuntimeOptions {
        thread_started: Some(count_who_blocks_broken_pipes),
        ..unsafe { zeroed() }
    };
    let threads = Threads::with(&options).unwrap();
    connect(&threads, &connection_options("http://127.0.0.1:1")).err().unwrap();
    assert!(SAVED_FROM_BROKEN_PIPES.load(Ordering::Relaxed) > 0);
    assert_eq!(ENDED_BY_BROKEN_PIPES.load(Ordering::Relaxed), 0);
}

#[test]
fn connecting_to_nothing_is_an_error_at_once() {
    let threads = Threads::new();
    let free_port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let told = connect(&threads, &connection_options(&format!("http://{free_port}"))).unwrap_err();
    assert_eq!(told.kind, Kind::Connect);
    assert!(told.message.contains(&free_port.to_string()), "{told:?}");
    assert!(told.message.contains("refused"), "{told:?}");
}

#[test]
fn connecting_to_silence_ends_in_time() {
    let (threads, silence) = (Threads::new(), Silence::new());
    let mut options = connection_options(&silence.target);
    options.connect_timeout_millis = 200;
    let begin = Instant::now();
    let told = connect(&threads, &options).unwrap_err();
    assert_eq!(told.kind, Kind::Connect);
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn tls_is_tried_and_a_bad_certificate_is_an_error() {
    let (threads, silence) = (Threads::new(), Silence::new());
    let target = silence.target.replace("http", "https");
    let mut tls: TlsOptions = unsafe { zeroed() };
    for certificate in [Bytes::EMPTY, lend("no PEM")] {
        tls.server_root_ca = certificate;
        let mut options = connection_options(&target);
        options.tls = &tls;
        options.connect_timeout_millis = 500;
        assert_eq!(connect(&threads, &options).unwrap_err().kind, Kind::Connect);
    }
}

#[test]
fn connecting_can_be_cancelled() {
    let (threads, silence) = (Threads::new(), Silence::new());
    let token = Token(tb_cancel_new());
    let mut options = connection_options(&silence.target);
    options.cancel = token.0;
    unsafe { tb_cancel_trigger(token.0) };
    assert_eq!(connect(&threads, &options).unwrap_err().kind, Kind::Cancelled);
}

#[test]
fn wrong_connection_options_are_named() {
    let threads = Threads::new();
    let tls: TlsOptions = unsafe { zeroed() };
    let half = TlsOptions { client_cert: lend("PEM"), ..unsafe { zeroed() } };
    let bad_header = Pair { key: lend("a b"), value: lend("c") };
    let refused = |change: &dyn Fn(&mut crate::connection::ConnectionOptions)| {
        let mut options = connection_options("http://127.0.0.1:1");
        change(&mut options);
        let told = connect(&threads, &options).unwrap_err();
        assert_eq!(told.kind, Kind::InvalidArgument, "{told:?}");
        told.message
    };
    assert_eq!(refused(&|o| o.target = Bytes::EMPTY), "target is required");
    assert_eq!(refused(&|o| o.identity = Bytes::EMPTY), "identity is required");
    assert_eq!(refused(&|o| o.client_name = Bytes::EMPTY), "client_name is required");
    assert_eq!(
        refused(&|o| o.target = lend("localhost:7233")),
        "target 'localhost:7233' must begin with http:// or https://"
    );
    assert!(refused(&|o| o.target = lend("::")).starts_with("target '::' is not a URL"));
    assert_eq!(refused(&|o| o.tls = &tls), "target must begin with https:// for TLS");
    assert_eq!(
        refused(&|o| o.target = lend("https://127.0.0.1:1")),
        "target begins with https:// but TLS is off"
    );
    let secure = |o: &mut crate::connection::ConnectionOptions| {
        o.target = lend("https://127.0.0.1:1");
        o.tls = &half;
    };
    assert_eq!(refused(&secure), "client_cert needs client_key");
    assert_eq!(refused(&|o| o.api_key = Bytes::lend(&[0xff])), "api_key is not valid UTF-8");

    // The headers are checked by Core, after it has dialled.
    let silence = Silence::new();
    let mut options = connection_options(&silence.target);
    (options.headers, options.header_count) = (&bad_header, 1);
    let told = connect(&threads, &options).unwrap_err();
    assert!(told.message.contains("'a b'"), "{told:?}");
}

#[test]
fn a_call_that_cannot_be_made_has_a_status() {
    let (threads, silence) = (Threads::new(), Silence::new());
    let connection = silence.connect(&threads);

    let unknown = call(&connection, &call_options("BrewCoffee"));
    assert_eq!(unknown.status, UNIMPLEMENTED);
    assert!(unknown.message.contains("'BrewCoffee'"), "{unknown:?}");

    let mut options = call_options("GetSystemInfo");
    options.service = 99;
    assert_eq!(call(&connection, &options).status, UNIMPLEMENTED);

    let mut options = call_options("StartWorkflowExecution");
    options.request = Bytes::lend(&[0xff]);
    assert_eq!(call(&connection, &options).status, INVALID_ARGUMENT);

    let pair = Pair { key: lend("a b"), value: lend("c") };
    let mut options = call_options("GetSystemInfo");
    (options.metadata, options.metadata_count) = (&pair, 1);
    assert_eq!(call(&connection, &options).status, INVALID_ARGUMENT);
    let mut options = call_options("GetSystemInfo");
    (options.binary_metadata, options.binary_metadata_count) = (&pair, 1);
    assert_eq!(call(&connection, &options).status, INVALID_ARGUMENT);
}

#[test]
fn a_call_ends_by_its_timeout_its_token_and_its_runtime() {
    let (threads, silence) = (Threads::new(), Silence::new());
    let connection = silence.connect(&threads);

    for retry in [false, true] {
        let mut options = call_options("GetSystemInfo");
        (options.timeout_millis, options.retry) = (200, retry);
        let begin = Instant::now();
        assert_eq!(call(&connection, &options).status, DEADLINE_EXCEEDED);
        assert!(begin.elapsed() < Duration::from_secs(5));
    }

    let mut options = call_options("GetSystemInfo");
    options.timeout_millis = NEVER;
    let (token, answers) = (Token(tb_cancel_new()), Answers::new());
    options.cancel = token.0;
    begin(&connection, &options, &answers);
    unsafe { tb_cancel_trigger(token.0) };
    assert_eq!(answers.take().status, CANCELLED);

    let token = Token(tb_cancel_new());
    let mut options = call_options("GetSystemInfo");
    options.cancel = token.0;
    begin(&connection, &options, &answers);
    unsafe { tb_cancel_trigger(token.0) };
    assert_eq!(answers.take().status, CANCELLED);

    begin(&connection, &call_options("GetSystemInfo"), &answers);
    drop(connection);
    assert!(answers.is_empty(), "a call goes on without its handle");
    drop(threads);
    assert_eq!(answers.take().status, UNAVAILABLE);
}

#[test]
fn headers_are_replaced_together_or_not_at_all() {
    let (threads, silence) = (Threads::new(), Silence::new());
    let connection = silence.connect(&threads);
    let errors = Errors::new();
    let set = |text: &[Pair], binary: &[Pair]| unsafe {
        tb_connection_set_headers(
            connection.0,
            text.as_ptr(),
            text.len(),
            binary.as_ptr(),
            binary.len(),
            errors.user_data(),
            Some(on_error),
        )
    };
    let text = [Pair { key: lend("tenant"), value: lend("7") }];
    let binary = [Pair { key: lend("tenant-bin"), value: Bytes::lend(&[0, 255]) }];
    assert!(set(&text, &binary));
    assert!(set(&[], &[]));
    assert!(!set(&[], &text), "not a key of a binary header");
    assert_eq!(errors.take().unwrap().message, "'tenant' is no key of a binary header");
    assert!(!set(&binary, &[]));
    assert_eq!(errors.take().unwrap().kind, Kind::InvalidArgument);
}

#[test]
fn capabilities_are_empty_where_they_were_not_asked() {
    unsafe extern "C" fn on_value(user_data: *mut c_void, value: Bytes) {
        unsafe { *user_data.cast::<usize>() = value.size };
    }
    let (threads, silence) = (Threads::new(), Silence::new());
    let connection = silence.connect(&threads);
    let mut size = usize::MAX;
    unsafe { tb_connection_capabilities(connection.0, (&raw mut size).cast(), on_value) };
    assert_eq!(size, 0);
}

#[test]
fn wrong_worker_options_are_named() {
    let (threads, silence) = (Threads::new(), Silence::new());
    let connection = silence.connect(&threads);
    let refused = |change: &dyn Fn(&mut WorkerOptions)| -> Told {
        let (mut options, errors) = (worker_options(), Errors::new());
        change(&mut options);
        let worker =
            unsafe { tb_worker_new(connection.0, &options, errors.user_data(), Some(on_error)) };
        assert!(worker.is_null());
        errors.take().unwrap()
    };
    assert_eq!(refused(&|o| o.task_queue = Bytes::EMPTY).message, "task_queue is required");
    assert_eq!(refused(&|o| o.namespace_ = Bytes::EMPTY).message, "namespace_ is required");
    assert!(refused(&|o| o.task_types = 0).message.starts_with("task_types"));
    assert!(refused(&|o| o.task_types = 16).message.starts_with("task_types"));
    assert_eq!(refused(&|o| o.versioning.kind = 9).message, "versioning.kind is unknown");
    assert_eq!(refused(&|o| o.nexus_slots.kind = 9).message, "nexus_slots.kind is unknown");
    assert_eq!(
        refused(&|o| o.activity_pollers.kind = 9).message,
        "activity_pollers.kind is unknown"
    );
    let told = refused(&|o| o.workflow_slots.of.fixed.count = 1);
    assert_eq!(told.message, "workflow_slots is 1: cached workflows need at least 2");
    assert_eq!(told.kind, Kind::InvalidArgument);
}
