//! One failure, and how it is told to the other side.

use crate::bytes::Bytes;
use std::ffi::c_void;

/// `tb_error_kind`.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    InvalidArgument = 1,
    Connect = 2,
    Rpc = 3,
    Cancelled = 4,
    Closed = 5,
    RuntimeFreed = 6,
    Panic = 7,
    Internal = 8,
}

/// `tb_error`.
#[repr(C)]
pub struct Error {
    pub kind: i32,
    pub grpc_status: i32,
    pub message: Bytes,
    pub details: Bytes,
}

/// `tb_error_callback`.
pub type ErrorCallback = Option<unsafe extern "C" fn(*mut c_void, *const Error)>;

/// What went wrong, owned by Rust until it is lent as an [`Error`].
#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub grpc_status: i32,
    pub message: String,
    pub details: Vec<u8>,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Failure {
        Failure { kind, grpc_status: 0, message: message.into(), details: Vec::new() }
    }

    pub fn invalid(message: impl Into<String>) -> Failure {
        Failure::new(Kind::InvalidArgument, message)
    }

    pub fn internal(message: impl Into<String>) -> Failure {
        Failure::new(Kind::Internal, message)
    }

    pub fn cancelled() -> Failure {
        Failure::new(Kind::Cancelled, "the call was cancelled")
    }

    pub fn closed() -> Failure {
        Failure::new(Kind::Closed, "the worker is finalized")
    }

    pub fn runtime_freed() -> Failure {
        Failure::new(Kind::RuntimeFreed, "the runtime was freed")
    }

    /// What an answer of a server says.
    pub fn of_status(kind: Kind, status: &tonic::Status) -> Failure {
        Failure {
            kind,
            grpc_status: status.code() as i32,
            message: status.message().to_owned(),
            details: status.details().to_vec(),
        }
    }

    pub fn lend(&self) -> Error {
        Error {
            kind: self.kind as i32,
            grpc_status: self.grpc_status,
            message: Bytes::lend(self.message.as_bytes()),
            details: Bytes::lend(&self.details),
        }
    }

    /// Tells the caller of a synchronous function.
    ///
    /// # Safety
    /// `on_error` must be callable with `user_data`.
    pub unsafe fn report(&self, user_data: *mut c_void, on_error: ErrorCallback) {
        if let Some(on_error) = on_error {
            unsafe { on_error(user_data, &self.lend()) }
        }
    }
}

/// An error with its causes in one sentence, each said once.
pub fn sentence(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
