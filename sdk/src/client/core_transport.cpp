#include "client/core_transport.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace temporal {

namespace {

using std::chrono::milliseconds;
using Text = std::map<std::string, std::string>;

constexpr std::string_view kClientName = "temporal-cpp";
constexpr std::string_view kClientVersion = "0.1.0";

std::vector<tb_pair> pairs(const Text& map) {
  std::vector<tb_pair> pairs;
  pairs.reserve(map.size());
  for (const auto& [key, value] : map) pairs.push_back({bridge::bytes(key), bridge::bytes(value)});
  return pairs;
}

std::uint64_t count(milliseconds duration) {
  return static_cast<std::uint64_t>(std::max<milliseconds::rep>(0, duration.count()));
}

bool uses_tls(const ClientOptions& options) {
  return options.tls || options.target.starts_with("https://") ||
         (!options.api_key.empty() && !options.target.starts_with("http://"));
}

std::string url(const ClientOptions& options) {
  if (options.target.contains("://")) return options.target;
  return (uses_tls(options) ? "https://" : "http://") + options.target;
}

// Refers to `tls`.
tb_tls_options tls_of(const TlsOptions& tls) {
  return {.server_root_ca = bridge::bytes(tls.server_root_ca),
          .domain = bridge::bytes(tls.domain),
          .client_cert = bridge::bytes(tls.client_cert),
          .client_key = bridge::bytes(tls.client_key)};
}

tb_tls_options tls_of(TlsOptions&&) = delete;

tb_retry_options retry_of(const RpcRetryOptions& retry) {
  return {.initial_interval_millis = count(retry.initial_interval),
          .randomization_factor = retry.randomization_factor,
          .multiplier = retry.multiplier,
          .max_interval_millis = count(retry.max_interval),
          .max_elapsed_millis = retry.max_elapsed ? count(*retry.max_elapsed) : TB_NEVER,
          .max_retries = retry.max_retries ? *retry.max_retries : TB_NEVER};
}

void check(const ClientOptions& options) {
  auto refuse = [](const std::string& what) {
    throw std::invalid_argument("ClientOptions: " + what);
  };
  if (options.target.empty()) refuse("target is empty; it is \"host:port\"");
  if (options.name_space.empty()) refuse("name_space is empty");
  if (options.connect_timeout <= milliseconds(0)) refuse("connect_timeout must be above zero");
  if (options.tls && options.tls->client_cert.empty() != options.tls->client_key.empty())
    refuse("tls needs both client_cert and client_key, or neither");
  if (options.tls && options.target.starts_with("http://"))
    refuse("tls is set, but target begins with http://");
  if (!options.api_key.empty() && !uses_tls(options))
    refuse("api_key is sent over TLS only, but target begins with http://");
}

// What one call of Core needs until it has answered.
struct PendingCall {
  using Stop = std::stop_callback<std::function<void()>>;
  bridge::Cancel cancel;
  std::optional<Stop> stop, other_stop;
  Transport::Answered answered;

  void answer(bridge::CallResult result) {
    stop.reset();
    other_stop.reset();
    auto to = std::move(answered);
    if (result.status == 0) return to(std::move(result.response));
    to(std::unexpected(
        RpcError(static_cast<RpcCode>(result.status), result.message, std::move(result.details))));
  }
};

void start(const bridge::Connection& connection, const RpcRequest& request, std::stop_token stop,
           std::optional<milliseconds> left, Transport::Answered answered) {
  auto pending = std::make_shared<PendingCall>();
  pending->answered = std::move(answered);
  auto metadata = pairs(request.options.metadata);
  auto binary = pairs(request.options.binary_metadata);
  tb_call_options call{};
  call.service = static_cast<tb_service>(request.service);
  call.method = bridge::bytes(request.method);
  call.request = bridge::bytes(request.request);
  call.metadata = metadata.data();
  call.metadata_count = metadata.size();
  call.binary_metadata = binary.data();
  call.binary_metadata_count = binary.size();
  call.timeout_millis = left ? std::max<std::uint64_t>(1, count(*left)) : 0;
  call.retry = request.options.retry;
  call.cancel = pending->cancel.handle();
  auto trigger = [weak = std::weak_ptr(pending)] {
    if (auto p = weak.lock()) p->cancel.trigger();
  };
  pending->stop.emplace(std::move(stop), trigger);
  pending->other_stop.emplace(request.options.stop, trigger);
  connection.call(call, [pending = std::move(pending)](auto result) mutable {
    std::exchange(pending, nullptr)->answer(std::move(*result));
  });
}

}  // namespace

