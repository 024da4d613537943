//! refused: the handler's signature
void bind(temporal::Registry& registry) {
  registry.activity(charge_payment, [](std::string) { return Charged(); });
}

//! refused: the handler's signature
struct Payments {
  int charge(ChargeInput);
};
void bind(temporal::Registry& registry, std::shared_ptr<Payments> payments) {
  registry.activity(charge_payment, &Payments::charge, payments);
}

//! refused: the handler's signature
void bind(temporal::Registry& registry) {
  registry.activity(charge_payment, [](const ChargeInput&) { return Charged(); });
}

//! refused: a dynamic activity takes (activity::Context, RawArgs)
void bind(temporal::Registry& registry) {
  registry.dynamic_activity([](temporal::RawArgs) { return 1; });
}

//! compiles
struct Payments {
  Charged charge(ChargeInput);
};
void bind(temporal::Registry& registry, std::shared_ptr<Payments> payments) {
  registry.activity(charge_payment, &Payments::charge, payments);
  registry.dynamic_activity([](temporal::activity::Context, temporal::RawArgs) { return 1; });
}
