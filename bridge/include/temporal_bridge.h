/* temporal_bridge: a C ABI over Temporal's Core (the Rust crate temporalio-sdk-core).
 *
 * It only carries things across. What a task means and what to do with it is the caller's.
 *
 * Rules that hold for every function here:
 *
 * - Bytes. A tb_bytes is borrowed for the length of one call, in both directions: what the caller
 *   passes is copied before the function returns, what a callback receives is gone when the
 *   callback returns. So nothing that is bytes is ever freed. {NULL, 0} is the empty value, and
 *   where a field is optional it means "unset". Text is UTF-8, without a terminating zero.
 *
 * - Structs. Options, and everything they point to, are borrowed for the length of the call too. A
 *   zeroed struct is valid unless a field says "required"; what zero means stands at the field.
 *
 * - Handles. tb_runtime, tb_span_exporter, tb_connection, tb_worker, tb_replay, tb_cancel,
 *   tb_resources and tb_slot_pool belong to the caller, who frees each one once, with the function of
 *   its name. A handle may be used by many threads at a time; freeing it while another thread is inside
 *   a call with it is a data race. What was started with it goes on after the free and calls back as
 *   usual. Everything else is freed
 *   before its tb_runtime.
 *
 * - Callbacks. An asynchronous function takes (user_data, callback) as its last parameters, returns
 *   at once, and calls the callback exactly once, on a thread of the runtime (a tokio worker
 *   thread), never from inside the call. The callback is required. user_data is only carried: it
 *   must live, and may be used by another thread, until the callback has returned. A callback must
 *   be short and must not throw; it may call any function here but tb_runtime_free. When the
 *   runtime is freed, the callbacks of what is under way come with TB_ERROR_RUNTIME_FREED, from
 *   any thread, before tb_runtime_free returns.
 *
 * - Errors. A synchronous function that can fail takes (user_data, tb_error_callback): it is called
 *   at most once, from inside the call, on the caller's thread, and then the function returns NULL
 *   or false. It may be NULL.
 *
 * - Panics. A panic in Rust never crosses: it is caught and reported as TB_ERROR_PANIC.
 *
 * Thread sanitizer: Rust's synchronisation is invisible to it, so a sanitized caller announces each
 * hand-over of user_data itself (__tsan_release before the call, __tsan_acquire in the callback), and
 * has the memory accesses of Rust's own code ignored (thread_started below).
 */
#ifndef TEMPORAL_BRIDGE_H
#define TEMPORAL_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Bytes and errors ---- */

typedef struct tb_bytes {
  const uint8_t* data; /* may be NULL where size is 0 */
  size_t size;
} tb_bytes;

/* A name and a value: a header, an environment variable, a label of a metric. */
typedef struct tb_pair {
  tb_bytes key;
  tb_bytes value;
} tb_pair;

typedef int32_t tb_error_kind;
enum {
  TB_ERROR_INVALID_ARGUMENT = 1, /* an option or message that cannot be right, so do not retry */
  TB_ERROR_CONNECT = 2,          /* the server could not be reached, or refused the first call */
  TB_ERROR_RPC = 3,              /* the server answered with an error; grpc_status says which */
  TB_ERROR_CANCELLED = 4,        /* the caller's tb_cancel was triggered first */
  TB_ERROR_CLOSED = 5,           /* the worker is finalized, or the replay worker has stopped */
  TB_ERROR_RUNTIME_FREED = 6,    /* the runtime was freed while this was under way */
  TB_ERROR_PANIC = 7,            /* a bug in Core or in the bridge */
  TB_ERROR_INTERNAL = 8          /* anything else that Core reports */
};

typedef struct tb_error {
  tb_error_kind kind;
  int32_t grpc_status; /* the status code of gRPC where a server answered, else 0 */
  tb_bytes message;    /* one sentence for a human */
  tb_bytes details;    /* the trailer grpc-status-details-bin (a google.rpc.Status), or empty */
} tb_error;

/* See "Errors" above; error is never NULL and borrowed for the call. */
typedef void (*tb_error_callback)(void* user_data, const tb_error* error);

/* The end of an asynchronous function without a result; error is NULL for success. */
typedef void (*tb_done_callback)(void* user_data, const tb_error* error);

/* ---- Runtime: threads, logs, metrics ---- */

typedef struct tb_runtime tb_runtime;
typedef struct tb_connection tb_connection;
typedef struct tb_worker tb_worker;
typedef struct tb_replay tb_replay;
typedef struct tb_cancel tb_cancel;

