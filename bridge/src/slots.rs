//! Where the slots of a worker come from, and how many of them are taken.

use crate::{
    bytes::Bytes,
    error::{ErrorCallback, Failure},
    panics,
    slots_custom::{Custom, SlotCallbacks},
    slots_pool::{Pool, Pooled},
};
use async_trait::async_trait;
use std::{
    ffi::c_void,
    ptr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use temporalio_sdk_core::{
    ActivitySlotKind, FixedSizeSlotSupplier, LocalActivitySlotKind, NexusSlotKind,
    ResourceBasedSlotsOptions, ResourceBasedTunerConfig, ResourceController, ResourceSlotOptions,
    SlotKind, SlotMarkUsedContext, SlotReleaseContext, SlotReservationContext,
    SlotSupplier as CoreSupplier, SlotSupplierOptions, SlotSupplierPermit, TunerHolder,
    TunerHolderOptions, WorkerTuner, WorkflowSlotKind,
};

/// What Core gives a kind of task whose count is not said.
const DEFAULT_SLOTS: usize = 100;
/// What the slots of one kind may be at most: that of the semaphores of tokio, and enough.
const MOST_SLOTS: u64 = 1_000_000;

/// `tb_slot_kind`.
pub const KIND_WORKFLOW: i32 = 0;
pub const KIND_ACTIVITY: i32 = 1;
pub const KIND_LOCAL_ACTIVITY: i32 = 2;
pub const KIND_NEXUS: i32 = 3;

/// `tb_slot_supplier_kind`.
pub const SLOTS_FIXED: i32 = 0;
pub const SLOTS_BY_RESOURCES: i32 = 1;
pub const SLOTS_POOLED: i32 = 2;
pub const SLOTS_CUSTOM: i32 = 3;

/// `tb_slots_fixed`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SlotsFixed {
    pub count: u64,
}

/// `tb_slots_by_resources`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SlotsByResources {
    pub resources: *const Resources,
    pub minimum: u64,
    pub maximum: u64,
    pub ramp_throttle_millis: u64,
}

/// `tb_slots_pooled`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SlotsPooled {
    pub pool: *const Pool,
    pub most_waiting: u64,
}

/// The union of `tb_slot_supplier`.
#[repr(C)]
pub union SlotsOf {
    pub fixed: SlotsFixed,
    pub by_resources: SlotsByResources,
    pub pooled: SlotsPooled,
    pub custom: SlotCallbacks,
    pub reserved: [u64; 8],
}

/// `tb_slot_supplier`.
#[repr(C)]
pub struct SlotSupplier {
    pub kind: i32,
    pub of: SlotsOf,
}

/// `tb_slot_counts`.
#[repr(C)]
#[derive(Debug, PartialEq)]
pub struct SlotCounts {
    pub reserved: u64,
    pub used: u64,
    pub available: u64,
}

/// `tb_worker_slots`.
#[repr(C)]
pub struct WorkerSlots {
    pub workflow: SlotCounts,
    pub activity: SlotCounts,
    pub local_activity: SlotCounts,
    pub nexus: SlotCounts,
}

/// `tb_resources_options`.
#[repr(C)]
pub struct ResourcesOptions {
    pub target_memory_usage: f64,
    pub target_cpu_usage: f64,
}

