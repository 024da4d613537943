"""Runs clang-tidy and clang-query as tools/lint.py does, and compares what they find with a file's remarks.

    tidy_test.py CLANG-TIDY CLANG-QUERY QUERY FILE -- FLAG…
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

CHECK = re.compile(r"// ([a-z]+(?:[-_][a-z]+)+)$")


def main(arguments: list[str]) -> int:
    at = arguments.index("--")
    tidy, query, queries, file = arguments[:at]
    flags = arguments[at:]
    lines = Path(file).read_text("utf-8").splitlines()
    expected = {(number, match[1]) for number, line in enumerate(lines, 1) if (match := CHECK.search(line))}
    known = {name for _, name in expected}
    found = set()
    for line in output([tidy, "--quiet", file, *flags]):
        if match := re.match(r".*tidy\.cpp:(\d+):\d+: (?:warning|error): .*\[([^,\]]+)", line):
            found.add((int(match[1]), match[2]))
    for line in output([query, "-f", queries, file, *flags]):
        if match := re.match(r".*tidy\.cpp:(\d+):\d+: note: \"may dangle", line):
            found.add((int(match[1]), "coroutine_parameters"))
    found = {(number, name) for number, name in found if name in known}
    for number, name in sorted(expected - found):
        print(f"{file}:{number}: {name} does not find it")
    for number, name in sorted(found - expected):
        print(f"{file}:{number}: {name} finds what is right")
    return 0 if found == expected and expected else 1


def output(command: list[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    return (done.stdout + done.stderr).splitlines()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
