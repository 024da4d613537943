// What one engine alone understands stands in the one SQL text as a comment that names it, which the
// other engine skips as the comment that it is:
//
//   seq /*sqlite INTEGER*/ /*postgresql BIGINT GENERATED ALWAYS AS IDENTITY*/ PRIMARY KEY
#pragma once
#include <string>
#include <string_view>

namespace db {

// The text as `engine` ("sqlite", "postgresql") reads it: its own comments opened.
std::string spoken_by(std::string_view engine, std::string_view sql);

}  // namespace db
