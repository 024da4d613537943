// Text for people: as wide as a terminal shows it, and harmless to it.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ordering::cli {

// Columns of a terminal: Hangul and other wide characters take two.
std::size_t display_width(std::string_view utf8);
// With spaces to this width; as it is when it is wider.
std::string padded(std::string_view utf8, std::size_t width);
// Cut to this width, then with "…" at its end.
std::string shortened(std::string_view utf8, std::size_t width);
// Without what a terminal would obey: control characters, ESC among them, become "?".
std::string printable(std::string_view utf8);

std::string in_words(std::chrono::nanoseconds time);       // "840 ms", "5.2 s", "2 min 5 s"
std::string whole_seconds(std::chrono::nanoseconds time);  // "5 s", "2 min 5 s"
// RFC 3339 as a local "2026-11-25 09:30:05"; as it is where it is none.
std::string local_time(std::string_view rfc3339);
std::string local_clock(std::string_view rfc3339);  // "09:30:05.123"
// The shortest plain decimal: "1000000.01".
std::string amount_text(double amount);

// Rows of cells, in columns; the last cell of a row is not padded.
class Table {
 public:
  // What is put around a padded cell: colours, which have no width.
  struct Cell {
    std::string text = {};
    std::string before = {};
    std::string after = {};
  };
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  std::vector<std::string> lines() const;

 private:
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace ordering::cli
