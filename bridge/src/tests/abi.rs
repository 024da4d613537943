//! The header and the Rust types say the same: each struct, field, constant and function.
//!
//! A small C program, made from what is read in the header, prints sizes and offsets as the C compiler
//! sees them; `layout!` has those of Rust. Both lists are whole, so a field added or moved on one side
//! fails.

use crate::{
    bytes, config, connection, error, logs, metrics, replay, rpc, runtime, slots, slots_custom,
    slots_pool, spans, worker, worker_options,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    mem::{offset_of, size_of},
    path::Path,
    process::Command,
};

const HEADER: &str = include_str!("../../include/temporal_bridge.h");

/// "tb_bytes.size" to its offset and size, and "tb_bytes" to its size and alignment.
type Layout = BTreeMap<String, (usize, usize)>;

/// The size of a field that a projection leads to.
fn size_behind<S, F>(_: impl FnOnce(*const S) -> *const F) -> usize {
    size_of::<F>()
}

macro_rules! layout {
    ($($name:literal $type:path { $($field:ident),* $(,)? })*) => {{
        let mut layout = Layout::new();
        $(
            // Without "..", so that a field which is not listed does not compile.
            let _ = |value: $type| { let $type { $($field: _),* } = value; };
            layout.insert($name.to_owned(), (size_of::<$type>(), align_of::<$type>()));
            $(
                let size = size_behind(|value: *const $type| unsafe { &raw const (*value).$field });
                let field = concat!($name, ".", stringify!($field)).to_owned();
                layout.insert(field, (offset_of!($type, $field), size));
            )*
        )*
        layout
    }};
}

