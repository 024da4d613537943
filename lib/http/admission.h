// Who may call, and how often: an API key and a rate for each client, both off unless set. What changes
// something is refused to the pages of other sites in any case (403): a browser would send it for them,
// and needs no leave for a POST without a body.
//
//   http::Admission admission({.api_key = key, .rate = 50});
//   http::ServerOptions options{.admit = [&](const http::Request& r) { admission.admit(r); }};
//
// Routes that are open (health, metrics, the API's description, pages) are never asked.
#pragma once
#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

#include "http/message.h"

namespace http {

struct AdmissionOptions {
  std::string api_key = {};  // empty: everybody may call
  // Requests a second of one client address, which may come at once after a silence; 0: any number.
  std::size_t rate = 0;
};

class Admission {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMostClients = 10'000;  // that are kept count of, the latest

  explicit Admission(AdmissionOptions options) : options_(std::move(options)) {}

  // Throws Problem 401 where there is no key, 403 for a wrong one or another site's page, 429 beyond
  // the rate. The key
  // comes as "Authorization: Bearer KEY" or as "X-API-Key: KEY".
  void admit(const Request& request, Clock::time_point now = Clock::now());

 private:
  // A bucket that is filled at the rate and emptied by requests.
  struct Client {
    std::string address;
    double tokens = 0;
    Clock::time_point at;
  };
  void check_key(const Request& request) const;
  void check_rate(const Request& request, Clock::time_point now);
  Client& client(std::string_view address, Clock::time_point now);

  AdmissionOptions options_;
  std::list<Client> clients_;  // the latest first
  std::unordered_map<std::string, std::list<Client>::iterator> by_address_;
};

}  // namespace http
