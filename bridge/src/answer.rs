//! The one answer that an asynchronous function owes its caller.

use crate::{
    bytes::Bytes,
    error::{Error, Failure},
};
use futures_util::FutureExt;
use std::{ffi::c_void, future::Future, panic::AssertUnwindSafe, ptr};
use tokio::runtime::Handle;

/// The other side's `user_data`. It is only carried, and its owner has said that any thread may.
#[derive(Clone, Copy)]
pub struct UserData(pub *mut c_void);

unsafe impl Send for UserData {}
unsafe impl Sync for UserData {}

/// A callback with its user data, for one kind of result.
pub trait Callee: Copy + Send + 'static {
    type Value: Send;
    fn succeed(self, value: Self::Value);
    fn fail(self, failure: &Failure);
}

/// Calls its callee exactly once: when told, or, if the runtime drops the task that should have, when
/// dropped.
pub struct Answer<C: Callee>(Option<C>);

impl<C: Callee> Answer<C> {
    pub fn new(callee: C) -> Self {
        Answer(Some(callee))
    }

    pub fn give(mut self, result: Result<C::Value, Failure>) {
        if let Some(callee) = self.0.take() {
            match result {
                Ok(value) => callee.succeed(value),
                Err(failure) => callee.fail(&failure),
            }
        }
    }
}

impl<C: Callee> Drop for Answer<C> {
    fn drop(&mut self) {
        if let Some(callee) = self.0.take() {
            callee.fail(&Failure::runtime_freed());
        }
    }
}

/// Runs `work` on the runtime and gives its result. `work` is gone, with all that it holds, when the
/// callee is called.
pub fn spawn<C: Callee>(
    runtime: &Handle,
    callee: C,
    work: impl Future<Output = Result<C::Value, Failure>> + Send + 'static,
) {
    let answer = Answer::new(callee);
    runtime.spawn(async move {
        let result = match AssertUnwindSafe(work).catch_unwind().await {
            Ok(result) => result,
            Err(payload) => Err(Failure::of_panic(&*payload)),
        };
        answer.give(result);
    });
}

/// Starts an asynchronous function: what `start` finds wrong at once is answered by the runtime too,
/// so that no callback comes from inside the call.
pub fn start<C: Callee, W>(runtime: &Handle, callee: C, begin: impl FnOnce() -> Result<W, Failure>)
where
    W: Future<Output = Result<C::Value, Failure>> + Send + 'static,
{
    match crate::panics::contain(begin) {
        Ok(work) => spawn(runtime, callee, work),
        Err(failure) => spawn(runtime, callee, async move { Err(failure) }),
    }
}

/// `tb_done_callback`.
pub type DoneCallback = unsafe extern "C" fn(*mut c_void, *const Error);

#[derive(Clone, Copy)]
pub struct Done {
    pub user_data: UserData,
    pub callback: DoneCallback,
}

impl Callee for Done {
    type Value = ();

    fn succeed(self, (): ()) {
        unsafe { (self.callback)(self.user_data.0, ptr::null()) }
    }

    fn fail(self, failure: &Failure) {
        unsafe { (self.callback)(self.user_data.0, &failure.lend()) }
    }
}

/// `tb_poll_callback`; `None` is "shut down".
pub type PollCallback = unsafe extern "C" fn(*mut c_void, *const Bytes, *const Error);

#[derive(Clone, Copy)]
pub struct Poll {
    pub user_data: UserData,
    pub callback: PollCallback,
}

impl Callee for Poll {
    type Value = Option<Vec<u8>>;

    fn succeed(self, task: Option<Vec<u8>>) {
        let lent = task.as_deref().map(Bytes::lend);
        let pointer = lent.as_ref().map_or(ptr::null(), ptr::from_ref);
        unsafe { (self.callback)(self.user_data.0, pointer, ptr::null()) }
    }

    fn fail(self, failure: &Failure) {
        unsafe { (self.callback)(self.user_data.0, ptr::null(), &failure.lend()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Kind, tests::caller::Inbox};

    fn done(inbox: &Inbox<Option<Kind>>) -> Done {
        unsafe extern "C" fn callback(user_data: *mut c_void, error: *const Error) {
            let kind = unsafe { crate::tests::caller::kind_of(error) };
            unsafe { Inbox::put(user_data, kind) }
        }
        Done { user_data: UserData(inbox.user_data()), callback }
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap()
    }

    #[test]
    fn a_result_a_failure_and_a_panic_are_each_answered_once() {
        let runtime = runtime();
        let inbox = Inbox::new();
        spawn(runtime.handle(), done(&inbox), async { Ok(()) });
        assert_eq!(inbox.take(), None);
        spawn(runtime.handle(), done(&inbox), async { Err(Failure::closed()) });
        assert_eq!(inbox.take(), Some(Kind::Closed));
        spawn(runtime.handle(), done(&inbox), async { panic!("in a task") });
        assert_eq!(inbox.take(), Some(Kind::Panic));
        drop(runtime);
        assert!(inbox.is_empty());
    }

    #[test]
    fn a_wrong_argument_is_answered_by_the_runtime() {
        let runtime = runtime();
        let inbox = Inbox::new();
        let caller = std::thread::current().id();
        start(runtime.handle(), done(&inbox), || {
            assert_eq!(std::thread::current().id(), caller);
            Err::<std::future::Ready<Result<(), Failure>>, _>(Failure::invalid("no"))
        });
        assert_eq!(inbox.take(), Some(Kind::InvalidArgument));
    }

    #[test]
    fn freeing_the_runtime_answers_what_waits() {
        let runtime = runtime();
        let inbox = Inbox::new();
        spawn(runtime.handle(), done(&inbox), std::future::pending());
        drop(runtime);
        assert_eq!(inbox.take(), Some(Kind::RuntimeFreed));
        assert!(inbox.is_empty());
    }
}
