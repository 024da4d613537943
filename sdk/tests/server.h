// A real Temporal server for the tests of one program: on SQLite in a folder of its own, on free
// loopback ports, gone when the program is. It starts before the first test and stops after the
// last one.
//
// The binary is TEMPORAL_TEST_SERVER where that is set, else the one that the build made.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace temporal {
class Client;
}

namespace temporal::tests {

class Server {
 public:
  Server();
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The one that the test program runs on.
  static Server& shared();

  const std::string& address() const { return address_; }  // "127.0.0.1:40123"
  // A test may take the server away and bring it back, with its data, at the same address.
  void stop();
  void start();  // returns when the namespace "default" takes workflows

 private:
  void launch();
  bool serves(const Client& client) const;
  void wait_until_ready();
  std::string log_tail() const;

  std::filesystem::path folder_;
  std::vector<int> ports_;
  std::string address_;
  pid_t process_ = -1;
};

}  // namespace temporal::tests
