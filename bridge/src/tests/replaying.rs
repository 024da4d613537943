//! A replay worker needs no server, so it shows the life of every worker.

use super::caller::{Errors, Threads, Told, Working, lend, on_error, worker_options};
use crate::{
    bytes::Bytes,
    error::Kind,
    replay::{Replay, tb_replay_free, tb_replay_push, tb_replay_worker_new},
    worker::{
        tb_worker_complete_activity_task, tb_worker_complete_workflow_activation,
        tb_worker_initiate_shutdown, tb_worker_poll_activity_task,
        tb_worker_poll_workflow_activation, tb_worker_record_activity_heartbeat,
        tb_worker_request_workflow_eviction,
    },
};
use prost::Message;
use std::{ptr, time::SystemTime};
use temporalio_common::protos::{
    coresdk::{
        activity_task::ActivityTask,
        workflow_activation::{WorkflowActivation, workflow_activation_job::Variant},
        workflow_commands::{CompleteWorkflowExecution, FailWorkflowExecution, workflow_command},
        workflow_completion::WorkflowActivationCompletion,
    },
    temporal::api::{
        common::v1::WorkflowType,
        enums::v1::EventType,
        failure::v1::Failure,
        history::v1::{
            History, HistoryEvent, WorkflowExecutionCompletedEventAttributes,
            WorkflowExecutionStartedEventAttributes, WorkflowTaskCompletedEventAttributes,
            WorkflowTaskScheduledEventAttributes, WorkflowTaskStartedEventAttributes,
            history_event::Attributes,
        },
        taskqueue::v1::TaskQueue,
    },
};

const RUN_ID: &str = "run-1";

/// A workflow that ended in its first task.
fn history() -> History {
    let started = WorkflowExecutionStartedEventAttributes {
        workflow_type: Some(WorkflowType { name: "Greeting".to_owned() }),
        original_execution_run_id: RUN_ID.to_owned(),
        task_queue: Some(TaskQueue { name: "queue".to_owned(), ..Default::default() }),
        ..Default::default()
    };
    let task_started =
        WorkflowTaskStartedEventAttributes { scheduled_event_id: 2, ..Default::default() };
    let task_completed = WorkflowTaskCompletedEventAttributes {
        scheduled_event_id: 2,
        started_event_id: 3,
        ..Default::default()
    };
    let completed = WorkflowExecutionCompletedEventAttributes {
        workflow_task_completed_event_id: 4,
        ..Default::default()
    };
    let events = [
        (EventType::WorkflowExecutionStarted, Attributes::from(started)),
        (EventType::WorkflowTaskScheduled, WorkflowTaskScheduledEventAttributes::default().into()),
        (EventType::WorkflowTaskStarted, task_started.into()),
        (EventType::WorkflowTaskCompleted, task_completed.into()),
        (EventType::WorkflowExecutionCompleted, completed.into()),
    ];
    let events =
        events.into_iter().zip(1..).map(|((event_type, attributes), event_id)| HistoryEvent {
            event_id,
            event_type: event_type as i32,
            event_time: Some(SystemTime::UNIX_EPOCH.into()),
            attributes: Some(attributes),
            ..Default::default()
        });
    History { events: events.collect() }
}

fn replay_worker(threads: &Threads) -> (Working, *mut Replay) {
    let (mut replay, errors) = (ptr::null_mut(), Errors::new());
    let worker = unsafe {
        tb_replay_worker_new(
            threads.0,
            &worker_options(),
            &mut replay,
            errors.user_data(),
            Some(on_error),
        )
    };
    assert!(!worker.is_null() && !replay.is_null());
    (Working(worker), replay)
}

fn push(replay: *const Replay, history: &[u8]) -> Option<Told> {
    let errors = Errors::new();
    let (workflow_id, history) = (lend("greeting-1"), Bytes::lend(history));
    unsafe { tb_replay_push(replay, workflow_id, history, errors.user_data(), on_error) };
    errors.take()
}

fn complete(worker: &Working, commands: Vec<workflow_command::Variant>) -> Option<Told> {
    let completion = WorkflowActivationCompletion::from_cmds(RUN_ID, commands);
    worker.complete(tb_worker_complete_workflow_activation, &completion.encode_to_vec())
}

fn next(worker: &Working) -> Option<WorkflowActivation> {
    worker.poll(tb_worker_poll_workflow_activation).unwrap()
}

