// A client over a transport that the test answers, and what its tests share.
#pragma once
#include <gmock/gmock.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>
#include <temporal/api/workflowservice/v1/request_response.pb.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "client/client_core.h"
#include "temporal/client.h"

namespace temporal {

namespace service = temporal::api::workflowservice::v1;

struct Input {
  int number = 0;
};
struct Output {
  std::string text = {};
};
struct Order {
  static constexpr WorkflowType<Output(Input)> type{"Order"};
  static constexpr SignalType<void(std::string)> note{"note"};
  static constexpr QueryType<int()> total{"total"};
  static constexpr UpdateType<Output(Input)> cancel{"cancel"};
};

// Answers each call with the next of the given functions.
class Answers final : public Transport {
 public:
  using Answering = std::function<Answer(const RpcRequest&)>;

  void call(RpcRequest request, std::stop_token, Answered answered) override {
    Answering next;
    {
      std::lock_guard lock(mutex_);
      ASSERT_LT(calls.size(), answers.size()) << "one call too many: " << request.method;
      next = answers[calls.size()];
      calls.push_back(request);
    }
    answered(next(request));
  }
  template <class Message>
  Message request(std::size_t i) {
    Message message;
    EXPECT_TRUE(message.ParseFromString(calls.at(i).request));
    return message;
  }

  std::vector<Answering> answers;
  std::vector<RpcRequest> calls;

 private:
  std::mutex mutex_;
};

template <class Message>
Answers::Answering with(Message message) {
  return [bytes = message.SerializeAsString()](const RpcRequest&) { return bytes; };
}
inline Answers::Answering failing(RpcCode code, const google::protobuf::Message* detail = nullptr) {
  google::rpc::Status status;
  if (detail) status.add_details()->PackFrom(*detail);
  return [code, details = status.SerializeAsString()](const RpcRequest&) {
    return std::unexpected(RpcError(code, "no", details));
  };
}
inline Answers::Answering last_event(
    const std::function<void(temporal::api::history::v1::HistoryEvent&)>& fill) {
  service::GetWorkflowExecutionHistoryResponse response;
  fill(*response.mutable_history()->add_events());
  return with(response);
}

class ClientTest : public testing::Test {
 protected:
  Client client(std::vector<std::shared_ptr<ClientInterceptor>> interceptors = {}) {
    ClientOptions options{.identity = "me", .interceptors = std::move(interceptors)};
    return Client(std::make_shared<detail::ClientCore>(std::move(options), transport));
  }
  WorkflowOptions options() { return {.id = "order-1", .task_queue = "orders"}; }

  std::shared_ptr<Answers> transport = std::make_shared<Answers>();
};

}  // namespace temporal