typedef int32_t tb_log_level;
enum { TB_LOG_TRACE = 0, TB_LOG_DEBUG = 1, TB_LOG_INFO = 2, TB_LOG_WARN = 3, TB_LOG_ERROR = 4 };

typedef struct tb_log {
  tb_log_level level;
  int64_t timestamp_millis; /* since the Unix epoch */
  tb_bytes target;          /* the module of Core that speaks, "temporalio_sdk_core::worker" */
  tb_bytes message;
  tb_bytes fields_json; /* the event's fields and those of its spans, one JSON object */
} tb_log;

/* Called for each line of log that passes the filter, on any thread: of the runtime, or of a caller
 * that is inside a function of this header. Must be safe to call from many threads at once. */
typedef void (*tb_log_callback)(void* user_data, const tb_log* log);

typedef int32_t tb_metric_kind;
enum {
  TB_METRIC_COUNTER = 0,           /* record_u64 adds */
  TB_METRIC_UP_DOWN_COUNTER = 1,   /* record_i64 adds */
  TB_METRIC_GAUGE = 2,             /* record_u64 sets */
  TB_METRIC_GAUGE_F64 = 3,         /* record_f64 sets */
  TB_METRIC_HISTOGRAM = 4,         /* record_u64 observes */
  TB_METRIC_HISTOGRAM_F64 = 5,     /* record_f64 observes */
  TB_METRIC_HISTOGRAM_DURATION = 6 /* record_f64 observes, seconds */
};

typedef struct tb_metric {
  tb_metric_kind kind;
  tb_bytes name; /* with Core's prefix: "temporal_workflow_task_execution_latency" */
  tb_bytes description;
  tb_bytes unit;         /* "s" for TB_METRIC_HISTOGRAM_DURATION */
  const double* buckets; /* upper bounds that Core recommends for a histogram, ascending, in seconds
                            for TB_METRIC_HISTOGRAM_DURATION; NULL for what is no histogram */
  size_t bucket_count;
} tb_metric;

/* A meter of the caller's, to which Core records. Every function is required, may be called by many
 * threads at once, on any thread, and gets user_data first; the records are frequent, the rest is
 * rare. */
typedef struct tb_meter {
  void* user_data; /* lives until `free` is called */
  /* A metric with one set of labels, sorted by key, each key once. What it returns is only carried
   * (NULL is allowed). It is kept for the life of the meter, so it is made once for each metric and
   * set. Above 10,000 sets, new ones become the one label overflow="true". */
  void* (*create_series)(void* user_data, const tb_metric* metric, const tb_pair* labels,
                         size_t label_count);
  void (*record_u64)(void* user_data, void* series, uint64_t value);
  void (*record_i64)(void* user_data, void* series, int64_t value);
  void (*record_f64)(void* user_data, void* series, double value);
  void (*free_series)(void* user_data, void* series); /* once for each, after its last record */
  void (*free)(void* user_data);                      /* the last call of all */
} tb_meter;

/* "Not at all", in the fields in milliseconds that say so. */
#define TB_NEVER UINT64_MAX

typedef struct tb_runtime_options {
  uint32_t worker_threads; /* threads of tokio; 0 means 2 */
  /* Logs. Without a callback Core is silent. The filter has the syntax of Rust's EnvFilter, for
   * example "warn,temporalio_sdk_core=info"; unset means "error". log_user_data lives until
   * tb_runtime_free has returned. */
  tb_log_callback log_callback;
  void* log_user_data;
  tb_bytes log_filter;
  /* How often a worker reports itself to the server: 0 is Core's default (60 s), TB_NEVER turns it
   * off, else from 1,000 to 60,000. */
  uint64_t worker_heartbeat_interval_millis;
  /* The server's list of workers has, of each, the operating system, the hosting environment and
   * runtime_version, which says how the program was built; not where this is set. */
  bool disable_environment_info;
  tb_bytes runtime_version;
  /* Metrics; NULL turns them off. The struct is copied. After an error of tb_runtime_new `free` has
   * been called. */
  const tb_meter* meter;
  /* Called first and last on each thread of the runtime; NULL: not. For a sanitizer that is to be
   * told which threads run code it does not see. */
  void (*thread_started)(void);
  void (*thread_stopped)(void);
} tb_runtime_options;

/* Starts the threads, SIGPIPE blocked on each: a connection that breaks ends no program. NULL after
 * an error. A program needs one runtime; more are allowed. */
tb_runtime* tb_runtime_new(const tb_runtime_options* options, void* user_data,
                           tb_error_callback on_error);

