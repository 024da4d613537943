"""The check of the layers finds what it should, and finds nothing in this repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from local.settings import REPOSITORY

CHECK = REPOSITORY / "tools" / "check_layers.py"


def check(root: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout.replace(f"{root}/", "")


def test_this_repository() -> None:
    assert check(REPOSITORY) == (0, "")


def test_what_is_allowed(tmp_path: Path) -> None:
    write(tmp_path, "services/order/main.cpp", '#include <temporal/worker.h>\n#include "http/server.h"\n')
    write(tmp_path, "services/order/CMakeLists.txt", "add_executable(jumun-order main.cpp)\n")
    write(tmp_path, "sdk/include/temporal/asio.h", "#pragma once\n#include <boost/asio.hpp>\n")
    write(
        tmp_path,
        "sdk/src/timer_test.cpp",
        '#include "temporal_bridge.h"\nco_await workflow::sleep(1h);\nwhile (!done()) sleep_for(1ms);\n',
    )
    assert check(tmp_path) == (0, "")


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("lib/http/a.h", '#include "order/api.h"', "lib may not use services/order: order/api.h"),
        ("lib/db/a.h", "#include <temporal/client.h>", "lib may not use sdk: temporal/client.h"),
        ("sdk/src/a.h", '#include "http/server.h"', "sdk may not use lib: http/server.h"),
        (
            "services/payment/a.h",
            '#include "order/store.h"',
            "services/payment may not use services/order: order/store.h",
        ),
        (
            "services/contract/a.h",
            '#  include "db/pool.h"',
            "services/contract may not use lib: db/pool.h",
        ),
        (
            "services/order/a.h",
            '#include "temporal_bridge.h"',
            "services/order may not use bridge: temporal_bridge.h",
        ),
        (
            "sdk/include/temporal/client.h",
            "#include <boost/json.hpp>",
            "a public header includes boost/json.hpp; "
            "only api.h, protobuf.h, boost_json.h, asio.h may",
        ),
        (
            "sdk/src/a_test.h",
            "std::this_thread::sleep_for(1s);",
            "a test waits for the thing, it does not sleep",
        ),
    ],
)
def test_what_is_found(tmp_path: Path, file: str, text: str, sentence: str) -> None:
    write(tmp_path, file, f"#pragma once\n{text}\n")
    assert check(tmp_path) == (1, f"{file}:2: {sentence}\n")


def test_finds_links_that_go_up(tmp_path: Path) -> None:
    write(tmp_path, "sdk/CMakeLists.txt", "add_library(temporal STATIC)\n")
    write(
        tmp_path,
        "lib/http/CMakeLists.txt",
        "add_library(jumun_http STATIC)\n"
        "jumun_test(http_test SOURCES\n  LIBS temporal::temporal)\n",
    )
    sentence = "lib may not link temporal::temporal of sdk"
    assert check(tmp_path) == (1, f"lib/http/CMakeLists.txt:2: {sentence}\n")


def test_finds_forgotten_and_endless_files(tmp_path: Path) -> None:
    write(tmp_path, "lib/CMakeLists.txt", "add_library(jumun_http http/server.cpp)\n")
    write(tmp_path, "lib/http/server.cpp", "\n" * 501)
    write(tmp_path, "lib/http/forgotten.cpp", "")
    assert check(tmp_path) == (
        1,
        "lib/http/forgotten.cpp:1: no CMakeLists.txt names this file\n"
        "lib/http/server.cpp:501: a file has at most 500 lines\n",
    )


def test_finds_a_header_without_pragma_once(tmp_path: Path) -> None:
    write(tmp_path, "lib/http/server.h", "int port();\n")
    assert check(tmp_path) == (1, "lib/http/server.h:1: a header starts with #pragma once\n")


def write(root: Path, file: str, text: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
