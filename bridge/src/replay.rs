//! Workers that replay histories instead of asking a server.

use crate::{
    answer::{self, Done, DoneCallback, UserData},
    bytes::Bytes,
    error::{ErrorCallback, Failure, Kind},
    panics,
    runtime::{Context, Runtime},
    worker::Worker,
    worker_options::{self, WorkerOptions},
};
use prost::Message;
use std::{ffi::c_void, ptr, sync::Arc};
use temporalio_common::protos::temporal::api::history::v1::{History, history_event::Attributes};
use temporalio_sdk_core::{
    init_replay_worker,
    replay::{HistoryFeeder, HistoryForReplay, HistoryInfo, ReplayWorkerInput},
};

/// Histories that wait while one is replayed.
const WAITING_HISTORIES: usize = 1;

/// `tb_replay`.
pub struct Replay {
    context: Context,
    feeder: Arc<HistoryFeeder>,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_replay_worker_new(
    runtime: *const Runtime,
    options: *const WorkerOptions,
    replay: *mut *mut Replay,
    user_data: *mut c_void,
    on_error: ErrorCallback,
) -> *mut Worker {
    unsafe { *replay = ptr::null_mut() };
    let make = || {
        let context = unsafe { &(*runtime).context };
        let (config, tuner) = unsafe { worker_options::config(&*options)? };
        let _entered = context.enter();
        let (feeder, histories) = HistoryFeeder::new(WAITING_HISTORIES);
        let core = init_replay_worker(ReplayWorkerInput::new(config, histories))
            .map_err(|error| Failure::invalid(format!("{error:#}")))?;
        let feeder = Replay { context: context.clone(), feeder: Arc::new(feeder) };
        Ok((Worker::new(core, context.clone(), tuner), feeder))
    };
    match unsafe { panics::report(user_data, on_error, make) } {
        Some((worker, feeder)) => {
            unsafe { *replay = Box::into_raw(Box::new(feeder)) };
            Box::into_raw(Box::new(worker))
        }
        None => ptr::null_mut(),
    }
}

/// Core takes a bad history for a bug of its caller and panics, so it is refused here.
fn checked(history: Bytes) -> Result<History, Failure> {
    let history = History::decode(unsafe { history.as_slice() })
        .map_err(|error| Failure::invalid(format!("malformed history: {error}")))?;
    let invalid = |why| Failure::invalid(format!("this history cannot be replayed: {why}"));
    HistoryInfo::new_from_history(&history, None).map_err(|error| invalid(format!("{error:#}")))?;
    let first = history.events.first().and_then(|event| event.attributes.as_ref());
    match first {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
            if started.original_execution_run_id.is_empty() {
                return Err(invalid("its first event has no run ID".to_owned()));
            }
            if started.task_queue.is_none() {
                return Err(invalid("its first event has no task queue".to_owned()));
            }
            Ok(history)
        }
        _ => Err(invalid("it does not begin with the workflow's start".to_owned())),
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_replay_push(
    replay: *const Replay,
    workflow_id: Bytes,
    history: Bytes,
    user_data: *mut c_void,
    callback: DoneCallback,
) {
    let Replay { context, feeder } = unsafe { &*replay };
    let callee = Done { user_data: UserData(user_data), callback };
    answer::start(&context.handle, callee, || {
        let workflow_id = unsafe { workflow_id.required_text("workflow_id")? };
        let history = HistoryForReplay::new(checked(history)?, workflow_id);
        let feeder = feeder.clone();
        Ok(async move {
            let fed = feeder.feed(history).await;
            fed.map_err(|_| Failure::new(Kind::Closed, "the replay worker has stopped"))
        })
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_replay_free(replay: *mut Replay) {
    panics::swallow(|| {
        if !replay.is_null() {
            drop(unsafe { Box::from_raw(replay) });
        }
    });
}
