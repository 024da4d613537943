//! Tests through the C ABI, as C++ calls it. Those of one file's own code stand in that file.

mod abi;
pub mod caller;
mod connecting;
mod exporting;
mod loading;
mod measuring;
mod replaying;
mod server;
pub mod slots;
