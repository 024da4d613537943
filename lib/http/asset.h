// Files that are part of the program, served as they are; cmake/JumunAssets.cmake embeds them.
//
//   const http::Asset* page = http::find_asset(process::assets(), "docs.html");
//   co_return http::serve(request, *page);
//
// Large ones are sent piece by piece: many slow readers cost no memory.
#pragma once
#include <span>
#include <string_view>

#include "http/message.h"

namespace http {

struct Asset {
  std::string_view name = {};          // "docs.html"
  std::string_view content_type = {};  // "text/html; charset=utf-8"
  std::string_view etag = {};          // quoted; another one for other bytes
  std::string_view bytes = {};         // for as long as the program runs
};

const Asset* find_asset(std::span<const Asset> assets, std::string_view name);  // or nullptr

// 200, or 304 where If-None-Match has its etag; Problem 406 where Accept does not admit its type.
Response serve(const Request& request, const Asset& asset);

// What every page for a browser is sent with: it may load nothing from elsewhere, and run or style
// nothing that stands within it.
Parameters page_headers();

}  // namespace http
