//! Connections to a server.

use crate::{
    NEVER,
    answer::{self, Callee, UserData},
    bytes::{Bytes, Pair, bytes_map, text_map},
    cancel::{self, Cancel},
    error::{Error, ErrorCallback, Failure, Kind, sentence},
    panics,
    runtime::{Context, Runtime},
};
use prost::Message;
use std::{ffi::c_void, ptr, time::Duration};
use temporalio_client::{
    ClientKeepAliveOptions, ClientTlsOptions, Connection, ConnectionOptions as CoreOptions,
    DnsLoadBalancingOptions, GrpcCompression, HttpConnectProxyOptions, RetryOptions as CoreRetry,
    TlsOptions as CoreTls, Url, errors::ClientConnectError,
};
use tonic::metadata::BinaryMetadataKey;

const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// `tb_tls_options`.
#[repr(C)]
pub struct TlsOptions {
    pub server_root_ca: Bytes,
    pub domain: Bytes,
    pub client_cert: Bytes,
    pub client_key: Bytes,
}

/// `tb_retry_options`.
#[repr(C)]
pub struct RetryOptions {
    pub initial_interval_millis: u64,
    pub randomization_factor: f64,
    pub multiplier: f64,
    pub max_interval_millis: u64,
    pub max_elapsed_millis: u64,
    pub max_retries: u64,
}

/// `tb_connection_options`.
#[repr(C)]
pub struct ConnectionOptions {
    pub target: Bytes,
    pub identity: Bytes,
    pub client_name: Bytes,
    pub client_version: Bytes,
    pub api_key: Bytes,
    pub tls: *const TlsOptions,
    pub headers: *const Pair,
    pub header_count: usize,
    pub binary_headers: *const Pair,
    pub binary_header_count: usize,
    pub connect_timeout_millis: u64,
    pub keep_alive_interval_millis: u64,
    pub keep_alive_timeout_millis: u64,
    pub retry: *const RetryOptions,
    pub http_connect_proxy: Bytes,
    pub http_connect_proxy_user: Bytes,
    pub http_connect_proxy_password: Bytes,
    pub disable_grpc_compression: bool,
    pub disable_dns_load_balancing: bool,
    pub skip_get_system_info: bool,
    pub cancel: *const Cancel,
}

/// `tb_connection`.
pub struct Handle {
    pub connection: Connection,
    pub context: Context,
}

/// `tb_connect_callback`.
type ConnectCallback = unsafe extern "C" fn(*mut c_void, *mut Handle, *const Error);

#[derive(Clone, Copy)]
struct Connected {
    user_data: UserData,
    callback: ConnectCallback,
}

impl Callee for Connected {
    type Value = Box<Handle>;

    fn succeed(self, handle: Box<Handle>) {
        unsafe { (self.callback)(self.user_data.0, Box::into_raw(handle), ptr::null()) }
    }

    fn fail(self, failure: &Failure) {
        unsafe { (self.callback)(self.user_data.0, ptr::null_mut(), &failure.lend()) }
    }
}

/// The duration of an option where 0 means "Core's default".
pub fn unless_zero(millis: u64) -> Option<Duration> {
    (millis != 0).then(|| Duration::from_millis(millis))
}

unsafe fn tls_options(options: &TlsOptions) -> Result<CoreTls, Failure> {
    let client = unsafe {
        match (options.client_cert.optional_vec(), options.client_key.optional_vec()) {
            (None, None) => None,
            (Some(cert), Some(key)) => {
                Some(ClientTlsOptions::builder().client_cert(cert).client_private_key(key).build())
            }
            (Some(_), None) => return Err(Failure::invalid("client_cert needs client_key")),
            (None, Some(_)) => return Err(Failure::invalid("client_key needs client_cert")),
        }
    };
    Ok(CoreTls::builder()
        .maybe_server_root_ca_cert(unsafe { options.server_root_ca.optional_vec() })
        .maybe_domain(unsafe { options.domain.optional_text("tls.domain")? })
        .maybe_client_tls_options(client)
        .build())
}

