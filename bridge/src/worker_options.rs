//! The options of a worker, as Core has them.

use crate::{
    NEVER,
    bytes::{Bytes, array},
    connection::unless_zero,
    error::Failure,
    slots::{SLOTS_FIXED, SlotSupplier, Tuner},
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use temporalio_common::worker::{
    VersioningBehavior, WorkerDeploymentOptions, WorkerDeploymentVersion, WorkerTaskTypes,
};
use temporalio_sdk_core::{
    PollerBehavior as CorePollers, WorkerConfig, WorkerVersioningStrategy, WorkflowErrorType,
};

/// `tb_task_types`.
pub const TASK_WORKFLOW: u32 = 1;
pub const TASK_LOCAL_ACTIVITY: u32 = 2;
pub const TASK_ACTIVITY: u32 = 4;
pub const TASK_NEXUS: u32 = 8;
const ALL_TASKS: u32 = TASK_WORKFLOW | TASK_LOCAL_ACTIVITY | TASK_ACTIVITY | TASK_NEXUS;

/// `tb_versioning_kind`.
pub const VERSIONING_NONE: i32 = 0;
pub const VERSIONING_DEPLOYMENT: i32 = 1;
pub const VERSIONING_LEGACY: i32 = 2;

/// `tb_versioning_behavior`.
pub const BEHAVIOR_UNSPECIFIED: i32 = 0;
pub const BEHAVIOR_PINNED: i32 = 1;
pub const BEHAVIOR_AUTO_UPGRADE: i32 = 2;

/// `tb_poller_kind`.
pub const POLLER_DEFAULT: i32 = 0;
pub const POLLER_SIMPLE_MAXIMUM: i32 = 1;
pub const POLLER_AUTOSCALING: i32 = 2;

/// `tb_versioning`.
#[repr(C)]
pub struct Versioning {
    pub kind: i32,
    pub deployment_name: Bytes,
    pub build_id: Bytes,
    pub use_worker_versioning: bool,
    pub default_behavior: i32,
}

/// `tb_poller_behavior`.
#[repr(C)]
pub struct PollerBehavior {
    pub kind: i32,
    pub maximum: u64,
    pub minimum: u64,
    pub initial: u64,
}

/// `tb_worker_options`.
#[repr(C)]
pub struct WorkerOptions {
    pub task_queue: Bytes,
    pub namespace_: Bytes,
    pub identity_override: Bytes,
    pub task_types: u32,
    pub versioning: Versioning,
    pub max_cached_workflows: u64,
    pub workflow_slots: SlotSupplier,
    pub activity_slots: SlotSupplier,
    pub local_activity_slots: SlotSupplier,
    pub nexus_slots: SlotSupplier,
    pub workflow_pollers: PollerBehavior,
    pub activity_pollers: PollerBehavior,
    pub nexus_pollers: PollerBehavior,
    pub nonsticky_to_sticky_poll_ratio: f64,
    pub sticky_schedule_to_start_timeout_millis: u64,
    pub max_heartbeat_throttle_interval_millis: u64,
    pub default_heartbeat_throttle_interval_millis: u64,
    pub max_worker_activities_per_second: f64,
    pub max_task_queue_activities_per_second: f64,
    pub max_eager_activities_per_workflow_task: u64,
    pub graceful_shutdown_period_millis: u64,
    pub nondeterminism_fails_workflow: bool,
    pub nondeterminism_fails_workflow_types: *const Bytes,
    pub nondeterminism_fails_workflow_type_count: usize,
    pub ignore_evictions_on_shutdown: bool,
    pub disable_payload_error_limit: bool,
    pub skip_worker_set_check: bool,
}

fn size(value: u64, name: &str) -> Result<usize, Failure> {
    value.try_into().map_err(|_| Failure::invalid(format!("{name} is too large")))
}

fn task_types(bits: u32) -> Result<WorkerTaskTypes, Failure> {
    if bits == 0 || bits & !ALL_TASKS != 0 {
        return Err(Failure::invalid("task_types is no sum of TB_TASK_ values"));
    }
    Ok(WorkerTaskTypes {
        enable_workflows: bits & TASK_WORKFLOW != 0,
        enable_local_activities: bits & TASK_LOCAL_ACTIVITY != 0,
        enable_remote_activities: bits & TASK_ACTIVITY != 0,
        enable_nexus: bits & TASK_NEXUS != 0,
    })
}

fn default_behavior(number: i32) -> Result<Option<VersioningBehavior>, Failure> {
    match number {
        BEHAVIOR_UNSPECIFIED => Ok(None),
        BEHAVIOR_PINNED => Ok(Some(VersioningBehavior::Pinned)),
        BEHAVIOR_AUTO_UPGRADE => Ok(Some(VersioningBehavior::AutoUpgrade)),
        _ => Err(Failure::invalid("versioning.default_behavior is unknown")),
    }
}

unsafe fn versioning(options: &Versioning) -> Result<WorkerVersioningStrategy, Failure> {
    let build_id = unsafe { options.build_id.text("versioning.build_id")? };
    match options.kind {
        VERSIONING_NONE => Ok(WorkerVersioningStrategy::None { build_id }),
        VERSIONING_DEPLOYMENT => {
            let name = unsafe { options.deployment_name.text("versioning.deployment_name")? };
            let version =
                WorkerDeploymentVersion::builder().deployment_name(name).build_id(build_id).build();
            Ok(WorkerVersioningStrategy::WorkerDeploymentBased(
                WorkerDeploymentOptions::new(version)
                    .use_worker_versioning(options.use_worker_versioning)
                    .maybe_default_versioning_behavior(default_behavior(options.default_behavior)?)
                    .build(),
            ))
        }
        VERSIONING_LEGACY => Ok(WorkerVersioningStrategy::LegacyBuildIdBased { build_id }),
        _ => Err(Failure::invalid("versioning.kind is unknown")),
    }
}

fn pollers(behavior: &PollerBehavior, name: &str) -> Result<Option<CorePollers>, Failure> {
    match behavior.kind {
        POLLER_DEFAULT => Ok(None),
        POLLER_SIMPLE_MAXIMUM => {
            Ok(Some(CorePollers::SimpleMaximum(size(behavior.maximum, name)?)))
        }
        POLLER_AUTOSCALING => Ok(Some(CorePollers::Autoscaling {
            minimum: size(behavior.minimum, name)?,
            maximum: size(behavior.maximum, name)?,
            initial: size(behavior.initial, name)?,
        })),
        _ => Err(Failure::invalid(format!("{name}.kind is unknown"))),
    }
}

fn per_second(value: f64) -> Option<f64> {
    (value != 0.0).then_some(value)
}

fn nondeterminism() -> HashSet<WorkflowErrorType> {
    HashSet::from([WorkflowErrorType::Nondeterminism])
}

unsafe fn failing_types(options: &WorkerOptions) -> Result<Vec<String>, Failure> {
    let types = unsafe {
        array(
            options.nondeterminism_fails_workflow_types,
            options.nondeterminism_fails_workflow_type_count,
        )
    };
    let name = "nondeterminism_fails_workflow_types";
    types.iter().map(|bytes| unsafe { bytes.required_text(name) }).collect()
}

/// Core checks this only where it makes the slots itself: a cache needs two, one for the sticky queue.
fn check_cache(options: &WorkerOptions) -> Result<(), Failure> {
    let slots = &options.workflow_slots;
    let one = slots.kind == SLOTS_FIXED && unsafe { slots.of.fixed.count } == 1;
    if one && options.max_cached_workflows > 0 {
        return Err(Failure::invalid("workflow_slots is 1: cached workflows need at least 2"));
    }
    Ok(())
}

/// # Safety
/// What `options` points to must be readable.
pub unsafe fn config(options: &WorkerOptions) -> Result<(WorkerConfig, Arc<Tuner>), Failure> {
    // First, so that what the caller gave along is freed whatever fails below.
    let tuner = Arc::new(Tuner::new(
        &options.workflow_slots,
        &options.activity_slots,
        &options.local_activity_slots,
        &options.nexus_slots,
    )?);
    check_cache(options)?;
    let failing_types = unsafe { failing_types(options)? };
    let any_fails = options.nondeterminism_fails_workflow;
    let graceful = (options.graceful_shutdown_period_millis != NEVER)
        .then(|| Duration::from_millis(options.graceful_shutdown_period_millis));
    let ratio = options.nonsticky_to_sticky_poll_ratio;
    unsafe {
        WorkerConfig::builder()
            .namespace(options.namespace_.required_text("namespace_")?)
            .task_queue(options.task_queue.required_text("task_queue")?)
            .maybe_client_identity_override(
                options.identity_override.optional_text("identity_override")?,
            )
            .versioning_strategy(versioning(&options.versioning)?)
    }
    .task_types(task_types(options.task_types)?)
    .max_cached_workflows(size(options.max_cached_workflows, "max_cached_workflows")?)
    .tuner(tuner.clone())
    .maybe_workflow_task_poller_behavior(pollers(&options.workflow_pollers, "workflow_pollers")?)
    .maybe_activity_task_poller_behavior(pollers(&options.activity_pollers, "activity_pollers")?)
    .maybe_nexus_task_poller_behavior(pollers(&options.nexus_pollers, "nexus_pollers")?)
    .maybe_nonsticky_to_sticky_poll_ratio((ratio != 0.0).then_some(ratio as f32))
    .maybe_sticky_queue_schedule_to_start_timeout(unless_zero(
        options.sticky_schedule_to_start_timeout_millis,
    ))
    .maybe_max_heartbeat_throttle_interval(unless_zero(
        options.max_heartbeat_throttle_interval_millis,
    ))
    .maybe_default_heartbeat_throttle_interval(unless_zero(
        options.default_heartbeat_throttle_interval_millis,
    ))
    .maybe_max_worker_activities_per_second(per_second(options.max_worker_activities_per_second))
    .maybe_max_task_queue_activities_per_second(per_second(
        options.max_task_queue_activities_per_second,
    ))
    .max_eager_activity_reservations_per_workflow_task(size(
        options.max_eager_activities_per_workflow_task,
        "max_eager_activities_per_workflow_task",
    )?)
    .maybe_graceful_shutdown_period(graceful)
    .workflow_failure_errors(if any_fails { nondeterminism() } else { HashSet::new() })
    .workflow_types_to_failure_errors(
        failing_types.into_iter().map(|name| (name, nondeterminism())).collect(),
    )
    .ignore_evicts_on_shutdown(options.ignore_evictions_on_shutdown)
    .disable_payload_error_limit(options.disable_payload_error_limit)
    .skip_client_worker_set_check(options.skip_worker_set_check)
    .build()
    .map(|config| (config, tuner))
    .map_err(Failure::invalid)
}
