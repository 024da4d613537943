//! A C ABI over Temporal's Core. The contract is `include/temporal_bridge.h`; this crate only carries
//! things across, and each file here has the part of the header of the same name.
//!
//! What every file leans on: bytes are borrowed ([`bytes`]), a failure is one struct ([`error`]), no
//! panic leaves ([`panics`]), and an asynchronous function answers exactly once ([`answer`]).

// What a pointer must be is said in the header, once for each function of the ABI.
#![allow(clippy::missing_safety_doc)]
#![deny(unsafe_op_in_unsafe_fn)]

mod answer;
mod bytes;
mod cancel;
mod config;
mod connection;
mod error;
mod logs;
mod metrics;
mod panics;
mod replay;
mod rpc;
mod runtime;
mod slots;
mod slots_custom;
mod slots_pool;
mod spans;
mod worker;
mod worker_options;

#[cfg(test)]
mod tests;

/// The value of an option in milliseconds that means "not at all": `TB_NEVER`.
pub(crate) const NEVER: u64 = u64::MAX;
