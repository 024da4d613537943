// jumun-inventory: reserves and restocks items, owns the stock.
#include "config/settings.h"
#include "contract/task_queues.h"
#include "inventory/activities.h"
#include "inventory/api.h"
#include "inventory/audit.h"
#include "inventory/store.h"
#include "process/process.h"
#include "process/store.h"

int main(int argc, char** argv) {
  using namespace ordering;
  return process::run("jumun-inventory", [&] {
    process::Options options{.service = "inventory", .port = 8083};
    process::StoreOptions store_options;
    config::Settings settings("jumun-inventory", "Reserves and restocks items; owns the stock.");
    options.add_to(settings);
    store_options.add_to(settings);
    settings.read_or_exit(argc, argv);

    process::Process process(options);
    db::Pool database = process::open_store(store_options.url_of(options));
    inventory::Store store(database);
    store.migrate();
    inventory::Activities activities(store);
    inventory::Audit audit(database);
    temporal::Registry registry;
    registry.activity(reserve_inventory, &inventory::Activities::reserve, std::ref(activities))
        .activity(restock_inventory, &inventory::Activities::restock, std::ref(activities))
        .activity(audit_inventory, &inventory::Audit::judge, std::ref(audit))
        .activity(read_reservations, &inventory::Audit::read, std::ref(audit));

    inventory::Api api(store, process.pool());
    http::Router router;
    api.add_to(router);
    return process.serve(
        {.router = std::move(router),
         .worker = process::blocking_worker(kInventoryTaskQueue, std::move(registry)),
         .database = [&database] { return database.answers(); }});
  });
}
