// The commands that are a call or two of one order, and the list.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "cli/command.h"
#include "cli/shop.h"
#include "cli/watch.h"

namespace ordering::cli {

using Milliseconds = std::chrono::milliseconds;

struct CreateOptions {
  std::string order_id = {};
  std::string amount = {};                // a JSON number's text, checked
  std::optional<Milliseconds> wait = {};  // for the order's end; unset: not at all
  bool watch = false;
};
class Create : public Command {
 public:
  Create(Means means, CreateOptions options)
      : means_(means), shop_(means.client), options_(std::move(options)) {}
  Task<ExitCode> run() override;
  void interrupted() override;

 private:
  Means means_;
  Shop shop_;
  CreateOptions options_;
  std::optional<Watch> watch_;  // once the order has been placed
};

struct StatusOptions {
  std::string order_id = {};
  std::optional<Milliseconds> wait = {};
};
class ShowStatus : public Command {
 public:
  ShowStatus(Means means, StatusOptions options)
      : means_(means), shop_(means.client), options_(std::move(options)) {}
  Task<ExitCode> run() override;

 private:
  Task<> wait_for_end();

  Means means_;
  Shop shop_;
  StatusOptions options_;
};

struct CancelOptions {
  std::string order_id = {};
};
class Cancel : public Command {
 public:
  Cancel(Means means, CancelOptions options)
      : means_(means), shop_(means.client), options_(std::move(options)) {}
  Task<ExitCode> run() override;

 private:
  Means means_;
  Shop shop_;
  CancelOptions options_;
};

// Of a stuck compensation.
struct CompensationOptions {
  bool resolve = false;  // count it as done by hand; otherwise: try it now
  std::string order_id = {};
  std::string compensation = {};  // "refundPayment"
  std::string by = {};
  std::string reason = {};
};
class Compensate : public Command {
 public:
  Compensate(Means means, CompensationOptions options)
      : means_(means), shop_(means.client), options_(std::move(options)) {}
  Task<ExitCode> run() override;

 private:
  Means means_;
  Shop shop_;
  CompensationOptions options_;
};

struct ListOptions {
  std::string status = {};  // each: empty is no filter
  std::string code = {};
  std::string prefix = {};
  std::string from = {};
  std::string to = {};
  std::size_t most = 20;  // orders
};
class List : public Command {
 public:
  static constexpr std::size_t kMostOnAPage = 200;  // that the shop gives

  List(Means means, ListOptions options)
      : means_(means), shop_(means.client), options_(std::move(options)) {}
  Task<ExitCode> run() override;

 private:
  Shop::Query query(std::size_t limit, const std::optional<std::string>& cursor) const;
  void show(const std::vector<ListedOrder>& orders, bool more) const;

  Means means_;
  Shop shop_;
  ListOptions options_;
};

}  // namespace ordering::cli
