#include "process/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

#include "db/error.h"
#include "http/access_log.h"
#include "http/admission.h"
#include "http/server.h"
#include "process/api_description.h"
#include "process/error_catalogue.h"
#include "process/temporal_telemetry.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "temporal/asio.h"
#include "temporal/client_config.h"

namespace ordering::process {
namespace {

constexpr int kWrongSetting = 2;

// "host:port", "[::1]:7233", either with http:// or https:// before it.
bool is_address(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"})
    if (target.starts_with(scheme)) target.remove_prefix(scheme.size());
  const auto colon = target.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto host = target.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (host.find_first_of("/ @") != std::string_view::npos) return false;
  if (!bracketed && host.contains(':')) return false;
  const auto port = target.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && rest == port.data() + port.size() && number > 0;
}

temporal::Runtime make_runtime(const Options& options) {
  telemetry::start_logging(
      {.service = options.service, .format = options.log_format, .level = options.log_level});
  // Core does I/O and state machines: for one service a second thread only costs hand-overs.
  return temporal::Runtime::create({.log_sink = log_sink(), .meter = meter(), .core_threads = 1});
}

temporal::Client make_client(const temporal::Runtime& runtime, const Tracing& tracing) {
  auto client = temporal::load_client_options();
  if (!is_address(client.target))
    throw std::invalid_argument("TEMPORAL_ADDRESS is \"" + client.target +
                                "\", but it takes HOST:PORT");
  client.runtime = runtime;
  client.interceptors = tracing.client_interceptors();
  client.grpc_compression = false;  // of messages this small it costs more CPU than it saves bytes
  return temporal::Client::lazy(std::move(client));
}

// As many descriptors as the HTTP server may hold connections, and Temporal's and the store's
// beside them: many systems begin with 1,024. Where it fails, accepting pauses.
void allow_descriptors() {
  constexpr rlim_t kWanted = 4096;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kWanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, kWanted);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The end for a process that does not come to one by itself.
void exit_within(std::chrono::seconds time) {
  std::signal(SIGALRM, [](int) { _exit(0); });
  alarm(static_cast<unsigned>(time.count()));
}

}  // namespace

std::size_t tasks_at_once() {
  return 1 + std::max(1U, std::thread::hardware_concurrency());
}

temporal::WorkerOptions blocking_worker(std::string_view task_queue, temporal::Registry registry) {
  return {.task_queue = std::string(task_queue),
          .registry = std::move(registry),
          .max_concurrent_activities = tasks_at_once(),
          .graceful_shutdown_timeout = Process::kGrace,
          .activity_threads = tasks_at_once()};
}

Process::Process(Options options)
    : options_(std::move(options)),
      runtime_(make_runtime(options_)),
      tracing_(options_.service, runtime_),
      client_(make_client(runtime_, tracing_)) {}
Process::~Process() = default;

int Process::serve(Service service) {
  service_ = std::move(service);
  if (service_.task_queues.empty())
    service_.task_queues.push_back({.name = service_.worker.task_queue});
  if (service_.database) database_.emplace(pool_, kProbeTimeout, service_.database);
  http::Operations operations({.readiness = [this] { return readiness(); },
                               .metrics =
                                   [this] {
                                     tracing_.tell();
                                     return telemetry::metrics_text();
                                   }});
  operations.add_to(service_.router);
  ErrorCatalogue errors;
  errors.add_to(service_.router);
  ApiDescription description(service_.openapi);
  description.add_to(service_.router);
  check_description();
  http::Admission admission(
      {.api_key = options_.api_key, .rate = static_cast<std::size_t>(options_.rate_limit)});
  http::Server server(io_.get_executor(), std::move(service_.router),
                      {.host = options_.listen_address,
                       .port = options_.port,
                       .service = options_.service,
                       .observer = http::access_log(),
                       .problem_types = std::string(kProblemTypes),
                       .admit = [&admission](const auto& request) { admission.admit(request); },
                       .unavailable_code = service_.unavailable_code});
  boost::asio::signal_set signals(io_, SIGTERM, SIGINT);

  tracing_.add_to(service_.worker);
  temporal::Worker worker(client_, std::move(service_.worker));
  worker_ = &worker;
  worker.start();

  std::thread handing_over;
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    telemetry::info("stopping");
    draining_.request_stop();
    exit_within(kExitWithin);
    handing_over = std::thread([&worker] { worker.shutdown(); });
    server.stop(kGrace);
  });
  boost::asio::co_spawn(io_, server.run(), http::rethrow);
  telemetry::info("serving", {{"port", server.port()}});
  io_.run();

  if (handing_over.joinable()) handing_over.join();
  worker_ = nullptr;
  tracing_.flush(kLastSpans);
  telemetry::info("stopped");
  return 0;
}

void Process::check_description() const {
  const auto found = differences(service_.openapi.bytes, service_.router.routes());
  if (!found.empty()) throw std::logic_error(found.front());
}

http::Task<bool> Process::temporal_answers() {
  try {
    co_await temporal::use_asio(client_.call(temporal::RpcService::workflow, "GetSystemInfo", "",
                                             {.timeout = kProbeTimeout}));
    co_return true;
  } catch (const temporal::Error&) {
    co_return false;
  }
}

http::Task<http::Readiness> Process::readiness() {
  http::Readiness ready;
  if (database_) database_->ask(io_.get_executor());
  const bool temporal_up = co_await temporal_answers();
  ready.dependencies.emplace_back("temporal", temporal_up);
  if (database_) ready.dependencies.emplace_back("database", co_await database_->answer());
  const auto status = worker_->status();
  ready.dependencies.emplace_back("worker", !draining_.stop_requested() &&
                                                status.state == temporal::WorkerState::running &&
                                                status.last_error.empty());
  if (temporal_up) co_await tell_pollers(ready);
  if (service_.warnings) std::ranges::copy(service_.warnings(), std::back_inserter(ready.warnings));
  co_return ready;
}

// All within the time of one; a queue that the server does not tell of is left out.
http::Task<> Process::tell_pollers(http::Readiness& ready) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + kProbeTimeout;
  for (const auto& queue : service_.task_queues) {
    const auto left = std::chrono::floor<std::chrono::milliseconds>(deadline - Clock::now());
    try {
      const auto pollers =
          co_await temporal::use_asio(ask_pollers(client_, queue, {.timeout = left}));
      ready.task_queues[queue.name] = to_json(pollers);
      if (pollers.polling == 0) ready.warnings.push_back(queue.name + " has no poller.");
    } catch (const temporal::Error&) {  // NOLINT(bugprone-empty-catch): left out, see above
    }
  }
}

int run(std::string_view program, const std::function<int()>& body) {
  allow_descriptors();
  int status = 1;
  std::string sentence;
  try {
    return body();
  } catch (const std::invalid_argument& e) {
    sentence = e.what();
    status = kWrongSetting;
  } catch (const db::Error& e) {  // of the start: what fails later is answered where it was asked
    sentence =
        std::string("DATABASE_URL (or DATA_DIR where it is unset) cannot be used: ") + e.what();
    status = kWrongSetting;
  } catch (const std::exception& e) {
    sentence = e.what();
  }
  std::fprintf(stderr, "%s: %s\n", std::string(program).c_str(), sentence.c_str());
  return status;
}

}  // namespace ordering::process
