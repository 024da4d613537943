//! Suppliers of slots, asked as Core asks them.

use super::caller::{Errors, Inbox, on_error};
use crate::{
    bytes::Bytes,
    slots::{
        KIND_ACTIVITY, Resources, ResourcesOptions, SLOTS_BY_RESOURCES, SLOTS_CUSTOM, SLOTS_FIXED,
        SlotCounts, SlotSupplier, SlotsByResources, SlotsFixed, SlotsOf, Tuner, tb_resources_free,
        tb_resources_new,
    },
    slots_custom::{Promise, SlotCallbacks, SlotRequest, SlotUse, tb_slot_promise_keep},
};
use std::{ffi::c_void, ptr, time::Duration};
use temporalio_common::{protos::coresdk::ActivitySlotInfo, worker::WorkerDeploymentVersion};
use temporalio_sdk_core::{
    ActivitySlotKind, SlotMarkUsedContext, SlotReleaseContext, SlotReservationContext,
    SlotSupplierPermit, WorkerTuner,
};

pub struct Asked;

impl SlotReservationContext for Asked {
    fn task_queue(&self) -> &str {
        "queue"
    }
    fn worker_identity(&self) -> &str {
        "me"
    }
    fn worker_deployment_version(&self) -> &Option<WorkerDeploymentVersion> {
        &None
    }
    fn num_issued_slots(&self) -> usize {
        3
    }
    fn is_sticky(&self) -> bool {
        false
    }
}

pub struct Used<'a> {
    permit: &'a SlotSupplierPermit,
    info: ActivitySlotInfo,
}

impl Used<'_> {
    pub fn of(permit: &SlotSupplierPermit) -> Used<'_> {
        Used { permit, info: ActivitySlotInfo { activity_type: "charge".to_owned() } }
    }
}

impl SlotMarkUsedContext for Used<'_> {
    type SlotKind = ActivitySlotKind;
    fn permit(&self) -> &SlotSupplierPermit {
        self.permit
    }
    fn info(&self) -> &ActivitySlotInfo {
        &self.info
    }
}

impl SlotReleaseContext for Used<'_> {
    type SlotKind = ActivitySlotKind;
    fn permit(&self) -> &SlotSupplierPermit {
        self.permit
    }
    fn info(&self) -> Option<&ActivitySlotInfo> {
        Some(&self.info)
    }
}

