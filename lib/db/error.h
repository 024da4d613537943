// What the database refused or failed to do, under PostgreSQL's SQLSTATE whichever engine it was.
// Never show what() to a client: it may hold SQL.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace db {

class Error : public std::runtime_error {
 public:
  Error(std::string sqlstate, const std::string& what)
      : std::runtime_error(what), sqlstate_(std::move(sqlstate)) {}

  const std::string& sqlstate() const { return sqlstate_; }

  bool unique_violation() const { return sqlstate_ == "23505"; }
  bool constraint_violation() const {
    return sqlstate_.starts_with("23");
  }  // any: unique, check, foreign key
  // The transaction lost a race; the same one may succeed if it is run again. Pool::write does
  // that.
  bool serialization_failure() const { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }
  // Somebody else held the lock, or all connections were taken, longer than the wait's bound.
  bool busy() const { return sqlstate_ == "55P03" || sqlstate_ == "53300"; }
  // The server cannot be reached, or not yet: it may start later.
  bool cannot_connect_now() const { return sqlstate_ == "57P03"; }
  // The connection was lost while a transaction committed: it may have happened, or not.
  bool commit_unknown() const { return sqlstate_ == "08007"; }
  // Worth another try later: the world may change, the statement need not.
  bool transient() const {
    return serialization_failure() || busy() || sqlstate_.starts_with("08") ||
           sqlstate_.starts_with("53") || sqlstate_.starts_with("57");
  }

 private:
  std::string sqlstate_;
};

}  // namespace db
