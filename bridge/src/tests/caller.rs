//! What the tests share: a caller on the C side of the boundary.

use crate::{
    bytes::Bytes,
    cancel::Cancel,
    connection::{ConnectionOptions, Handle, tb_connect, tb_connection_free},
    error::{Error, Kind},
    rpc::{CallOptions, CallResult, Service, tb_call},
    runtime::{Runtime, RuntimeOptions, tb_runtime_free, tb_runtime_new},
    worker::{Worker, tb_worker_finalize_shutdown, tb_worker_free},
    worker_options::WorkerOptions,
};
use prost::Message;
use std::{
    ffi::c_void,
    mem::zeroed,
    ptr,
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    time::Duration,
};

/// How long a test waits for a callback before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes what callbacks put, each callback with the sender as its user data. That is never freed: a
/// callback that comes after its test has failed must find it.
pub struct Inbox<T: 'static> {
    sender: &'static SyncSender<T>,
    receiver: Receiver<T>,
}

impl<T> Inbox<T> {
    pub fn new() -> Self {
        let (sender, receiver) = sync_channel(1024);
        Inbox { sender: Box::leak(Box::new(sender)), receiver }
    }

    pub fn user_data(&self) -> *mut c_void {
        ptr::from_ref(self.sender).cast_mut().cast()
    }

    /// # Safety
    /// `user_data` must be a living inbox of this type.
    pub unsafe fn put(user_data: *mut c_void, value: T) {
        let sender = unsafe { &*user_data.cast::<SyncSender<T>>() };
        sender.try_send(value).ok();
    }

    pub fn take(&self) -> T {
        self.receiver.recv_timeout(PATIENCE).expect("the callback comes in time")
    }

    pub fn is_empty(&self) -> bool {
        matches!(self.receiver.try_recv(), Err(TryRecvError::Empty))
    }
}

/// An error after its callback.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub kind: Kind,
    pub grpc_status: i32,
    pub message: String,
}

/// # Safety
/// `error` must be null or an error lent by the bridge.
pub unsafe fn told(error: *const Error) -> Option<Told> {
    let error = unsafe { error.as_ref()? };
    let kinds = [
        Kind::InvalidArgument,
        Kind::Connect,
        Kind::Rpc,
        Kind::Cancelled,
        Kind::Closed,
        Kind::RuntimeFreed,
        Kind::Panic,
        Kind::Internal,
    ];
    Some(Told {
        kind: kinds.into_iter().find(|kind| *kind as i32 == error.kind).expect("a known kind"),
        grpc_status: error.grpc_status,
        message: text(error.message),
    })
}

/// # Safety
/// As [`told`].
pub unsafe fn kind_of(error: *const Error) -> Option<Kind> {
    unsafe { told(error) }.map(|told| told.kind)
}

pub fn text(bytes: Bytes) -> String {
    String::from_utf8(unsafe { bytes.as_slice() }.to_vec()).expect("UTF-8")
}

pub fn lend(text: &str) -> Bytes {
    Bytes::lend(text.as_bytes())
}

/// An inbox for `tb_error_callback` and `tb_done_callback`.
pub type Errors = Inbox<Option<Told>>;

pub unsafe extern "C" fn on_error(user_data: *mut c_void, error: *const Error) {
    unsafe { Errors::put(user_data, told(error)) }
}

/// Owns a runtime.
pub struct Threads(pub *mut Runtime);

impl Threads {
    pub fn new() -> Threads {
        Threads::with(&unsafe { zeroed() }).unwrap()
    }

    pub fn with(options: &RuntimeOptions) -> Result<Threads, Told> {
        let errors = Errors::new();
        let runtime = unsafe { tb_runtime_new(options, errors.user_data(), Some(on_error)) };
        if runtime.is_null() {
            return Err(errors.take().unwrap());
        }
        Ok(Threads(runtime))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        unsafe { tb_runtime_free(self.0) }
    }
}

/// Options that are right but for the target.
pub fn connection_options(target: &str) -> ConnectionOptions {
    ConnectionOptions {
        target: lend(target),
        identity: lend("test@bridge"),
        client_name: lend("temporal-cpp"),
        client_version: lend("0.1.0"),
        ..unsafe { zeroed() }
    }
}

