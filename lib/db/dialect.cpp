#include "db/dialect.h"

namespace db {

std::string spoken_by(std::string_view engine, std::string_view sql) {
  constexpr std::string_view kEnd = "*/";
  const auto begin = "/*" + std::string(engine);
  std::string spoken;
  for (;;) {
    const auto at = sql.find(begin);
    const auto end = at == std::string_view::npos ? at : sql.find(kEnd, at);
    if (end == std::string_view::npos) return spoken.append(sql);
    const auto inside = sql.substr(at + begin.size(), end - at - begin.size());
    const bool own = inside.starts_with(' ') || inside.starts_with('\n');
    spoken.append(sql.substr(0, at));
    spoken.append(own ? inside.substr(1) : sql.substr(at, end + kEnd.size() - at));
    sql.remove_prefix(end + kEnd.size());
  }
}

}  // namespace db
