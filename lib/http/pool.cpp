#include "http/pool.h"

namespace http {

Pool::Pool(PoolOptions options) : max_waiting_(options.max_waiting), threads_(options.threads) {}

Pool::~Pool() {
  threads_.join();
}

void Pool::enter() {
  if (waiting_.fetch_add(1, std::memory_order_relaxed) < max_waiting_) return;
  leave();
  throw Problem{.status = 503,
                .message = {"too much is waiting: try again shortly",
                            "대기 중인 요청이 너무 많습니다. 잠시 뒤 다시 시도하십시오"},
                .retry_after = std::chrono::seconds(1)};
}

}  // namespace http
