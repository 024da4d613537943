//! refused: is_same_v<int (long), int (int)>': the handler's signature
struct W {
  Task<int> run(long) { co_return 1; }
};
auto d = temporal::workflow_definition(type, &W::run);

//! refused: run returns a workflow::Task
struct W {
  int run(int) { return 1; }
};
auto d = temporal::workflow_definition(type, &W::run);

//! refused: a query changes nothing: declare it const
struct W {
  Task<int> run(int) { co_return 1; }
  int ask() { return 1; }
};
auto d = temporal::workflow_definition(type, &W::run).query(query, &W::ask);

//! refused: the handler's signature
struct W {
  Task<int> run(int) { co_return 1; }
  int ask(int) const { return 1; }
};
auto d = temporal::workflow_definition(type, &W::run).query(query, &W::ask);

//! refused: the handler's signature
struct W {
  Task<int> run(int) { co_return 1; }
  Task<int> change(int, std::string_view) { co_return 1; }
};
auto d = temporal::workflow_definition(type, &W::run).update(update, &W::change);

//! refused: a validator changes nothing: declare it const
struct W {
  Task<int> run(int) { co_return 1; }
  Task<int> change(int, std::string) { co_return 1; }
  void check(int, std::string) {}
};
auto d = temporal::workflow_definition(type, &W::run).update(update, &W::change, &W::check);

//! refused: the handler's signature
struct W {
  Task<int> run(int) { co_return 1; }
  Task<int> change(int, std::string) { co_return 1; }
  void check(int) const {}
};
auto d = temporal::workflow_definition(type, &W::run).update(update, &W::change, &W::check);

//! refused: the handler's signature
struct W {
  Task<int> run(int) { co_return 1; }
  Task<> on(std::string) { co_return; }
};
auto d = temporal::workflow_definition(type, &W::run).signal(signal_type, &W::on);

//! refused: or by one without parameters
struct W {
  explicit W(std::string) {}
  Task<int> run(int) { co_return 1; }
};
auto d = temporal::workflow_definition(type, &W::run);

//! refused: a dynamic handler takes (std::string name, temporal::RawArgs)
struct W {
  Task<int> run(int) { co_return 1; }
  int ask(temporal::RawArgs) const { return 1; }
};
auto d = temporal::workflow_definition(type, &W::run).dynamic_query(&W::ask);

//! refused: the run of a dynamic workflow takes (temporal::RawArgs)
struct W {
  Task<int> run(int) { co_return 1; }
};
auto d = temporal::dynamic_workflow_definition(&W::run);

//! refused: the handler cannot be called with its definition's parameters by value
Task<> run() {
  workflow::set_signal_handler(signal_type, [](std::string) {});
  co_return;
}

//! refused: a query or validator changes nothing: it must be callable as const
Task<> run() {
  workflow::set_query_handler(query, [n = 0]() mutable { return ++n; });
  co_return;
}

//! refused: a query or validator changes nothing: it must be callable as const
Task<> run() {
  workflow::set_update_handler(
      update, [](int n, std::string) { return n; }, [n = 0](int, std::string) mutable { ++n; });
  co_return;
}

//! refused: a definition's parameters are values
constexpr temporal::ActivityType<int(const std::string&)> by_reference{"by_reference"};
auto name = by_reference.name;

//! refused: aka 'ChargeInput'
Task<> run() {
  co_await workflow::execute_activity(charge_payment, {.task_queue = "q"}, {.order = "x"});
}

//! compiles
struct W {
  explicit W(int) {}
  Task<int> run(int) { co_return 1; }
  int ask() const noexcept { return 1; }
  Task<int> change(int, std::string) { co_return 1; }
  void check(int, std::string) const {}
  void on(int) {}
};
auto d = temporal::workflow_definition(type, &W::run, {.cancel_requests = workflow::observe})
             .query(query, &W::ask)
             .update(update, &W::change, &W::check)
             .signal(signal_type, &W::on);

//! compiles
struct W {
  Task<int> run(temporal::RawArgs) {
    workflow::set_signal_handler(signal_type, [](int) {});
    workflow::set_query_handler(query, [n = 0] { return n; });
    workflow::set_update_handler(
        update, [](int n, std::string) { return n; }, [](int, std::string) {});
    co_return 1;
  }
  int ask(std::string, temporal::RawArgs) const { return 1; }
};
auto d = temporal::dynamic_workflow_definition(&W::run).dynamic_query(&W::ask);
