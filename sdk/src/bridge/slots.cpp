#include "bridge/slots.h"

#include <utility>

namespace temporal::bridge {

namespace {

using Kept = std::shared_ptr<CustomSlots>;

CustomSlots& of(void* user_data) {
  return **static_cast<Kept*>(user_data);
}

tb_resources* make(double target_memory_usage, double target_cpu_usage) {
  tb_resources_options options = {.target_memory_usage = target_memory_usage,
                                  .target_cpu_usage = target_cpu_usage};
  CoreError error;
  auto* handle = call_core(tb_resources_new, &options, &error, store_error);
  if (!handle) throw_error(error);
  return handle;
}

}  // namespace

Resources::Resources(double target_memory_usage, double target_cpu_usage)
    : handle_(make(target_memory_usage, target_cpu_usage)) {}

tb_slot_callbacks slot_callbacks(std::shared_ptr<CustomSlots> slots) {
  auto* kept = new Kept(std::move(slots));
  release(kept);
  return {
      .user_data = kept,
      .reserve =
          [](void* user_data, uint64_t reservation, const tb_slot_request* request,
             tb_slot_promise* promise) {
            CoreThread mark(user_data);
            of(user_data).reserve(reservation, *request, SlotPromise(promise));
          },
      .abandon =
          [](void* user_data, uint64_t reservation) {
            CoreThread mark(user_data);
            of(user_data).abandon(reservation);
          },
      .try_reserve =
          [](void* user_data, const tb_slot_request* request) {
            CoreThread mark(user_data);
            return of(user_data).try_reserve(*request);
          },
      .mark_used =
          [](void* user_data, uint64_t permit, const tb_slot_use* use) {
            CoreThread mark(user_data);
            of(user_data).mark_used(permit, *use);
          },
      .release =
          [](void* user_data, uint64_t permit) {
            CoreThread mark(user_data);
            of(user_data).release(permit);
          },
      .free =
          [](void* user_data) {
            CoreThread mark(user_data);
            auto last = std::move(*static_cast<Kept*>(user_data));
            delete static_cast<Kept*>(user_data);
            auto& slots = *last;
            slots.close(std::move(last));
          },
  };
}

}  // namespace temporal::bridge
