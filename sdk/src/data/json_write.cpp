// JSON text, written straight into a string: no document is built, and what is open is kept in a
// fixed stack. Boost.JSON's serializer is not used, for it writes 1.5E0 and NaN and lets invalid
// UTF-8 pass.
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "data/utf8.h"
#include "temporal/json.h"

namespace temporal {

class detail::JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out) {}

  // Goes to the place below `depth` open containers: ends what was begun deeper.
  std::string& at(std::size_t depth) {
    while (open_ > depth) out_ += stack_[--open_].close;
    return out_;
  }
  void open(std::size_t depth, char begin, char end) {
    if (depth == kJsonDepthLimit) fail(depth, "is nested too deep");
    at(depth) += begin;
    stack_[open_++] = {.close = end, .items = 0, .key_at = 0, .key_length = 0};
  }
  std::size_t item(std::size_t depth) {  // of the container that stands at `depth`
    at(depth + 1);
    auto& container = stack_[depth];
    if (container.items++ != 0) out_ += ',';
    return depth + 1;
  }
  std::size_t member(std::size_t depth, std::string_view key) {
    item(depth);
    stack_[depth].key_at = out_.size() + 1;
    string(depth + 1, key);
    stack_[depth].key_length = out_.size() - 1 - stack_[depth].key_at;
    out_ += ':';
    return depth + 1;
  }
  void string(std::size_t depth, std::string_view value);
  [[noreturn]] void fail(std::size_t depth, std::string_view what) const;

 private:
  struct Open {
    char close;
    std::size_t items;
    std::size_t key_at;  // where the last member's key stands in out_
    std::size_t key_length;
  };
  std::string& out_;
  std::size_t open_ = 0;
  std::array<Open, kJsonDepthLimit> stack_;
};

namespace {

// For each byte: 0 to write it as it is, 'u' for \u00XX, 1 for the begin of UTF-8, else the letter
// after the backslash.
constexpr auto kEscape = [] {
  std::array<char, 256> t{};
  for (int c = 0; c < 0x20; ++c) t[c] = 'u';
  for (int c = 0x80; c < 0x100; ++c) t[c] = 1;
  t['"'] = '"', t['\\'] = '\\', t['\b'] = 'b', t['\f'] = 'f';
  t['\n'] = 'n', t['\r'] = 'r', t['\t'] = 't';
  return t;
}();

void append_escape(std::string& out, char c) {
  const char letter = kEscape[static_cast<unsigned char>(c)];
  out += '\\';
  out += letter;
  if (letter != 'u') return;
  constexpr std::string_view hex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += "00";
  out += hex[byte >> 4];
  out += hex[byte & 15];
}

template <class T>
void append_number(std::string& out, T value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

// The fewest digits that give the number back, an exponent only below 1e-6 and from 1e21 on: as
// ECMAScript and Go have it.
template <class T>
void append_floating(std::string& out, T value) {
  std::array<char, 64> text;
  const auto size = std::abs(value);
  const bool plain = size == 0 || (size >= T(1e-6) && size < T(1e21));
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
  out.append(text.data(), end);
}

}  // namespace

void detail::JsonText::string(std::size_t depth, std::string_view value) {
  at(depth) += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < value.size();) {
    const char kind = kEscape[static_cast<unsigned char>(value[i])];
    if (kind == 0) {
      ++i;
    } else if (kind == 1) {
      const auto length = utf8_length(value.substr(i));
      if (length == 0) fail(depth, "is no valid UTF-8; use temporal::Bytes for bytes");
      i += length;
    } else {
      out_.append(value, done, i - done);
      append_escape(out_, value[i]);
      done = ++i;
    }
  }
  out_.append(value, done);
  out_ += '"';
}

void detail::JsonText::fail(std::size_t depth, std::string_view what) const {
  std::string path = "$";
  for (std::size_t i = 0; i < depth && i < open_; ++i) {
    const auto& open = stack_[i];
    if (open.close == ']')
      path += "[" + std::to_string(open.items - 1) + "]";
    else
      path += "." + out_.substr(open.key_at, open.key_length);
  }
  throw ConversionError(path + " " + std::string(what));
}

void JsonOut::null() {
  text_->at(depth_) += "null";
}
void JsonOut::boolean(bool value) {
  text_->at(depth_) += value ? "true" : "false";
}
void JsonOut::integer(std::int64_t value) {
  append_number(text_->at(depth_), value);
}
void JsonOut::natural(std::uint64_t value) {
  append_number(text_->at(depth_), value);
}
void JsonOut::number(double value) {
  if (!std::isfinite(value)) fail("is NaN or infinite, which JSON has not");
  append_floating(text_->at(depth_), value);
}
void JsonOut::single(float value) {
  if (!std::isfinite(value)) fail("is NaN or infinite, which JSON has not");
  append_floating(text_->at(depth_), value);
}
void JsonOut::string(std::string_view value) {
  text_->string(depth_, value);
}
void JsonOut::object() {
  text_->open(depth_, '{', '}');
}
void JsonOut::array() {
  text_->open(depth_, '[', ']');
}
JsonOut JsonOut::member(std::string_view key) {
  return JsonOut(*text_, text_->member(depth_, key));
}
JsonOut JsonOut::element() {
  return JsonOut(*text_, text_->item(depth_));
}
void JsonOut::fail(std::string_view what) const {
  text_->fail(depth_, what);
}

void detail::write_json(std::string& out, void (*write)(JsonOut, const void*), const void* value) {
  const auto before = out.size();
  try {
    JsonText text(out);
    write(JsonOut(text), value);
    text.at(0);
  } catch (...) {
    out.resize(before);
    throw;
  }
}

}  // namespace temporal
