#include "temporal/header_propagation.h"

#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

Job started_with(std::initializer_list<std::pair<std::string, std::string>> headers) {
  auto job = init();
  for (const auto& [name, data] : headers)
    (*job.mutable_initialize_workflow()->mutable_headers())[name].set_data(data);
  return job;
}

TEST(HeaderPropagation, WhatIsNamedGoesAlongWithEveryCall) {
  Play p(
      [](Probe*) -> Task<std::string> {
        seen.push_back(workflow::info().headers.at("tenant").data);
        auto activity = call("x");
        auto local = workflow::execute_local_activity(echo, {.start_to_close_timeout = 1s}, "x");
        auto child = workflow::start_child_workflow(probe_type, {.id = "child"}, "x");
        co_await activity;
        workflow::continue_as_new(probe_type, {}, "again");
      },
      {.interceptors = {propagate_headers({"tenant", "absent"})}});
  auto commands = p.feed({started_with({{"tenant", "acme"}, {"other", "no"}})}).successful();
  EXPECT_EQ(seen.at(0), "acme");
  ASSERT_EQ(commands.commands_size(), 3);
  for (const auto* headers : {&commands.commands(0).schedule_activity().headers(),
                              &commands.commands(1).schedule_local_activity().headers(),
                              &commands.commands(2).start_child_workflow_execution().headers()}) {
    ASSERT_EQ(headers->size(), 1U);
    EXPECT_EQ(headers->at("tenant").data(), "acme");
  }
  commands = p.feed({ok(1, "y")}).successful();
  const auto& last = commands.commands(commands.commands_size() - 1);
  EXPECT_EQ(last.continue_as_new_workflow_execution().headers().at("tenant").data(), "acme");
}

}  // namespace
}  // namespace temporal::testing
