#include "worker/thread_stack.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <semaphore.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace temporal::detail {

namespace {

constexpr int kMostFrames = 64;
constexpr int kOwnFrames = 2;  // the handler, and what the kernel calls it from

// Of the whole process: a handler that is late finds that nobody waits for it any more.
struct Request {
  std::atomic<int> number = 0;  // 0: none
  std::array<void*, kMostFrames> frames = {};
  int count = 0;
  sem_t done = {};
};
Request request;
std::mutex asking;

void on_signal(int, siginfo_t* info, void*) {
  const int saved = errno;
  auto number = info->si_value.sival_int;
  if (info->si_code == SI_QUEUE && number != 0 &&
      request.number.compare_exchange_strong(number, 0)) {
    request.count = backtrace(request.frames.data(), kMostFrames);
    sem_post(&request.done);
  }
  errno = saved;
}

std::string demangled(const char* name) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                              std::free);
  return text ? text.get() : name;
}

std::string described(void* address) {
  Dl_info found = {};
  std::array<char, 32> offset = {};
  if (!dladdr(address, &found) || !found.dli_fname) {
    std::snprintf(offset.data(), offset.size(), "%p", address);
    return offset.data();
  }
  std::snprintf(
      offset.data(), offset.size(), "+0x%zx",
      static_cast<std::size_t>(static_cast<char*>(address) - static_cast<char*>(found.dli_fbase)));
  std::string place = std::string(found.dli_fname) + offset.data();
  return found.dli_sname ? demangled(found.dli_sname) + " (" + place + ")" : place;
}

timespec in(std::chrono::milliseconds duration) {
  timespec t = {};
  clock_gettime(CLOCK_REALTIME, &t);  // sem_timedwait's
  const auto nanos = std::chrono::nanoseconds(duration).count() + t.tv_nsec;
  t.tv_sec += static_cast<std::time_t>(nanos / 1'000'000'000);
  t.tv_nsec = static_cast<long>(nanos % 1'000'000'000);
  return t;
}

}  // namespace

void take_stack_signal(int signal) {
  std::lock_guard lock(asking);
  auto refuse = [&](const char* why) {
    throw std::invalid_argument("WorkerOptions::stack_signal is " + std::to_string(signal) + ", " +
                                why);
  };
  if (signal < SIGRTMIN || signal > SIGRTMAX)
    refuse("which is no real-time signal: those are from SIGRTMIN to SIGRTMAX");
  struct sigaction before = {};
  sigaction(signal, nullptr, &before);
  if ((before.sa_flags & SA_SIGINFO) && before.sa_sigaction == on_signal) return;
  if ((before.sa_flags & SA_SIGINFO) || before.sa_handler != SIG_DFL)
    refuse("which this program handles already");
  static const bool prepared = [] {  // the first backtrace loads a library, which no handler may
    sem_init(&request.done, 0, 0);
    return backtrace(request.frames.data(), kMostFrames) >= 0;
  }();
  struct sigaction ours = {};
  ours.sa_sigaction = on_signal;
  ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigemptyset(&ours.sa_mask);
  if (!prepared || sigaction(signal, &ours, nullptr) != 0) refuse("which the system refuses");
}

std::vector<std::string> stack_of(pthread_t thread, int signal,
                                  std::chrono::milliseconds patience) {
  std::lock_guard lock(asking);
  static int last = 0;
  last = last % std::numeric_limits<int>::max() + 1;
  request.number = last;
  sigval value = {};
  value.sival_int = last;
  if (pthread_sigqueue(thread, signal, value) != 0) return {};
  const auto until = in(patience);
  int waited = 0;
  while ((waited = sem_timedwait(&request.done, &until)) != 0 && errno == EINTR) {
  }
  auto number = last;
  if (waited != 0) {
    if (request.number.compare_exchange_strong(number, 0)) return {};
    sem_wait(&request.done);  // it has begun in the meantime, and does not wait for anything
  }
  std::vector<std::string> lines;
  for (int i = kOwnFrames; i < request.count; ++i)
    lines.push_back(described(request.frames[static_cast<std::size_t>(i)]));
  return lines;
}

}  // namespace temporal::detail
