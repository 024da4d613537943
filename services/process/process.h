// One service of the shop as a process: its log, its connection to Temporal, its HTTP server and its
// worker, from start to exit.
//
//   int main(int argc, char** argv) {
//     return process::run("jumun-payment", [&] {
//       …                                               // read the settings, open the store
//       process::Process process{options};
//       payment::Api api{store, process.pool()};
//       http::Router router;
//       api.add_to(router);
//       return process.serve({.router = std::move(router), .worker = …, .database = …});
//     });
//   }
//
// It serves at once, whether Temporal is there or not: /livez is UP, /readyz says what is missing,
// and the worker begins when Temporal answers. On SIGTERM or SIGINT /readyz turns DOWN, requests and
// activities under way finish or are handed over to another worker, and serve() returns 0; after
// kExitWithin at the latest the process ends with 0 whatever still runs, since every activity may be
// repeated.
#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "http/asset.h"
#include "http/operations.h"
#include "http/pool.h"
#include "http/router.h"
#include "process/options.h"
#include "process/pollers.h"
#include "process/probe.h"
#include "process/tracing.h"
#include "temporal/client.h"
#include "temporal/worker.h"

namespace ordering::process {

struct Service {
  http::Router router = {};             // the service's own resources
  http::Asset openapi = {};             // which describes them, see api_description.h
  temporal::WorkerOptions worker = {};  // task queue and registry at least
  std::function<bool()> database = {};  // whether its store answers; unset: it has none
  // For /readyz. Those whose pollers are told; none: the worker's own, of activities.
  std::vector<TaskQueue> task_queues = {};
  std::function<std::vector<std::string>()> warnings = {};  // sentences; unset: none
  // See http::ServerOptions.
  std::function<std::string(std::string_view method, std::string_view path)> unavailable_code = {};
};

// How many tasks of a kind a worker takes at a time: one a core, and one whose answer is on its way.
// Where all is busy more end no sooner, but stand in the way of new orders: see
// docs/evidence/shop-load.md.
std::size_t tasks_at_once();

// For activities that write to a store.
temporal::WorkerOptions blocking_worker(std::string_view task_queue, temporal::Registry registry);

class Process {
 public:
  // Of what runs when asked to stop: the rest of kExitWithin is for the handing over.
  static constexpr std::chrono::seconds kGrace{8};
  static constexpr std::chrono::seconds kExitWithin{14};
  // Of /readyz: for its dependencies, asked side by side, and then for the pollers. Both together are
  // less than the 5 s that Kubernetes and Compose wait for it.
  static constexpr std::chrono::seconds kProbeTimeout{2};
  static constexpr std::chrono::seconds kLastSpans{1};  // for a collector to take them

  // Starts the log and makes the client; no I/O. std::invalid_argument for a wrong TEMPORAL_… or
  // OTEL_… setting, with a sentence that names it.
  explicit Process(Options options);
  ~Process();

  const temporal::Client& client() const { return client_; }
  boost::asio::any_io_executor executor() { return io_.get_executor(); }  // of the HTTP handlers
  http::Pool& pool() { return pool_; }  // for blocking work of HTTP handlers
  // Asked to stop: for requests that wait for something, so that they answer now.
  std::stop_token draining() const { return draining_.get_token(); }

  // Until SIGTERM or SIGINT; returns the exit status. std::logic_error where the service's description
  // and its routes differ.
  int serve(Service service);

 private:
  void check_description() const;
  http::Task<http::Readiness> readiness();
  http::Task<bool> temporal_answers();
  http::Task<> tell_pollers(http::Readiness& ready);

  Options options_;
  temporal::Runtime runtime_;
  Tracing tracing_;
  temporal::Client client_;
  boost::asio::io_context io_{1};
  http::Pool pool_;
  Service service_;
  std::optional<Probe> database_;
  temporal::Worker* worker_ = nullptr;  // while serve() runs
  std::stop_source draining_;
};

// What main does with what goes wrong before and after: one sentence on stderr, and exit status 2
// for a wrong setting (a store that cannot be opened is one), 1 for anything else.
int run(std::string_view program, const std::function<int()>& body);

}  // namespace ordering::process
