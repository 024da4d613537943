// Core behind RAII, without a server: logs, metrics, dials that fail, calls that are stopped.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <mutex>
#include <thread>

#include "bridge/connection.h"
#include "bridge/replay.h"
#include "bridge/runtime.h"
#include "bridge/worker.h"

namespace temporal::bridge {
namespace {

struct Kept final : LogSink {
  void write(const LogRecord& record) override {
    std::lock_guard lock(mutex);
    records.push_back(record);
  }
  std::mutex mutex;
  std::vector<LogRecord> records;
};

std::shared_ptr<Runtime> make_runtime(RuntimeOptions options = {}) {
  options.worker_heartbeat_interval.reset();
  return std::make_shared<Runtime>(options);
}

tb_connection_options to(std::string_view target) {
  tb_connection_options options{};
  options.target = bytes(target);
  options.identity = bytes("bridge_test");
  options.client_name = bytes("temporal-cpp");
  options.client_version = bytes("0.1.0");
  return options;
}

// Port 1 of the loopback: refused at once.
constexpr std::string_view kNobody = "http://127.0.0.1:1";

TEST(Runtime, RefusesAHeartbeatIntervalThatCannotBeRight) {
  RuntimeOptions options{.log_sink = stderr_log_sink(),
                         .worker_heartbeat_interval = std::chrono::milliseconds(1)};
  EXPECT_THROW(Runtime{options}, std::invalid_argument);
}

TEST(Connection, ADialToNobodyFails) {
  std::promise<CoreError> failed;
  Connection::connect(make_runtime(), to(kNobody), [&](auto connected) {
    EXPECT_FALSE(connected);
    EXPECT_TRUE(on_core_thread());
    failed.set_value(connected.error());
  });
  auto error = failed.get_future().get();
  EXPECT_EQ(error.kind, TB_ERROR_CONNECT);
  EXPECT_THAT(error.message, testing::Not(testing::IsEmpty()));
}

// Takes connections and never answers: a dial to it is under way until it is cancelled.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, size) != 0 || ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, any, &size) != 0)
      throw std::runtime_error("no socket to listen on");
    target_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { ::close(socket_); }
  const std::string& target() const { return target_; }

 private:
  int socket_;
  std::string target_;
};

TEST(Connection, ADialIsCancelled) {
  SilentServer server;
  Cancel cancel;
  auto options = to(server.target());
  options.cancel = cancel.handle();
  std::promise<CoreError> failed;
  Connection::connect(make_runtime(), options,
                      [&](auto connected) { failed.set_value(connected.error()); });
  cancel.trigger();
  EXPECT_EQ(failed.get_future().get().kind, TB_ERROR_CANCELLED);
}

TEST(Connection, ADialEndsWithItsRuntime) {
  SilentServer server;
  RuntimeOptions options;
  auto runtime = std::make_unique<Runtime>(options);
  std::shared_ptr<Runtime> lent(runtime.get(), [](auto) {});  // the dial does not keep it
  std::promise<CoreError> failed;
  Connection::connect(lent, to(server.target()),
                      [&](auto connected) { failed.set_value(connected.error()); });
  runtime.reset();
  EXPECT_EQ(failed.get_future().get().kind, TB_ERROR_RUNTIME_FREED);
}

TEST(Runtime, MayEndOnAThreadOfCore) {
  auto sink = std::make_shared<Kept>();
  std::weak_ptr<Kept> watched = sink;
  auto runtime = make_runtime({.log_sink = std::move(sink)});
  std::promise<void> let_go;
  Connection::connect(std::move(runtime), to(kNobody), [&](auto connected) {
    EXPECT_FALSE(connected);  // and the last owner of the runtime has gone
    EXPECT_TRUE(on_core_thread());
    let_go.set_value();
  });
  let_go.get_future().get();
  for (int i = 0; i < 10'000 && !watched.expired(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(watched.expired());
}

TEST(Replay, AWorkerThatIsFedNothingShutsDown) {
  auto runtime = make_runtime();
  tb_worker_options options{};
  options.task_queue = bytes("replay");
  options.namespace_ = bytes("default");
  options.identity_override = bytes("bridge_test");
  options.task_types = TB_TASK_WORKFLOW;
  Replay replay(runtime, options);
  std::promise<CoreError> refused;
  replay.push("w", "not a history", [&](auto done) { refused.set_value(done.error()); });
  EXPECT_EQ(refused.get_future().get().kind, TB_ERROR_INVALID_ARGUMENT);
  replay.close();
  std::promise<bool> task;
  replay.worker()->poll_workflow_activation(
      [&](auto polled) { task.set_value(polled.value().has_value()); });
  EXPECT_FALSE(task.get_future().get());
  std::promise<bool> finalized;
  replay.worker()->finalize_shutdown([&](auto done) { finalized.set_value(done.has_value()); });
  EXPECT_TRUE(finalized.get_future().get());
}

}  // namespace
}  // namespace temporal::bridge
