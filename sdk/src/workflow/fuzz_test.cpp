// Activations that no Core would send: whatever is in them, an instance answers, with commands or with a
// failed task, and can be evicted.
#include <google/protobuf/message.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>

#include "workflow/test_order.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDeepest = 7;  // failures have causes that are failures

std::string some_text() {
  static const std::vector<std::string> kTexts = {"",
                                                  "note",
                                                  "add",
                                                  "total",
                                                  "naughty",
                                                  "encoding",
                                                  "json/plain",
                                                  "binary/null",
                                                  "json/protobuf",
                                                  "probe",
                                                  "1",
                                                  "\"x\"",
                                                  "{",
                                                  "[[[[[[",
                                                  std::string("\0\xff\xc0", 3),
                                                  "legacy_query",
                                                  "__stack_trace",
                                                  "__enhanced_stack_trace",
                                                  "__temporal_workflow_metadata",
                                                  R"({"order_id":"o","amount":{"minor":1}})",
                                                  R"({"by":"me"})",
                                                  "cancel",
                                                  "stage"};
  return *rc::gen::elementOf(kTexts);
}
std::int64_t some_number() {
  return *rc::gen::element<std::int64_t>(0, 1, 2, 3, 4, 7, -1, 1'000'000'000,
                                         std::numeric_limits<std::int64_t>::max(),
                                         std::numeric_limits<std::int64_t>::min());
}

void fill(Message& m, int depth);

// Sets the field, or adds to it where it is repeated.
void put(Message& m, const FieldDescriptor& f, int depth) {
  const auto& r = *m.GetReflection();
  const bool many = f.is_repeated();
  switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return fill(many ? *r.AddMessage(&m, &f) : *r.MutableMessage(&m, &f), depth + 1);
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? r.AddString(&m, &f, some_text()) : r.SetString(&m, &f, some_text());
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool b = *rc::gen::arbitrary<bool>();
      return many ? r.AddBool(&m, &f, b) : r.SetBool(&m, &f, b);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int e = *rc::gen::inRange(-1, 10);
      return many ? r.AddEnumValue(&m, &f, e) : r.SetEnumValue(&m, &f, e);
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto n = static_cast<std::int32_t>(some_number());
      return many ? r.AddInt32(&m, &f, n) : r.SetInt32(&m, &f, n);
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      const auto n = static_cast<std::uint32_t>(some_number());
      return many ? r.AddUInt32(&m, &f, n) : r.SetUInt32(&m, &f, n);
    }
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? r.AddInt64(&m, &f, some_number()) : r.SetInt64(&m, &f, some_number());
    case FieldDescriptor::CPPTYPE_UINT64: {
      const auto n = static_cast<std::uint64_t>(some_number());
      return many ? r.AddUInt64(&m, &f, n) : r.SetUInt64(&m, &f, n);
    }
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const auto n = static_cast<float>(some_number());
      return many ? r.AddFloat(&m, &f, n) : r.SetFloat(&m, &f, n);
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const auto n = static_cast<double>(some_number());
      return many ? r.AddDouble(&m, &f, n) : r.SetDouble(&m, &f, n);
    }
  }
}

void fill(Message& m, int depth) {
  if (depth > kDeepest) return;
  const auto& d = *m.GetDescriptor();
  for (int i = 0; i < d.field_count(); ++i) {
    const auto& f = *d.field(i);
    if (f.real_containing_oneof()) continue;
    for (int n = *rc::gen::inRange(0, f.is_repeated() ? 3 : 2); n > 0; --n) put(m, f, depth);
  }
  for (int i = 0; i < d.real_oneof_decl_count(); ++i) {
    const auto& one = *d.oneof_decl(i);
    const int which = *rc::gen::inRange(-1, one.field_count());
    if (which >= 0) put(m, *one.field(which), depth);
  }
}

// The jobs of a true run, some of them replaced by anything.
WorkflowActivation some_activation(const std::vector<Job>& likely) {
  WorkflowActivation a;
  if (*rc::gen::inRange(0, 3) == 0) fill(a, kDeepest - 2);  // its own fields; jobs come below
  a.set_run_id("run-1");
  a.clear_jobs();
  for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
    auto& job = *a.add_jobs();
    if (*rc::gen::inRange(0, 3) > 0)
      job = *rc::gen::elementOf(likely);
    else
      fill(job, 0);
  }
  return a;
}

void bombard(WorkflowDefinition definition, const std::vector<Job>& likely) {
  Instance run(std::move(definition));
  if (*rc::gen::inRange(0, 4) > 0) run.activate(activation({likely[0]}));
  for (int n = *rc::gen::inRange(1, 8); n > 0; --n) {
    const auto answer = run.activate(some_activation(likely));
    RC_ASSERT(answer.run_id() == "run-1");
    RC_ASSERT(answer.has_successful() || !answer.failed().failure().message().empty());
  }
  const auto last = run.activate(activation({evicted()}));
  RC_ASSERT(last.has_successful() && last.successful().commands().empty());
}

Task<std::string> busy(Probe* self) {
  auto timer = workflow::sleep(1s);
  auto local =
      workflow::execute_local_activity(echo, {.start_to_close_timeout = 1s}, std::string("l"));
  auto child = workflow::start_child_workflow(probe_type, {.id = "c"}, "in");
  auto signal = workflow::external_workflow("other").signal(note, "n");
  auto asked = workflow::external_workflow("other").cancel();
  auto result = co_await call("x").settled();
  if (workflow::patched("p")) workflow::upsert_memo({{"k", Value::of<int>(1)}});
  co_await workflow::select(timer, local, child, signal, asked);
  co_await workflow::wait_until([self] { return self->open; }, 1s);
  co_return result ? *result : "failed";
}

RC_GTEST_PROP(HostileActivations, OfAProbe, ()) {
  bombard(probe(&busy), {init(), ok(1, "x"), ok(2, "y"), bad(1, "z"), gone(2), fired(1), fired(2),
                         noted("open"), added("u", 1), added("v", 6), queried("q", "total"),
                         queried("legacy_query", "__stack_trace"), cancel("why"), evicted()});
}
RC_GTEST_PROP(HostileActivations, OfAnOrder, ()) {
  bombard(OrderSaga::definition(),
          {init(R"({"order_id":"order-1","amount":{"minor":100}})"), ok(1, "x"), ok(2, "y"),
           bad(1, "z"), gone(1), bad(2, "w"), updated("u", "cancel", {R"({"by":"me"})"}),
           queried("q", "stage"), cancel("why"), evicted()});
}

}  // namespace
}  // namespace temporal::testing
