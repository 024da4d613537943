// A real Temporal server for the tests of one program. It starts before the first test and stops
// after the last one.
//
// The binary is TEMPORAL_TEST_SERVER where that is set, else the one that the build made.
#pragma once
#include <memory>
#include <string>

namespace temporal::tests {

class Server {
 public:
  Server();
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The one that the test program runs on.
  static Server& shared();
  static std::string binary();  // TEMPORAL_TEST_SERVER, else the build's

  const std::string& address() const;  // "127.0.0.1:40123"
  // A test may take the server away and bring it back, with its data, at the same address.
  void stop();
  void start();  // returns when the namespace "default" takes workflows

 private:
  struct Impl;  // temporal/testing.h would hide ::testing here
  std::unique_ptr<Impl> impl_;
};

}  // namespace temporal::tests
