//! No panic may cross the boundary: C++ could not catch it, so it would end the process.

use crate::error::{ErrorCallback, Failure, Kind};
use std::{
    any::Any,
    ffi::c_void,
    panic::{AssertUnwindSafe, catch_unwind},
};

impl Failure {
    pub fn of_panic(payload: &(dyn Any + Send)) -> Failure {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        Failure::new(Kind::Panic, format!("a panic in the bridge or Core: {text}"))
    }
}

/// Runs `body`; its panic becomes its failure.
pub fn contain<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => Err(Failure::of_panic(&*payload)),
    }
}

/// The frame of a synchronous function: a failure is reported, and `None` returned.
///
/// # Safety
/// `on_error` must be callable with `user_data`.
pub unsafe fn report<T>(
    user_data: *mut c_void,
    on_error: ErrorCallback,
    body: impl FnOnce() -> Result<T, Failure>,
) -> Option<T> {
    match contain(body) {
        Ok(value) => Some(value),
        Err(failure) => {
            unsafe { failure.report(user_data, on_error) };
            None
        }
    }
}

/// The frame of a function that has no way to fail; a panic is only printed by Rust.
pub fn swallow(body: impl FnOnce()) {
    let _ = contain(|| {
        body();
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure_with_its_message() {
        let failure = contain::<()>(|| panic!("number {}", 7)).unwrap_err();
        assert_eq!(failure.kind, Kind::Panic);
        assert!(failure.message.ends_with("number 7"), "{}", failure.message);
        let failure = contain::<()>(|| std::panic::panic_any(7)).unwrap_err();
        assert!(failure.message.ends_with("no message"));
        swallow(|| panic!("unheard"));
    }
}