/* Ends every task and thread, and returns when they have ended, at the latest after 10 s (a name
 * look-up of the operating system may outlive it; it calls nobody). Every connection, worker and
 * replay is freed before. Never from a callback: there it only begins the end. NULL is ignored. */
void tb_runtime_free(tb_runtime* runtime);

/* The version of temporalio-sdk-core that is linked. The bytes are static. */
tb_bytes tb_core_version(void);

/* ---- Spans ---- */

/* Exports spans to an OpenTelemetry collector: OTLP over HTTP, protobuf, a batch at a time, from a
 * bounded queue. What the queue has no room for is dropped, what the collector does not take is not
 * repeated; both are counted. Of the environment OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT and _COMPRESSION
 * are read, and those of OTEL_EXPORTER_OTLP_TRACES_… that win over them. */
typedef struct tb_span_exporter tb_span_exporter;

typedef struct tb_span_exporter_options {
  tb_bytes endpoint; /* required: the whole URL, "http://127.0.0.1:4318/v1/traces"; also https */
  tb_bytes scope;    /* required: the library that speaks */
  const tb_pair* resource; /* what all spans are of: service.name, … */
  size_t resource_count;
  size_t max_queue;      /* spans; 0: 2,048 */
  size_t max_batch;      /* spans; 0: 512 */
  uint64_t delay_millis; /* how long a span waits for others at most; 0: 5,000 */
} tb_span_exporter_options;

typedef int32_t tb_attribute_kind;
enum {
  TB_ATTRIBUTE_TEXT = 0,
  TB_ATTRIBUTE_BOOL = 1,    /* integer: 0 or 1 */
  TB_ATTRIBUTE_INTEGER = 2, /* integer */
  TB_ATTRIBUTE_REAL = 3     /* real */
};

typedef struct tb_attribute {
  tb_bytes key;
  tb_attribute_kind kind;
  tb_bytes text;
  int64_t integer;
  double real;
} tb_attribute;

typedef struct tb_span_context {
  uint8_t trace_id[16];
  uint8_t span_id[8];
  bool sampled;
  tb_bytes trace_state; /* W3C's tracestate; what is malformed is left out */
} tb_span_context;

typedef struct tb_span {
  tb_span_context context;
  uint8_t parent_span_id[8]; /* zeros: a root */
  tb_bytes name;
  int32_t kind;         /* by the numbers of OTLP's SpanKind */
  uint64_t start_nanos; /* since the Unix epoch */
  uint64_t end_nanos;
  const tb_attribute* attributes;
  size_t attribute_count;
  const tb_span_context* links;
  size_t link_count;
  bool failed; /* then `error` says why */
  tb_bytes error;
} tb_span;

typedef struct tb_span_counts {
  uint64_t exported;
  uint64_t failed;  /* sent, and not taken */
  uint64_t dropped; /* never sent */
} tb_span_counts;

/* NULL after an error. No I/O. Freed before its runtime. */
tb_span_exporter* tb_span_exporter_new(tb_runtime* runtime, const tb_span_exporter_options* options,
                                       void* user_data, tb_error_callback on_error);
/* A span that has ended. Does not wait; false: dropped. Any thread. */
bool tb_span_export(const tb_span_exporter* exporter, const tb_span* span);
/* Sends what is queued. Asynchronous; an error where that takes longer than a batch may. */
void tb_span_exporter_flush(const tb_span_exporter* exporter, void* user_data,
                            tb_done_callback callback);
tb_span_counts tb_span_exporter_counts(const tb_span_exporter* exporter);
/* What is queued is still sent, as long as the runtime lives. NULL is ignored. */
void tb_span_exporter_free(tb_span_exporter* exporter);

/* ---- Cancelling ---- */

/* A token that ends the calls which were given it. One token may be given to many. */
tb_cancel* tb_cancel_new(void);
/* May be called more than once, from any thread. Whoever got the token still calls back. */
void tb_cancel_trigger(tb_cancel* cancel);
/* Freeing does not trigger, and calls under way do not need it any longer. NULL is ignored. */
void tb_cancel_free(tb_cancel* cancel);

/* ---- Connection ---- */

typedef struct tb_tls_options {
  tb_bytes server_root_ca; /* PEM; unset: the operating system's certificates */
  tb_bytes domain;      /* the name that the server's certificate must have; unset: the target's */
  tb_bytes client_cert; /* PEM; mutual TLS where this and the key are set; one alone is an error */
  tb_bytes client_key;  /* PEM */
} tb_tls_options;

