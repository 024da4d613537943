#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace ordering::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

std::expected<CommandLine, CommandLineStop> parse(std::vector<const char*> words,
                                                  const Variables& variables = {}) {
  words.insert(words.begin(), "orders");
  return parse_command_line(static_cast<int>(words.size()), words.data(),
                            [&variables](const char* name) -> const char* {
                              const auto found = variables.find(name);
                              return found == variables.end() ? nullptr : found->second.c_str();
                            });
}

std::string refused(const std::vector<const char*>& words, const Variables& variables = {}) {
  const auto line = parse(words, variables);
  if (line) return "taken";
  EXPECT_EQ(line.error().exit_code, ExitCode::usage);
  return line.error().text;
}

TEST(CommandLine, Create) {
  const auto line = parse({"create", "order-1", "1999.90", "--wait", "1m30s"});
  const auto& create = std::get<CreateOptions>(line.value().command);
  EXPECT_EQ(create.order_id, "order-1");
  EXPECT_EQ(create.amount, "1999.90");
  EXPECT_EQ(create.wait, 90s);
  EXPECT_FALSE(create.watch);
  EXPECT_EQ(line->client.server.url, "http://127.0.0.1:8081");
  EXPECT_EQ(line->client.timeout, 10s);
}

TEST(CommandLine, WhatIsForEveryCommandStandsBeforeOrBehindIt) {
  for (const auto& words : {std::vector{"--json", "--url", "http://shop:1/a", "watch"},
                            std::vector{"watch", "--json", "--url", "http://shop:1/a"}}) {
    const auto line = parse(words, {{"ORDER_URL", "http://other"}, {"API_KEY", "s3cret"}});
    EXPECT_TRUE(line.value().json);
    EXPECT_EQ(line->client.server.host, "shop");
    EXPECT_EQ(line->client.server.port, "1");
    EXPECT_EQ(line->client.server.path, "/a");
    EXPECT_EQ(line->client.api_key, "s3cret");
    EXPECT_EQ(std::get<WatchOptions>(line->command).order_id, "");
  }
  EXPECT_EQ(parse({"watch"}, {{"ORDER_URL", "http://other"}})->client.server.port, "80");
}

TEST(CommandLine, Load) {
  const auto line = parse({"load", "--rate", "0.5", "--for", "4s", "--mix", "ok=8,cancel"});
  const auto& load = std::get<LoadOptions>(line.value().command);
  EXPECT_EQ(load.rate, 0.5);
  EXPECT_EQ(load.time, 4s);
  ASSERT_EQ(load.mix.size(), 2U);
  EXPECT_EQ(load.mix[0].weight, 8U);
  EXPECT_TRUE(load.mix[1].kind.cancelled);
}

TEST(CommandLine, ScenarioGoesByTheShopsOwnSettings) {
  const auto line =
      parse({"scenario"}, {{"PAYMENT_FAILURE_RATE", "0"}, {"PAYMENT_FAILURE_SEED", "7"}});
  EXPECT_EQ(std::get<ScenarioOptions>(line.value().command).failure_rate, 0);
  EXPECT_EQ(std::get<ScenarioOptions>(line->command).failure_seed, 7);
}