Transport::~Transport() = default;

struct CoreTransport::Settings {
  std::mutex mutex;  // of api_key and headers, which may be replaced
  ClientOptions options;
};

CoreTransport::CoreTransport(ClientOptions options) : settings_(std::make_shared<Settings>()) {
  check(options);
  auto timers = options.runtime->timers();
  auto limit = options.connect_timeout;
  options.interceptors.clear();  // the user's own: they are not to end on a thread of Core
  options.data_converter = {};
  settings_->options = std::move(options);
  dial_ = std::make_shared<detail::SharedDial>(attempt(settings_), std::move(timers), limit);
}

detail::SharedDial::Attempt CoreTransport::attempt(std::shared_ptr<Settings> settings) {
  return [settings](std::shared_ptr<bridge::Cancel> cancel, auto answered) {
    std::lock_guard lock(settings->mutex);
    const auto& o = settings->options;
    const auto target = url(o);
    const auto headers = pairs(o.headers);
    const auto binary = pairs(o.binary_headers);
    const auto retry = retry_of(o.retry);
    const auto tls_options = o.tls.value_or(TlsOptions{});
    const auto tls = tls_of(tls_options);
    tb_connection_options core{};
    core.target = bridge::bytes(target);
    core.identity = bridge::bytes(o.identity);
    core.client_name = bridge::bytes(kClientName);
    core.client_version = bridge::bytes(kClientVersion);
    core.api_key = bridge::bytes(o.api_key);
    core.tls = uses_tls(o) ? &tls : nullptr;
    core.headers = headers.data();
    core.header_count = headers.size();
    core.binary_headers = binary.data();
    core.binary_header_count = binary.size();
    core.connect_timeout_millis = count(o.connect_timeout);
    core.keep_alive_interval_millis = o.keep_alive ? count(o.keep_alive->interval) : TB_NEVER;
    core.keep_alive_timeout_millis = o.keep_alive ? count(o.keep_alive->timeout) : 0;
    core.retry = &retry;
    if (o.http_connect_proxy) {
      core.http_connect_proxy = bridge::bytes(o.http_connect_proxy->target);
      core.http_connect_proxy_user = bridge::bytes(o.http_connect_proxy->user);
      core.http_connect_proxy_password = bridge::bytes(o.http_connect_proxy->password);
    }
    core.disable_grpc_compression = !o.grpc_compression;
    core.disable_dns_load_balancing = !o.dns_load_balancing;
    core.cancel = cancel->handle();
    bridge::Connection::connect(o.runtime->core(), core, std::move(answered));
  };
}

void CoreTransport::connect(std::optional<milliseconds> timeout, std::stop_token stop,
                            detail::SharedDial::Answered answered) {
  dial_->get(timeout, std::move(stop), {}, std::move(answered));
}

void CoreTransport::call(RpcRequest request, std::stop_token stop, Answered answered) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  auto timeout = request.options.timeout;
  auto options_stop = request.options.stop;
  auto then = [request = std::move(request), stop, began,
               answered = std::move(answered)](detail::SharedDial::Connected connected) mutable {
    if (!connected) return answered(std::unexpected(std::move(connected.error())));
    std::optional<milliseconds> left;
    if (request.options.timeout)
      left =
          *request.options.timeout - std::chrono::duration_cast<milliseconds>(Clock::now() - began);
    start(**connected, request, std::move(stop), left, std::move(answered));
  };
  dial_->get(timeout, std::move(stop), std::move(options_stop), std::move(then));
}

void CoreTransport::set_api_key(std::string api_key) {
  {
    std::lock_guard lock(settings_->mutex);
    settings_->options.api_key = api_key;
  }
  if (auto connection = dial_->connection()) connection->set_api_key(api_key);
}

void CoreTransport::set_headers(Text headers, Text binary_headers) {
  if (auto connection = dial_->connection())
    connection->set_headers(pairs(headers), pairs(binary_headers));
  std::lock_guard lock(settings_->mutex);
  settings_->options.headers = std::move(headers);
  settings_->options.binary_headers = std::move(binary_headers);
}

}  // namespace temporal