/* How a call is repeated after an error that may pass. */
typedef struct tb_retry_options {
  uint64_t initial_interval_millis; /* 0: 100 */
  double randomization_factor;      /* a zero is a zero; Core's default is 0.2 */
  double multiplier;                /* 0: 1.7 */
  uint64_t max_interval_millis;     /* 0: 5,000 */
  uint64_t max_elapsed_millis;      /* 0: 10,000; TB_NEVER: no limit */
  uint64_t max_retries;             /* 0: 10; TB_NEVER: no limit */
} tb_retry_options;

typedef struct tb_connection_options {
  tb_bytes target;           /* required: "http://127.0.0.1:7233"; "https://…" with tls */
  tb_bytes identity;         /* required: who this is, for humans, "1234@host" */
  tb_bytes client_name;      /* required: header client-name, "temporal-cpp" */
  tb_bytes client_version;   /* required: header client-version, a version as "0.1.0" */
  tb_bytes api_key;          /* sent as "Authorization: Bearer …"; unset: none */
  const tb_tls_options* tls; /* NULL: no TLS, whatever else is set. A zeroed struct: TLS as usual */
  /* Sent with every call. In `headers` values are text, in `binary_headers` bytes and keys end in
   * "-bin". */
  const tb_pair* headers;
  size_t header_count;
  const tb_pair* binary_headers;
  size_t binary_header_count;
  uint64_t connect_timeout_millis;     /* for all of tb_connect; 0: 10,000 */
  uint64_t keep_alive_interval_millis; /* 0: 30,000; TB_NEVER: no keep-alive */
  uint64_t keep_alive_timeout_millis;  /* 0: 15,000 */
  const tb_retry_options* retry;       /* of calls with `retry`; NULL: the defaults above */
  /* A proxy for HTTP CONNECT, "host:port" or "unix:/path"; unset: none. The user's name and
   * password are used where the name is set. */
  tb_bytes http_connect_proxy;
  tb_bytes http_connect_proxy_user;
  tb_bytes http_connect_proxy_password;
  bool disable_grpc_compression;   /* false: gzip, as Core has it */
  bool disable_dns_load_balancing; /* false: every address of the target's name is used in turn */
  bool skip_get_system_info; /* false: tb_connect calls GetSystemInfo, which proves the server */
  const tb_cancel* cancel;   /* ends the attempt; may be NULL */
} tb_connection_options;

/* connection is the caller's to free, or NULL; then error is not. */
typedef void (*tb_connect_callback)(void* user_data, tb_connection* connection,
                                    const tb_error* error);

/* Dials and calls GetSystemInfo, once: Core does not repeat it. Asynchronous. */
void tb_connect(tb_runtime* runtime, const tb_connection_options* options, void* user_data,
                tb_connect_callback callback);

/* Calls and workers under way keep the connection itself open. NULL is ignored. */
void tb_connection_free(tb_connection* connection);

/* Replaces what the next calls send, workers' too. An unset key removes it. Synchronous. */
void tb_connection_set_api_key(tb_connection* connection, tb_bytes api_key);
/* Replaces all headers, of both kinds. False, and nothing replaced, if one is not valid. */
bool tb_connection_set_headers(tb_connection* connection, const tb_pair* headers,
                               size_t header_count, const tb_pair* binary_headers,
                               size_t binary_header_count, void* user_data,
                               tb_error_callback on_error);

/* The server's answer to GetSystemInfo: on_value gets a GetSystemInfoResponse.Capabilities, empty
 * where it was skipped or is unknown. Synchronous: on_value comes once, from inside the call. */
typedef void (*tb_bytes_callback)(void* user_data, tb_bytes value);
void tb_connection_capabilities(tb_connection* connection, void* user_data,
                                tb_bytes_callback on_value);

/* ---- Calls ---- */

typedef int32_t tb_service;
enum {
  TB_SERVICE_WORKFLOW = 1, /* temporal.api.workflowservice.v1.WorkflowService */
  TB_SERVICE_OPERATOR = 2, /* temporal.api.operatorservice.v1.OperatorService */
  TB_SERVICE_CLOUD = 3,    /* temporal.api.cloud.cloudservice.v1.CloudService */
  TB_SERVICE_TEST = 4,     /* temporal.api.testservice.v1.TestService */
  TB_SERVICE_HEALTH = 5    /* grpc.health.v1.Health */
};

typedef struct tb_call_options {
  tb_service service;
  tb_bytes method;  /* as in the .proto: "StartWorkflowExecution" */
  tb_bytes request; /* the request message in protobuf */
  /* Headers of this call only; they win over the connection's. */
  const tb_pair* metadata;
  size_t metadata_count;
  const tb_pair* binary_metadata;
  size_t binary_metadata_count;
  /* The time for the whole call, repeats included, at most a year; 0: Core's default for each
   * attempt, 30 s, or 70 s for a long poll. */
  uint64_t timeout_millis;
  bool retry; /* repeat after errors that may pass, by the connection's tb_retry_options */
  const tb_cancel* cancel; /* may be NULL */
} tb_call_options;

