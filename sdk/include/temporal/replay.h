// Replays of many histories, from files, folders and a server; and of one, step by step, in a debugger.
//
//   temporal::Replayer replayer({.registry = registry});
//   for (auto& result : temporal::testing::replay(replayer, "histories/"))
//     EXPECT_TRUE(result.ok()) << result.workflow_id << ": " << result.failure;
//
// Part of the component temporal::testing.
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "temporal/client.h"
#include "temporal/replayer.h"

namespace temporal::testing {

// A file, *.json as Temporal's tools write it or *.pb (a temporal.api.history.v1.History), or all such
// files of a folder, in the order of their names. The workflow's id is the file's name without its
// ending. Throws std::invalid_argument that names the file which is none, or the folder without any.
std::vector<ReplayResult> replay(const Replayer& replayer, const std::filesystem::path& path);
std::vector<History> read_histories(const std::filesystem::path& path);

struct ReplayQueryOptions {
  // A List Filter: "WorkflowType = 'Order' AND ExecutionStatus = 'Running'". Empty: all.
  std::string query = {};
  std::size_t limit = 1000;  // workflows, the newest first
  // Histories that are fetched at a time, and are in memory.
  std::size_t at_once = 8;
  RpcOptions rpc = {};  // of each call
};
// The workflows that a server lists. One that is gone before its history was fetched has that as its
// failure; other errors of the server are thrown.
std::vector<ReplayResult> replay(const Replayer& replayer, const Client& client,
                                 ReplayQueryOptions options = {});

// What one workflow task of a history is, and what today's code makes of it.
struct ReplayStep {
  // As lines of text: the events that this task brings ("7 ACTIVITY_TASK_COMPLETED"), what becomes of
  // them for the workflow ("resolve_activity 1"), and the commands its code answered with
  // ("schedule_activity 2 reserveInventory").
  std::vector<std::string> events = {};
  std::vector<std::string> jobs = {};
  std::vector<std::string> commands = {};
  // What the workflow waits for after it ("activity reserveInventory (2)"); none: a condition, a
  // signal or an update, or it has ended.
  std::vector<std::string> waits_for = {};
  std::string failure = {};  // why the task fails; empty: it does not
};

// A replay that goes on when it is told to, on the thread that tells it: break points and single steps
// of a debugger see the workflow's code under step(), and no deadlock is noticed.
//
//   temporal::testing::SteppingReplay replay({.registry = registry}, history);
//   while (auto step = replay.step()) print(*step);
//   EXPECT_EQ(replay.result().failure, "");
class SteppingReplay {
 public:
  // Throws as Replayer does.
  SteppingReplay(ReplayerOptions options, History history);
  ~SteppingReplay();
  SteppingReplay(const SteppingReplay&) = delete;
  SteppingReplay& operator=(const SteppingReplay&) = delete;

  // The events that the next step brings; empty after the last. Nothing of the workflow's runs.
  std::vector<std::string> next_events();
  // Runs the next workflow task. Nothing: the history has ended.
  std::optional<ReplayStep> step();
  // Of the whole; runs the rest.
  ReplayResult result();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace temporal::testing
