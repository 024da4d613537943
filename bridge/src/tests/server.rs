//! Against a real server, where TEMPORAL_ADDRESS names one ("127.0.0.1:7233").

use super::caller::{
    Connected, Errors, Inbox, Threads, Told, Working, call, call_options, connect,
    connection_options, lend, on_error, worker_options,
};
use crate::{
    bytes::Bytes,
    connection::tb_connection_capabilities,
    error::{Error, Kind},
    rpc::{CallOptions, Service},
    worker::{
        tb_worker_complete_workflow_activation, tb_worker_initiate_shutdown, tb_worker_new,
        tb_worker_poll_workflow_activation, tb_worker_replace_connection, tb_worker_validate,
    },
    worker_options::WorkerOptions,
};
use prost::Message;
use std::{
    env,
    ffi::c_void,
    mem::zeroed,
    thread,
    time::{Duration, SystemTime},
};
use temporalio_common::protos::{
    coresdk::{
        workflow_activation::{WorkflowActivation, workflow_activation_job::Variant},
        workflow_commands::CompleteWorkflowExecution,
        workflow_completion::WorkflowActivationCompletion,
    },
    temporal::api::{
        common::v1::{WorkflowExecution, WorkflowType},
        enums::v1::EventType,
        taskqueue::v1::TaskQueue,
        workflowservice::v1::{
            GetSystemInfoResponse, GetWorkflowExecutionHistoryRequest,
            GetWorkflowExecutionHistoryResponse, RegisterNamespaceRequest,
            StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
        },
    },
};

const OK: i32 = 0;
const NOT_FOUND: i32 = 5;
const ALREADY_EXISTS: i32 = 6;
const NAMESPACE: &str = "bridge-test";

fn server(threads: &Threads) -> Option<Connected> {
    let Ok(address) = env::var("TEMPORAL_ADDRESS") else {
        eprintln!("skipped: TEMPORAL_ADDRESS is not set");
        return None;
    };
    Some(connect(threads, &connection_options(&format!("http://{address}"))).unwrap())
}

fn request(connection: &Connected, method: &str, message: &impl Message) -> (i32, Vec<u8>) {
    let bytes = message.encode_to_vec();
    let mut options = call_options(method);
    options.request = Bytes::lend(&bytes);
    options.timeout_millis = 10_000;
    options.retry = true;
    let answer = call(connection, &options);
    (answer.status, answer.response)
}

fn validate(worker: &Working) -> Result<Vec<u8>, Told> {
    type Answers = Inbox<Result<Vec<u8>, Told>>;
    unsafe extern "C" fn callback(user_data: *mut c_void, info: Bytes, error: *const Error) {
        let info = unsafe { info.as_slice() }.to_vec();
        unsafe { Answers::put(user_data, super::caller::told(error).map_or(Ok(info), Err)) }
    }
    let answers = Answers::new();
    unsafe { tb_worker_validate(worker.0, answers.user_data(), callback) };
    answers.take()
}

fn new_worker(connection: &Connected, options: &WorkerOptions) -> Result<Working, Told> {
    let errors = Errors::new();
    let worker =
        unsafe { tb_worker_new(connection.0, options, errors.user_data(), Some(on_error)) };
    if worker.is_null() { Err(errors.take().unwrap()) } else { Ok(Working(worker)) }
}

/// Polls until shut down, and completes each workflow at once.
fn run_until_shut_down(worker: &Working, on_start: impl Fn()) {
    while let Some(activation) =
        worker.poll::<WorkflowActivation>(tb_worker_poll_workflow_activation).unwrap()
    {
        let starts = activation
            .jobs
            .iter()
            .any(|job| matches!(job.variant, Some(Variant::InitializeWorkflow(_))));
        let commands =
            if starts { vec![CompleteWorkflowExecution { result: None }.into()] } else { vec![] };
        let completion = WorkflowActivationCompletion::from_cmds(activation.run_id, commands);
        let bytes = completion.encode_to_vec();
        assert_eq!(worker.complete(tb_worker_complete_workflow_activation, &bytes), None);
        if starts {
            on_start();
        }
    }
}