fn fixed(count: u64) -> SlotSupplier {
    SlotSupplier { kind: SLOTS_FIXED, of: SlotsOf { fixed: SlotsFixed { count } } }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn slots_are_counted_from_reservation_to_release() {
    let tuner = Tuner::new(&fixed(2), &fixed(2), &fixed(0), &fixed(0)).unwrap();
    let supplier = tuner.activity_task_slot_supplier();
    let first = runtime().block_on(supplier.reserve_slot(&Asked));
    let _second = supplier.try_reserve_slot(&Asked).unwrap();
    assert!(supplier.try_reserve_slot(&Asked).is_none());
    supplier.mark_slot_used(&Used::of(&first));
    assert_eq!(tuner.read().activity, SlotCounts { reserved: 2, used: 1, available: 0 });
    supplier.release_slot(&Used::of(&first));
    drop(first);
    assert_eq!(tuner.read().activity, SlotCounts { reserved: 1, used: 0, available: 1 });
    assert_eq!(tuner.read().local_activity.available, 100);
}

#[derive(Debug, PartialEq)]
enum Told {
    Reserve(u64, String, u64),
    Abandon(u64),
    Used(u64, String),
    Release(u64),
    Free,
}

/// With the promise of a reservation, for the test to keep.
type Calls = Inbox<(Told, usize)>;

fn callbacks(calls: &Calls) -> SlotCallbacks {
    unsafe fn text(bytes: Bytes) -> String {
        unsafe { bytes.text("text") }.unwrap()
    }
    unsafe extern "C" fn reserve(
        calls: *mut c_void,
        number: u64,
        request: *const SlotRequest,
        promise: *mut Promise,
    ) {
        let request = unsafe { &*request };
        assert_eq!((request.kind, request.is_sticky), (KIND_ACTIVITY, false));
        let told = Told::Reserve(number, unsafe { text(request.task_queue) }, request.reserved);
        unsafe { Calls::put(calls, (told, promise as usize)) }
    }
    unsafe extern "C" fn abandon(calls: *mut c_void, number: u64) {
        unsafe { Calls::put(calls, (Told::Abandon(number), 0)) }
    }
    unsafe extern "C" fn try_reserve(_: *mut c_void, request: *const SlotRequest) -> u64 {
        unsafe { (*request).reserved }
    }
    unsafe extern "C" fn mark_used(calls: *mut c_void, permit: u64, used: *const SlotUse) {
        unsafe { Calls::put(calls, (Told::Used(permit, text((*used).activity_type)), 0)) }
    }
    unsafe extern "C" fn release(calls: *mut c_void, permit: u64) {
        unsafe { Calls::put(calls, (Told::Release(permit), 0)) }
    }
    unsafe extern "C" fn free(calls: *mut c_void) {
        unsafe { Calls::put(calls, (Told::Free, 0)) }
    }
    let user_data = calls.user_data();
    SlotCallbacks { user_data, reserve, abandon, try_reserve, mark_used, release, free }
}

fn custom(calls: &Calls) -> SlotSupplier {
    SlotSupplier { kind: SLOTS_CUSTOM, of: SlotsOf { custom: callbacks(calls) } }
}

#[test]
fn a_custom_supplier_is_asked_told_and_freed() {
    let calls = Calls::new();
    let tuner = Tuner::new(&fixed(0), &custom(&calls), &fixed(0), &fixed(0)).unwrap();
    let supplier = tuner.activity_task_slot_supplier();
    let permit = runtime().block_on(async {
        let (permit, ()) = tokio::join!(supplier.reserve_slot(&Asked), async {
            let (told, promise) = calls.take();
            assert_eq!(told, Told::Reserve(1, "queue".to_owned(), 3));
            assert!(unsafe { tb_slot_promise_keep(promise as *mut Promise, 7) });
        });
        permit
    });
    supplier.mark_slot_used(&Used::of(&permit));
    assert_eq!(calls.take().0, Told::Used(7, "charge".to_owned()));
    supplier.release_slot(&Used::of(&permit));
    assert_eq!(calls.take().0, Told::Release(7));
    assert!(supplier.try_reserve_slot(&Asked).is_some());
    drop((supplier, tuner));
    assert_eq!(calls.take().0, Told::Free);
}

#[test]
fn a_reservation_that_nobody_waits_for_is_abandoned_or_released() {
    let calls = Calls::new();
    let tuner = Tuner::new(&fixed(0), &custom(&calls), &fixed(0), &fixed(0)).unwrap();
    let supplier = tuner.activity_task_slot_supplier();
    let ask = || {
        let asked =
            async { tokio::time::timeout(Duration::ZERO, supplier.reserve_slot(&Asked)).await };
        assert!(runtime().block_on(asked).is_err());
        let (told, promise) = calls.take();
        assert!(matches!(told, Told::Reserve(..)));
        promise as *mut Promise
    };
    let late = ask();
    assert_eq!(calls.take().0, Told::Abandon(1));
    assert!(!unsafe { tb_slot_promise_keep(late, 8) });
    let given_up = ask();
    assert_eq!(calls.take().0, Told::Abandon(2));
    assert!(!unsafe { tb_slot_promise_keep(given_up, 0) });
    assert!(calls.is_empty());
}

#[test]
fn a_tuner_that_cannot_be_frees_what_it_was_given() {
    let calls = Calls::new();
    let wrong = SlotSupplier { kind: 9, of: SlotsOf { fixed: SlotsFixed { count: 1 } } };
    let failure = Tuner::new(&wrong, &custom(&calls), &fixed(0), &fixed(0)).err().unwrap();
    assert_eq!(failure.message, "workflow_slots.kind is unknown");
    assert_eq!(calls.take().0, Told::Free);
}

fn resources(memory: f64, cpu: f64) -> Result<*mut Resources, String> {
    let errors = Errors::new();
    let options = ResourcesOptions { target_memory_usage: memory, target_cpu_usage: cpu };
    let made = unsafe { tb_resources_new(&options, errors.user_data(), Some(on_error)) };
    if made.is_null() { Err(errors.take().unwrap().message) } else { Ok(made) }
}

fn by_resources(resources: *const Resources, minimum: u64, maximum: u64) -> SlotSupplier {
    let by_resources = SlotsByResources { resources, minimum, maximum, ramp_throttle_millis: 0 };
    SlotSupplier { kind: SLOTS_BY_RESOURCES, of: SlotsOf { by_resources } }
}

#[test]
fn resources_are_shared_and_checked() {
    assert!(resources(1.5, 0.5).unwrap_err().starts_with("target_memory_usage"));
    assert!(resources(0.5, f64::NAN).unwrap_err().starts_with("target_cpu_usage"));
    let shared = resources(1.0, 1.0).unwrap();
    let slots = by_resources(shared, 5, 10);
    let one = Tuner::new(&fixed(2), &slots, &slots, &fixed(1)).unwrap();
    let other = Tuner::new(&fixed(2), &slots, &slots, &fixed(1)).unwrap();
    unsafe { tb_resources_free(shared) };
    let supplier = one.activity_task_slot_supplier();
    assert_eq!(supplier.slot_supplier_kind(), "ResourceBased");
    assert!(supplier.try_reserve_slot(&Asked).is_some(), "below the minimum nothing is asked");
    assert!(other.activity_task_slot_supplier().try_reserve_slot(&Asked).is_some());
    assert_eq!(one.read().activity, SlotCounts { reserved: 1, used: 0, available: 9 });
    let none = by_resources(ptr::null(), 1, 2);
    let failure = Tuner::new(&fixed(2), &none, &fixed(1), &fixed(1)).err().unwrap();
    assert_eq!(failure.message, "activity_slots.resources is required");
}
