// Workflow code as it should not be: a line that ends in "// NAME" is found by that check and no line else
// is. Never compiled into anything; tidy_test.py.
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "temporal/task.h"

using temporal::workflow::Task;
std::mutex mutex;

Task<> step();

Task<> viewed(std::string_view name) {  // coroutine_parameters
  co_await step();
  (void)name;
}
Task<> listed(int, std::span<const int> numbers) {  // coroutine_parameters
  co_await step();
  (void)numbers;
}
Task<> referred(const std::string& name) {  // coroutine_parameters
  co_await step();
  (void)name;
}
Task<> pointed(const char* name) {  // coroutine_parameters
  co_await step();
  (void)name;
}
struct Workflow {
  Task<> step(std::string_view name) {  // coroutine_parameters
    co_await ::step();
    (void)name;
  }
  Task<> right(std::string name, int* out) {
    co_await ::step();
    *out = static_cast<int>(name.size());
  }
};
std::size_t plain(std::string_view name, const std::string& other) {
  return name.size() + other.size();
}
Task<> captured() {
  int x = 1;
  auto f = [x]() -> Task<> {  // cppcoreguidelines-avoid-capturing-lambda-coroutines
    co_await step();
    (void)x;
  };
  co_await f();
}
Task<> locked() {
  std::lock_guard lock(mutex);  // misc-coroutine-hostile-raii
  co_await step();
}