typedef struct tb_call_result {
  int32_t status;    /* gRPC's: 0 is OK */
  tb_bytes message;  /* of the status; empty for OK */
  tb_bytes details;  /* the trailer grpc-status-details-bin (a google.rpc.Status), or empty */
  tb_bytes response; /* the response message in protobuf; empty but for OK */
} tb_call_result;

/* result is never NULL and borrowed. */
typedef void (*tb_call_callback)(void* user_data, const tb_call_result* result);

/* Calls any method of the services above. Asynchronous. What goes wrong on this side has a status
 * too: a request or metadata that is malformed INVALID_ARGUMENT (3), an unknown method
 * UNIMPLEMENTED (12), the token triggered CANCELLED (1), timeout_millis over DEADLINE_EXCEEDED (4),
 * runtime freed UNAVAILABLE (14), panic INTERNAL (13). */
void tb_call(tb_connection* connection, const tb_call_options* options, void* user_data,
             tb_call_callback callback);

/* ---- Worker ---- */

/* What a worker polls for: a sum of these. Local activities need workflows. */
typedef uint32_t tb_task_types;
enum { TB_TASK_WORKFLOW = 1, TB_TASK_LOCAL_ACTIVITY = 2, TB_TASK_ACTIVITY = 4, TB_TASK_NEXUS = 8 };

typedef int32_t tb_versioning_kind;
enum {
  TB_VERSIONING_NONE = 0,       /* build_id is only shown */
  TB_VERSIONING_DEPLOYMENT = 1, /* deployment_name and build_id, and the two fields below them */
  TB_VERSIONING_LEGACY = 2      /* build_id, by the rules that Worker Versioning had at first */
};

typedef int32_t tb_versioning_behavior;
enum {
  TB_VERSIONING_BEHAVIOR_UNSPECIFIED = 0,
  TB_VERSIONING_BEHAVIOR_PINNED = 1,
  TB_VERSIONING_BEHAVIOR_AUTO_UPGRADE = 2
};

typedef struct tb_versioning {
  tb_versioning_kind kind;
  tb_bytes deployment_name;
  tb_bytes build_id;
  bool use_worker_versioning;
  tb_versioning_behavior default_behavior; /* unspecified, unless use_worker_versioning is set */
} tb_versioning;

/* How many tasks of one kind a worker has at a time: each has a slot, and so has each poll that waits
 * for one. */
typedef int32_t tb_slot_kind;
enum { TB_SLOT_WORKFLOW = 0, TB_SLOT_ACTIVITY = 1, TB_SLOT_LOCAL_ACTIVITY = 2, TB_SLOT_NEXUS = 3 };

typedef int32_t tb_slot_supplier_kind;
enum { TB_SLOTS_FIXED = 0, TB_SLOTS_BY_RESOURCES = 1, TB_SLOTS_POOLED = 2, TB_SLOTS_CUSTOM = 3 };

typedef struct tb_slots_fixed {
  uint64_t count; /* 0: Core's default (100); at least 2 for workflows where they are cached */
} tb_slots_fixed;

/* Memory and CPU of the machine, or of the control group, as a source of slots. Workers that are
 * given the same one decide by the same measurements. */
typedef struct tb_resources tb_resources;
typedef struct tb_resources_options {
  double target_memory_usage; /* above 0, to 1 */
  double target_cpu_usage;
} tb_resources_options;
tb_resources* tb_resources_new(const tb_resources_options* options, void* user_data,
                               tb_error_callback on_error);
/* Workers made with it go on. NULL is ignored. */
void tb_resources_free(tb_resources* resources);

typedef struct tb_slots_by_resources {
  const tb_resources* resources; /* required */
  uint64_t minimum;              /* given out whatever the machine says; at least 1 */
  uint64_t maximum;
  uint64_t ramp_throttle_millis; /* between two slots above the minimum, at least */
} tb_slots_by_resources;

/* Slots for several workers. */
typedef struct tb_slot_pool tb_slot_pool;
tb_slot_pool* tb_slot_pool_new(uint64_t count); /* from 1 */
/* Workers made with it go on. NULL is ignored. */
void tb_slot_pool_free(tb_slot_pool* pool);

