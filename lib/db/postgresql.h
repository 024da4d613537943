// The PostgreSQL engine; db::open is the way to it.
#pragma once
#include <memory>
#include <string>

#include "db/connection.h"

namespace db {

// An error never holds the URL, nor a part of it that may be a password.
std::unique_ptr<Connection> open_postgresql(const std::string& url, Access access);

}  // namespace db
