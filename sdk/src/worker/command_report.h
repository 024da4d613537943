// What a history has and what the workflow's code made of it, side by side.
#pragma once
#include <temporal/api/history/v1/message.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>

#include <string>
#include <vector>

namespace temporal::detail {

// The commands of one run, in the order in which they were made.
class MadeCommands {
 public:
  // `places`: where each command was made, as Instance::places().
  void add(const coresdk::workflow_completion::Success& completion,
           const std::vector<std::string>& places);

  struct Command {
    std::string kind = {};  // as the event's that it becomes: "ActivityTaskScheduled"
    std::string name = {};  // an activity's type, a child's, a timer's id …
    std::string id = {};    // what tells two of the same name apart, where the event has it too
    std::string place = {};
    bool optional = false;  // of a deprecated patch: it need not have become an event
  };
  const std::vector<Command>& commands() const { return commands_; }
  // Local activities become an event when they have ended, so they stand in no order.
  const std::vector<Command>& local() const { return local_; }

 private:
  std::vector<Command> commands_;
  std::vector<Command> local_;
};

// A table of the commands around the first that is not as the history has it; for a replay that Core,
// or the SDK, has found to be nondeterministic.
std::string command_report(const api::history::v1::History& history, const MadeCommands& made);

}  // namespace temporal::detail
