//! Core's logs, pushed to the other side.

use crate::{answer::UserData, bytes::Bytes, panics};
use std::{collections::BTreeMap, ffi::c_void, fmt, sync::Arc};
use temporalio_common::telemetry::{CoreLog, CoreLogConsumer, Logger};
use tracing::Level;

/// `tb_log`.
#[repr(C)]
pub struct Log {
    pub level: i32,
    pub timestamp_millis: i64,
    pub target: Bytes,
    pub message: Bytes,
    pub fields_json: Bytes,
}

/// `tb_log_callback`.
pub type LogCallback = unsafe extern "C" fn(*mut c_void, *const Log);

struct Consumer {
    user_data: UserData,
    callback: LogCallback,
}

/// A logger that pushes what passes `filter` to `callback`.
pub fn logger(filter: String, user_data: UserData, callback: LogCallback) -> Logger {
    Logger::Push { filter, consumer: Arc::new(Consumer { user_data, callback }) }
}

/// `tb_log_level`.
pub fn level_number(level: Level) -> i32 {
    match level {
        Level::TRACE => 0,
        Level::DEBUG => 1,
        Level::INFO => 2,
        Level::WARN => 3,
        Level::ERROR => 4,
    }
}

impl CoreLogConsumer for Consumer {
    fn on_log(&self, log: CoreLog) {
        panics::swallow(|| {
            let timestamp_millis = log.millis_since_epoch().try_into().unwrap_or(i64::MAX);
            let fields: BTreeMap<_, _> = log.fields.iter().collect();
            let fields = serde_json::to_vec(&fields).unwrap_or_else(|_| b"{}".to_vec());
            let lent = Log {
                level: level_number(log.level),
                timestamp_millis,
                target: Bytes::lend(log.target.as_bytes()),
                message: Bytes::lend(log.message.as_bytes()),
                fields_json: Bytes::lend(&fields),
            };
            unsafe { (self.callback)(self.user_data.0, &lent) }
        });
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("logs to C")
    }
}
