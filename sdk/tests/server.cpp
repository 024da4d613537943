#include "server.h"

#include <gtest/gtest.h>
#include <temporal/testing.h>

#include <cstdlib>
#include <memory>

namespace temporal::tests {
namespace {

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

std::string Server::binary() {
  const char* named = std::getenv("TEMPORAL_TEST_SERVER");
  return named && *named ? named : TEMPORAL_SERVER_BINARY;
}

struct Server::Impl {
  testing::Server server{
      {.binary = Server::binary(), .dynamic_config = TEMPORAL_SERVER_DYNAMIC_CONFIG}};
};

Server::Server() : impl_(std::make_unique<Impl>()) {}
Server::~Server() = default;
Server& Server::shared() {
  return *slot();
}
const std::string& Server::address() const {
  return impl_->server.address();
}
void Server::stop() {
  impl_->server.stop();
}
void Server::start() {
  impl_->server.start();
}

}  // namespace temporal::tests
