// A Temporal server of the test's own.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include "temporal/testing.h"

namespace temporal::testing {

namespace {

namespace fs = std::filesystem;

constexpr auto kStopLimit = std::chrono::seconds(15);
constexpr auto kCallLimit = std::chrono::seconds(5);
constexpr auto kPause = std::chrono::milliseconds(20);
constexpr std::size_t kLogTail = 2000;
constexpr const char* kDynamicConfig = "frontend.WorkflowTimeSkippingEnabled:\n  - value: true\n";
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

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

std::string on_path(const std::string& program) {
  std::string folders = variable("PATH");
  for (std::size_t begin = 0; begin <= folders.size();) {
    auto end = std::min(folders.find(':', begin), folders.size());
    auto path = fs::path(folders.substr(begin, end - begin)) / program;
    if (end > begin && is_program(path)) return path;
    begin = end + 1;
  }
  return {};
}

std::string found(const ServerOptions& options) {
  for (const auto& named : {options.binary, variable("TEMPORAL_TEST_SERVER")}) {
    if (named.empty()) continue;
    if (!is_program(named))
      throw std::runtime_error(named +
                               " is no Temporal server: set ServerOptions::binary or "
                               "TEMPORAL_TEST_SERVER");
    return named;
  }
  for (const char* program : {"temporal-server", "temporal"})
    if (auto path = on_path(program); !path.empty()) return path;
  throw std::runtime_error(
      "there is no Temporal server: neither ServerOptions::binary nor TEMPORAL_TEST_SERVER is set, "
      "and neither temporal-server nor temporal is on PATH");
}

// The command line's own server takes options, the server variables.
bool is_command_line(const std::string& program) {
  return fs::path(program).filename() == "temporal";
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options)
      : options_(std::move(options)), program_(found(options_)), folder_(make_folder()) {
    ports_ = free_ports(std::size(kPortNames));
    address_ = "127.0.0.1:" + std::to_string(ports_[0]);
    if (options_.dynamic_config.empty()) {
      options_.dynamic_config = folder_ / "dynamic_config.yaml";
      std::ofstream(options_.dynamic_config) << kDynamicConfig;
    }
  }
  ~Impl() {
    stop();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  const std::string& address() const { return address_; }

  void start() {
    launch();
    try {
      wait_until_ready();
    } catch (...) {
      stop();
      throw;
    }
  }

  void stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    auto limit = std::chrono::steady_clock::now() + kStopLimit;
    while (::waitpid(process_, nullptr, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > limit) ::kill(process_, SIGKILL);
      std::this_thread::sleep_for(kPause);
    }
    process_ = -1;
  }

 private:
  static fs::path make_folder() {
    std::string folder = fs::temp_directory_path() / "temporal-test-XXXXXX";
    if (!::mkdtemp(folder.data()))
      throw std::system_error(errno, std::generic_category(), "no temporary folder");
    return folder;
  }

  std::vector<std::string> arguments() const {
    if (!is_command_line(program_)) return {program_, "--allow-no-auth", "start"};
    return {program_,
            "server",
            "start-dev",
            "--headless",
            "--ip",
            "127.0.0.1",
            "--port",
            std::to_string(ports_[0]),
            "--http-port",
            std::to_string(ports_[1]),
            "--metrics-port",
            std::to_string(ports_[2]),
            "--db-filename",
            (folder_ / "temporal.db").string(),
            "--log-level",
            "warn",
            "--dynamic-config-value",
            "frontend.WorkflowTimeSkippingEnabled=true"};
  }

  std::vector<std::string> environment() const {
    std::vector<std::string> variables = {
        "PATH=/usr/bin:/bin",
        "HOME=" + folder_.string(),
        "DB=sqlite",
        "DBNAME=" + (folder_ / "temporal.db").string(),
        "VISIBILITY_DBNAME=" + (folder_ / "visibility.db").string(),
        "NUM_HISTORY_SHARDS=1",
        "SQLITE_SYNCHRONOUS=0",  // a test outlives no power cut
        "LOG_LEVEL=warn",
        "DYNAMIC_CONFIG_FILE_PATH=" + options_.dynamic_config};
    for (std::size_t i = 0; i < ports_.size(); ++i)
      variables.push_back(std::string(kPortNames[i]) + "=" + std::to_string(ports_[i]));
    return variables;
  }

  static std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> all;
    for (auto& s : strings) all.push_back(s.data());
    all.push_back(nullptr);
    return all;
  }

  void launch() {
    auto variables = environment(), words = arguments();
    auto env = pointers(variables), argv = pointers(words);
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
    ::execve(program_.c_str(), argv.data(), env.data());
    ::_exit(127);
  }

  static bool serves(const Client& client) {
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

  void wait_until_ready() {
    auto client = Client::lazy({.target = address_});
    auto limit = std::chrono::steady_clock::now() + options_.start_timeout;
    while (!serves(client)) {
      if (::waitpid(process_, nullptr, WNOHANG) == process_) {
        process_ = -1;
        throw std::runtime_error("the Temporal server " + program_ + " ended at once:\n" +
                                 log_tail());
      }
      if (std::chrono::steady_clock::now() > limit)
        throw std::runtime_error("the Temporal server " + program_ + " does not serve:\n" +
                                 log_tail());
      std::this_thread::sleep_for(kPause);
    }
  }

  std::string log_tail() const {
    std::ifstream in(folder_ / "log");
    std::string text(std::istreambuf_iterator<char>(in), {});
    return text.size() > kLogTail ? text.substr(text.size() - kLogTail) : text;
  }

  ServerOptions options_;
  const std::string program_;
  const fs::path folder_;
  std::vector<int> ports_;
  std::string address_;
  pid_t process_ = -1;
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {
  impl_->start();
}
Server::~Server() = default;
const std::string& Server::address() const {
  return impl_->address();
}
void Server::stop() {
  impl_->stop();
}
void Server::start() {
  impl_->start();
}

}  // namespace temporal::testing
