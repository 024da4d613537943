// The Transport of Environment::time_skipping: asks the server to skip time for each workflow that is
// started, and notices when it stops doing so.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

#include "client/core_transport.h"

namespace temporal::testing {

class TimeSkipping final : public Transport, public std::enable_shared_from_this<TimeSkipping> {
 public:
  TimeSkipping(std::shared_ptr<CoreTransport> server, std::string name_space,
               std::int32_t max_session_skip_count);

  void call(RpcRequest request, std::stop_token stop, Answered answered) override;
  CoreTransport* core() override { return server_.get(); }

 private:
  struct Wait;
  template <class Request>
  bool asks_to_skip(RpcRequest& request) const;
  void start(RpcRequest request, std::stop_token stop, Answered answered);
  void check_server(std::string workflow_id, Answer started, std::stop_token stop,
                    Answered answered);
  void wait(std::shared_ptr<Wait> wait);
  void look(std::shared_ptr<Wait> wait, Answer none_yet);

  const std::shared_ptr<CoreTransport> server_;
  const std::string name_space_;
  const std::int32_t max_session_skip_count_;
  std::atomic<bool> checked_ = false;  // that the server knows what it is asked
};

}  // namespace temporal::testing