fn rust_layout() -> Layout {
    layout! {
        "tb_bytes" bytes::Bytes { data, size }
        "tb_pair" bytes::Pair { key, value }
        "tb_error" error::Error { kind, grpc_status, message, details }
        "tb_log" logs::Log { level, timestamp_millis, target, message, fields_json }
        "tb_metric" metrics::Metric { kind, name, description, unit, buckets, bucket_count }
        "tb_meter" metrics::MeterTable {
            user_data, create_series, record_u64, record_i64, record_f64, free_series, free
        }
        "tb_runtime_options" runtime::RuntimeOptions {
            worker_threads, log_callback, log_user_data, log_filter,
            worker_heartbeat_interval_millis, disable_environment_info, runtime_version, meter, thread_started, thread_stopped
        }
        "tb_span_exporter_options" spans::ExporterOptions {
            endpoint, scope, resource, resource_count, max_queue, max_batch, delay_millis
        }
        "tb_attribute" spans::Attribute { key, kind, text, integer, real }
        "tb_span_context" spans::Context { trace_id, span_id, sampled, trace_state }
        "tb_span" spans::Span {
            context, parent_span_id, name, kind, start_nanos, end_nanos, attributes,
            attribute_count, links, link_count, failed, error
        }
        "tb_span_counts" spans::SpanCounts { exported, failed, dropped }
        "tb_tls_options" connection::TlsOptions {
            server_root_ca, domain, client_cert, client_key
        }
        "tb_retry_options" connection::RetryOptions {
            initial_interval_millis, randomization_factor, multiplier, max_interval_millis,
            max_elapsed_millis, max_retries
        }
        "tb_connection_options" connection::ConnectionOptions {
            target, identity, client_name, client_version, api_key, tls, headers, header_count,
            binary_headers, binary_header_count, connect_timeout_millis,
            keep_alive_interval_millis, keep_alive_timeout_millis, retry, http_connect_proxy,
            http_connect_proxy_user, http_connect_proxy_password, disable_grpc_compression,
            disable_dns_load_balancing, skip_get_system_info, cancel
        }
        "tb_call_options" rpc::CallOptions {
            service, method, request, metadata, metadata_count, binary_metadata,
            binary_metadata_count, timeout_millis, retry, cancel
        }
        "tb_call_result" rpc::CallResult { status, message, details, response }
        "tb_versioning" worker_options::Versioning {
            kind, deployment_name, build_id, use_worker_versioning, default_behavior
        }
        "tb_slots_fixed" slots::SlotsFixed { count }
        "tb_resources_options" slots::ResourcesOptions { target_memory_usage, target_cpu_usage }
        "tb_slots_by_resources" slots::SlotsByResources {
            resources, minimum, maximum, ramp_throttle_millis
        }
        "tb_slots_pooled" slots::SlotsPooled { pool, most_waiting }
        "tb_slot_request" slots_custom::SlotRequest {
            kind, task_queue, worker_identity, build_id, reserved, is_sticky
        }
        "tb_slot_use" slots_custom::SlotUse {
            workflow_type, activity_type, nexus_service, nexus_operation, is_sticky
        }
        "tb_slot_callbacks" slots_custom::SlotCallbacks {
            user_data, reserve, abandon, try_reserve, mark_used, release, free
        }
        "tb_slot_supplier" slots::SlotSupplier { kind, of }
        "tb_slot_counts" slots::SlotCounts { reserved, used, available }
        "tb_worker_slots" slots::WorkerSlots { workflow, activity, local_activity, nexus }
        "tb_poller_behavior" worker_options::PollerBehavior { kind, maximum, minimum, initial }
        "tb_worker_options" worker_options::WorkerOptions {
            task_queue, namespace_, identity_override, task_types, versioning,
            max_cached_workflows, workflow_slots, activity_slots, local_activity_slots,
            nexus_slots, workflow_pollers, activity_pollers, nexus_pollers,
            nonsticky_to_sticky_poll_ratio, sticky_schedule_to_start_timeout_millis,
            max_heartbeat_throttle_interval_millis, default_heartbeat_throttle_interval_millis,
            max_worker_activities_per_second, max_task_queue_activities_per_second,
            max_eager_activities_per_workflow_task, graceful_shutdown_period_millis,
            nondeterminism_fails_workflow, nondeterminism_fails_workflow_types,
            nondeterminism_fails_workflow_type_count, ignore_evictions_on_shutdown,
            disable_payload_error_limit, skip_worker_set_check
        }
        "tb_config_options" config::ConfigOptions {
            profile, config_path, config_data, disable_file, disable_env, strict, environment,
            environment_count
        }
        "tb_data_source" config::DataSource { path, data }
        "tb_config" config::Config {
            address, namespace_, api_key, tls, tls_client_cert, tls_client_key,
            tls_server_ca_cert, tls_server_name, tls_disable_host_verification, codec_endpoint,
            codec_auth, headers, header_count
        }
    }
}

fn without_comments(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        result += before;
        rest = after.split_once("*/").expect("a comment ends").1;
    }
    result + rest
}

/// The name that a declaration in a struct declares.
fn declared(declaration: &str) -> &str {
    let name = match declaration.split_once("(*") {
        Some((_, pointer)) => pointer.split(')').next().unwrap(),
        None => declaration,
    };
    let name = name.rsplit([' ', '*', '\n', '}']).next().unwrap();
    name.split('[').next().unwrap()
}

/// Each struct of the header, with its fields; what nests in braces counts as one.
fn header_structs(header: &str) -> Vec<(String, Vec<String>)> {
    let mut structs = Vec::new();
    for text in header.split("typedef struct ").skip(1) {
        let Some((name, rest)) = text.split_once(" {") else { continue };
        if name.contains(';') {
            continue; // An opaque handle.
        }
        let end = rest.find(&format!("}} {name};")).expect("a struct ends with its name");
        let (mut fields, mut field, mut depth) = (Vec::new(), String::new(), 0);
        for letter in rest[..end].chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ';' if depth == 0 => {
                    fields.push(declared(field.trim()).to_owned());
                    field.clear();
                    continue;
                }
                _ => {}
            }
            field.push(letter);
        }
        structs.push((name.to_owned(), fields));
    }
    structs
}

