//! Any unary method of the server's services, by name.

use crate::{
    answer::{self, Callee, UserData},
    bytes::{Bytes, Pair, bytes_map, text_map},
    cancel::{self, Cancel},
    connection::{Handle, unless_zero},
    error::{Failure, Kind},
};
use futures_util::future::BoxFuture;
use prost::Message;
use std::{ffi::c_void, future::Future, time::Duration};
use temporalio_client::{
    Connection, RetryOptions, RpcMetadata,
    grpc::{CloudService, HealthService, OperatorService, TestService, WorkflowService},
    request_extensions::RetryConfigForCall,
};
use tonic::{Code, Request, Response, Status, metadata::MetadataKey};

/// The header grpc-timeout has no room for much longer ones.
const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 86_400);

/// `tb_service`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Workflow = 1,
    Operator = 2,
    Cloud = 3,
    Test = 4,
    Health = 5,
}

/// `tb_call_options`.
#[repr(C)]
pub struct CallOptions {
    pub service: i32,
    pub method: Bytes,
    pub request: Bytes,
    pub metadata: *const Pair,
    pub metadata_count: usize,
    pub binary_metadata: *const Pair,
    pub binary_metadata_count: usize,
    pub timeout_millis: u64,
    pub retry: bool,
    pub cancel: *const Cancel,
}

/// `tb_call_result`.
#[repr(C)]
pub struct CallResult {
    pub status: i32,
    pub message: Bytes,
    pub details: Bytes,
    pub response: Bytes,
}

/// `tb_call_callback`.
type CallCallback = unsafe extern "C" fn(*mut c_void, *const CallResult);

#[derive(Clone, Copy)]
struct Called {
    user_data: UserData,
    callback: CallCallback,
}

impl Called {
    fn call(self, status: i32, message: &str, details: &[u8], response: &[u8]) {
        let result = CallResult {
            status,
            message: Bytes::lend(message.as_bytes()),
            details: Bytes::lend(details),
            response: Bytes::lend(response),
        };
        unsafe { (self.callback)(self.user_data.0, &result) }
    }
}

impl Callee for Called {
    type Value = Vec<u8>;

    fn succeed(self, response: Vec<u8>) {
        self.call(Code::Ok as i32, "", &[], &response);
    }

    fn fail(self, failure: &Failure) {
        let status = match failure.kind {
            Kind::Rpc => failure.grpc_status,
            Kind::InvalidArgument => Code::InvalidArgument as i32,
            Kind::Cancelled => Code::Cancelled as i32,
            Kind::RuntimeFreed => Code::Unavailable as i32,
            _ => Code::Internal as i32,
        };
        self.call(status, &failure.message, &failure.details, &[]);
    }
}

/// A call as Core needs it, but for the type of its message.
struct Call {
    request: Vec<u8>,
    metadata: RpcMetadata,
    timeout: Option<Duration>,
    retry: bool,
}

impl Call {
    fn typed<Req: Message + Default>(&self) -> Result<Request<Req>, Status> {
        let message = Req::decode(self.request.as_slice())
            .map_err(|error| Status::invalid_argument(format!("malformed request: {error}")))?;
        let mut request = Request::new(message);
        let headers = request.metadata_mut();
        for (key, value) in self.metadata.ascii() {
            let key = MetadataKey::from_bytes(key.as_bytes()).expect("checked when inserted");
            headers.insert(key, value.parse().expect("checked when inserted"));
        }
        for (key, value) in self.metadata.binary() {
            let key = MetadataKey::from_bytes(key.as_bytes()).expect("checked when inserted");
            headers.insert_bin(key, tonic::metadata::MetadataValue::from_bytes(&value));
        }
        if let Some(timeout) = self.timeout {
            request.set_timeout(timeout);
        }
        if !self.retry {
            let once = RetryConfigForCall(RetryOptions::no_retries());
            request.extensions_mut().insert(once);
        }
        Ok(request)
    }
}

type Reply<'a, Resp> = BoxFuture<'a, Result<Response<Resp>, Status>>;

/// One method with its messages still in bytes.
fn unary<Req, Resp, Method>(
    mut connection: Connection,
    call: Call,
    method: Method,
) -> BoxFuture<'static, Result<Vec<u8>, Status>>
where
    Req: Message + Default + 'static,
    Resp: Message + 'static,
    Method: for<'a> FnOnce(&'a mut Connection, Request<Req>) -> Reply<'a, Resp> + Send + 'static,
{
    Box::pin(async move {
        let request = call.typed()?;
        let response = method(&mut connection, request).await?;
        Ok(response.get_ref().encode_to_vec())
    })
}

