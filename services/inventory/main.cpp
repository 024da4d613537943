// jumun-inventory: reserves and restocks items, owns the stock.
#include <boost/asio/co_spawn.hpp>

#include "config/settings.h"
#include "contract/task_queues.h"
#include "http/server.h"
#include "inventory/activities.h"
#include "inventory/api.h"
#include "inventory/assets.h"
#include "inventory/audit.h"
#include "inventory/stock_watch.h"
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
    inventory::StockWatch stock(store, process.pool(), process.draining());
    boost::asio::co_spawn(process.executor(), stock.run(), http::rethrow);
    return process.serve(
        {.router = std::move(router),
         .openapi = *http::find_asset(inventory::assets(), "openapi.json"),
         .worker = process::blocking_worker(kInventoryTaskQueue, std::move(registry)),
         .database = [&database] { return database.answers(); }});
  });
}