#[test]
fn a_history_is_replayed_and_evicted_and_then_the_worker_ends() {
    let threads = Threads::new();
    let (worker, replay) = replay_worker(&threads);
    assert_eq!(push(replay, &history().encode_to_vec()), None);
    unsafe { tb_replay_free(replay) };

    let activation = next(&worker).unwrap();
    assert_eq!(activation.run_id, RUN_ID);
    let Some(Variant::InitializeWorkflow(start)) = &activation.jobs[0].variant else {
        panic!("{activation:?}")
    };
    assert_eq!((&*start.workflow_type, &*start.workflow_id), ("Greeting", "greeting-1"));
    let done = CompleteWorkflowExecution { result: None };
    assert_eq!(complete(&worker, vec![done.into()]), None);

    let eviction = next(&worker).unwrap();
    let Some(Variant::RemoveFromCache(reason)) = &eviction.jobs[0].variant else {
        panic!("{eviction:?}")
    };
    assert!(!reason.message.contains("TMPRL1100"), "no nondeterminism: {reason:?}");
    assert_eq!(complete(&worker, vec![]), None);

    assert!(next(&worker).is_none(), "shut down");
    assert_eq!(worker.finalize(), None);
    assert_eq!(worker.finalize().unwrap().kind, Kind::Closed);
}

#[test]
fn what_the_workflow_did_otherwise_is_nondeterminism() {
    let threads = Threads::new();
    let (worker, replay) = replay_worker(&threads);
    assert_eq!(push(replay, &history().encode_to_vec()), None);
    unsafe { tb_replay_free(replay) };
    next(&worker).unwrap();
    let failed = FailWorkflowExecution { failure: Some(Failure::default()) };
    assert_eq!(complete(&worker, vec![failed.into()]), None);
    let eviction = next(&worker).unwrap();
    let Some(Variant::RemoveFromCache(reason)) = &eviction.jobs[0].variant else {
        panic!("{eviction:?}")
    };
    assert!(reason.message.contains("TMPRL1100"), "{reason:?}");
    assert_eq!(complete(&worker, vec![]), None);
    assert!(next(&worker).is_none());
    assert_eq!(worker.finalize(), None);
}

#[test]
fn a_history_that_is_none_is_refused_and_feeding_goes_on() {
    let threads = Threads::new();
    let (worker, replay) = replay_worker(&threads);
    let mut headless = history();
    headless.events.remove(0);
    let changed = |change: &dyn Fn(&mut WorkflowExecutionStartedEventAttributes)| {
        let mut history = history();
        match &mut history.events[0].attributes {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => change(started),
            other => panic!("{other:?}"),
        }
        history.encode_to_vec()
    };
    let wrong = [
        vec![0xff],
        vec![],
        headless.encode_to_vec(),
        changed(&|started| started.original_execution_run_id.clear()),
        changed(&|started| started.task_queue = None),
        changed(&|started| started.workflow_type = None),
    ];
    for bytes in &wrong {
        assert_eq!(push(replay, bytes).unwrap().kind, Kind::InvalidArgument, "{bytes:?}");
    }
    assert_eq!(push(replay, &history().encode_to_vec()), None);
    assert!(next(&worker).is_some());
    unsafe { tb_replay_free(replay) };
}

#[test]
fn a_malformed_completion_is_an_error() {
    let threads = Threads::new();
    let (worker, replay) = replay_worker(&threads);
    let told = worker.complete(tb_worker_complete_workflow_activation, &[0xff]).unwrap();
    assert_eq!(told.kind, Kind::InvalidArgument);
    assert!(told.message.starts_with("malformed completion"), "{told:?}");
    // Well formed, but empty.
    let told = worker.complete(tb_worker_complete_workflow_activation, &[]).unwrap();
    assert_eq!(told.kind, Kind::InvalidArgument);
    let told = worker.complete(tb_worker_complete_activity_task, &[]).unwrap();
    assert_eq!(told.kind, Kind::InvalidArgument);
    unsafe { tb_replay_free(replay) };
}

#[test]
fn a_kind_of_task_that_the_worker_has_not_is_shut_down() {
    let threads = Threads::new();
    let (worker, replay) = replay_worker(&threads);
    unsafe { tb_replay_free(replay) };
    unsafe { tb_worker_initiate_shutdown(worker.0) };
    assert_eq!(worker.poll::<ActivityTask>(tb_worker_poll_activity_task), Ok(None));
}

#[test]
fn a_finalized_worker_answers_closed() {
    let threads = Threads::new();
    let (worker, replay) = replay_worker(&threads);
    unsafe { tb_replay_free(replay) };
    unsafe { tb_worker_initiate_shutdown(worker.0) };
    assert!(next(&worker).is_none());
    assert_eq!(worker.finalize(), None);

    let polled = worker.poll::<WorkflowActivation>(tb_worker_poll_workflow_activation);
    assert_eq!(polled.unwrap_err().kind, Kind::Closed);
    assert_eq!(complete(&worker, vec![]).unwrap().kind, Kind::Closed);
    let errors = Errors::new();
    let beat = unsafe {
        tb_worker_record_activity_heartbeat(
            worker.0,
            Bytes::EMPTY,
            errors.user_data(),
            Some(on_error),
        )
    };
    assert!(!beat);
    assert_eq!(errors.take().unwrap().kind, Kind::Closed);
    unsafe { tb_worker_request_workflow_eviction(worker.0, lend(RUN_ID)) };
    unsafe { tb_worker_initiate_shutdown(worker.0) };
}
