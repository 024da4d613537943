// `orders audit`: what the shop finds where money, stock, deliveries and orders disagree.
#pragma once
#include <cstddef>

#include "cli/answers.h"
#include "cli/command.h"
#include "cli/shop.h"

namespace ordering::cli {

class ShowAudit : public Command {
 public:
  explicit ShowAudit(Means means) : means_(means), shop_(means.client) {}
  Task<ExitCode> run() override;

 private:
  Task<> ask();

  Means means_;
  Shop shop_;
  Answer answer_;
};

std::vector<std::string> in_full(const Audit& audit, const Terminal& terminal);

}  // namespace ordering::cli
