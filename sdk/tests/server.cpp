#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <temporal/client.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>

namespace temporal::tests {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(60);
constexpr auto kStopLimit = std::chrono::seconds(15);
constexpr auto kCallLimit = std::chrono::seconds(5);
constexpr auto kPause = std::chrono::milliseconds(20);
constexpr const char* kPortNames[] = {
    "FRONTEND_GRPC_PORT",      "FRONTEND_HTTP_PORT",       "FRONTEND_MEMBERSHIP_PORT",
    "MATCHING_GRPC_PORT",      "MATCHING_MEMBERSHIP_PORT", "HISTORY_GRPC_PORT",
    "HISTORY_MEMBERSHIP_PORT", "WORKER_GRPC_PORT",         "WORKER_MEMBERSHIP_PORT"};

sockaddr_in loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// All are held at once, so that no two are the same.
std::vector<int> free_ports(std::size_t count) {
  std::vector<int> sockets, ports;
  for (std::size_t i = 0; i < count; ++i) {
    int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (s < 0 || ::bind(s, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::system_error(errno, std::generic_category(), "no free port");
    sockets.push_back(s);
    ports.push_back(ntohs(address.sin_port));
  }
  for (int s : sockets) ::close(s);
  return ports;
}

std::string binary() {
  if (const char* named = std::getenv("TEMPORAL_TEST_SERVER"); named && *named) return named;
  return TEMPORAL_SERVER_BINARY;
}

std::unique_ptr<Server>& slot() {
  static std::unique_ptr<Server> server;
  return server;
}

struct Environment : ::testing::Environment {
  void SetUp() override { slot() = std::make_unique<Server>(); }
  void TearDown() override { slot() = nullptr; }
};
[[maybe_unused]] const auto* const kRegistered =
    ::testing::AddGlobalTestEnvironment(new Environment);

}  // namespace

Server& Server::shared() {
  return *slot();
}

Server::Server() {
  std::string folder = std::filesystem::temp_directory_path() / "temporal-test-XXXXXX";
  if (!::mkdtemp(folder.data()))
    throw std::system_error(errno, std::generic_category(), "no temporary folder");
  folder_ = folder;
  ports_ = free_ports(std::size(kPortNames));
  address_ = "127.0.0.1:" + std::to_string(ports_[0]);
  start();
}

Server::~Server() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Server::start() {
  launch();
  try {
    wait_until_ready();
  } catch (...) {
    stop();
    throw;
  }
}

void Server::launch() {
  auto program = binary();
  if (::access(program.c_str(), X_OK) != 0)
    throw std::runtime_error(program + " is no Temporal server: set TEMPORAL_TEST_SERVER");
  std::vector<std::string> environment = {
      "PATH=/usr/bin:/bin",
      "HOME=" + folder_.string(),
      "DB=sqlite",
      "DBNAME=" + (folder_ / "temporal.db").string(),
      "VISIBILITY_DBNAME=" + (folder_ / "visibility.db").string(),
      "NUM_HISTORY_SHARDS=1",
      "SQLITE_SYNCHRONOUS=0",  // a test outlives no power cut
      "LOG_LEVEL=warn",
      std::string("DYNAMIC_CONFIG_FILE_PATH=") + TEMPORAL_SERVER_DYNAMIC_CONFIG};
  for (std::size_t i = 0; i < ports_.size(); ++i)
    environment.push_back(std::string(kPortNames[i]) + "=" + std::to_string(ports_[i]));
  std::vector<char*> env;
  for (auto& e : environment) env.push_back(e.data());
  env.push_back(nullptr);
  std::string options[] = {program, "--allow-no-auth", "start"};
  char* arguments[] = {options[0].data(), options[1].data(), options[2].data(), nullptr};
  auto log = (folder_ / "log").string();
  auto parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (process_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  if (int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600); out >= 0) {
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
  }
  ::execve(program.c_str(), arguments, env.data());
  ::_exit(127);
}

bool Server::serves(const Client& client) const {
  try {
    client.register_namespace({.name = "default", .rpc = {.timeout = kCallLimit}}).get();
  } catch (const RpcError& e) {
    if (e.code() != RpcCode::already_exists) return false;
  }
  try {
    client.list_workflows({.rpc = {.timeout = kCallLimit}}).get();
    return true;
  } catch (const RpcError&) {
    return false;
  }
}

void Server::wait_until_ready() {
  auto client = Client::lazy({.target = address_});
  auto limit = std::chrono::steady_clock::now() + kStartLimit;
  while (!serves(client)) {
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      throw std::runtime_error("the Temporal server ended at once:\n" + log_tail());
    }
    if (std::chrono::steady_clock::now() > limit)
      throw std::runtime_error("the Temporal server does not serve:\n" + log_tail());
    std::this_thread::sleep_for(kPause);
  }
}

void Server::stop() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  auto limit = std::chrono::steady_clock::now() + kStopLimit;
  while (::waitpid(process_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > limit) ::kill(process_, SIGKILL);
    std::this_thread::sleep_for(kPause);
  }
  process_ = -1;
}

std::string Server::log_tail() const {
  std::ifstream in(folder_ / "log");
  std::string text(std::istreambuf_iterator<char>(in), {});
  return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

}  // namespace temporal::tests