/// `tb_resources`: one look at the machine, for all workers that are given it.
pub struct Resources(Arc<ResourceController>);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_resources_new(
    options: *const ResourcesOptions,
    user_data: *mut c_void,
    on_error: ErrorCallback,
) -> *mut Resources {
    let make = || {
        let ResourcesOptions { target_memory_usage, target_cpu_usage } = unsafe { &*options };
        for (name, share) in
            [("target_memory_usage", target_memory_usage), ("target_cpu_usage", target_cpu_usage)]
        {
            if !(*share > 0.0 && *share <= 1.0) {
                return Err(Failure::invalid(format!("{name} is {share}, no share of 1")));
            }
        }
        let options = ResourceBasedSlotsOptions::builder()
            .target_mem_usage(*target_memory_usage)
            .target_cpu_usage(*target_cpu_usage)
            .build();
        Ok(Resources(Arc::new(ResourceController::new(options))))
    };
    let made = unsafe { panics::report(user_data, on_error, make) };
    made.map_or(ptr::null_mut(), |resources| Box::into_raw(Box::new(resources)))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_resources_free(resources: *mut Resources) {
    panics::swallow(|| {
        if !resources.is_null() {
            drop(unsafe { Box::from_raw(resources) });
        }
    });
}

type Supplier<K> = Arc<dyn CoreSupplier<SlotKind = K> + Send + Sync>;

/// Forwards, and counts: Core tells its own count to nobody.
struct Counted<K> {
    inner: Supplier<K>,
    /// Of suppliers that do not say what is available.
    maximum: Option<u64>,
    reserved: AtomicU64,
    used: AtomicU64,
}

impl<K: SlotKind> Counted<K> {
    fn reserved(&self, permit: SlotSupplierPermit) -> SlotSupplierPermit {
        self.reserved.fetch_add(1, Ordering::AcqRel);
        permit
    }

    fn read(&self) -> SlotCounts {
        // In this order, as a slot is reserved before it is used, and until it is released.
        let used = self.used.load(Ordering::Acquire);
        let reserved = self.reserved.load(Ordering::Acquire).max(used);
        let available = match (self.inner.available_slots(), self.maximum) {
            (Some(available), _) => available as u64,
            (None, Some(maximum)) => maximum.saturating_sub(reserved),
            (None, None) => u64::MAX,
        };
        SlotCounts { reserved, used, available }
    }
}

#[async_trait]
impl<K: SlotKind + Send + Sync> CoreSupplier for Counted<K> {
    type SlotKind = K;

    async fn reserve_slot(&self, context: &dyn SlotReservationContext) -> SlotSupplierPermit {
        let permit = self.inner.reserve_slot(context).await;
        self.reserved(permit)
    }

    fn try_reserve_slot(&self, context: &dyn SlotReservationContext) -> Option<SlotSupplierPermit> {
        self.inner.try_reserve_slot(context).map(|permit| self.reserved(permit))
    }

    fn mark_slot_used(&self, context: &dyn SlotMarkUsedContext<SlotKind = K>) {
        self.used.fetch_add(1, Ordering::AcqRel);
        self.inner.mark_slot_used(context);
    }

    fn release_slot(&self, context: &dyn SlotReleaseContext<SlotKind = K>) {
        self.inner.release_slot(context);
        if context.info().is_some() {
            self.used.fetch_sub(1, Ordering::AcqRel);
        }
        self.reserved.fetch_sub(1, Ordering::AcqRel);
    }

    fn available_slots(&self) -> Option<usize> {
        self.inner.available_slots()
    }

    fn slot_supplier_kind(&self) -> String {
        self.inner.slot_supplier_kind()
    }
}

fn by_resources(of: &SlotsByResources, name: &str) -> Result<TunerHolder, Failure> {
    let resources = unsafe { of.resources.as_ref() }
        .ok_or_else(|| Failure::invalid(format!("{name}.resources is required")))?;
    let (minimum, maximum) = (of.minimum, of.maximum);
    if minimum == 0 || minimum > maximum || maximum > MOST_SLOTS {
        return Err(Failure::invalid(format!(
            "{name} is from {minimum} to {maximum} slots, not from at least 1 to {MOST_SLOTS}"
        )));
    }
    let throttle = Duration::from_millis(of.ramp_throttle_millis);
    let options = ResourceSlotOptions::new(minimum as usize, maximum as usize, throttle);
    // Core has the suppliers by resources only as parts of a whole tuner.
    TunerHolderOptions::builder()
        .resource_based_config(ResourceBasedTunerConfig::Controller(resources.0.clone()))
        .workflow_slot_options(SlotSupplierOptions::ResourceBased(options))
        .activity_slot_options(SlotSupplierOptions::ResourceBased(options))
        .local_activity_slot_options(SlotSupplierOptions::ResourceBased(options))
        .nexus_slot_options(SlotSupplierOptions::ResourceBased(options))
        .build_tuner_holder()
        .map_err(|error| Failure::invalid(format!("{name}: {error:#}")))
}

fn supplier<K: SlotKind + Send + Sync + 'static>(
    options: &SlotSupplier,
    name: &str,
    kind: i32,
    of_tuner: impl FnOnce(&TunerHolder) -> Supplier<K>,
) -> Result<Arc<Counted<K>>, Failure> {
    let mut maximum = None;
    let inner: Supplier<K> = match options.kind {
        SLOTS_FIXED => match unsafe { options.of.fixed.count } {
            0 => Arc::new(FixedSizeSlotSupplier::new(DEFAULT_SLOTS)),
            count if count <= MOST_SLOTS => Arc::new(FixedSizeSlotSupplier::new(count as usize)),
            _ => return Err(Failure::invalid(format!("{name} is more than {MOST_SLOTS}"))),
        },
        SLOTS_BY_RESOURCES => {
            let of = unsafe { &options.of.by_resources };
            maximum = Some(of.maximum);
            of_tuner(&by_resources(of, name)?)
        }
        SLOTS_POOLED => {
            let SlotsPooled { pool, most_waiting } = unsafe { options.of.pooled };
            let pool = unsafe { pool.as_ref() }
                .ok_or_else(|| Failure::invalid(format!("{name}.pool is required")))?;
            Arc::new(Pooled::new(pool, most_waiting))
        }
        SLOTS_CUSTOM => Arc::new(Custom::new(unsafe { options.of.custom }, kind)),
        _ => return Err(Failure::invalid(format!("{name}.kind is unknown"))),
    };
    let (reserved, used) = (AtomicU64::new(0), AtomicU64::new(0));
    Ok(Arc::new(Counted { inner, maximum, reserved, used }))
}

