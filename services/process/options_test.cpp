#include "process/options.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace ordering::process {
namespace {

TEST(Options, TheServicesNameMakesItsPortAndItsStore) {
  const std::map<std::string, std::string> environment{
      {"DELIVERY_PORT", "9084"}, {"DATA_DIR", "/data"}, {"LISTEN_ADDRESS", "0.0.0.0"}};
  Options options{.service = "delivery", .port = 8084};
  StoreOptions store;
  config::Settings settings("jumun-delivery", "Delivers.");
  options.add_to(settings);
  store.add_to(settings);
  const char* const arguments[] = {"jumun-delivery"};
  const auto stop = settings.read(1, arguments, [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
  ASSERT_FALSE(stop) << stop->message;
  EXPECT_EQ(options.port, 9084);
  EXPECT_EQ(options.listen_address, "0.0.0.0");
  EXPECT_EQ(store.url_of(options), "sqlite:/data/delivery.db");
}

TEST(Options, AStoreOfItsOwnAddressIsUsedAsItStands) {
  StoreOptions store{.url = "sqlite:elsewhere.db"};
  EXPECT_EQ(store.url_of({.service = "payment"}), "sqlite:elsewhere.db");
}

}  // namespace
}  // namespace ordering::process
