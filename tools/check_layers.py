"""Checks what no compiler does: the layers of ARCHITECTURE.md go one way, the SDK's public headers stay
free of what it is built from, tests do not sleep, no file is forgotten or too long.

    tools/check_layers.py [ROOT]      prints each finding as FILE:LINE: sentence; exit status 1 if any
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_LINES = 500
ANY_LENGTH = [Path("bridge/include/temporal_bridge.h")]
"""An ABI is one header: whoever checks it against Rust reads it from top to bottom."""

SERVICES = ["order", "payment", "inventory", "delivery"]
SHOP = [f"services/{name}" for name in SERVICES]

# A layer, and the layers that it may use besides itself. The longest folder that fits is a file's layer.
LAYERS: dict[str, list[str]] = {
    "bridge": [],
    "sdk": ["bridge"],
    "lib": [],
    "services/contract": ["sdk"],
    "services/process": ["services/contract", "sdk", "lib"],
    **{service: ["services/process", "services/contract", "sdk", "lib"] for service in SHOP},
    "cli": ["services/contract", "sdk", "lib"],
    "tests": ["bridge", "sdk", "lib", "services/contract", "cli", *SHOP],
    "bench": ["bridge", "sdk", "lib", "services/contract", "cli", *SHOP],
}

# The first folder of an include, and the layer that it belongs to. The SDK's own folders come first:
# <temporal/…> is its public face, and its protobuf classes are its own affair.
INCLUDES = {
    "temporal": "sdk",
    "temporal_bridge.h": "bridge",
    **dict.fromkeys(["config", "db", "http", "telemetry"], "lib"),
    "contract": "services/contract",
    "process": "services/process",
    "cli": "cli",
    **{name: f"services/{name}" for name in SERVICES},
}

PUBLIC_HEADERS = Path("sdk/include/temporal")
OPT_IN_HEADERS = ["api.h", "protobuf.h", "boost_json.h", "asio.h"]
"""Public headers that bring Boost or protobuf; a user includes them by name."""

BUILT_FROM = re.compile(r"boost/|google/protobuf|temporal/api/|temporal_bridge\.h")

# workflow::sleep and activity::sleep are Temporal's timers; a loop that asks again may pause.
SLEEP = re.compile(r"this_thread::sleep|\b(?:usleep|nanosleep)\(|[\s({]sleep\(")
LOOP = re.compile(r"\b(?:for|while) \(")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')
CALL = re.compile(r"\b(\w+)\s*\(([^()]*)\)", re.DOTALL)
CODE = (".h", ".cpp", ".inc")


@dataclass(frozen=True)
class Finding:
    file: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


def layer_of(path: Path) -> str | None:
    fitting = [layer for layer in LAYERS if path.is_relative_to(layer)]
    return max(fitting, key=len, default=None)


def check(root: Path) -> list[Finding]:
    files = [path.relative_to(root) for path in _files(root)]
    lists = [path for path in files if path.name == "CMakeLists.txt"]
    found: list[Finding] = []
    for path in files:
        if path.suffix in CODE:
            text = (root / path).read_text("utf-8")
            found += _check_includes(path, text)
            found += _check_form(path, text)
            if path.suffix == ".cpp":
                found += _check_listed(root, path, lists)
    return [*found, *_check_links(root, lists)]


def _files(root: Path) -> Iterator[Path]:
    for layer in sorted({Path(layer).parts[0] for layer in LAYERS}):
        for path in sorted((root / layer).rglob("*")):
            if path.is_file() and "node_modules" not in path.parts:
                yield path


def _check_includes(path: Path, text: str) -> Iterator[Finding]:
    layer = layer_of(path)
    public = path.is_relative_to(PUBLIC_HEADERS) and path.name not in OPT_IN_HEADERS
    for number, line in enumerate(text.splitlines(), 1):
        included = INCLUDE.match(line)
        if not included:
            continue
        name = included[1]
        if public and BUILT_FROM.match(name):
            opt_in = ", ".join(OPT_IN_HEADERS)
            yield Finding(path, number, f"a public header includes {name}; only {opt_in} may")
        used = INCLUDES.get(name.partition("/")[0])
        if used and layer and used != layer and used not in LAYERS[layer]:
            yield Finding(path, number, f"{layer} may not use {used}: {name}")


def _check_form(path: Path, text: str) -> Iterator[Finding]:
    lines = text.splitlines()
    if len(lines) > MOST_LINES and path not in ANY_LENGTH:
        yield Finding(path, len(lines), f"a file has at most {MOST_LINES} lines")
    if path.suffix == ".h" and path.parts[0] != "bridge" and "#pragma once" not in lines:
        yield Finding(path, 1, "a header starts with #pragma once")
    if path.stem.endswith("_test"):
        for number, line in enumerate(lines, 1):
            in_loop = any(LOOP.search(near) for near in lines[max(0, number - 2):number])
            if SLEEP.search(line.partition("//")[0]) and not in_loop:
                yield Finding(path, number, "a test waits for the thing, it does not sleep")


def _check_listed(root: Path, path: Path, lists: list[Path]) -> Iterator[Finding]:
    above = [file for file in lists if path.is_relative_to(file.parent)]
    if above and not any(path.name in (root / file).read_text("utf-8") for file in above):
        yield Finding(path, 1, "no CMakeLists.txt names this file")


def _check_links(root: Path, lists: list[Path]) -> Iterator[Finding]:
    """Who links whom, by the folder that makes each target."""
    calls = [(path, call) for path in lists for call in _calls((root / path).read_text("utf-8"))]
    makers = {"add_library", "add_executable", "add_custom_target", "jumun_test"}
    made_in = {words[0]: layer_of(path) for path, (name, words, _) in calls if name in makers}
    for path, (name, words, number) in calls:
        if name not in ("target_link_libraries", "jumun_test"):
            continue
        layer = layer_of(path)
        for word in words[1:]:
            used = made_in.get(word) or made_in.get(word.partition("::")[2])
            if used and layer and used != layer and used not in LAYERS[layer]:
                yield Finding(path, number, f"{layer} may not link {word} of {used}")


def _calls(text: str) -> Iterator[tuple[str, list[str], int]]:
    text = re.sub(r"#.*", "", text)
    for call in CALL.finditer(text):
        words = call[2].split()
        if words:
            yield call[1], words, text.count("\n", 0, call.start()) + 1


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    findings = check(root)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
