// The payments and the ledger, to be read.
//
//   GET /payments/{orderId}    {orderId, state, amountMinor, code?}
//   GET /ledger?orderId=…      {entries: [{seq, at, orderId, account, amountMinor}]}
#pragma once
#include "http/message.h"
#include "http/pool.h"
#include "http/router.h"
#include "payment/store.h"

namespace ordering::payment {

class Api {
 public:
  Api(Store& store, http::Pool& pool) : store_(store), pool_(pool) {}
  void add_to(http::Router& router);

 private:
  http::Task<http::Response> get_payment(const http::Request& request);
  http::Task<http::Response> get_ledger(const http::Request& request);

  Store& store_;
  http::Pool& pool_;
};

}  // namespace ordering::payment