/// Owns a connection.
#[derive(Debug)]
pub struct Connected(pub *mut Handle);

impl Drop for Connected {
    fn drop(&mut self) {
        unsafe { tb_connection_free(self.0) }
    }
}

/// A raw pointer on its way through an inbox.
struct Carried<T>(T);
unsafe impl<T> Send for Carried<T> {}

pub fn connect(threads: &Threads, options: &ConnectionOptions) -> Result<Connected, Told> {
    type Answers = Inbox<Carried<Result<*mut Handle, Told>>>;
    unsafe extern "C" fn callback(user: *mut c_void, handle: *mut Handle, error: *const Error) {
        unsafe { Answers::put(user, Carried(told(error).map_or(Ok(handle), Err))) }
    }
    let answers = Answers::new();
    unsafe { tb_connect(threads.0, options, answers.user_data(), callback) };
    answers.take().0.map(Connected)
}

/// A result of a call after its callback.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: i32,
    pub message: String,
    pub response: Vec<u8>,
}

pub type Answers = Inbox<Answer>;

pub fn call_options(method: &str) -> CallOptions {
    CallOptions { service: Service::Workflow as i32, method: lend(method), ..unsafe { zeroed() } }
}

/// Starts a call.
pub fn begin(connection: &Connected, options: &CallOptions, answers: &Answers) {
    unsafe extern "C" fn callback(user_data: *mut c_void, result: *const CallResult) {
        let result = unsafe { &*result };
        let answer = Answer {
            status: result.status,
            message: text(result.message),
            response: unsafe { result.response.as_slice() }.to_vec(),
        };
        unsafe { Answers::put(user_data, answer) }
    }
    unsafe { tb_call(connection.0, options, answers.user_data(), callback) }
}

pub fn call(connection: &Connected, options: &CallOptions) -> Answer {
    let answers = Answers::new();
    begin(connection, options, &answers);
    answers.take()
}

/// Owns a token.
pub struct Token(pub *mut Cancel);

impl Drop for Token {
    fn drop(&mut self) {
        unsafe { crate::cancel::tb_cancel_free(self.0) }
    }
}

/// Options that are right, for workflows only.
pub fn worker_options() -> WorkerOptions {
    WorkerOptions {
        task_queue: lend("queue"),
        namespace_: lend("default"),
        task_types: crate::worker_options::TASK_WORKFLOW,
        max_cached_workflows: 10,
        ..unsafe { zeroed() }
    }
}

/// Owns a worker.
#[derive(Debug)]
pub struct Working(pub *mut Worker);

type PollFunction = unsafe extern "C" fn(
    *const Worker,
    *mut c_void,
    unsafe extern "C" fn(*mut c_void, *const Bytes, *const Error),
);
type CompleteFunction = unsafe extern "C" fn(
    *const Worker,
    Bytes,
    *mut c_void,
    unsafe extern "C" fn(*mut c_void, *const Error),
);

impl Working {
    /// `None` is "shut down".
    pub fn poll<T: Message + Default>(&self, function: PollFunction) -> Result<Option<T>, Told> {
        type Tasks = Inbox<Result<Option<Vec<u8>>, Told>>;
        unsafe extern "C" fn callback(user: *mut c_void, task: *const Bytes, error: *const Error) {
            let task = unsafe { task.as_ref().map(|task| task.as_slice().to_vec()) };
            unsafe { Tasks::put(user, told(error).map_or(Ok(task), Err)) }
        }
        let tasks = Tasks::new();
        unsafe { function(self.0, tasks.user_data(), callback) };
        let task = tasks.take()?;
        Ok(task.map(|bytes| T::decode(bytes.as_slice()).expect("the named message")))
    }

    pub fn complete(&self, function: CompleteFunction, message: &[u8]) -> Option<Told> {
        let errors = Errors::new();
        unsafe { function(self.0, Bytes::lend(message), errors.user_data(), on_error) };
        errors.take()
    }

    pub fn finalize(&self) -> Option<Told> {
        let errors = Errors::new();
        unsafe { tb_worker_finalize_shutdown(self.0, errors.user_data(), on_error) };
        errors.take()
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        unsafe { tb_worker_free(self.0) }
        self.0 = ptr::null_mut();
    }
}
