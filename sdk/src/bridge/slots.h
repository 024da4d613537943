// Core's sources of slots: its measurements of the machine, pools, and suppliers of our own.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "bridge/crossing.h"

namespace temporal::bridge {

class Resources {
 public:
  Resources(double target_memory_usage, double target_cpu_usage);  // throws std::invalid_argument
  ~Resources() { call_core(tb_resources_free, handle_); }
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;
  tb_resources* handle() const { return handle_; }

 private:
  tb_resources* handle_;
};

class SlotPool {
 public:
  explicit SlotPool(std::size_t count) : handle_(call_core(tb_slot_pool_new, count)) {}
  ~SlotPool() { call_core(tb_slot_pool_free, handle_); }
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;
  tb_slot_pool* handle() const { return handle_; }

 private:
  tb_slot_pool* handle_;
};

// Owed to Core for each slot that it asked for.
class SlotPromise {
 public:
  explicit SlotPromise(tb_slot_promise* handle) : handle_(handle) {}
  SlotPromise(SlotPromise&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  SlotPromise& operator=(SlotPromise&&) = delete;
  ~SlotPromise() {
    if (handle_) keep(0);
  }
  // Once. False: nobody waits for the slot any longer, so the permit is still the caller's.
  bool keep(std::uint64_t permit) {
    return call_core(tb_slot_promise_keep, std::exchange(handle_, nullptr), permit);
  }

 private:
  tb_slot_promise* handle_;
};

// tb_slot_callbacks. Called on threads of Core: hands over and returns.
class CustomSlots {
 public:
  virtual ~CustomSlots() = default;
  virtual void reserve(std::uint64_t reservation, const tb_slot_request& request,
                       SlotPromise promise) = 0;
  virtual void abandon(std::uint64_t reservation) = 0;
  virtual std::uint64_t try_reserve(const tb_slot_request& request) = 0;
  virtual void mark_used(std::uint64_t permit, const tb_slot_use& use) = 0;
  virtual void release(std::uint64_t permit) = 0;
  // The last call of all. `self` is the last share of Core's, and does not end on its thread.
  virtual void close(std::shared_ptr<CustomSlots> self) = 0;
};

// For Core, which keeps `slots` until it calls the table's `free`.
tb_slot_callbacks slot_callbacks(std::shared_ptr<CustomSlots> slots);

}  // namespace temporal::bridge
