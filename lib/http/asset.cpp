#include "http/asset.h"

#include <algorithm>

#include "http/negotiation.h"

namespace http {
namespace {

constexpr std::size_t kPiece = 1 << 16;

class Pieces : public StreamedBody {
 public:
  explicit Pieces(std::string_view bytes) : bytes_(bytes) {}
  Task<> write_to(Stream& stream) override {
    for (auto left = bytes_; !left.empty(); left.remove_prefix(std::min(kPiece, left.size())))
      co_await stream.write(std::string(left.substr(0, kPiece)));
  }

 private:
  std::string_view bytes_;
};

bool has_etag(std::string_view if_none_match, std::string_view etag) {
  return std::ranges::any_of(weighted_list(if_none_match), [&](const Weighted& each) {
    auto value = each.value;
    if (value.starts_with("W/")) value.remove_prefix(2);
    return value == etag || value == "*";
  });
}

}  // namespace

const Asset* find_asset(std::span<const Asset> assets, std::string_view name) {
  const auto found = std::ranges::find(assets, name, &Asset::name);
  return found == assets.end() ? nullptr : &*found;
}

Response serve(const Request& request, const Asset& asset) {
  const auto media_type = asset.content_type.substr(0, asset.content_type.find(';'));
  if (!accepts(request.header("Accept"), media_type)) throw not_acceptable(std::string(media_type));
  Response response{.content_type = std::string(asset.content_type), .headers = page_headers()};
  response.headers.emplace_back("ETag", asset.etag);
  response.headers.emplace_back("Cache-Control", "no-cache");  // to be asked for again, by its etag
  if (has_etag(request.header("If-None-Match"), asset.etag))
    response.status = 304;
  else if (asset.bytes.size() <= kPiece)
    response.body = asset.bytes;
  else
    response.streamed = std::make_shared<Pieces>(asset.bytes);
  return response;
}

Parameters page_headers() {
  return {{"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
           "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"}};
}

}  // namespace http
