"""Writes a C++ file that holds other files' bytes: http::Asset, see lib/http/asset.h.

    tools/embed.py OUT.cpp ordering::process docs.html=PATH openapi.json=PATH …
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
}

SOURCE = """\
// Made by tools/embed.py.
#include "http/asset.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed

namespace {namespace} {{
namespace {{

template <std::size_t size>
std::string_view view(const unsigned char (&bytes)[size]) {{
  return {{reinterpret_cast<const char*>(bytes), size}};
}}

{arrays}
}}  // namespace

std::span<const http::Asset> assets() {{
  static const http::Asset all[] = {{
{rows}
  }};
  return all;
}}

}}  // namespace {namespace}
"""


def main() -> int:
    out, namespace, *files = sys.argv[1:]
    arrays, rows = [], []
    for index, file in enumerate(files):
        name, _, path = file.partition("=")
        # Its hash stands in the source, too, so that a compiler cache sees a change.
        etag = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:32]
        arrays.append(f'constexpr unsigned char kBytes{index}[] = {{\n#embed "{path}"\n}};')
        rows.append(
            f'      {{"{name}", "{CONTENT_TYPES[Path(name).suffix]}", "\\"{etag}\\"", view(kBytes{index})}},'
        )
    source = SOURCE.format(namespace=namespace, arrays="\n".join(arrays), rows="\n".join(rows))
    Path(out).write_text(source, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
