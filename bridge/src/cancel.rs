//! Tokens that end calls under way.

use crate::{error::Failure, panics};
use std::future::Future;
use tokio_util::sync::CancellationToken;

/// `tb_cancel`.
pub struct Cancel(CancellationToken);

/// The token behind a handle, or one that nobody triggers.
///
/// # Safety
/// `cancel` must be null or a living handle.
pub unsafe fn token(cancel: *const Cancel) -> CancellationToken {
    unsafe { cancel.as_ref() }.map_or_else(CancellationToken::new, |cancel| cancel.0.clone())
}

/// Runs `work` until `token` is triggered; the token wins where both are ready.
pub async fn until<T>(
    token: CancellationToken,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = token.cancelled() => Err(Failure::cancelled()),
        result = work => result,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tb_cancel_new() -> *mut Cancel {
    Box::into_raw(Box::new(Cancel(CancellationToken::new())))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_cancel_trigger(cancel: *mut Cancel) {
    panics::swallow(|| {
        if let Some(cancel) = unsafe { cancel.as_ref() } {
            cancel.0.cancel();
        }
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_cancel_free(cancel: *mut Cancel) {
    panics::swallow(|| {
        if !cancel.is_null() {
            drop(unsafe { Box::from_raw(cancel) });
        }
    });
}
