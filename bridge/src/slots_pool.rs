//! Slots that several workers share.
//!
//! Each poll holds a slot while it waits, so the polls of one idle queue could hold all. A worker may
//! therefore let only so many slots wait; those with a task are anybody's.

use async_trait::async_trait;
use std::{
    marker::PhantomData,
    sync::{Arc, Mutex},
};
use temporalio_sdk_core::{
    SlotKind, SlotMarkUsedContext, SlotReleaseContext, SlotReservationContext, SlotSupplier,
    SlotSupplierPermit,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// `tb_slot_pool`.
pub struct Pool {
    count: u64,
    slots: Arc<Semaphore>,
}

#[unsafe(no_mangle)]
pub extern "C" fn tb_slot_pool_new(count: u64) -> *mut Pool {
    let count = count.clamp(1, Semaphore::MAX_PERMITS as u64);
    Box::into_raw(Box::new(Pool { count, slots: Arc::new(Semaphore::new(count as usize)) }))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_slot_pool_free(pool: *mut Pool) {
    if !pool.is_null() {
        drop(unsafe { Box::from_raw(pool) });
    }
}

/// One worker's part of a pool.
pub struct Pooled<K> {
    slots: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    kind: PhantomData<fn() -> K>,
}

/// `waiting` is given back when the slot gets its task.
struct Slot {
    waiting: Mutex<Option<OwnedSemaphorePermit>>,
    _slot: OwnedSemaphorePermit,
}

impl<K> Pooled<K> {
    pub fn new(pool: &Pool, most_waiting: u64) -> Pooled<K> {
        let most_waiting = most_waiting.clamp(1, pool.count) as usize;
        Pooled {
            slots: pool.slots.clone(),
            waiting: Arc::new(Semaphore::new(most_waiting)),
            kind: PhantomData,
        }
    }
}

fn permit(waiting: OwnedSemaphorePermit, slot: OwnedSemaphorePermit) -> SlotSupplierPermit {
    SlotSupplierPermit::with_user_data(Slot { waiting: Mutex::new(Some(waiting)), _slot: slot })
}

#[async_trait]
impl<K: SlotKind + Send + Sync> SlotSupplier for Pooled<K> {
    type SlotKind = K;

    async fn reserve_slot(&self, _: &dyn SlotReservationContext) -> SlotSupplierPermit {
        let open = "no semaphore here is ever closed";
        let waiting = self.waiting.clone().acquire_owned().await.expect(open);
        permit(waiting, self.slots.clone().acquire_owned().await.expect(open))
    }

    fn try_reserve_slot(&self, _: &dyn SlotReservationContext) -> Option<SlotSupplierPermit> {
        let waiting = self.waiting.clone().try_acquire_owned().ok()?;
        Some(permit(waiting, self.slots.clone().try_acquire_owned().ok()?))
    }

    fn mark_slot_used(&self, context: &dyn SlotMarkUsedContext<SlotKind = K>) {
        if let Some(slot) = context.permit().user_data::<Slot>() {
            slot.waiting.lock().expect("nothing panics under it").take();
        }
    }

    fn release_slot(&self, _: &dyn SlotReleaseContext<SlotKind = K>) {}

    fn available_slots(&self) -> Option<usize> {
        Some(self.slots.available_permits())
    }

    fn slot_supplier_kind(&self) -> String {
        "Fixed".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::slots::{Asked, Used};
    use temporalio_sdk_core::ActivitySlotKind;

    #[test]
    fn an_idle_worker_leaves_slots_to_the_others() {
        let pool = Pool { count: 3, slots: Arc::new(Semaphore::new(3)) };
        let (one, other) =
            (Pooled::<ActivitySlotKind>::new(&pool, 1), Pooled::<ActivitySlotKind>::new(&pool, 1));
        let first = one.try_reserve_slot(&Asked).unwrap();
        assert!(one.try_reserve_slot(&Asked).is_none(), "one of its slots waits already");
        let _other = other.try_reserve_slot(&Asked).unwrap();
        one.mark_slot_used(&Used::of(&first));
        let second = one.try_reserve_slot(&Asked).unwrap();
        one.mark_slot_used(&Used::of(&second));
        assert!(one.try_reserve_slot(&Asked).is_none(), "the pool is empty");
        drop(first);
        assert!(one.try_reserve_slot(&Asked).is_some());
    }
}