typedef struct tb_slots_pooled {
  const tb_slot_pool* pool; /* required */
  /* Of this worker's slots at most so many are of polls that wait, so that a worker without work
   * leaves slots to the others; from 1. */
  uint64_t most_waiting;
} tb_slots_pooled;

/* Who asks for a slot. */
typedef struct tb_slot_request {
  tb_slot_kind kind;
  tb_bytes task_queue;
  tb_bytes worker_identity;
  tb_bytes build_id; /* unset without Worker Versioning */
  uint64_t reserved; /* slots of this kind that the worker has */
  bool is_sticky;    /* a poll for tasks of cached workflows */
} tb_slot_request;

/* What a slot is used for; fields of other kinds are unset. */
typedef struct tb_slot_use {
  tb_bytes workflow_type;
  tb_bytes activity_type;
  tb_bytes nexus_service;
  tb_bytes nexus_operation;
  bool is_sticky;
} tb_slot_use;

typedef struct tb_slot_promise tb_slot_promise;

/* Slots of the caller's own. Permits are numbers of its choice, never 0. Every function is required,
 * may be called by many threads at once, on any thread, must not wait, and gets user_data first;
 * what is passed is borrowed for the call. */
typedef struct tb_slot_callbacks {
  void* user_data; /* lives until `free` is called */
  /* A slot is wanted, whenever there will be one. The promise is the callee's, who gives it to
   * tb_slot_promise_keep once, inside the call or later. */
  void (*reserve)(void* user_data, uint64_t reservation, const tb_slot_request* request,
                  tb_slot_promise* promise);
  /* It is not wanted any longer. Its promise is kept nevertheless. */
  void (*abandon)(void* user_data, uint64_t reservation);
  /* A slot that is there now, or 0. */
  uint64_t (*try_reserve)(void* user_data, const tb_slot_request* request);
  /* A task has come for the slot. */
  void (*mark_used)(void* user_data, uint64_t permit, const tb_slot_use* use);
  /* Once for each permit that was taken, used or not. */
  void (*release)(void* user_data, uint64_t permit);
  void (*free)(void* user_data); /* the last call of all; after an error of tb_worker_new too */
} tb_slot_callbacks;

/* The promise is gone. False: nobody waits for it, so the permit is still the callee's. 0 is no permit,
 * for a promise that cannot be kept: who waits then goes on waiting. */
bool tb_slot_promise_keep(tb_slot_promise* promise, uint64_t permit);

typedef struct tb_slot_supplier {
  tb_slot_supplier_kind kind;
  union {
    tb_slots_fixed fixed;
    tb_slots_by_resources by_resources;
    tb_slots_pooled pooled;
    tb_slot_callbacks custom;
    uint64_t reserved[8];
  } of;
} tb_slot_supplier;

typedef int32_t tb_poller_kind;
enum {
  TB_POLLER_DEFAULT = 0, /* what the namespace prefers: autoscaling, or at most 5 */
  TB_POLLER_SIMPLE_MAXIMUM = 1,
  TB_POLLER_AUTOSCALING = 2
};

typedef struct tb_poller_behavior {
  tb_poller_kind kind;
  uint64_t maximum; /* of both; for workflows that are cached at least 2 */
  uint64_t minimum; /* of autoscaling, from 1 */
  uint64_t initial; /* of autoscaling, from minimum to maximum */
} tb_poller_behavior;

typedef struct tb_worker_options {
  tb_bytes task_queue; /* required */
  /* `namespace` is a word of C++, so: */
  tb_bytes namespace_;        /* required */
  tb_bytes identity_override; /* unset: the connection's */
  tb_task_types task_types;   /* required */
  tb_versioning versioning;
  uint64_t max_cached_workflows; /* 0: none is cached, and no sticky queue is used */
  tb_slot_supplier workflow_slots;
  tb_slot_supplier activity_slots;
  tb_slot_supplier local_activity_slots;
  tb_slot_supplier nexus_slots;
  tb_poller_behavior workflow_pollers;
  tb_poller_behavior activity_pollers;
  tb_poller_behavior nexus_pollers;
  double nonsticky_to_sticky_poll_ratio;               /* 0: 0.2 */
  uint64_t sticky_schedule_to_start_timeout_millis;    /* 0: 10,000 */
  uint64_t max_heartbeat_throttle_interval_millis;     /* 0: 60,000 */
  uint64_t default_heartbeat_throttle_interval_millis; /* 0: 30,000 */
  double max_worker_activities_per_second;             /* 0: no limit */
  double max_task_queue_activities_per_second;         /* 0: no limit; else no eager activities */
  /* Activities that may be started eagerly with the completion of a workflow task. A zero is a
   * zero: none. Core's default is 3. */
  uint64_t max_eager_activities_per_workflow_task;
  /* How long after the shutdown began the activities still running are told to cancel: 0 at once,
   * TB_NEVER not at all. */
  uint64_t graceful_shutdown_period_millis;
  /* A non-deterministic workflow fails, instead of its task: any, or of these types only. */
  bool nondeterminism_fails_workflow;
  const tb_bytes* nondeterminism_fails_workflow_types;
  size_t nondeterminism_fails_workflow_type_count;
  /* The shutdown does not wait until the evictions of cached workflows are answered: for a caller
   * who frees them all itself. */
  bool ignore_evictions_on_shutdown;
  /* Completions above the namespace's size limits are sent, for the server to refuse, instead of
   * failed here. */
  bool disable_payload_error_limit;
  /* Without this, two workers of one connection on the same namespace, queue and kinds are an
   * error. */
  bool skip_worker_set_check;
} tb_worker_options;