/// Each constant of the header's enums.
fn header_constants(header: &str) -> BTreeMap<String, i64> {
    let bodies = header.split("enum {").skip(1).map(|text| text.split('}').next().unwrap());
    bodies
        .flat_map(|body| body.split(','))
        .map(|constant| {
            let (name, value) = constant.split_once('=').expect("each constant has its value");
            (name.trim().to_owned(), value.trim().parse().unwrap())
        })
        .collect()
}

fn c_layout(structs: &[(String, Vec<String>)]) -> Layout {
    let mut program = String::from("#include <stdio.h>\n#include <stdalign.h>\n");
    program += "#include \"temporal_bridge.h\"\nint main(void) {\n";
    for (name, fields) in structs {
        program +=
            &format!("  printf(\"{name} %zu %zu\\n\", sizeof({name}), (size_t)alignof({name}));\n");
        for field in fields {
            program += &format!(
                "  printf(\"{name}.{field} %zu %zu\\n\", offsetof({name}, {field}), \
                 sizeof((({name}*)0)->{field}));\n"
            );
        }
    }
    program += "  return 0;\n}\n";

    let folder = env::temp_dir().join(format!("temporal_bridge_abi_{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (source, binary) = (folder.join("layout.c"), folder.join("layout"));
    fs::write(&source, program).unwrap();
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let host = env!("BRIDGE_TARGET");
    let compiler = cc::Build::new()
        .cargo_metadata(false)
        .cargo_warnings(false)
        .target(host)
        .host(host)
        .opt_level(0)
        .out_dir(&folder)
        .get_compiler();
    let mut command = compiler.to_command();
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-I"]).arg(include);
    let compiled = command.arg(&source).arg("-o").arg(&binary).output().expect("a C compiler");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let printed = Command::new(&binary).output().unwrap().stdout;
    fs::remove_dir_all(&folder).ok();
    let printed = String::from_utf8(printed).unwrap();
    printed
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let name = words.next().unwrap().to_owned();
            let mut number = || words.next().unwrap().parse().unwrap();
            (name, (number(), number()))
        })
        .collect()
}

#[test]
fn structs_have_one_layout() {
    let structs = header_structs(&without_comments(HEADER));
    let (c, rust) = (c_layout(&structs), rust_layout());
    for name in c.keys().chain(rust.keys()).collect::<BTreeSet<_>>() {
        assert_eq!(c.get(name), rust.get(name), "{name}: C on the left, Rust on the right");
    }
    assert!(c.len() > 100, "the header was read");
}

