#include "client/client_core.h"

#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace temporal::detail {

namespace {

std::string default_identity() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::to_string(::getpid()) + "@" + host.data();
}

}  // namespace

ClientOptions ClientCore::completed(ClientOptions options) {
  if (options.identity.empty()) options.identity = default_identity();
  if (!options.runtime) options.runtime = Runtime::shared_default();
  return options;
}

std::shared_ptr<ClientCore> ClientCore::make(ClientOptions options) {
  options = completed(std::move(options));
  auto transport = std::make_shared<CoreTransport>(options);
  return std::make_shared<ClientCore>(std::move(options), std::move(transport));
}

ClientCore::ClientCore(ClientOptions options, std::shared_ptr<Transport> transport)
    : options_(completed(std::move(options))), transport_(std::move(transport)) {
  for (auto i = options_.interceptors.rbegin(); i != options_.interceptors.rend(); ++i) {
    if (!*i) throw std::invalid_argument("ClientOptions: an interceptor is null");
    if ((*i)->next)
      throw std::invalid_argument("ClientOptions: an interceptor has a client already");
    (*i)->next = first_;
    first_ = i->get();
  }
}

CoreTransport& ClientCore::core_transport() const {
  auto* core = transport_->core();
  return core ? *core : throw std::logic_error("this client has no connection of Core");
}

Async<std::string> ClientCore::call(RpcRequest request) const {
  return Async<std::string>(
      runtime().executor(), [transport = transport_, request = std::move(request)](
                                std::stop_token stop, Callback<std::string> done) mutable {
        transport->call(std::move(request), std::move(stop),
                        [done = std::move(done)](Transport::Answer answer) mutable {
                          if (answer) return done(std::move(*answer));
                          done(thrown(std::move(answer.error())));
                        });
      });
}

ClientInterceptor& outermost(const std::shared_ptr<ClientCore>& core) {
  return core->outermost();
}

}  // namespace temporal::detail
