// jumun-payment: charges and refunds orders, owns the payments and the money's ledger.
#include "config/settings.h"
#include "contract/failure_rule.h"
#include "contract/task_queues.h"
#include "payment/activities.h"
#include "payment/api.h"
#include "payment/assets.h"
#include "payment/audit.h"
#include "payment/store.h"
#include "process/process.h"
#include "process/store.h"

int main(int argc, char** argv) {
  using namespace ordering;
  return process::run("jumun-payment", [&] {
    process::Options options{.service = "payment", .port = 8082};
    process::StoreOptions store_options;
    double failure_rate = FailureRule::kDefaultRate;
    std::int64_t failure_seed = FailureRule::kDefaultSeed;
    config::Settings settings("jumun-payment", "Charges and refunds orders; owns the money.");
    options.add_to(settings);
    store_options.add_to(settings);
    settings.rate("PAYMENT_FAILURE_RATE", failure_rate, "share of payments that fail");
    settings.integer("PAYMENT_FAILURE_SEED", failure_seed, "which ones: another seed, others");
    settings.read_or_exit(argc, argv);

    process::Process process(options);
    db::Pool database = process::open_store(store_options.url_of(options));
    payment::Store store(database);
    store.migrate();
    payment::Activities activities(store, FailureRule(failure_rate, failure_seed));
    payment::Audit audit(database);
    temporal::Registry registry;
    registry.activity(charge_payment, &payment::Activities::charge, std::ref(activities))
        .activity(refund_payment, &payment::Activities::refund, std::ref(activities))
        .activity(audit_payment, &payment::Audit::judge, std::ref(audit))
        .activity(read_payments, &payment::Audit::read, std::ref(audit));

    payment::Api api(store, process.pool());
    http::Router router;
    api.add_to(router);
    return process.serve(
        {.router = std::move(router),
         .openapi = *http::find_asset(payment::assets(), "openapi.json"),
         .worker = process::blocking_worker(kPaymentTaskQueue, std::move(registry)),
         .database = [&database] { return database.answers(); }});
  });
}
