#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "client/client_core.h"
#include "temporal/testing.h"
#include "testing/simulator.h"
#include "testing/time_skipping.h"

namespace temporal::testing {

namespace {

using namespace std::chrono_literals;
using temporal::detail::ClientCore;

constexpr auto kFirstInstant = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

SimulatedOptions completed(SimulatedOptions options) {
  auto refuse = [](const char* what) {
    throw std::invalid_argument(std::string("SimulatedOptions: ") + what);
  };
  if (options.patience <= 0ms) refuse("patience must be above zero");
  if (options.max_skips == 0) refuse("max_skips must be above zero");
  if (options.client.name_space.empty()) refuse("client.name_space is empty");
  if (options.start_time == Time()) options.start_time = kFirstInstant;
  if (options.client.identity.empty()) options.client.identity = "test";
  if (!options.client.runtime) options.client.runtime = Runtime::shared_default();
  return options;
}

}  // namespace

class Environment::Impl {
 public:
  explicit Impl(Client c) : client(std::move(c)) {}
  Impl(std::shared_ptr<Simulator> s, Client c) : simulator(std::move(s)), client(std::move(c)) {}
  ~Impl() {
    if (simulator) simulator->end();
  }

  const std::shared_ptr<Simulator> simulator;  // null: a server
  const Client client;
  bool skips_time = false;
};

Environment Environment::simulated(SimulatedOptions options) {
  options = completed(std::move(options));
  auto simulator = std::make_shared<Simulator>(options);
  auto core = std::make_shared<ClientCore>(std::move(options.client), simulator);
  return Environment(std::make_shared<Impl>(std::move(simulator), Client(std::move(core))));
}

class RunningWorker::Impl {
 public:
  Impl(std::shared_ptr<void> environment, const Client& client, WorkerOptions options)
      : environment_(std::move(environment)), worker_(std::in_place, client, std::move(options)) {
    worker_->start();
  }
  Impl(std::shared_ptr<void> environment, std::shared_ptr<Simulator> simulator,
       WorkerOptions options)
      : environment_(std::move(environment)), simulator_(std::move(simulator)) {
    if (options.task_queue.empty())
      throw std::invalid_argument("WorkerOptions::task_queue is empty");
    host_ = simulator_->add_host(
        {.task_queue = std::move(options.task_queue),
         .registry = std::move(options.registry),
         .local_activities_only = options.local_activities_only,
         .failure_types = std::move(options.failure_types),
         .patch_activation_callback = std::move(options.patch_activation_callback),
         .workflow_interceptors = std::move(options.workflow_interceptors),
         .activity_interceptors = std::move(options.activity_interceptors),
         .executor = std::move(options.executor)});
  }
  ~Impl() {
    if (simulator_) simulator_->remove_host(host_);
  }

 private:
  const std::shared_ptr<void> environment_;  // ends after it
  const std::shared_ptr<Simulator> simulator_;
  std::uint64_t host_ = 0;
  std::optional<Worker> worker_;
};

RunningWorker::RunningWorker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunningWorker::RunningWorker(RunningWorker&&) noexcept = default;
RunningWorker& RunningWorker::operator=(RunningWorker&&) noexcept = default;
RunningWorker::~RunningWorker() = default;

RunningWorker Environment::work(WorkerOptions options) const {
  using Impl = RunningWorker::Impl;
  return RunningWorker(impl_->simulator
                           ? std::make_unique<Impl>(impl_, impl_->simulator, std::move(options))
                           : std::make_unique<Impl>(impl_, impl_->client, std::move(options)));
}

Environment Environment::existing(Client client) {
  return Environment(std::make_shared<Impl>(std::move(client)));
}
Environment Environment::existing(const std::string& target) {
  return existing(Client::connect({.target = target}).get());
}

Environment Environment::time_skipping(const std::string& target, TimeSkippingOptions options) {
  return time_skipping(ClientOptions{.target = target}, options);
}
Environment Environment::time_skipping(ClientOptions client, TimeSkippingOptions options) {
  if (options.max_session_skip_count <= 0)
    throw std::invalid_argument("TimeSkippingOptions: max_session_skip_count must be above zero");
  client = ClientCore::completed(std::move(client));
  auto skipping = std::make_shared<TimeSkipping>(std::make_shared<CoreTransport>(client),
                                                 client.name_space, options.max_session_skip_count);
  auto core = std::make_shared<ClientCore>(std::move(client), std::move(skipping));
  auto impl = std::make_shared<Impl>(Client(std::move(core)));
  impl->skips_time = true;
  return Environment(std::move(impl));
}

const Client& Environment::client() const {
  return impl_->client;
}
Time Environment::now() const {
  return impl_->simulator ? impl_->simulator->now() : std::chrono::system_clock::now();
}
void Environment::sleep(std::chrono::milliseconds duration) const {
  if (duration < 0ms) throw std::invalid_argument("Environment::sleep: the duration is negative");
  if (impl_->skips_time)
    throw std::logic_error(
        "Environment::sleep: with time_skipping each workflow has a time of its own; wait for what "
        "is to come, or use Environment::simulated()");
  if (impl_->simulator)
    impl_->simulator->sleep(duration);
  else
    std::this_thread::sleep_for(duration);
}

}  // namespace temporal::testing
