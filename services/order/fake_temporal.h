// For tests: what Temporal tells of runs, in place of a server.
//
//   auto temporal = std::make_shared<FakeTemporal>();
//   temporal->runs.push_back(…);
//   temporal::Client client = temporal->client();
#pragma once
#include <temporal/client.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ordering::order {

class FakeTemporal : public temporal::ClientInterceptor,
                     public std::enable_shared_from_this<FakeTemporal> {
 public:
  static constexpr std::size_t kPage = 1000;  // of the server's, at most

  std::vector<temporal::WorkflowDescription> runs = {};  // of one id the last is current
  std::map<std::string, std::string> histories = {};     // by run id, in protobuf
  std::vector<std::string> started = {};                 // ids, by start_workflow
  std::size_t asked = 0;                                 // lists and counts
  std::function<void(const std::string& workflow_id)> before_describe = {};  // may throw

  temporal::Client client() {
    return temporal::Client::lazy({.target = "127.0.0.1:9", .interceptors = {shared_from_this()}});
  }

  temporal::Async<temporal::StartedWorkflow> start_workflow(
      temporal::StartWorkflowInput input) override;
  temporal::Async<temporal::WorkflowDescription> describe_workflow(
      temporal::DescribeWorkflowInput input) override;
  temporal::Async<temporal::HistoryPage> fetch_history_page(
      temporal::FetchHistoryInput input) override;
  temporal::Async<temporal::ListPage> list_workflows(temporal::ListOptions options) override;
  temporal::Async<temporal::WorkflowCount> count_workflows(temporal::CountOptions options) override;

 private:
  std::vector<const temporal::WorkflowDescription*> matching(const std::string& query);
};

}  // namespace ordering::order
