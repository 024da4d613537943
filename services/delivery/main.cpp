// jumun-delivery: starts and cancels deliveries, owns them.
#include "config/settings.h"
#include "contract/task_queues.h"
#include "delivery/activities.h"
#include "delivery/api.h"
#include "delivery/assets.h"
#include "delivery/audit.h"
#include "delivery/store.h"
#include "process/process.h"
#include "process/store.h"

int main(int argc, char** argv) {
  using namespace ordering;
  return process::run("jumun-delivery", [&] {
    process::Options options{.service = "delivery", .port = 8084};
    process::StoreOptions store_options;
    double time_scale = 1;
    config::Settings settings("jumun-delivery", "Starts and cancels deliveries; owns them.");
    options.add_to(settings);
    store_options.add_to(settings);
    settings.real("DELIVERY_TIME_SCALE", time_scale, "times the 5 s of a delivery; 0 is at once",
                  {.least = 0, .most = kMaxDeliveryTimeScale});
    settings.read_or_exit(argc, argv);

    process::Process process(options);
    db::Pool database = process::open_store(store_options.url_of(options));
    delivery::Store store(database);
    store.migrate();
    delivery::Activities activities(store, delivery::Timetable(time_scale));
    delivery::Audit audit(database);
    temporal::Registry registry;
    registry.activity(start_delivery, &delivery::Activities::start, std::ref(activities))
        .activity(cancel_delivery, &delivery::Activities::cancel, std::ref(activities))
        .activity(audit_delivery, &delivery::Audit::judge, std::ref(audit))
        .activity(read_deliveries, &delivery::Audit::read, std::ref(audit));

    delivery::Api api(store, process.pool());
    http::Router router;
    api.add_to(router);
    auto worker = process::blocking_worker(kDeliveryTaskQueue, std::move(registry));
    worker.max_concurrent_activities = delivery::Activities::kMaxDeliveries;
    worker.max_heartbeat_throttle_interval = delivery::Activities::kHeartbeat;
    worker.executor = std::make_shared<temporal::ThreadExecutor>(process::tasks_at_once());
    return process.serve({.router = std::move(router),
                          .openapi = *http::find_asset(delivery::assets(), "openapi.json"),
                          .worker = std::move(worker),
                          .database = [&database] { return database.answers(); }});
  });
}
