// Where histories for a replay come from: files, folders, a server's list.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "temporal/replay.h"

namespace temporal::testing {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw std::invalid_argument(path.string() + ": " + what);
}

bool is_history(const fs::path& path) {
  return path.extension() == ".json" || path.extension() == ".pb";
}

std::vector<fs::path> files_in(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    if (!is_history(path)) refuse(path, "a history is a file *.json or *.pb");
    return {path};
  }
  if (!fs::is_directory(path, error)) refuse(path, "there is no such file or folder");
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.is_regular_file() && is_history(entry.path())) files.push_back(entry.path());
  if (files.empty()) refuse(path, "the folder has no history, *.json or *.pb");
  std::ranges::sort(files);
  return files;
}

History read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse(path, "the file cannot be read");
  std::string text(std::istreambuf_iterator<char>(in), {});
  try {
    return path.extension() == ".json" ? History::from_json(path.stem(), text)
                                       : History::from_bytes(path.stem(), std::move(text));
  } catch (const std::invalid_argument& error) {
    refuse(path, error.what());
  }
}

struct Fetched {
  WorkflowExecution workflow;
  std::optional<History> history = {};
  std::string failure = {};
};

// At a time; in the order of the list.
Async<Fetched> fetch(Client client, WorkflowExecution workflow, RpcOptions rpc) {
  Fetched fetched{.workflow = workflow};
  auto handle = client.workflow_handle(workflow.workflow_id, workflow.run_id);
  try {
    fetched.history = co_await handle.fetch_history({.rpc = std::move(rpc)});
  } catch (const RpcError& error) {
    if (error.code() != RpcCode::not_found) throw;
    fetched.failure = error.what();
  }
  co_return fetched;
}

std::vector<Fetched> fetch_all(const Client& client, std::vector<WorkflowExecution> workflows,
                               const RpcOptions& rpc) {
  struct Waiting {
    std::optional<Outcome<Fetched>> outcome;
    std::atomic<bool> came = false;
  };
  std::vector<std::unique_ptr<Waiting>> all;
  std::vector<Async<Fetched>> calls;
  for (auto& workflow : workflows) {
    auto& waiting = *all.emplace_back(std::make_unique<Waiting>());
    calls.push_back(fetch(client, std::move(workflow), rpc));
    calls.back().start([&waiting](Outcome<Fetched> outcome) {
      waiting.outcome = std::move(outcome);
      waiting.came = true;
      waiting.came.notify_one();
    });
  }
  for (auto& waiting : all) waiting->came.wait(false);
  std::vector<Fetched> fetched;
  for (auto& waiting : all)
    fetched.push_back(temporal::detail::value_or_throw(std::move(*waiting->outcome)));
  return fetched;
}

void replay_batch(const Replayer& replayer, std::vector<Fetched> batch,
                  std::vector<ReplayResult>& results) {
  std::vector<History> histories;
  for (const auto& fetched : batch)
    if (fetched.history) histories.push_back(*fetched.history);
  auto replayed = replayer.replay(histories);
  auto next = replayed.begin();
  for (auto& fetched : batch) {
    if (fetched.history)
      results.push_back(std::move(*next++));
    else
      results.push_back({.workflow_id = std::move(fetched.workflow.workflow_id),
                         .run_id = std::move(fetched.workflow.run_id),
                         .failure = std::move(fetched.failure)});
  }
}

}  // namespace

std::vector<History> read_histories(const fs::path& path) {
  std::vector<History> histories;
  for (const auto& file : files_in(path)) histories.push_back(read(file));
  return histories;
}

std::vector<ReplayResult> replay(const Replayer& replayer, const fs::path& path) {
  return replayer.replay(read_histories(path));
}

std::vector<ReplayResult> replay(const Replayer& replayer, const Client& client,
                                 ReplayQueryOptions options) {
  if (options.at_once == 0)
    throw std::invalid_argument("ReplayQueryOptions: at_once must be above zero");
  std::vector<ReplayResult> results;
  std::string next_page;
  do {
    auto page = client
                    .list_workflows({.query = options.query,
                                     .page_size = static_cast<std::int32_t>(options.at_once),
                                     .next_page_token = std::move(next_page),
                                     .rpc = options.rpc})
                    .get();
    next_page = std::move(page.next_page_token);
    const auto left = options.limit - results.size();
    if (page.workflows.size() > left) page.workflows.resize(left);
    replay_batch(replayer, fetch_all(client, std::move(page.workflows), options.rpc), results);
  } while (!next_page.empty() && results.size() < options.limit);
  return results;
}

}  // namespace temporal::testing