/// Makes the table of methods from the lines that build.rs has written.
macro_rules! rpcs {
    ($($service:ident $method:literal $client:ident::$function:ident;)*) => {
        #[allow(deprecated)] // A method that Temporal deprecates can still be called.
        fn dispatch(
            service: Service,
            method: &str,
            connection: Connection,
            call: Call,
        ) -> Option<BoxFuture<'static, Result<Vec<u8>, Status>>> {
            match (service, method) {
                $((Service::$service, $method) =>
                    Some(unary(connection, call, <Connection as $client>::$function)),)*
                _ => None,
            }
        }

        #[cfg(test)]
        const METHODS: &[(Service, &str)] = &[$((Service::$service, $method)),*];
    };
}

include!(concat!(env!("OUT_DIR"), "/rpcs.rs"));

fn service(number: i32) -> Result<Service, Failure> {
    let services =
        [Service::Workflow, Service::Operator, Service::Cloud, Service::Test, Service::Health];
    let found = services.into_iter().find(|service| *service as i32 == number);
    found.ok_or_else(|| unimplemented(format!("there is no service {number}")))
}

fn unimplemented(message: String) -> Failure {
    Failure::of_status(Kind::Rpc, &Status::unimplemented(message))
}

unsafe fn metadata(options: &CallOptions) -> Result<RpcMetadata, Failure> {
    let (text, binary) = unsafe {
        (
            text_map(options.metadata, options.metadata_count, "metadata")?,
            bytes_map(options.binary_metadata, options.binary_metadata_count, "binary_metadata")?,
        )
    };
    let mut metadata = RpcMetadata::new();
    let invalid = |error| Failure::invalid(format!("{error}"));
    for (key, value) in text {
        metadata.insert(key, value).map_err(invalid)?;
    }
    for (key, value) in binary {
        metadata.insert_binary(key, value).map_err(invalid)?;
    }
    Ok(metadata)
}

fn deadline_exceeded() -> Failure {
    let status = Status::deadline_exceeded("the call did not end within its timeout");
    Failure::of_status(Kind::Rpc, &status)
}

/// tonic names its own timeout of an attempt CANCELLED, which it is not.
fn is_timeout(status: &Status) -> bool {
    status.code() == Code::Cancelled && status.message() == "Timeout expired"
}

async fn within(
    timeout: Option<Duration>,
    call: impl Future<Output = Result<Vec<u8>, Status>>,
) -> Result<Vec<u8>, Failure> {
    let result = match timeout {
        Some(timeout) => match tokio::time::timeout(timeout, call).await {
            Ok(result) => result,
            Err(_) => return Err(deadline_exceeded()),
        },
        None => call.await,
    };
    result.map_err(|status| {
        if is_timeout(&status) {
            deadline_exceeded()
        } else {
            Failure::of_status(Kind::Rpc, &status)
        }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tb_call(
    connection: *const Handle,
    options: *const CallOptions,
    user_data: *mut c_void,
    callback: CallCallback,
) {
    let callee = Called { user_data: UserData(user_data), callback };
    let Handle { connection, context } = unsafe { &*connection };
    answer::start(&context.handle, callee, || {
        let options = unsafe { &*options };
        let service = service(options.service)?;
        let method = unsafe { options.method.required_text("method")? };
        let token = unsafe { cancel::token(options.cancel) };
        let timeout = unless_zero(options.timeout_millis).map(|timeout| timeout.min(MAX_TIMEOUT));
        let call = Call {
            request: unsafe { options.request.as_slice() }.to_vec(),
            metadata: unsafe { metadata(options)? },
            timeout,
            retry: options.retry,
        };
        let Some(reply) = dispatch(service, &method, connection.clone(), call) else {
            return Err(unimplemented(format!(
                "the {service:?} service has no method '{method}' in this version"
            )));
        };
        Ok(cancel::until(token, within(timeout, reply)))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unary_method_of_the_protos_is_known() {
        let files: &[(Service, &str)] = include!(concat!(env!("OUT_DIR"), "/service_files.rs"));
        for &(service, file) in files {
            let text = std::fs::read_to_string(file).unwrap();
            let mut found = 0;
            for line in text.lines().map(str::trim_start) {
                let Some(signature) = line.strip_prefix("rpc ") else { continue };
                if signature.contains("stream ") {
                    continue;
                }
                let name = signature.split([' ', '(']).next().unwrap();
                assert!(METHODS.contains(&(service, name)), "{service:?} {name}");
                found += 1;
            }
            let known = METHODS.iter().filter(|(of, _)| *of == service).count();
            assert_eq!(known, found, "{service:?}");
            assert!(found > 0, "{file}");
        }
    }

    #[test]
    fn the_timeout_of_an_attempt_is_no_cancellation() {
        assert!(is_timeout(&Status::cancelled("Timeout expired")));
        assert!(!is_timeout(&Status::cancelled("by the caller")));
    }
}
