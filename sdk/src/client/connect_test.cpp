// Dialling: servers that are not there, that never answer, that come later; and configuration.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "temporal/client.h"
#include "temporal/client_config.h"

namespace temporal {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A port that refuses connections, or, when it listens, takes them and never answers.
class Port {
 public:
  explicit Port(bool listens) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, size) != 0 || (listens && ::listen(socket_, 8) != 0) ||
        ::getsockname(socket_, any, &size) != 0)
      throw std::runtime_error("no socket");
    target_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~Port() { ::close(socket_); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  const std::string& target() const { return target_; }

  // What the first who connects says first; nothing after ten seconds.
  std::string first_words() const {
    pollfd waiting{.fd = socket_, .events = POLLIN};
    if (::poll(&waiting, 1, 10'000) != 1) return {};
    waiting.fd = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    std::string words(4096, '\0');
    const bool spoke = ::poll(&waiting, 1, 10'000) == 1;
    const auto size = spoke ? ::recv(waiting.fd, words.data(), words.size(), 0) : 0;
    ::close(waiting.fd);
    words.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return words;
  }

 private:
  int socket_;
  std::string target_;
};

RpcCode code_of(Async<WorkflowCount> call) {
  try {
    std::move(call).get();
    return RpcCode::ok;
  } catch (const RpcError& error) {
    return error.code();
  }
}

TEST(Connect, NobodyThereIsUnavailable) {
  Port nobody(false);
  try {
    Client::connect({.target = nobody.target()}).get();
    FAIL() << "connected";
  } catch (const RpcError& error) {
    EXPECT_EQ(error.code(), RpcCode::unavailable);
  }
}

TEST(Connect, TlsAsksForTheNameThatIsGiven) {
  Port server(true);
  auto connecting = std::async(std::launch::async, [&] {
    Client::connect({.target = server.target(), .tls = TlsOptions{.domain = "temporal.test"}})
        .get();
  });
  EXPECT_THAT(server.first_words(), testing::HasSubstr("temporal.test"));  // in the clear
  EXPECT_THROW(connecting.get(), RpcError);
}

TEST(Connect, OptionsThatCannotBeRightSaySo) {
  auto refused = [](ClientOptions options) {
    try {
      Client::lazy(std::move(options));
      return std::string("taken");
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
  };
  EXPECT_THAT(refused({.target = ""}), testing::HasSubstr("target"));
  EXPECT_THAT(refused({.name_space = ""}), testing::HasSubstr("name_space"));
  EXPECT_THAT(refused({.connect_timeout = 0ms}), testing::HasSubstr("connect_timeout"));
  EXPECT_THAT(refused({.tls = TlsOptions{.client_cert = "c"}}), testing::HasSubstr("client_key"));
  EXPECT_THAT(refused({.target = "http://h:1", .api_key = "k"}), testing::HasSubstr("api_key"));
}

TEST(Lazy, DialsAtTheFirstCallAndAgainAtTheNext) {
  Port nobody(false);
  auto client = Client::lazy({.target = nobody.target()});
  EXPECT_FALSE(client.connected());
  EXPECT_EQ(code_of(client.count_workflows()), RpcCode::unavailable);
  EXPECT_EQ(code_of(client.count_workflows()), RpcCode::unavailable);
  EXPECT_FALSE(client.connected());
}

TEST(Lazy, ACallEndsWithinItsOwnTimeout) {
  Port silent(true);
  auto client = Client::lazy({.target = silent.target(), .connect_timeout = 60s});
  const auto began = Clock::now();
  EXPECT_EQ(code_of(client.count_workflows({.rpc = {.timeout = 100ms}})), RpcCode::unavailable);
  EXPECT_GE(Clock::now() - began, 100ms);
  EXPECT_LT(Clock::now() - began, 30s);
}

TEST(Lazy, ADialEndsWithinItsLimit) {
  Port silent(true);
  auto client = Client::lazy({.target = silent.target(), .connect_timeout = 100ms});
  EXPECT_EQ(code_of(client.count_workflows()), RpcCode::unavailable);
}

TEST(Lazy, AStopEndsTheWaitOfItsCallOnly) {
  Port silent(true);
  auto client = Client::lazy({.target = silent.target(), .connect_timeout = 2s});
  std::stop_source stop;
  auto stopped = client.count_workflows({.rpc = {.stop = stop.get_token()}});
  auto canceled = client.count_workflows();
  auto other = client.count_workflows();
  std::promise<void> one, two;
  std::promise<bool> three;
  stopped.start([&](auto outcome) {
    EXPECT_FALSE(outcome);
    one.set_value();
  });
  canceled.start([&](auto outcome) {
    EXPECT_FALSE(outcome);
    two.set_value();
  });
  auto others = three.get_future();
  other.start([&](auto outcome) { three.set_value(outcome.has_value()); });
  stop.request_stop();
  canceled.cancel();
  one.get_future().get();
  two.get_future().get();
  EXPECT_EQ(others.wait_for(0ms), std::future_status::timeout);
  EXPECT_FALSE(others.get());
}

TEST(Lazy, AClientMayGoWhileItDials) {
  Port silent(true);
  auto client =
      std::make_unique<Client>(Client::lazy({.target = silent.target(), .connect_timeout = 60s}));
  {
    auto call = client->count_workflows();
    call.start([](auto) { ADD_FAILURE() << "the callback was dropped"; });
  }
  client.reset();
}

TEST(Config, ReadsAProfileAndTheVariablesOverIt) {
  auto config = ClientConfig::load({.profile = "prod",
                                    .config_data = R"(
[profile.prod]
address = "prod:7233"
namespace = "shop"
[profile.prod.grpc_meta]
team = "orders"
)",
                                    .environment = {{{"TEMPORAL_NAMESPACE", "other"}}}});
  EXPECT_EQ(config.address, "prod:7233");
  EXPECT_EQ(config.name_space, "other");
  auto options = config.to_options();
  EXPECT_EQ(options.target, "prod:7233");
  EXPECT_EQ(options.name_space, "other");
  EXPECT_EQ(options.headers.at("team"), "orders");
  EXPECT_FALSE(options.tls);
}

TEST(Config, NothingSaidKeepsTheDefaults) {
  ClientConfigOptions nothing{.disable_file = true};
  nothing.environment.emplace();
  auto options = load_client_options(nothing);
  EXPECT_EQ(options.target, ClientOptions{}.target);
  EXPECT_EQ(options.name_space, "default");
}

TEST(Config, AnApiKeyTurnsTlsOnUnlessItIsOff) {
  ClientConfigOptions with_key{.disable_file = true};
  with_key.environment = {{"TEMPORAL_API_KEY", "secret"}, {"TEMPORAL_ADDRESS", "cloud:7233"}};
  auto options = load_client_options(with_key);
  EXPECT_EQ(options.api_key, "secret");
  EXPECT_TRUE(options.tls);
  with_key.environment->emplace("TEMPORAL_TLS", "false");
  EXPECT_EQ(load_client_options(with_key).target, "http://cloud:7233");
}

TEST(Config, WhatIsWrongIsNamed) {
  EXPECT_THROW(ClientConfig::load({.config_data = "not toml ="}), std::invalid_argument);
  ClientConfig config{.tls_client_cert = {.path = "/no/such/file"}};
  EXPECT_THROW(config.to_options(), std::invalid_argument);
  EXPECT_THROW(ClientConfig{.tls_disable_host_verification = true}.to_options(),
               std::invalid_argument);
}

}  // namespace
}  // namespace temporal
