#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace config {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

struct Options {
  std::uint16_t port = 8082;
  double rate = 0.2;
  double scale = 1;
  std::chrono::milliseconds deadline = 10min;
  std::string format = "auto";
  std::string key = {};
  std::string database = "sqlite:var/payment.db";
  std::string address = "127.0.0.1:7233";
  std::int64_t seed = 8262;
  bool eager = true;
  std::string listen = "127.0.0.1";
  std::string ui = {};
};

class SettingsTest : public testing::Test {
 protected:
  // The sentence of a start with these, or "" when it is fine.
  std::string read(std::map<std::string, std::string> environment,
                   std::vector<const char*> flags = {}) {
    Settings settings{"jumun-payment", "Charges and refunds orders."};
    settings.port("PAYMENT_PORT", options.port, "port of the read API");
    settings.rate("PAYMENT_FAILURE_RATE", options.rate, "share of payments that fail");
    settings.real("DELIVERY_TIME_SCALE", options.scale, "multiplies a delivery's time");
    settings.duration("STEP_DEADLINE", options.deadline, "how long a step may take", {.least = 1s});
    settings.choice("LOG_FORMAT", options.format, "how the log looks", {"auto", "text", "json"});
    settings.secret("API_KEY", options.key, "what clients must send");
    settings.database_url("DATABASE_URL", options.database, "where the payments are");
    settings.text("TEMPORAL_ADDRESS", options.address, "Temporal's frontend");
    settings.integer("PAYMENT_FAILURE_SEED", options.seed, "which payments fail", {.least = 0});
    settings.toggle("EAGER", options.eager, "start at once");
    settings.ip_address("LISTEN_ADDRESS", options.listen, "where it is reached");
    settings.http_url("TEMPORAL_UI_URL", options.ui, "where people reach the Web UI");
    flags.insert(flags.begin(), "jumun-payment");
    const auto stop = settings.read(
        static_cast<int>(flags.size()), flags.data(), [&](const char* name) -> const char* {
          auto found = environment.find(name);
          return found == environment.end() ? nullptr : found->second.c_str();
        });
    if (stop) exit_code = stop->exit_code;
    return stop ? stop->message : "";
  }
  Options options;
  int exit_code = -1;
};

TEST_F(SettingsTest, NothingSetLeavesTheDefaults) {
  EXPECT_EQ(read({}), "");
  EXPECT_EQ(options.port, 8082);
  EXPECT_EQ(options.deadline, 10min);
}

TEST_F(SettingsTest, EachIsRead) {
  EXPECT_EQ(read({{"PAYMENT_PORT", "9000"},
                  {"PAYMENT_FAILURE_RATE", "0.05"},
                  {"DELIVERY_TIME_SCALE", "0"},
                  {"STEP_DEADLINE", "1h30m"},
                  {"LOG_FORMAT", "json"},
                  {"API_KEY", "k"},
                  {"DATABASE_URL", "sqlite:/data/shop.db"},
                  {"TEMPORAL_ADDRESS", "temporal:7233"},
                  {"PAYMENT_FAILURE_SEED", "7"},
                  {"EAGER", "false"}}),
            "");
  EXPECT_EQ(options.port, 9000);
  EXPECT_EQ(options.rate, 0.05);
  EXPECT_EQ(options.scale, 0);
  EXPECT_EQ(options.deadline, 90min);
  EXPECT_EQ(options.format, "json");
  EXPECT_EQ(options.key, "k");
  EXPECT_EQ(options.database, "sqlite:/data/shop.db");
  EXPECT_EQ(options.address, "temporal:7233");
  EXPECT_EQ(options.seed, 7);
  EXPECT_FALSE(options.eager);
}

TEST_F(SettingsTest, AnEmptyValueIsNone) {
  EXPECT_EQ(read({{"PAYMENT_PORT", ""}, {"DATABASE_URL", ""}}), "");
  EXPECT_EQ(options.port, 8082);
}

TEST_F(SettingsTest, AFlagWinsOverTheEnvironment) {
  EXPECT_EQ(read({{"PAYMENT_PORT", "9000"}}, {"--payment-port", "9001"}), "");
  EXPECT_EQ(options.port, 9001);
}

TEST_F(SettingsTest, AnAddressIsOfEitherVersion) {
  for (const char* address : {"0.0.0.0", "::", "192.0.2.7", "2001:db8::1"}) {
    EXPECT_EQ(read({{"LISTEN_ADDRESS", address}}), "");
    EXPECT_EQ(options.listen, address);
  }
}

TEST_F(SettingsTest, AUrlHasNoLastSlash) {
  for (const char* url : {"https://temporal.example.com", "https://temporal.example.com/"}) {
    EXPECT_EQ(read({{"TEMPORAL_UI_URL", url}}), "");
    EXPECT_EQ(options.ui, "https://temporal.example.com");
  }
  EXPECT_EQ(read({{"TEMPORAL_UI_URL", "http://gate:8080/temporal"}}), "");
  EXPECT_EQ(options.ui, "http://gate:8080/temporal");
}

