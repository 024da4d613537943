// What a client says it takes and sends: Accept, Accept-Language, Content-Type.
#pragma once
#include <initializer_list>
#include <string_view>
#include <vector>

namespace http {

// Whether two words are the same but for the case of ASCII letters.
bool same_word(std::string_view one, std::string_view other);
std::string_view trimmed(std::string_view text);  // of spaces and tabs

// An element of a list as Accept has it, "text/html;q=0.8".
struct Weighted {
  std::string_view value;  // without parameters
  double weight = 1;       // 0 to 1; a q that cannot be read is 0
};
std::vector<Weighted> weighted_list(std::string_view header);

// Whether Accept admits the media type: the most specific range decides. No header admits everything.
bool accepts(std::string_view accept, std::string_view media_type);
// Which of them it wants most, of equals the first; empty: none.
std::string_view preferred_type(std::string_view accept,
                                std::initializer_list<std::string_view> media_types);

// Whether Content-Type is the media type, with UTF-8 if it names a character set.
bool is_of_type(std::string_view content_type, std::string_view media_type);

}  // namespace http
