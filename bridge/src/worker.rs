//! Workers: tasks out, completions in.

use crate::{
    answer::{self, Callee, Done, DoneCallback, Poll, PollCallback, UserData},
    bytes::Bytes,
    connection::Handle as ConnectionHandle,
    error::{Error, ErrorCallback, Failure, Kind, sentence},
    panics,
    runtime::Context,
    slots::{Tuner, WorkerSlots},
    worker_options::{self, WorkerOptions},
};
use prost::Message;
use std::{
    ffi::c_void,
    future::Future,
    ptr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use temporalio_common::protos::coresdk::{
    ActivityHeartbeat, ActivityTaskCompletion, nexus::NexusTaskCompletion,
    workflow_completion::WorkflowActivationCompletion,
};
use temporalio_sdk_core::{
    CompleteActivityError, CompleteNexusError, CompleteWfError, PollError, RetryOptions,
    Worker as CoreWorker, WorkerValidationError, init_worker,
};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// `tb_worker`.
pub struct Worker {
    context: Context,
    /// Each use holds it for reading; finalizing waits for the last of them and takes it out.
    core: Arc<RwLock<Option<CoreWorker>>>,
    closing: AtomicBool,
    tuner: Arc<Tuner>,
}

/// Core's worker, for as long as one use of it lasts.
type Core = OwnedRwLockReadGuard<Option<CoreWorker>, CoreWorker>;

impl Worker {
    pub fn new(core: CoreWorker, context: Context, tuner: Arc<Tuner>) -> Worker {
        let closing = AtomicBool::new(false);
        Worker { context, core: Arc::new(RwLock::new(Some(core))), closing, tuner }
    }

    fn core(&self) -> Result<Core, Failure> {
        if self.closing.load(Ordering::Acquire) {
            return Err(Failure::closed());
        }
        let core = self.core.clone().try_read_owned().map_err(|_| Failure::closed())?;
        OwnedRwLockReadGuard::try_map(core, Option::as_ref).map_err(|_| Failure::closed())
    }

    /// Starts `work` with Core's worker.
    fn start<C: Callee, W>(&self, callee: C, work: impl FnOnce(Core) -> Result<W, Failure>)
    where
        W: Future<Output = Result<C::Value, Failure>> + Send + 'static,
    {
        answer::start(&self.context.handle, callee, || work(self.core()?));
    }
}

fn poll_result<T: Message>(result: Result<T, PollError>) -> Result<Option<Vec<u8>>, Failure> {
    match result {
        Ok(task) => Ok(Some(task.encode_to_vec())),
        Err(PollError::ShutDown) => Ok(None),
        Err(PollError::TonicError(status)) => Err(Failure::of_status(Kind::Rpc, &status)),
    }
}

fn decode<T: Message + Default>(message: Bytes, name: &str) -> Result<T, Failure> {
    T::decode(unsafe { message.as_slice() })
        .map_err(|error| Failure::invalid(format!("malformed {name}: {error}")))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_new(
    connection: *const ConnectionHandle,
    options: *const WorkerOptions,
    user_data: *mut c_void,
    on_error: ErrorCallback,
) -> *mut Worker {
    let make = || {
        let ConnectionHandle { connection, context } = unsafe { &*connection };
        let (config, tuner) = unsafe { worker_options::config(&*options)? };
        let _entered = context.enter();
        // Core changes the retry options of the connection it is given, so it gets one of its own.
        let core = init_worker(&context.core, config, connection.clone())
            .map_err(|error| Failure::invalid(format!("{error:#}")))?;
        Ok(Worker::new(core, context.clone(), tuner))
    };
    let made = unsafe { panics::report(user_data, on_error, make) };
    made.map_or(ptr::null_mut(), |worker| Box::into_raw(Box::new(worker)))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_free(worker: *mut Worker) {
    panics::swallow(|| {
        if !worker.is_null() {
            let worker = unsafe { Box::from_raw(worker) };
            let context = worker.context.clone();
            let _entered = context.enter();
            if let Ok(core) = worker.core() {
                core.initiate_shutdown();
            }
            drop(worker);
        }
    });
}

/// `tb_validate_callback`.
type ValidateCallback = unsafe extern "C" fn(*mut c_void, Bytes, *const Error);

#[derive(Clone, Copy)]
struct Validated {
    user_data: UserData,
    callback: ValidateCallback,
}

impl Callee for Validated {
    type Value = Vec<u8>;

    fn succeed(self, info: Vec<u8>) {
        unsafe { (self.callback)(self.user_data.0, Bytes::lend(&info), ptr::null()) }
    }

    fn fail(self, failure: &Failure) {
        unsafe { (self.callback)(self.user_data.0, Bytes::EMPTY, &failure.lend()) }
    }
}

fn validation_failure(error: &WorkerValidationError) -> Failure {
    let WorkerValidationError::NamespaceDescribeError { source, namespace } = error;
    let mut failure = Failure::of_status(Kind::Rpc, source);
    failure.message = format!(
        "namespace '{namespace}' cannot be described: {:?}: {}",
        source.code(),
        source.message()
    );
    failure
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_validate(
    worker: *const Worker,
    user_data: *mut c_void,
    callback: ValidateCallback,
) {
    let callee = Validated { user_data: UserData(user_data), callback };
    unsafe { &*worker }.start(callee, |core| {
        Ok(async move {
            let info = core.validate().await.map_err(|error| validation_failure(&error))?;
            Ok(info.encode_to_vec())
        })
    });
}

/// Makes the function of one kind of poll.
macro_rules! poll {
    ($name:ident, $poll:ident) => {
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            worker: *const Worker,
            user_data: *mut c_void,
            callback: PollCallback,
        ) {
            let callee = Poll { user_data: UserData(user_data), callback };
            unsafe { &*worker }
                .start(callee, |core| Ok(async move { poll_result(core.$poll().await) }));
        }
    };
}

poll!(tb_worker_poll_workflow_activation, poll_workflow_activation);
poll!(tb_worker_poll_activity_task, poll_activity_task);
poll!(tb_worker_poll_nexus_task, poll_nexus_task);

impl From<CompleteWfError> for Failure {
    fn from(error: CompleteWfError) -> Failure {
        Failure::invalid(sentence(&error))
    }
}

impl From<CompleteActivityError> for Failure {
    fn from(error: CompleteActivityError) -> Failure {
        match error {
            // Without the completion, which may hold secrets.
            CompleteActivityError::MalformedActivityCompletion { reason, .. } => {
                Failure::invalid(format!("malformed activity completion: {reason}"))
            }
            error => Failure::invalid(sentence(&error)),
        }
    }
}

impl From<CompleteNexusError> for Failure {
    fn from(error: CompleteNexusError) -> Failure {
        Failure::invalid(sentence(&error))
    }
}

/// Makes the function of one kind of completion.
macro_rules! complete {
    ($name:ident, $complete:ident, $message:ty) => {
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            worker: *const Worker,
            completion: Bytes,
            user_data: *mut c_void,
            callback: DoneCallback,
        ) {
            let callee = Done { user_data: UserData(user_data), callback };
            unsafe { &*worker }.start(callee, |core| {
                let completion: $message = decode(completion, "completion")?;
                Ok(async move { Ok(core.$complete(completion).await?) })
            });
        }
    };
}

complete!(
    tb_worker_complete_workflow_activation,
    complete_workflow_activation,
    WorkflowActivationCompletion
);
complete!(tb_worker_complete_activity_task, complete_activity_task, ActivityTaskCompletion);
complete!(tb_worker_complete_nexus_task, complete_nexus_task, NexusTaskCompletion);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_record_activity_heartbeat(
    worker: *const Worker,
    heartbeat: Bytes,
    user_data: *mut c_void,
    on_error: ErrorCallback,
) -> bool {
    let record = || {
        let worker = unsafe { &*worker };
        let heartbeat: ActivityHeartbeat = decode(heartbeat, "heartbeat")?;
        let _entered = worker.context.enter();
        worker.core()?.record_activity_heartbeat(heartbeat);
        Ok(())
    };
    unsafe { panics::report(user_data, on_error, record) }.is_some()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_request_workflow_eviction(worker: *const Worker, run_id: Bytes) {
    panics::swallow(|| {
        let worker = unsafe { &*worker };
        let run_id = String::from_utf8_lossy(unsafe { run_id.as_slice() });
        let _entered = worker.context.enter();
        if let Ok(core) = worker.core() {
            core.request_workflow_eviction(&run_id);
        }
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_initiate_shutdown(worker: *const Worker) {
    panics::swallow(|| {
        let worker = unsafe { &*worker };
        let _entered = worker.context.enter();
        if let Ok(core) = worker.core() {
            core.initiate_shutdown();
        }
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_finalize_shutdown(
    worker: *const Worker,
    user_data: *mut c_void,
    callback: DoneCallback,
) {
    let worker = unsafe { &*worker };
    let callee = Done { user_data: UserData(user_data), callback };
    answer::start(&worker.context.handle, callee, || {
        let core = worker.core()?;
        if worker.closing.swap(true, Ordering::AcqRel) {
            return Err(Failure::closed());
        }
        let _entered = worker.context.enter();
        core.initiate_shutdown();
        drop(core);
        let core = worker.core.clone();
        Ok(async move {
            let core = core.write().await.take().ok_or_else(Failure::closed)?;
            core.finalize_shutdown().await;
            Ok(())
        })
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_replace_connection(
    worker: *const Worker,
    connection: *const ConnectionHandle,
    user_data: *mut c_void,
    on_error: ErrorCallback,
) -> bool {
    let replace = || {
        let worker = unsafe { &*worker };
        let mut connection = unsafe { (*connection).connection.clone() };
        *connection.retry_options_mut() = RetryOptions::default(); // as init_worker does
        let _entered = worker.context.enter();
        let replaced = worker.core()?.replace_client(connection);
        replaced.map_err(|error| Failure::invalid(format!("{error:#}")))
    };
    unsafe { panics::report(user_data, on_error, replace) }.is_some()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_worker_read_slots(worker: *const Worker, slots: *mut WorkerSlots) {
    unsafe { *slots = (*worker).tuner.read() }
}