#[test]
fn the_server_says_who_it_is() {
    unsafe extern "C" fn on_value(user_data: *mut c_void, value: Bytes) {
        unsafe { *user_data.cast::<usize>() = value.size };
    }
    let threads = Threads::new();
    let Some(connection) = server(&threads) else { return };
    let (status, response) = request(&connection, "GetSystemInfo", &());
    assert_eq!(status, OK);
    let info = GetSystemInfoResponse::decode(response.as_slice()).unwrap();
    assert!(!info.server_version.is_empty());
    let mut size = 0_usize;
    unsafe { tb_connection_capabilities(connection.0, (&raw mut size).cast(), on_value) };
    assert!(size > 0);
    for (service, method) in
        [(Service::Operator, "ListSearchAttributes"), (Service::Health, "Check")]
    {
        let options =
            CallOptions { service: service as i32, method: lend(method), ..unsafe { zeroed() } };
        let answer = call(&connection, &options);
        assert_ne!(answer.status, 12, "{answer:?}");
    }
}

#[test]
fn a_worker_on_no_namespace_is_told_so() {
    let threads = Threads::new();
    let Some(connection) = server(&threads) else { return };
    let mut options = worker_options();
    options.namespace_ = lend("nowhere");
    let worker = new_worker(&connection, &options).unwrap();
    let told = validate(&worker).unwrap_err();
    assert_eq!((told.kind, told.grpc_status), (Kind::Rpc, NOT_FOUND));
    assert!(told.message.starts_with("namespace 'nowhere' cannot be described"), "{told:?}");
    let twice = new_worker(&connection, &options).unwrap_err();
    assert_eq!(twice.kind, Kind::InvalidArgument);
    unsafe { tb_worker_initiate_shutdown(worker.0) };
    run_until_shut_down(&worker, || {});
    assert_eq!(worker.finalize(), None);
}

/// A new namespace is known to every part of the server only after a moment.
fn eventually<T>(attempt: impl Fn() -> Option<T>) -> T {
    for _ in 0..150 {
        if let Some(value) = attempt() {
            return value;
        }
        thread::sleep(Duration::from_millis(200));
    }
    panic!("not within 30 s");
}

fn register_namespace(connection: &Connected) {
    let request_message = RegisterNamespaceRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_execution_retention_period: Duration::from_secs(86_400).try_into().ok(),
        ..Default::default()
    };
    let (status, _) = request(connection, "RegisterNamespace", &request_message);
    assert!(status == OK || status == ALREADY_EXISTS, "{status}");
}

fn start_workflow(connection: &Connected) -> WorkflowExecution {
    let unique = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let start = StartWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_id: format!("bridge-{unique}"),
        workflow_type: Some(WorkflowType { name: "Greeting".to_owned() }),
        task_queue: Some(TaskQueue { name: "queue".to_owned(), ..Default::default() }),
        request_id: unique.to_string(),
        ..Default::default()
    };
    let response = eventually(|| {
        let (status, response) = request(connection, "StartWorkflowExecution", &start);
        (status == OK).then_some(response)
    });
    let response = StartWorkflowExecutionResponse::decode(response.as_slice()).unwrap();
    WorkflowExecution { workflow_id: start.workflow_id, run_id: response.run_id }
}

fn last_event(connection: &Connected, execution: WorkflowExecution) -> EventType {
    let history = GetWorkflowExecutionHistoryRequest {
        namespace: NAMESPACE.to_owned(),
        execution: Some(execution),
        ..Default::default()
    };
    let (status, response) = request(connection, "GetWorkflowExecutionHistory", &history);
    assert_eq!(status, OK);
    let response = GetWorkflowExecutionHistoryResponse::decode(response.as_slice()).unwrap();
    response.history.unwrap().events.last().unwrap().event_type()
}

#[test]
fn a_workflow_runs_from_start_to_result() {
    let threads = Threads::new();
    let Some(connection) = server(&threads) else { return };
    register_namespace(&connection);
    let mut options = worker_options();
    options.namespace_ = lend(NAMESPACE);
    let worker = new_worker(&connection, &options).unwrap();
    let (other, errors) = (server(&threads).unwrap(), Errors::new());
    let replaced = unsafe {
        tb_worker_replace_connection(worker.0, other.0, errors.user_data(), Some(on_error))
    };
    assert!(replaced);
    drop(other);
    eventually(|| validate(&worker).ok());

    let execution = start_workflow(&connection);
    run_until_shut_down(&worker, || unsafe { tb_worker_initiate_shutdown(worker.0) });
    assert_eq!(worker.finalize(), None);
    assert_eq!(last_event(&connection, execution), EventType::WorkflowExecutionCompleted);
}