TEST(CommandLine, EachMistakeIsNamed) {
  EXPECT_THAT(refused({}), HasSubstr("No command"));
  EXPECT_THAT(refused({"frob"}), HasSubstr("frob"));
  EXPECT_THAT(refused({"status"}), HasSubstr("ORDER"));
  EXPECT_THAT(refused({"status", ""}), HasSubstr("not empty"));
  EXPECT_THAT(refused({"create", "order-1", "1.001"}), HasSubstr("AMOUNT"));
  EXPECT_THAT(refused({"create", "order-1", "1", "--wait", "soon"}), HasSubstr("--wait"));
  EXPECT_THAT(refused({"create", "order-1", "1", "--wait", "1s", "--watch"}), HasSubstr("--wait"));
  EXPECT_THAT(refused({"list", "--timeout", "0s"}), HasSubstr("--timeout"));
  EXPECT_THAT(refused({"list", "--status", "DONE"}), HasSubstr("COMPLETED"));
  EXPECT_THAT(refused({"list", "--code", "X1"}), HasSubstr("I003"));
  EXPECT_THAT(refused({"list", "--limit", "0"}), HasSubstr("--limit"));
  EXPECT_THAT(refused({"retry", "order-1", "restock"}), HasSubstr("restockInventory"));
  EXPECT_THAT(refused({"resolve", "order-1", "refundPayment"}), HasSubstr("--by"));
  EXPECT_THAT(refused({"load", "--rate", "0"}), HasSubstr("--rate"));
  EXPECT_THAT(refused({"load", "--mix", "good=1"}), HasSubstr("good"));
  EXPECT_THAT(refused({"load", "--mix", "ok=0"}), HasSubstr("weight"));
  EXPECT_THAT(refused({"load", "--rate", "10000", "--for", "1h"}), HasSubstr("1000000"));
  EXPECT_THAT(refused({"completion", "csh"}), HasSubstr("fish"));
  EXPECT_THAT(refused({"list", "--url", "https://shop"}), HasSubstr("https://shop"));
  EXPECT_THAT(refused({"list"}, {{"ORDER_URL", "shop:80"}}), HasSubstr("shop:80"));
  EXPECT_THAT(refused({"scenario"}, {{"PAYMENT_FAILURE_RATE", "2"}}),
              HasSubstr("PAYMENT_FAILURE_RATE"));
  const auto sentence = refused({"list"}, {{"API_KEY", "a\nX-Header: b"}});
  EXPECT_THAT(sentence, HasSubstr("API_KEY"));
  EXPECT_THAT(sentence, testing::Not(HasSubstr("X-Header")));
}

TEST(CommandLine, HelpNamesEveryExitStatusAndNoFlagForTheKey) {
  const auto help = parse({"--help"});
  ASSERT_FALSE(help);
  EXPECT_EQ(help.error().exit_code, ExitCode::ok);
  for (const char* status :
       {"  0  ", "  1  ", "  2  ", "  3  ", "  4  ", "  5  ", "  6  ", "  7  ", "  130  "})
    EXPECT_THAT(help.error().text, HasSubstr(status));
  EXPECT_THAT(help.error().text, testing::Not(HasSubstr("--api-key")));
  EXPECT_THAT(parse({"load", "--help"}).error().text, HasSubstr("no-area"));
}

TEST(CommandLine, LanguageOfTheFirstVariableThatIsSet) {
  const auto language = [](const Variables& variables) {
    return parse({"list"}, variables)->client.language;
  };
  EXPECT_EQ(language({}), "en");
  EXPECT_EQ(language({{"LANG", "ko_KR.UTF-8"}}), "ko");
  EXPECT_EQ(language({{"LANG", "C.UTF-8"}}), "en");
  EXPECT_EQ(language({{"LC_ALL", "ko_KR"}, {"LANG", "en_US.UTF-8"}}), "ko");
  EXPECT_EQ(language({{"LC_ALL", ""}, {"LC_MESSAGES", "en_US"}, {"LANG", "ko_KR"}}), "en");
  EXPECT_EQ(language({{"LANG", "kok_IN"}}), "en");
}

TEST(ParseServer, Addresses) {
  EXPECT_EQ(parse_server("http://[::1]:8081")->host, "::1");
  EXPECT_EQ(parse_server("http://shop")->port, "80");
  EXPECT_EQ(parse_server("http://shop/")->path, "");
  EXPECT_EQ(parse_server("http://shop/a/b/")->path, "/a/b");
  for (const char* wrong :
       {"", "shop", "http://", "https://shop", "http://u:p@shop", "http://shop?a",
        "http://shop:port", "http://shop:0", "http://shop:65536", "http://shop\r\nX: y"})
    EXPECT_FALSE(parse_server(wrong)) << wrong;
}

}  // namespace
}  // namespace ordering::cli
