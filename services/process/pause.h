// What asks Temporal again and again does so in a loop of this form:
//
//   do {
//     try { … co_await …; } catch (const temporal::Error& e) { … }
//   } while (co_await process::pause(kEvery, draining));
#pragma once
#include <chrono>
#include <stop_token>

#include "http/message.h"

namespace ordering::process {

// True once the time is over; false as soon as `stop` is requested, which must happen on the thread
// that runs this coroutine.
http::Task<bool> pause(std::chrono::milliseconds time, std::stop_token stop);

}  // namespace ordering::process
