//! A client's configuration from the environment and TOML, as all SDKs read it.

use crate::{
    bytes::{Bytes, Pair, text_map},
    error::{ErrorCallback, Failure, sentence},
    panics,
};
use std::{collections::BTreeMap, ffi::c_void};
use temporalio_common::envconfig::{
    ClientConfigProfile, ClientConfigTLS, DataSource as CoreSource, LoadClientConfigProfileOptions,
    load_client_config_profile,
};

/// `tb_switch`.
pub const SWITCH_UNSET: i32 = 0;
pub const SWITCH_OFF: i32 = 1;
pub const SWITCH_ON: i32 = 2;

/// `tb_config_options`.
#[repr(C)]
pub struct ConfigOptions {
    pub profile: Bytes,
    pub config_path: Bytes,
    pub config_data: Bytes,
    pub disable_file: bool,
    pub disable_env: bool,
    pub strict: bool,
    pub environment: *const Pair,
    pub environment_count: usize,
}

/// `tb_data_source`.
#[repr(C)]
pub struct DataSource {
    pub path: Bytes,
    pub data: Bytes,
}

/// `tb_config`.
#[repr(C)]
pub struct Config {
    pub address: Bytes,
    pub namespace_: Bytes,
    pub api_key: Bytes,
    pub tls: i32,
    pub tls_client_cert: DataSource,
    pub tls_client_key: DataSource,
    pub tls_server_ca_cert: DataSource,
    pub tls_server_name: Bytes,
    pub tls_disable_host_verification: bool,
    pub codec_endpoint: Bytes,
    pub codec_auth: Bytes,
    pub headers: *const Pair,
    pub header_count: usize,
}

/// `tb_config_callback`.
type ConfigCallback = unsafe extern "C" fn(*mut c_void, *const Config);

unsafe fn source(options: &ConfigOptions) -> Result<Option<CoreSource>, Failure> {
    if let Some(data) = unsafe { options.config_data.optional_vec() } {
        return Ok(Some(CoreSource::Data(data)));
    }
    let path = unsafe { options.config_path.optional_text("config_path")? };
    Ok(path.map(CoreSource::Path))
}

unsafe fn load(options: &ConfigOptions) -> Result<ClientConfigProfile, Failure> {
    let environment = if options.environment.is_null() {
        None
    } else {
        let (pairs, count) = (options.environment, options.environment_count);
        Some(unsafe { text_map(pairs, count, "environment")? })
    };
    let core_options = LoadClientConfigProfileOptions::builder()
        .maybe_config_source(unsafe { source(options)? })
        .maybe_config_file_profile(unsafe { options.profile.optional_text("profile")? })
        .config_file_strict(options.strict)
        .disable_file(options.disable_file)
        .disable_env(options.disable_env)
        .build();
    load_client_config_profile(core_options, environment.as_ref())
        .map_err(|error| Failure::invalid(sentence(&error).trim_end().to_owned()))
}

fn lend_source(source: Option<&CoreSource>) -> DataSource {
    let (path, data) = match source {
        Some(CoreSource::Path(path)) => (Bytes::lend(path.as_bytes()), Bytes::EMPTY),
        Some(CoreSource::Data(data)) => (Bytes::EMPTY, Bytes::lend(data)),
        _ => (Bytes::EMPTY, Bytes::EMPTY),
    };
    DataSource { path, data }
}

/// A profile with a table of TLS means TLS, unless it says that it is disabled.
fn switch(tls: Option<&ClientConfigTLS>) -> i32 {
    match tls {
        None => SWITCH_UNSET,
        Some(tls) if tls.disabled == Some(true) => SWITCH_OFF,
        Some(_) => SWITCH_ON,
    }
}

unsafe fn give(profile: &ClientConfigProfile, user_data: *mut c_void, on_config: ConfigCallback) {
    let sorted: BTreeMap<_, _> = profile.grpc_meta.iter().collect();
    let headers: Vec<Pair> = sorted
        .into_iter()
        .map(|(key, value)| Pair {
            key: Bytes::lend(key.as_bytes()),
            value: Bytes::lend(value.as_bytes()),
        })
        .collect();
    let tls = profile.tls.as_ref();
    let codec = profile.codec.as_ref();
    let config = Config {
        address: Bytes::lend_or_empty(profile.address.as_deref()),
        namespace_: Bytes::lend_or_empty(profile.namespace.as_deref()),
        api_key: Bytes::lend_or_empty(profile.api_key.as_deref()),
        tls: switch(tls),
        tls_client_cert: lend_source(tls.and_then(|tls| tls.client_cert.as_ref())),
        tls_client_key: lend_source(tls.and_then(|tls| tls.client_key.as_ref())),
        tls_server_ca_cert: lend_source(tls.and_then(|tls| tls.server_ca_cert.as_ref())),
        tls_server_name: Bytes::lend_or_empty(tls.and_then(|tls| tls.server_name.as_deref())),
        tls_disable_host_verification: tls.is_some_and(|tls| tls.disable_host_verification),
        codec_endpoint: Bytes::lend_or_empty(codec.and_then(|codec| codec.endpoint.as_deref())),
        codec_auth: Bytes::lend_or_empty(codec.and_then(|codec| codec.auth.as_deref())),
        headers: headers.as_ptr(),
        header_count: headers.len(),
    };
    unsafe { on_config(user_data, &config) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_load_client_config(
    options: *const ConfigOptions,
    user_data: *mut c_void,
    on_config: ConfigCallback,
    on_error: ErrorCallback,
) -> bool {
    let loaded = unsafe { panics::report(user_data, on_error, || load(&*options)) };
    match loaded {
        Some(profile) => {
            unsafe { give(&profile, user_data, on_config) };
            true
        }
        None => false,
    }
}
