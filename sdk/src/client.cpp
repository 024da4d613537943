#include "temporal/client.h"

namespace temporal {

namespace {
thread_local int continuing = 0;
}
detail::Continuing::Continuing() {
  ++continuing;
}
detail::Continuing::~Continuing() {
  --continuing;
}
bool detail::Continuing::here() {
  return continuing > 0;
}

Async<Value> detail::ClientCore::call(RpcRequest r) {
  return Async<Value>(
      *transport->executor,
      [t = transport, r = std::move(r)](std::stop_token stop, Callback<Value> done) mutable {
        t->call(std::move(r), stop, std::move(done));
      });
}
Async<Value> detail::ClientCore::begin(RpcRequest r) {
  return interceptors.empty() ? call(std::move(r)) : interceptors.front()->call(std::move(r));
}
Client::Client(std::shared_ptr<Transport> t, std::vector<std::shared_ptr<ClientInterceptor>> list)
    : core_(std::make_shared<detail::ClientCore>()) {
  core_->transport = std::move(t);
  core_->interceptors = std::move(list);
  ClientInterceptor* next = core_.get();
  for (auto i = core_->interceptors.rbegin(); i != core_->interceptors.rend(); ++i)
    next = ((*i)->next = next, i->get());
}

}  // namespace temporal