TEST_F(SettingsTest, AWrongValueIsOneSentenceThatNamesIt) {
  EXPECT_EQ(read({{"PAYMENT_PORT", "http"}}),
            "PAYMENT_PORT is \"http\", but it takes a port, 1 to 65535");
  EXPECT_EQ(exit_code, 2);
  for (const char* port : {"0", "65536", "-1", "80 ", "8e2", "0x50"}) {
    EXPECT_THAT(read({{"PAYMENT_PORT", port}}), HasSubstr("a port, 1 to 65535")) << port;
  }
  for (const char* address : {"localhost", "127.0.0", "0.0.0.0:80", "[::1]", "127.0.0.1 "}) {
    EXPECT_THAT(read({{"LISTEN_ADDRESS", address}}), HasSubstr("an IP address")) << address;
  }
  for (const char* url : {"temporal.example.com", "https://", "ftp://a", "javascript:alert(1)",
                          "https://a b", "https://a\"b"}) {
    EXPECT_THAT(read({{"TEMPORAL_UI_URL", url}}), HasSubstr("an address such as")) << url;
  }
  for (const char* rate : {"-0.1", "1.1", "nan", "inf", "20%"}) {
    EXPECT_THAT(read({{"PAYMENT_FAILURE_RATE", rate}}), HasSubstr("a number, 0 to 1")) << rate;
  }
  EXPECT_EQ(read({{"LOG_FORMAT", "xml"}}),
            "LOG_FORMAT is \"xml\", but it takes auto, text or json");
  EXPECT_THAT(read({{"STEP_DEADLINE", "500ms"}}), HasSubstr("1s to 365d"));
  EXPECT_THAT(read({{"PAYMENT_FAILURE_SEED", "-1"}}), HasSubstr("a whole number, at least 0"));
  EXPECT_THAT(read({{"EAGER", "yes"}}), HasSubstr("true or false"));
  EXPECT_EQ(options.port, 8082);
}

TEST_F(SettingsTest, NothingIsSetWhenOneIsWrong) {
  EXPECT_NE(read({{"PAYMENT_PORT", "9000"}, {"EAGER", "maybe"}}), "");
  EXPECT_EQ(options.port, 8082);
}

TEST_F(SettingsTest, AnUnknownFlagStopsTheStart) {
  EXPECT_THAT(read({}, {"--prot", "1"}), HasSubstr("--prot"));
  EXPECT_EQ(exit_code, 2);
}

TEST_F(SettingsTest, HelpListsEachWithDefaultAndMeaning) {
  const auto help = read({{"API_KEY", "hunter2"}}, {"--help"});
  EXPECT_EQ(exit_code, 0);
  EXPECT_THAT(help, HasSubstr("--payment-port"));
  EXPECT_THAT(help, HasSubstr("PAYMENT_PORT: port of the read API"));
  EXPECT_THAT(help, HasSubstr("8082"));
  EXPECT_THAT(help, HasSubstr("10m"));
  EXPECT_THAT(help, HasSubstr("API_KEY: what clients must send"));
}

TEST_F(SettingsTest, ADatabaseIsOfEitherEngine) {
  for (const std::string url : {"sqlite:shop.db", "postgresql://u:p@h:5432/d", "postgres://h/d"}) {
    EXPECT_EQ(read({{"DATABASE_URL", url}}), "");
    EXPECT_EQ(options.database, url);
  }
  for (const char* url : {"sqlite:", "postgresql://", "postgresql:h", "mysql://h/d", "shop.db"})
    EXPECT_NE(read({{"DATABASE_URL", url}}), "") << url;
}

TEST_F(SettingsTest, SecretsAreNeverShown) {
  EXPECT_THAT(read({{"DATABASE_URL", "mysql://u:hunter2@h"}}),
              testing::AllOf(HasSubstr("DATABASE_URL"), HasSubstr("sqlite:PATH"),
                             HasSubstr("postgresql://"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(read({{"API_KEY", "hunter2"}}, {"--help"}), Not(HasSubstr("hunter2")));
  EXPECT_THAT(read({}, {"--api-key", "hunter2"}), HasSubstr("--api-key"));
  EXPECT_EQ(exit_code, 2);
}

TEST(Duration, IsReadAndWritten) {
  const std::vector<std::pair<std::string, std::chrono::milliseconds>> both{
      {"500ms", 500ms}, {"10s", 10s}, {"10m", 10min},
      {"1h30m", 90min}, {"2d", 48h},  {"1s500ms", 1500ms}};
  for (const auto& [text, duration] : both) {
    EXPECT_EQ(parse_duration(text), duration) << text;
    EXPECT_EQ(to_string(duration), text);
  }
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(to_string(0ms), "0s");
}

TEST(Duration, RefusesTheRest) {
  for (const char* bad : {"", "10", "m", "1.5h", "-1s", "+1s", "1m1h", "1s1s", "10 s", "1x", "s10",
                          "99999999999999999999s", "9223372036854775807d", "1sm", "1h "}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace config
