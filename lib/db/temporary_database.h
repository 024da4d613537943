// For tests: a SQLite database of its own that is gone afterwards.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace db {

class TemporaryDatabase {
 public:
  TemporaryDatabase() {
    std::string pattern = (std::filesystem::temp_directory_path() / "jumun-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    folder_ = pattern;
  }
  ~TemporaryDatabase() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TemporaryDatabase(const TemporaryDatabase&) = delete;
  TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;

  std::string path() const { return (folder_ / "store" / "test.db").string(); }
  std::string url() const { return "sqlite:" + path(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace db
