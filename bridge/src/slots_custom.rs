//! Slots that the other side hands out, by callbacks.

use crate::{bytes::Bytes, panics, slots::lend};
use async_trait::async_trait;
use std::{
    ffi::c_void,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use temporalio_sdk_core::{
    SlotInfo, SlotInfoTrait, SlotKind, SlotMarkUsedContext, SlotReleaseContext,
    SlotReservationContext, SlotSupplier, SlotSupplierPermit,
};
use tokio::sync::oneshot;

/// `tb_slot_request`.
#[repr(C)]
pub struct SlotRequest {
    pub kind: i32,
    pub task_queue: Bytes,
    pub worker_identity: Bytes,
    pub build_id: Bytes,
    pub reserved: u64,
    pub is_sticky: bool,
}

/// `tb_slot_use`.
#[repr(C)]
pub struct SlotUse {
    pub workflow_type: Bytes,
    pub activity_type: Bytes,
    pub nexus_service: Bytes,
    pub nexus_operation: Bytes,
    pub is_sticky: bool,
}

/// `tb_slot_promise`.
pub struct Promise(oneshot::Sender<u64>);

/// `tb_slot_callbacks`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SlotCallbacks {
    pub user_data: *mut c_void,
    pub reserve: unsafe extern "C" fn(*mut c_void, u64, *const SlotRequest, *mut Promise),
    pub abandon: unsafe extern "C" fn(*mut c_void, u64),
    pub try_reserve: unsafe extern "C" fn(*mut c_void, *const SlotRequest) -> u64,
    pub mark_used: unsafe extern "C" fn(*mut c_void, u64, *const SlotUse),
    pub release: unsafe extern "C" fn(*mut c_void, u64),
    pub free: unsafe extern "C" fn(*mut c_void),
}

// The contract says that any thread may call them.
unsafe impl Send for SlotCallbacks {}
unsafe impl Sync for SlotCallbacks {}

/// Frees the callbacks' user data after the last of them.
struct Callbacks(SlotCallbacks);

impl Drop for Callbacks {
    fn drop(&mut self) {
        unsafe { (self.0.free)(self.0.user_data) }
    }
}

impl Callbacks {
    fn release(&self, permit: u64) {
        unsafe { (self.0.release)(self.0.user_data, permit) }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_slot_promise_keep(promise: *mut Promise, permit: u64) -> bool {
    let mut kept = false;
    panics::swallow(|| {
        let Promise(sender) = *unsafe { Box::from_raw(promise) };
        kept = permit != 0 && sender.send(permit).is_ok();
    });
    kept
}

/// A slot that was asked for. Dropped before it came, it is given up.
struct Reservation {
    callbacks: Arc<Callbacks>,
    number: u64,
    permit: Option<oneshot::Receiver<u64>>,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Some(mut permit) = self.permit.take() else { return };
        permit.close();
        match permit.try_recv() {
            Ok(permit) => self.callbacks.release(permit),
            Err(_) => unsafe {
                (self.callbacks.0.abandon)(self.callbacks.0.user_data, self.number);
            },
        }
    }
}

/// What a permit of Core's carries.
struct Permit(u64);

/// `tb_slots_custom`, for one kind.
pub struct Custom<K> {
    callbacks: Arc<Callbacks>,
    kind: i32,
    reservations: AtomicU64,
    _kind: PhantomData<fn() -> K>,
}

impl<K> Custom<K> {
    pub fn new(callbacks: SlotCallbacks, kind: i32) -> Custom<K> {
        Custom {
            callbacks: Arc::new(Callbacks(callbacks)),
            kind,
            reservations: AtomicU64::new(0),
            _kind: PhantomData,
        }
    }

    fn asking<T>(
        &self,
        context: &dyn SlotReservationContext,
        ask: impl FnOnce(&SlotCallbacks, &SlotRequest) -> T,
    ) -> T {
        let version = context.worker_deployment_version();
        let request = SlotRequest {
            kind: self.kind,
            task_queue: lend(context.task_queue()),
            worker_identity: lend(context.worker_identity()),
            build_id: version.as_ref().map_or(Bytes::EMPTY, |version| lend(&version.build_id)),
            reserved: context.num_issued_slots() as u64,
            is_sticky: context.is_sticky(),
        };
        ask(&self.callbacks.0, &request)
    }

    fn ask(&self, context: &dyn SlotReservationContext) -> Reservation {
        let number = self.reservations.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, permit) = oneshot::channel();
        self.asking(context, |callbacks, request| unsafe {
            let promise = Box::into_raw(Box::new(Promise(sender)));
            (callbacks.reserve)(callbacks.user_data, number, request, promise);
        });
        Reservation { callbacks: self.callbacks.clone(), number, permit: Some(permit) }
    }
}

fn with_use<T>(info: SlotInfo<'_>, tell: impl FnOnce(&SlotUse) -> T) -> T {
    let mut used = SlotUse {
        workflow_type: Bytes::EMPTY,
        activity_type: Bytes::EMPTY,
        nexus_service: Bytes::EMPTY,
        nexus_operation: Bytes::EMPTY,
        is_sticky: false,
    };
    match info {
        SlotInfo::Workflow(info) => {
            used.workflow_type = lend(&info.workflow_type);
            used.is_sticky = info.is_sticky;
        }
        SlotInfo::Activity(info) => used.activity_type = lend(&info.activity_type),
        SlotInfo::LocalActivity(info) => used.activity_type = lend(&info.activity_type),
        SlotInfo::Nexus(info) => {
            used.nexus_service = lend(&info.service);
            used.nexus_operation = lend(&info.operation);
        }
    }
    tell(&used)
}

#[async_trait]
impl<K: SlotKind + Send + Sync> SlotSupplier for Custom<K> {
    type SlotKind = K;

    async fn reserve_slot(&self, context: &dyn SlotReservationContext) -> SlotSupplierPermit {
        let mut reservation = self.ask(context);
        let answer = match &mut reservation.permit {
            Some(permit) => permit.await,
            None => unreachable!("it is taken below"),
        };
        match answer {
            Ok(permit) => {
                reservation.permit = None;
                SlotSupplierPermit::with_user_data(Permit(permit))
            }
            // Given up without being abandoned: the other side is going, and so is the worker.
            Err(_) => {
                reservation.permit = None;
                std::future::pending().await
            }
        }
    }

    fn try_reserve_slot(&self, context: &dyn SlotReservationContext) -> Option<SlotSupplierPermit> {
        let permit = self.asking(context, |callbacks, request| unsafe {
            (callbacks.try_reserve)(callbacks.user_data, request)
        });
        (permit != 0).then(|| SlotSupplierPermit::with_user_data(Permit(permit)))
    }

    fn mark_slot_used(&self, context: &dyn SlotMarkUsedContext<SlotKind = K>) {
        let Some(Permit(permit)) = context.permit().user_data::<Permit>() else { return };
        let callbacks = &self.callbacks.0;
        with_use(context.info().downcast(), |used| unsafe {
            (callbacks.mark_used)(callbacks.user_data, *permit, used);
        });
    }

    fn release_slot(&self, context: &dyn SlotReleaseContext<SlotKind = K>) {
        if let Some(Permit(permit)) = context.permit().user_data::<Permit>() {
            self.callbacks.release(*permit);
        }
    }

    fn slot_supplier_kind(&self) -> String {
        "Custom".to_owned()
    }
}
