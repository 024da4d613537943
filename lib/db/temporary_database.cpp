#include "db/temporary_database.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "db/connection.h"

namespace db {
namespace {

// tools/postgres as a child: it tells its address on a line, starts its server again when asked to, and
// ends with the connection to it.
class PostgresServer {
 public:
  static PostgresServer& of_this_program() {
    static PostgresServer server;
    return server;
  }

  const std::string& url() const { return url_; }

  void restart() {
    constexpr std::string_view kRestart = "restart\n";
    if (write(talk_, kRestart.data(), kRestart.size()) < 0) fail("cannot ask tools/postgres");
    url_ = read_line();
  }

 private:
  PostgresServer() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("socketpair");
    talk_ = ends[0];
    child_ = fork();
    if (child_ < 0) fail("fork");
    if (child_ == 0) {
      dup2(ends[1], STDIN_FILENO);
      dup2(ends[1], STDOUT_FILENO);
      execl(JUMUN_TEST_POSTGRES, JUMUN_TEST_POSTGRES, "--talk", nullptr);
      _exit(127);
    }
    close(ends[1]);
    url_ = read_line();
  }
  ~PostgresServer() {
    close(talk_);
    waitpid(child_, nullptr, 0);
  }

  std::string read_line() const {
    std::string line;
    for (char c = 0; c != '\n'; line += c)
      if (read(talk_, &c, 1) != 1) throw std::runtime_error("tools/postgres does not start");
    line.pop_back();
    return line;
  }

  [[noreturn]] static void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
  }

  int talk_ = -1;
  pid_t child_ = -1;
  std::string url_;
};

}  // namespace

std::string name_of_engine(const testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::sqlite ? "Sqlite" : "Postgresql";
}

std::string postgresql_url() {
  return PostgresServer::of_this_program().url();
}

void restart_postgresql() {
  PostgresServer::of_this_program().restart();
}

TemporaryDatabase::TemporaryDatabase(Engine engine) {
  if (engine == Engine::postgresql) {
    static int made = 0;
    schema_ = "test_" + std::to_string(++made);
    open(postgresql_url())->script("CREATE SCHEMA " + schema_);
    url_ = postgresql_url() + "?options=-csearch_path%3D" + schema_;
    return;
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "jumun-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  folder_ = pattern;
  url_ = "sqlite:" + path();
}

TemporaryDatabase::~TemporaryDatabase() {
  if (!schema_.empty()) open(postgresql_url())->script("DROP SCHEMA " + schema_ + " CASCADE");
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace db
