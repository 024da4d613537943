// A host of sessions in a process of its own, to be killed: session_host ADDRESS QUEUE. Its activity
// says on which queue it runs; in a session for "hang" it never ends.
#include <temporal/session.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>

namespace {

using namespace std::chrono_literals;

constexpr temporal::ActivityType<std::string(std::string)> work{"work"};

temporal::Async<std::string> run(temporal::activity::Context context, std::string what) {
  while (what == "hang") {
    context.heartbeat();
    co_await temporal::activity::sleep(100ms, context);
  }
  co_return context.info().task_queue;
}

}  // namespace

int main(int, char** argv) try {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);
  auto client = temporal::Client::connect({.target = argv[1]}).get();
  temporal::Registry registry;
  registry.activity(work, run);
  temporal::session::Host host(client, {.task_queue = argv[2], .registry = registry});
  host.start();
  int signal = 0;
  sigwait(&end, &signal);
} catch (const std::exception& e) {
  std::cerr << "session_host: " << e.what() << "\n";
  return 1;
}