#[test]
fn constants_are_those_of_the_header() {
    use error::Kind as E;
    use metrics::Kind as M;
    let rust = [
        ("TB_ERROR_INVALID_ARGUMENT", E::InvalidArgument as i64),
        ("TB_ERROR_CONNECT", E::Connect as i64),
        ("TB_ERROR_RPC", E::Rpc as i64),
        ("TB_ERROR_CANCELLED", E::Cancelled as i64),
        ("TB_ERROR_CLOSED", E::Closed as i64),
        ("TB_ERROR_RUNTIME_FREED", E::RuntimeFreed as i64),
        ("TB_ERROR_PANIC", E::Panic as i64),
        ("TB_ERROR_INTERNAL", E::Internal as i64),
        ("TB_LOG_TRACE", logs::level_number(tracing::Level::TRACE).into()),
        ("TB_LOG_DEBUG", logs::level_number(tracing::Level::DEBUG).into()),
        ("TB_LOG_INFO", logs::level_number(tracing::Level::INFO).into()),
        ("TB_LOG_WARN", logs::level_number(tracing::Level::WARN).into()),
        ("TB_LOG_ERROR", logs::level_number(tracing::Level::ERROR).into()),
        ("TB_METRIC_COUNTER", M::Counter as i64),
        ("TB_METRIC_UP_DOWN_COUNTER", M::UpDownCounter as i64),
        ("TB_METRIC_GAUGE", M::Gauge as i64),
        ("TB_METRIC_GAUGE_F64", M::GaugeF64 as i64),
        ("TB_METRIC_HISTOGRAM", M::Histogram as i64),
        ("TB_METRIC_HISTOGRAM_F64", M::HistogramF64 as i64),
        ("TB_METRIC_HISTOGRAM_DURATION", M::HistogramDuration as i64),
        ("TB_ATTRIBUTE_TEXT", spans::ATTRIBUTE_TEXT.into()),
        ("TB_ATTRIBUTE_BOOL", spans::ATTRIBUTE_BOOL.into()),
        ("TB_ATTRIBUTE_INTEGER", spans::ATTRIBUTE_INTEGER.into()),
        ("TB_ATTRIBUTE_REAL", spans::ATTRIBUTE_REAL.into()),
        ("TB_SERVICE_WORKFLOW", rpc::Service::Workflow as i64),
        ("TB_SERVICE_OPERATOR", rpc::Service::Operator as i64),
        ("TB_SERVICE_CLOUD", rpc::Service::Cloud as i64),
        ("TB_SERVICE_TEST", rpc::Service::Test as i64),
        ("TB_SERVICE_HEALTH", rpc::Service::Health as i64),
        ("TB_TASK_WORKFLOW", worker_options::TASK_WORKFLOW.into()),
        ("TB_TASK_LOCAL_ACTIVITY", worker_options::TASK_LOCAL_ACTIVITY.into()),
        ("TB_TASK_ACTIVITY", worker_options::TASK_ACTIVITY.into()),
        ("TB_TASK_NEXUS", worker_options::TASK_NEXUS.into()),
        ("TB_VERSIONING_NONE", worker_options::VERSIONING_NONE.into()),
        ("TB_VERSIONING_DEPLOYMENT", worker_options::VERSIONING_DEPLOYMENT.into()),
        ("TB_VERSIONING_LEGACY", worker_options::VERSIONING_LEGACY.into()),
        ("TB_VERSIONING_BEHAVIOR_UNSPECIFIED", worker_options::BEHAVIOR_UNSPECIFIED.into()),
        ("TB_VERSIONING_BEHAVIOR_PINNED", worker_options::BEHAVIOR_PINNED.into()),
        ("TB_VERSIONING_BEHAVIOR_AUTO_UPGRADE", worker_options::BEHAVIOR_AUTO_UPGRADE.into()),
        ("TB_SLOT_WORKFLOW", slots::KIND_WORKFLOW.into()),
        ("TB_SLOT_ACTIVITY", slots::KIND_ACTIVITY.into()),
        ("TB_SLOT_LOCAL_ACTIVITY", slots::KIND_LOCAL_ACTIVITY.into()),
        ("TB_SLOT_NEXUS", slots::KIND_NEXUS.into()),
        ("TB_SLOTS_FIXED", slots::SLOTS_FIXED.into()),
        ("TB_SLOTS_BY_RESOURCES", slots::SLOTS_BY_RESOURCES.into()),
        ("TB_SLOTS_POOLED", slots::SLOTS_POOLED.into()),
        ("TB_SLOTS_CUSTOM", slots::SLOTS_CUSTOM.into()),
        ("TB_POLLER_DEFAULT", worker_options::POLLER_DEFAULT.into()),
        ("TB_POLLER_SIMPLE_MAXIMUM", worker_options::POLLER_SIMPLE_MAXIMUM.into()),
        ("TB_POLLER_AUTOSCALING", worker_options::POLLER_AUTOSCALING.into()),
        ("TB_SWITCH_UNSET", config::SWITCH_UNSET.into()),
        ("TB_SWITCH_OFF", config::SWITCH_OFF.into()),
        ("TB_SWITCH_ON", config::SWITCH_ON.into()),
    ];
    let rust: BTreeMap<String, i64> =
        rust.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    assert_eq!(header_constants(&without_comments(HEADER)), rust);
}

