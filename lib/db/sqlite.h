// The SQLite engine; db::open is the way to it.
#pragma once
#include <memory>
#include <string>

#include "db/connection.h"

namespace db {

std::unique_ptr<Connection> open_sqlite(const std::string& path, Access access);

}  // namespace db
