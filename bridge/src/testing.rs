//! What the tests of this crate share: a caller on the C side of the boundary.

use crate::error::{Error, Kind};
use std::{
    ffi::c_void,
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    time::Duration,
};

/// How long a test waits for a callback before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes what callbacks put, each callback with the inbox as its user data.
pub struct Inbox<T> {
    sender: Box<SyncSender<T>>,
    receiver: Receiver<T>,
}

impl<T> Inbox<T> {
    pub fn new() -> Self {
        let (sender, receiver) = sync_channel(1024);
        Inbox { sender: Box::new(sender), receiver }
    }

    pub fn user_data(&self) -> *mut c_void {
        (&raw const *self.sender).cast_mut().cast()
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

/// # Safety
/// `error` must be null or an error lent by the bridge.
pub unsafe fn kind_of(error: *const Error) -> Option<Kind> {
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
    kinds.into_iter().find(|kind| *kind as i32 == error.kind)
}