fn retry_options(options: &RetryOptions) -> CoreRetry {
    let default = CoreRetry::default();
    CoreRetry::builder()
        .initial_interval(
            unless_zero(options.initial_interval_millis).unwrap_or(default.initial_interval),
        )
        .randomization_factor(options.randomization_factor)
        .multiplier(if options.multiplier == 0.0 { default.multiplier } else { options.multiplier })
        .max_interval(unless_zero(options.max_interval_millis).unwrap_or(default.max_interval))
        .max_elapsed_time(match options.max_elapsed_millis {
            0 => default.max_elapsed_time,
            NEVER => None,
            millis => Some(Duration::from_millis(millis)),
        })
        .max_retries(match options.max_retries {
            0 => default.max_retries,
            // Core's zero is "no limit".
            NEVER => 0,
            retries => usize::try_from(retries).unwrap_or(0),
        })
        .build()
}

/// A mistake here would show as a puzzling error of the transport, or send secrets in the clear.
unsafe fn target(options: &ConnectionOptions) -> Result<Url, Failure> {
    let text = unsafe { options.target.required_text("target")? };
    let url = Url::parse(&text)
        .map_err(|error| Failure::invalid(format!("target '{text}' is not a URL: {error}")))?;
    match (url.scheme(), options.tls.is_null()) {
        ("http", true) | ("https", false) => Ok(url),
        ("http", false) => Err(Failure::invalid("target must begin with https:// for TLS")),
        ("https", true) => Err(Failure::invalid("target begins with https:// but TLS is off")),
        _ => Err(Failure::invalid(format!("target '{text}' must begin with http:// or https://"))),
    }
}

unsafe fn proxy(options: &ConnectionOptions) -> Result<Option<HttpConnectProxyOptions>, Failure> {
    let Some(address) =
        (unsafe { options.http_connect_proxy.optional_text("http_connect_proxy")? })
    else {
        return Ok(None);
    };
    let user = unsafe { options.http_connect_proxy_user.optional_text("http_connect_proxy_user")? };
    let password =
        unsafe { options.http_connect_proxy_password.text("http_connect_proxy_password")? };
    Ok(Some(
        HttpConnectProxyOptions::new(address)
            .maybe_basic_auth(user.map(|user| (user, password)))
            .build(),
    ))
}

unsafe fn core_options(
    options: &ConnectionOptions,
    context: &Context,
) -> Result<CoreOptions, Failure> {
    let tls = match unsafe { options.tls.as_ref() } {
        Some(tls) => Some(unsafe { tls_options(tls)? }),
        None => None,
    };
    let retry = unsafe { options.retry.as_ref() }.map(retry_options);
    let proxy = unsafe { proxy(options)? };
    // Core refuses both together.
    let balance = !options.disable_dns_load_balancing && proxy.is_none();
    let keep_alive = (options.keep_alive_interval_millis != NEVER).then(|| {
        ClientKeepAliveOptions::builder()
            .maybe_interval(unless_zero(options.keep_alive_interval_millis))
            .maybe_timeout(unless_zero(options.keep_alive_timeout_millis))
            .build()
    });
    unsafe {
        let headers = text_map(options.headers, options.header_count, "headers")?;
        let binary_headers =
            bytes_map(options.binary_headers, options.binary_header_count, "binary_headers")?;
        Ok(CoreOptions::new(target(options)?)
            .identity(options.identity.required_text("identity")?)
            .client_name(options.client_name.required_text("client_name")?)
            .client_version(options.client_version.required_text("client_version")?)
            .maybe_api_key(options.api_key.optional_text("api_key")?)
            .maybe_tls_options(tls)
            .headers(headers)
            .binary_headers(binary_headers)
            .connect_timeout(connect_timeout(options))
            .keep_alive(keep_alive)
            .maybe_retry_options(retry)
            .maybe_http_connect_proxy(proxy)
            .dns_load_balancing(balance.then(DnsLoadBalancingOptions::default))
            .grpc_compression(if options.disable_grpc_compression {
                GrpcCompression::None
            } else {
                GrpcCompression::Gzip
            })
            .skip_get_system_info(options.skip_get_system_info)
            .maybe_metrics_meter(context.core.telemetry().get_temporal_metric_meter())
            .build())
    }
}

