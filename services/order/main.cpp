// jumun-order: takes orders over HTTP and runs their workflow.
#include <boost/asio/co_spawn.hpp>

#include "config/settings.h"
#include "contract/activities.h"
#include "contract/task_queues.h"
#include "http/server.h"
#include "order/assets.h"
#include "order/audit_activities.h"
#include "order/audit_api.h"
#include "order/audit_watch.h"
#include "order/audit_workflow.h"
#include "order/code_attribute.h"
#include "order/dashboard.h"
#include "order/events_api.h"
#include "order/list_api.h"
#include "order/order_feed.h"
#include "order/order_saga.h"
#include "order/orders_api.h"
#include "order/repair_watch.h"
#include "order/repair_workflow.h"
#include "order/retention.h"
#include "order/stuck_api.h"
#include "order/stuck_watch.h"
#include "process/process.h"

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kDelivery = 5s;  // at DELIVERY_TIME_SCALE 1

// Those of the orders under way; one takes some 70 KB. Of more the oldest are read again from Temporal.
constexpr std::size_t kCachedOrders = 300;

std::chrono::milliseconds scaled(double scale) {
  return std::chrono::round<std::chrono::milliseconds>(kDelivery * scale);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace ordering;
  return process::run("jumun-order", [&] {
    process::Options options{.service = "order", .port = 8081};
    order::OrdersOptions times;
    double delivery_time_scale = 1;
    std::uint16_t ui_port = 8088;
    config::Settings settings("jumun-order", "Takes orders and sees them through.");
    options.add_to(settings);
    settings.duration("STEP_DEADLINE", times.step_deadline, "how long a step is tried",
                      {.least = 1s, .most = 24h});
    settings.real("DELIVERY_TIME_SCALE", delivery_time_scale,
                  "multiplies the 5 s of a delivery; 0 is at once",
                  {.most = kMaxDeliveryTimeScale});
    settings.port("TEMPORAL_UI_PORT", ui_port, "port of Temporal's Web UI, for the links to it");
    std::string ui_url;
    settings.http_url("TEMPORAL_UI_URL", ui_url,
                      "where people reach Temporal's Web UI, if not on that port of this machine");
    settings.read_or_exit(argc, argv);
    if (ui_url.empty()) ui_url = "http://127.0.0.1:" + std::to_string(ui_port);
    times.delivery_time = scaled(delivery_time_scale);

    process::Process process(options);
    const auto codes = std::make_shared<order::CodeAttribute>(process.client(), process.draining());
    boost::asio::co_spawn(process.executor(), codes->run(), http::rethrow);
    times.codes = codes;
    const order::Orders orders(process.client(), times);
    order::OrdersApi api(
        orders, {.temporal_ui = ui_url, .temporal_namespace = process.client().name_space()},
        process.draining());
    http::Router router;
    api.add_to(router);
    order::StuckApi stuck(orders, process.draining());
    stuck.add_to(router);
    order::ListApi list(order::OrderList(process.client(), orders, codes));
    list.add_to(router);
    order::OrderFeed feed(process.executor(), process.client(), process.draining());
    boost::asio::co_spawn(process.executor(), feed.run(), http::rethrow);
    order::EventsApi events(process.client(), feed, process.draining());
    events.add_to(router);
    order::AuditApi audit_api(order::Audits(process.client()), process.draining());
    audit_api.add_to(router);
    order::Dashboard dashboard;
    dashboard.add_to(router);
    order::StuckWatch watch(process.client(), orders, process.draining());
    boost::asio::co_spawn(process.executor(), watch.run(), http::rethrow);
    order::RepairWatch repairs(process.client(), orders, process.draining());
    boost::asio::co_spawn(process.executor(), repairs.run(), http::rethrow);
    order::AuditWatch audit_watch(order::Audits(process.client()), process.draining());
    boost::asio::co_spawn(process.executor(), audit_watch.run(), http::rethrow);
    order::Retention retention(process.client(), process.draining());
    boost::asio::co_spawn(process.executor(), retention.run(), http::rethrow);
    temporal::Registry registry;
    registry.workflow<order::OrderSaga>();
    registry.workflow<order::RepairWorkflow>();
    registry.workflow<order::Audit>();
    order::AuditActivities audit(process.client(), orders, times);
    registry
        .activity(order::list_ended_orders, &order::AuditActivities::list_ended, std::ref(audit))
        .activity(order::list_late_orders, &order::AuditActivities::list_late, std::ref(audit))
        .activity(order::look_up_orders, &order::AuditActivities::look_up, std::ref(audit));
    return process.serve(
        {.router = std::move(router),
         .openapi = *http::find_asset(order::assets(), "openapi.json"),
         .worker = {.task_queue = std::string(kOrderTaskQueue),
                    .registry = std::move(registry),
                    .max_cached_workflows = kCachedOrders,
                    .max_concurrent_workflow_tasks = process::tasks_at_once(),
                    .nondeterminism_fails_workflow_types = {std::string(AuditWorkflow::type.name)}},
         .task_queues = {{.name = std::string(kOrderTaskQueue), .workflows = true},
                         {.name = std::string(kPaymentTaskQueue)},
                         {.name = std::string(kInventoryTaskQueue)},
                         {.name = std::string(kDeliveryTaskQueue)}},
         .warnings = [&retention] { return retention.warnings(); },
         .unavailable_code = order::unavailable_code});
  });
}
