#include "process/process.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

#include "db/error.h"
#include "http/access_log.h"
#include "http/server.h"
#include "process/temporal_telemetry.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "temporal/asio.h"
#include "temporal/client_config.h"

namespace ordering::process {
namespace {

constexpr int kWrongSetting = 2;

temporal::Client make_client(const Options& options) {
  telemetry::start_logging(
      {.service = options.service, .format = options.log_format, .level = options.log_level});
  auto client = temporal::load_client_options();
  // Core does I/O and state machines: for one service a second thread only costs hand-overs.
  client.runtime =
      temporal::Runtime::create({.log_sink = log_sink(), .meter = meter(), .core_threads = 1});
  client.grpc_compression = false;  // of messages this small it costs more CPU than it saves bytes
  return temporal::Client::lazy(std::move(client));
}

// The end for a process that does not come to one by itself.
void exit_within(std::chrono::seconds time) {
  std::signal(SIGALRM, [](int) { _exit(0); });
  alarm(static_cast<unsigned>(time.count()));
}

}  // namespace

temporal::WorkerOptions blocking_worker(std::string_view task_queue, temporal::Registry registry) {
  return {.task_queue = std::string(task_queue),
          .registry = std::move(registry),
          .max_concurrent_activities = 2 * kActivityThreads,  // the next is there when one ends
          .graceful_shutdown_timeout = Process::kGrace,
          .activity_threads = kActivityThreads};
}

Process::Process(Options options) : options_(std::move(options)), client_(make_client(options_)) {}
Process::~Process() = default;

int Process::serve(Service service) {
  service_ = std::move(service);
  http::Operations operations({.readiness = [this] { return readiness(); },
                               .metrics = [] { return telemetry::metrics_text(); }});
  operations.add_to(service_.router);
  http::Server server(
      io_.get_executor(), std::move(service_.router),
      {.port = options_.port, .service = options_.service, .observer = http::access_log()});
  boost::asio::signal_set signals(io_, SIGTERM, SIGINT);

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
  telemetry::info("stopped");
  return 0;
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
  ready.dependencies.emplace_back("temporal", co_await temporal_answers());
  if (service_.database)
    ready.dependencies.emplace_back("database", co_await http::on_pool(pool_, service_.database));
  const auto status = worker_->status();
  ready.dependencies.emplace_back("worker", !draining_.stop_requested() &&
                                                status.state == temporal::WorkerState::running &&
                                                status.last_error.empty());
  co_return ready;
}

int run(std::string_view program, const std::function<int()>& body) {
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
