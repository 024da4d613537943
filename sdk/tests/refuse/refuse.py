"""Compiles programs that must not compile, and looks for the sentence that says why; and their right forms.

    refuse.py COMPILER PREAMBLE FILE… -- FLAGS…

In a .cpp a program begins with a line "//! refused: SENTENCE" or "//! compiles"; in a .md it is a
block of C++ after a line "<!-- refused: SENTENCE -->" or "<!-- compiles -->". Each is compiled by
itself, after the preamble.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

MARK = {
    ".cpp": re.compile(r"^//! (?:refused: (?P<sentence>.+)|compiles)$"),
    ".md": re.compile(r"^<!-- (?:refused: (?P<sentence>.+)|compiles) -->$"),
}
SECONDS = 120


@dataclass(frozen=True)
class Program:
    file: Path
    line: int
    sentence: str | None
    """None: it must compile, without a warning."""
    text: str


def programs(file: Path) -> list[Program]:
    found: list[Program] = []
    lines = file.read_text(encoding="utf-8").splitlines()
    starts = [i for i, line in enumerate(lines) if MARK[file.suffix].match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = lines[start + 1:end]
        if file.suffix == ".md":
            body = body[body.index("```cpp") + 1:body.index("```")]
        mark = MARK[file.suffix].match(lines[start])
        assert mark
        found.append(Program(file, start + 1, mark["sentence"], "\n".join(body) + "\n"))
    return found


def check(program: Program, command: list[str]) -> str | None:
    """What is wrong with it, or None."""
    done = subprocess.run(
        [*command, "-fsyntax-only", "-x", "c++", "-"],
        input=program.text, text=True, capture_output=True, timeout=SECONDS, check=False,
    )
    if program.sentence is None:
        return None if done.returncode == 0 else f"does not compile:\n{done.stderr}"
    if done.returncode == 0:
        return f"compiles, and should not: {program.sentence}"
    if program.sentence not in done.stderr:
        return f"does not say: {program.sentence}\n{done.stderr}"
    return None


def main(arguments: list[str]) -> int:
    at = arguments.index("--")
    compiler, preamble, *files = arguments[:at]
    every = [program for file in files for program in programs(Path(file))]
    with tempfile.TemporaryDirectory() as folder:
        header = Path(folder) / "preamble.pch"
        command = [compiler, *arguments[at + 1:]]
        subprocess.run([*command, "-x", "c++-header", preamble, "-o", str(header)], check=True, timeout=SECONDS)
        command += ["-include-pch", str(header)]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda program: check(program, command), every))
    wrong = [(program, answer) for program, answer in zip(every, answers, strict=True) if answer]
    for program, answer in wrong:
        print(f"{program.file}:{program.line}: {answer}")
    print(f"{len(every)} programs, {len(wrong)} wrong")
    return 1 if wrong or not every else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