/* Makes a worker; it dials nothing and polls nothing yet. The worker keeps the connection open; the
 * handle `connection` may be freed. NULL after an error. Synchronous.
 *
 * Its life: tb_worker_validate, until it has succeeded once, before the first poll. Then one
 * loop of polls for each kind of its task_types (activities and local activities share one), and
 * any number of completions at a time. Then tb_worker_initiate_shutdown; go on polling each kind
 * until it answers "shut down", and complete every task that was handed out. Then
 * tb_worker_finalize_shutdown, and after its callback tb_worker_free. */
tb_worker* tb_worker_new(tb_connection* connection, const tb_worker_options* options,
                         void* user_data, tb_error_callback on_error);

/* Without a finalized shutdown this abandons the worker: a shutdown is initiated, and polls under way
 * end by themselves, but tasks that were handed out are lost to the server's time-outs. NULL is
 * ignored. */
void tb_worker_free(tb_worker* worker);

/* The slots of one kind: `used` have a task, the other reserved ones are of polls that wait. */
typedef struct tb_slot_counts {
  uint64_t reserved;
  uint64_t used;
  uint64_t available; /* more than that; UINT64_MAX: the supplier cannot say */
} tb_slot_counts;
typedef struct tb_worker_slots {
  tb_slot_counts workflow;
  tb_slot_counts activity;
  tb_slot_counts local_activity;
  tb_slot_counts nexus;
} tb_worker_slots;
/* Synchronous; does not wait; until the free. */
void tb_worker_read_slots(const tb_worker* worker, tb_worker_slots* slots);

/* Asks the server whether the namespace is there, which also gives Core its limits. namespace_info
 * is a coresdk.NamespaceInfo; error is NULL for success. Asynchronous. */
typedef void (*tb_validate_callback)(void* user_data, tb_bytes namespace_info,
                                     const tb_error* error);
void tb_worker_validate(tb_worker* worker, void* user_data, tb_validate_callback callback);

/* One poll: `task` is a task in protobuf; or, where both are NULL, the worker is shut down and there
 * are no more tasks of this kind; or error is why there is none. TB_ERROR_CLOSED, _RUNTIME_FREED and
 * _PANIC are the last of their kind. After any other the worker shuts down by itself: poll on until
 * it answers "shut down". */
typedef void (*tb_poll_callback)(void* user_data, const tb_bytes* task, const tb_error* error);

/* Wait for the next task. Of each function only one call may be under way at a time.
 * Asynchronous. */
/* A coresdk.workflow_activation.WorkflowActivation; each must be completed, evictions too. */
void tb_worker_poll_workflow_activation(tb_worker* worker, void* user_data,
                                        tb_poll_callback callback);
/* A coresdk.activity_task.ActivityTask. */
void tb_worker_poll_activity_task(tb_worker* worker, void* user_data, tb_poll_callback callback);
/* A coresdk.nexus.NexusTask. */
void tb_worker_poll_nexus_task(tb_worker* worker, void* user_data, tb_poll_callback callback);

/* Give back the answer to a task, in protobuf. Any number may be under way. An error says that the
 * message is malformed or of a kind that the worker has not; what the server thinks of it is Core's
 * affair. Asynchronous. */
/* A coresdk.workflow_completion.WorkflowActivationCompletion. */
void tb_worker_complete_workflow_activation(tb_worker* worker, tb_bytes completion, void* user_data,
                                            tb_done_callback callback);
/* A coresdk.ActivityTaskCompletion. */
void tb_worker_complete_activity_task(tb_worker* worker, tb_bytes completion, void* user_data,
                                      tb_done_callback callback);