/// The four suppliers of a worker.
pub struct Tuner {
    workflow: Arc<Counted<WorkflowSlotKind>>,
    activity: Arc<Counted<ActivitySlotKind>>,
    local_activity: Arc<Counted<LocalActivitySlotKind>>,
    nexus: Arc<Counted<NexusSlotKind>>,
}

impl Tuner {
    pub fn new(
        workflow: &SlotSupplier,
        activity: &SlotSupplier,
        local_activity: &SlotSupplier,
        nexus: &SlotSupplier,
    ) -> Result<Tuner, Failure> {
        // All are made before one fails the rest: a custom one frees what its caller gave.
        let workflow = supplier(workflow, "workflow_slots", KIND_WORKFLOW, |tuner| {
            tuner.workflow_task_slot_supplier()
        });
        let activity = supplier(activity, "activity_slots", KIND_ACTIVITY, |tuner| {
            tuner.activity_task_slot_supplier()
        });
        let name = "local_activity_slots";
        let local_activity = supplier(local_activity, name, KIND_LOCAL_ACTIVITY, |tuner| {
            tuner.local_activity_slot_supplier()
        });
        let nexus =
            supplier(nexus, "nexus_slots", KIND_NEXUS, |tuner| tuner.nexus_task_slot_supplier());
        Ok(Tuner {
            workflow: workflow?,
            activity: activity?,
            local_activity: local_activity?,
            nexus: nexus?,
        })
    }

    pub fn read(&self) -> WorkerSlots {
        WorkerSlots {
            workflow: self.workflow.read(),
            activity: self.activity.read(),
            local_activity: self.local_activity.read(),
            nexus: self.nexus.read(),
        }
    }
}

impl WorkerTuner for Tuner {
    fn workflow_task_slot_supplier(&self) -> Supplier<WorkflowSlotKind> {
        self.workflow.clone()
    }

    fn activity_task_slot_supplier(&self) -> Supplier<ActivitySlotKind> {
        self.activity.clone()
    }

    fn local_activity_slot_supplier(&self) -> Supplier<LocalActivitySlotKind> {
        self.local_activity.clone()
    }

    fn nexus_task_slot_supplier(&self) -> Supplier<NexusSlotKind> {
        self.nexus.clone()
    }
}

/// Text of Core's, lent.
pub fn lend(text: &str) -> Bytes {
    Bytes::lend(text.as_bytes())
}
