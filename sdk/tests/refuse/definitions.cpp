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
