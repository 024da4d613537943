// temporal::determinism_guard: defines, ahead of the shared libraries that have them, the functions
// whose answers a replay cannot repeat. Each tells the SDK of its call, then does what it always did.
//
// pthread_create is left alone: the sanitizers replace it themselves, and would no longer see threads.
// Nothing here may need a constructor: other libraries' ask for the environment before ours have run.
#include <dlfcn.h>
#include <sys/random.h>
#include <sys/time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <thread>
#include <utility>

#include "temporal/determinism.h"

namespace {

using temporal::detail::forbid;

constexpr char kNow[] = "use workflow::now()";
constexpr char kRandom[] = "use workflow::random()";
constexpr char kSeed[] = "workflow::random() is seeded by the history";
constexpr char kInput[] = "give it to the workflow as input, or ask for it in an activity";
constexpr char kSpawn[] = "use workflow::spawn()";

// The function that would be called without the guard.
template <class F>
F* original(const char* symbol) {
  if (auto* found = reinterpret_cast<F*>(dlsym(RTLD_NEXT, symbol))) return found;
  std::fprintf(
      stderr,
      "temporal::determinism_guard: no shared library has %s. It needs libc and libstdc++ as "
      "shared libraries: link without -static and -static-libstdc++.\n",
      symbol);
  std::abort();
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier): libstdc++'s names
namespace std {

namespace chrono {
system_clock::time_point system_clock::now() noexcept {
  static auto* const real = original<time_point() noexcept>("_ZNSt6chrono3_V212system_clock3nowEv");
  forbid("std::chrono::system_clock::now()", kNow);
  return real();
}
steady_clock::time_point steady_clock::now() noexcept {
  static auto* const real = original<time_point() noexcept>("_ZNSt6chrono3_V212steady_clock3nowEv");
  forbid("std::chrono::steady_clock::now()", kNow);
  return real();
}
}  // namespace chrono

random_device::result_type random_device::_M_getval() {
  static auto* const real =
      original<result_type(random_device*)>("_ZNSt13random_device9_M_getvalEv");
  forbid("std::random_device", kRandom);
  return real(this);
}

// Of std::jthread and std::async too.
void thread::_M_start_thread(_State_ptr state, void (*depend)()) {
  static auto* const real = original<void(thread*, _State_ptr, void (*)())>(
      "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE");
  forbid("std::thread", kSpawn);
  real(this, std::move(state), depend);
}

}  // namespace std
// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier)

extern "C" {

time_t time(time_t* out) noexcept {
  static auto* const real = original<decltype(time)>("time");
  forbid("time()", kNow);
  return real(out);
}
clock_t clock() noexcept {
  static auto* const real = original<decltype(clock)>("clock");
  forbid("clock()", kNow);
  return real();
}
int clock_gettime(clockid_t which, timespec* out) noexcept {
  static auto* const real = original<decltype(clock_gettime)>("clock_gettime");
  forbid("clock_gettime()", kNow);
  return real(which, out);
}
int gettimeofday(timeval* out, void* zone) noexcept {
  static auto* const real = original<decltype(gettimeofday)>("gettimeofday");
  forbid("gettimeofday()", kNow);
  return real(out, zone);
}

char* getenv(const char* name) noexcept {
  static auto* const real = original<decltype(getenv)>("getenv");
  forbid("getenv()", kInput);
  return real(name);
}
char* secure_getenv(const char* name) noexcept {
  static auto* const real = original<decltype(secure_getenv)>("secure_getenv");
  forbid("secure_getenv()", kInput);
  return real(name);
}

int rand() noexcept {
  static auto* const real = original<decltype(rand)>("rand");
  forbid("rand()", kRandom);
  return real();
}
void srand(unsigned seed) noexcept {
  static auto* const real = original<decltype(srand)>("srand");
  forbid("srand()", kSeed);
  real(seed);
}
long random() noexcept {
  static auto* const real = original<decltype(random)>("random");
  forbid("random()", kRandom);
  return real();
}
void srandom(unsigned seed) noexcept {
  static auto* const real = original<decltype(srandom)>("srandom");
  forbid("srandom()", kSeed);
  real(seed);
}
double drand48() noexcept {
  static auto* const real = original<decltype(drand48)>("drand48");
  forbid("drand48()", kRandom);
  return real();
}
long lrand48() noexcept {
  static auto* const real = original<decltype(lrand48)>("lrand48");
  forbid("lrand48()", kRandom);
  return real();
}
long mrand48() noexcept {
  static auto* const real = original<decltype(mrand48)>("mrand48");
  forbid("mrand48()", kRandom);
  return real();
}
ssize_t getrandom(void* out, std::size_t size, unsigned flags) {
  static auto* const real = original<decltype(getrandom)>("getrandom");
  forbid("getrandom()", kRandom);
  return real(out, size, flags);
}
int getentropy(void* out, std::size_t size) {
  static auto* const real = original<decltype(getentropy)>("getentropy");
  forbid("getentropy()", kRandom);
  return real(out, size);
}
std::uint32_t arc4random() noexcept {
  static auto* const real = original<decltype(arc4random)>("arc4random");
  forbid("arc4random()", kRandom);
  return real();
}
std::uint32_t arc4random_uniform(std::uint32_t bound) noexcept {
  static auto* const real = original<decltype(arc4random_uniform)>("arc4random_uniform");
  forbid("arc4random_uniform()", kRandom);
  return real(bound);
}
void arc4random_buf(void* out, std::size_t size) noexcept {
  static auto* const real = original<decltype(arc4random_buf)>("arc4random_buf");
  forbid("arc4random_buf()", kRandom);
  real(out, size);
}

}  // extern "C"
