//! refused: select of nothing would wait for ever
Task<> run() {
  co_await workflow::select();
}

//! refused: no matching function for call to 'all'
Task<> run() {
  co_await workflow::all(workflow::sleep(1s), workflow::sleep(2s));
}

//! refused: no matching function for call to 'any'
Task<> run() {
  co_await workflow::any(std::vector<Future<void>>());
}

//! refused: -Wunused-result
Task<> run() {
  auto f = workflow::sleep(1s);
  workflow::select(f);
  co_return;
}

//! refused: call to implicitly-deleted copy constructor
Task<> run() {
  auto t = number();
  auto twice = t;
  co_await std::move(twice);
}

//! refused: call to implicitly-deleted copy constructor
Task<> run() {
  auto f = workflow::sleep(1s);
  auto twice = f;
  co_await twice;
}

//! refused: -Wdangling
Task<> run() {
  auto t = workflow::shielded(note(std::string("temporary")));
  co_await std::move(t);
}

//! refused: -Wdangling
Task<> run() {
  auto t = workflow::in_scope(workflow::Scope(), note(std::string("temporary")));
  co_await std::move(t);
}

//! refused: takes its parameters by value
Task<> run() {
  auto step = [](const std::string& name) -> Task<> {
    co_await workflow::sleep(1s);
    (void)name;
  };
  co_await step("a");
}

//! refused: 'co_await' cannot be used
struct Guard {
  ~Guard() { co_await workflow::sleep(1s); }
};

//! refused: allowed() calls a plain function
Task<> run() {
  auto t = workflow::unsafe::allowed([] { return number(); });
  co_await std::move(t);
}

//! compiles
Task<> run() {
  auto a = workflow::sleep(1s), b = workflow::sleep(2s);
  co_await workflow::select(a, b);
  co_await workflow::shielded(note(std::string("temporary")));
  auto began = workflow::unsafe::allowed([] { return std::chrono::steady_clock::now(); });
  (void)began;
}