/* A coresdk.nexus.NexusTaskCompletion. */
void tb_worker_complete_nexus_task(tb_worker* worker, tb_bytes completion, void* user_data,
                                   tb_done_callback callback);

/* heartbeat is a coresdk.ActivityHeartbeat. Core throttles; it does not wait. False if the message
 * is malformed or the worker finalized. Synchronous. */
bool tb_worker_record_activity_heartbeat(tb_worker* worker, tb_bytes heartbeat, void* user_data,
                                         tb_error_callback on_error);

/* The next activation of that run will be its eviction. Synchronous; does not wait. */
void tb_worker_request_workflow_eviction(tb_worker* worker, tb_bytes run_id);

/* Stops taking tasks from the server. Synchronous; does not wait; may be repeated. */
void tb_worker_initiate_shutdown(tb_worker* worker);

/* Ends the worker: initiates the shutdown where that was not done, waits until every poll and
 * completion under way has called back and every task is completed, then frees all but the handle.
 * From this call on, others with the handle answer TB_ERROR_CLOSED. Asynchronous. */
void tb_worker_finalize_shutdown(tb_worker* worker, void* user_data, tb_done_callback callback);

/* The worker goes on with another connection of the same runtime. Synchronous. */
bool tb_worker_replace_connection(tb_worker* worker, tb_connection* connection, void* user_data,
                                  tb_error_callback on_error);

/* ---- Replay ---- */

/* Makes a worker that is fed with histories and needs no server, and its feeder *replay. Of the
 * options Core sets pollers, cache and task types itself. Each history ends with an
 * eviction, of which the reason and message say how it went; after tb_replay_free and the last
 * history the worker shuts down. NULL, and *replay NULL, after an error. Synchronous. */
tb_worker* tb_replay_worker_new(tb_runtime* runtime, const tb_worker_options* options,
                                tb_replay** replay, void* user_data, tb_error_callback on_error);

/* history is a temporal.api.history.v1.History in protobuf. The callback comes when the worker has
 * room to take it: one is replayed at a time and one waits. A history that cannot be one is
 * TB_ERROR_INVALID_ARGUMENT and is not fed. Asynchronous. */
void tb_replay_push(tb_replay* replay, tb_bytes workflow_id, tb_bytes history, void* user_data,
                    tb_done_callback callback);

/* No more histories will come. NULL is ignored. */
void tb_replay_free(tb_replay* replay);

/* ---- Configuration from environment and TOML ---- */

typedef struct tb_config_options {
  tb_bytes profile;     /* unset: TEMPORAL_PROFILE, else "default" */
  tb_bytes config_path; /* a TOML file. Unset, and config_data too: TEMPORAL_CONFIG_FILE, else the
                           user's standard file, which may be missing */
  tb_bytes config_data; /* TOML itself; wins over config_path */
  bool disable_file;
  bool disable_env;
  bool strict; /* unknown keys of the file are errors */
  /* The environment to read; NULL: the process's. To give an empty one, point to any pair with
   * count 0. */
  const tb_pair* environment;
  size_t environment_count;
} tb_config_options;

typedef int32_t tb_switch;
enum { TB_SWITCH_UNSET = 0, TB_SWITCH_OFF = 1, TB_SWITCH_ON = 2 };

/* Where a certificate or key is: at most one of the two is set. */
typedef struct tb_data_source {
  tb_bytes path;
  tb_bytes data;
} tb_data_source;

typedef struct tb_config {
  tb_bytes address; /* "host:port"; unset where nothing says it, as the others */
  tb_bytes namespace_;
  tb_bytes api_key;
  tb_switch tls; /* on where the profile says anything of TLS; unset: on where api_key is set */
  tb_data_source tls_client_cert;
  tb_data_source tls_client_key;
  tb_data_source tls_server_ca_cert;
  tb_bytes tls_server_name;
  bool tls_disable_host_verification;
  tb_bytes codec_endpoint;
  tb_bytes codec_auth;
  const tb_pair* headers; /* sorted by key */
  size_t header_count;
} tb_config;

/* config is borrowed for the callback. */
typedef void (*tb_config_callback)(void* user_data, const tb_config* config);

/* Reads one profile, as all SDKs of Temporal do: the file, then the TEMPORAL_* variables over it.
 * Synchronous: one of the callbacks is called once, from inside the call. Needs no runtime. */
bool tb_load_client_config(const tb_config_options* options, void* user_data,
                           tb_config_callback on_config, tb_error_callback on_error);

#ifdef __cplusplus
}
#endif

#endif /* TEMPORAL_BRIDGE_H */