/// Makes each function's name with the number of its parameters, both of the Rust side.
macro_rules! functions {
    ($($module:ident :: $name:ident ( $($parameter:tt)* );)*) => {
        [$((stringify!($name), {
            let _: unsafe extern "C" fn($($parameter),*) -> _ = $module::$name;
            0 $(+ { let _ = stringify!($parameter); 1 })*
        })),*]
    };
}

/// The functions of the header, each with the number of its parameters.
fn header_functions(header: &str) -> BTreeMap<String, usize> {
    let mut functions = BTreeMap::new();
    for statement in header.split(';').filter(|text| !text.contains("typedef")) {
        let Some((before, after)) = statement.split_once('(') else { continue };
        let name = before.rsplit([' ', '*', '\n']).next().unwrap();
        if !name.starts_with("tb_") {
            continue;
        }
        let parameters = after.split(')').next().unwrap().trim();
        let count = if parameters == "void" { 0 } else { parameters.split(',').count() };
        functions.insert(name.to_owned(), count);
    }
    functions
}

#[test]
fn functions_are_those_of_the_header() {
    use crate::cancel;
    let rust = functions! {
        runtime::tb_runtime_new(_ _ _);
        runtime::tb_runtime_free(_);
        runtime::tb_core_version();
        spans::tb_span_exporter_new(_ _ _ _);
        spans::tb_span_export(_ _);
        spans::tb_span_exporter_flush(_ _ _);
        spans::tb_span_exporter_counts(_);
        spans::tb_span_exporter_free(_);
        cancel::tb_cancel_new();
        cancel::tb_cancel_trigger(_);
        cancel::tb_cancel_free(_);
        connection::tb_connect(_ _ _ _);
        connection::tb_connection_free(_);
        connection::tb_connection_set_api_key(_ _);
        connection::tb_connection_set_headers(_ _ _ _ _ _ _);
        connection::tb_connection_capabilities(_ _ _);
        rpc::tb_call(_ _ _ _);
        slots::tb_resources_new(_ _ _);
        slots::tb_resources_free(_);
        slots_pool::tb_slot_pool_new(_);
        slots_pool::tb_slot_pool_free(_);
        slots_custom::tb_slot_promise_keep(_ _);
        worker::tb_worker_new(_ _ _ _);
        worker::tb_worker_read_slots(_ _);
        worker::tb_worker_free(_);
        worker::tb_worker_validate(_ _ _);
        worker::tb_worker_poll_workflow_activation(_ _ _);
        worker::tb_worker_poll_activity_task(_ _ _);
        worker::tb_worker_poll_nexus_task(_ _ _);
        worker::tb_worker_complete_workflow_activation(_ _ _ _);
        worker::tb_worker_complete_activity_task(_ _ _ _);
        worker::tb_worker_complete_nexus_task(_ _ _ _);
        worker::tb_worker_record_activity_heartbeat(_ _ _ _);
        worker::tb_worker_request_workflow_eviction(_ _);
        worker::tb_worker_initiate_shutdown(_);
        worker::tb_worker_finalize_shutdown(_ _ _);
        worker::tb_worker_replace_connection(_ _ _ _);
        replay::tb_replay_worker_new(_ _ _ _ _);
        replay::tb_replay_push(_ _ _ _ _);
        replay::tb_replay_free(_);
        config::tb_load_client_config(_ _ _ _);
    };
    let rust: BTreeMap<String, usize> =
        rust.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    let header = without_comments(HEADER);
    let prototypes = header.split_once("extern \"C\" {").unwrap().1;
    assert_eq!(header_functions(prototypes), rust);
}
