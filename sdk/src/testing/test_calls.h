// What a test of a client's calls asks of them.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "temporal/client.h"

namespace temporal::testing {

template <class R>
std::string error_of(Async<R> call) {
  try {
    std::move(call).get();
  } catch (const Error& e) {
    return e.what();
  }
  return "none";
}

template <class R>
Failure failure_of(const WorkflowHandle<R>& handle) {
  try {
    handle.result().get();
  } catch (const WorkflowFailedError& e) {
    return e.failure();
  }
  ADD_FAILURE() << "it completed";
  return Failure({});
}

}  // namespace temporal::testing
