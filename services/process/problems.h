// The answers of the read APIs that are no success.
#pragma once
#include <string>

#include "contract/refusal.h"
#include "contract/sentence.h"
#include "http/problem.h"

namespace ordering::process {

http::Problem not_found(http::Text message);
http::Problem bad_request(http::Text message);
http::Text to_text(Sentence sentence);
// A refusal as an HTTP answer: status, code and sentences are the table's.
http::Problem to_problem(Refusal refusal);

}  // namespace ordering::process