fn connect_timeout(options: &ConnectionOptions) -> Duration {
    unless_zero(options.connect_timeout_millis).unwrap_or(DEFAULT_CONNECT_TIMEOUT)
}

fn connect_failure(target: &str, error: &ClientConnectError) -> Failure {
    match error {
        ClientConnectError::SystemInfoCallError(status) => {
            let mut failure = Failure::of_status(Kind::Connect, status);
            failure.message = format!(
                "{target} answered GetSystemInfo with {:?}: {}",
                status.code(),
                status.message()
            );
            failure
        }
        ClientConnectError::TonicTransportError(error) => {
            Failure::new(Kind::Connect, format!("cannot connect to {target}: {}", sentence(error)))
        }
        ClientConnectError::DnsResolutionError { host, source } => {
            Failure::new(Kind::Connect, format!("cannot find the host {host}: {source}"))
        }
        error => Failure::invalid(sentence(error)),
    }
}

async fn connect(options: CoreOptions, context: Context) -> Result<Box<Handle>, Failure> {
    let target = options.target.as_str().trim_end_matches('/').to_owned();
    let timeout = options.connect_timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT);
    // Core's own limit is for TCP and TLS only: a peer that accepts and stays silent would hold it.
    match tokio::time::timeout(timeout, Connection::connect(options)).await {
        Ok(Ok(connection)) => Ok(Box::new(Handle { connection, context })),
        Ok(Err(error)) => Err(connect_failure(&target, &error)),
        Err(_) => Err(Failure::new(
            Kind::Connect,
            format!("cannot connect to {target}: no answer within {timeout:?}"),
        )),
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_connect(
    runtime: *const Runtime,
    options: *const ConnectionOptions,
    user_data: *mut c_void,
    callback: ConnectCallback,
) {
    let callee = Connected { user_data: UserData(user_data), callback };
    let context = unsafe { &(*runtime).context };
    answer::start(&context.handle, callee, || {
        let options = unsafe { &*options };
        let token = unsafe { cancel::token(options.cancel) };
        let options = unsafe { core_options(options, context)? };
        Ok(cancel::until(token, connect(options, context.clone())))
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_connection_free(connection: *mut Handle) {
    panics::swallow(|| {
        if !connection.is_null() {
            let handle = unsafe { Box::from_raw(connection) };
            let context = handle.context.clone();
            let _entered = context.enter();
            drop(handle);
        }
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_connection_set_api_key(connection: *const Handle, api_key: Bytes) {
    panics::swallow(|| {
        let text = String::from_utf8_lossy(unsafe { api_key.as_slice() }).into_owned();
        let api_key = (!text.is_empty()).then_some(text);
        unsafe { (*connection).connection.set_api_key(api_key) };
    });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_connection_set_headers(
    connection: *const Handle,
    headers: *const Pair,
    header_count: usize,
    binary_headers: *const Pair,
    binary_header_count: usize,
    user_data: *mut c_void,
    on_error: ErrorCallback,
) -> bool {
    let replace = || {
        let connection = unsafe { &(*connection).connection };
        let text = unsafe { text_map(headers, header_count, "headers")? };
        let binary = unsafe { bytes_map(binary_headers, binary_header_count, "binary_headers")? };
        // Checked first, so that both kinds are replaced or neither.
        if let Some(key) = binary.keys().find(|key| key.parse::<BinaryMetadataKey>().is_err()) {
            return Err(Failure::invalid(format!("'{key}' is no key of a binary header")));
        }
        connection
            .set_headers(text)
            .and_then(|()| connection.set_binary_headers(binary))
            .map_err(|error| Failure::invalid(sentence(&error)))
    };
    unsafe { panics::report(user_data, on_error, replace) }.is_some()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_connection_capabilities(
    connection: *const Handle,
    user_data: *mut c_void,
    on_value: unsafe extern "C" fn(*mut c_void, Bytes),
) {
    let encoded = panics::contain(|| {
        let capabilities = unsafe { (*connection).connection.capabilities() };
        Ok(capabilities.map(Message::encode_to_vec).unwrap_or_default())
    });
    unsafe { on_value(user_data, Bytes::lend(&encoded.unwrap_or_default())) }
}
