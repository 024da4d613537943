"""clang-tidy on the files that a change touches, as many as fit into its time; and, for those with
workflow coroutines, what the SDK's query finds.

    tools/lint.py [--all] [--seconds 300]

The change is what is not on origin/main yet; on main itself, as on a fresh clone, the newest commits.
What is not reached is said. It reads build/asan/compile_commands.json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "asan"
NEWEST_COMMITS = 20
FILE_SECONDS = 240
TIDY = "clang-tidy-19"
QUERY = "clang-query-19"
WORKFLOW_QUERY = ROOT / "sdk" / "cmake" / "coroutine_parameters.query"
WORKFLOW_COROUTINE = re.compile(r"workflow::Task|\bTask<[^;]*> \w+\(")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="every file, without a bound")
    parser.add_argument("--seconds", type=float, default=300, help="start no file after that")
    arguments = parser.parse_args()
    compiled = {entry["file"] for entry in json.loads((BUILD / "compile_commands.json").read_text())}
    files = sorted(compiled) if arguments.all else [f for f in changed() if f in compiled]
    deadline = time.monotonic() + (float("inf") if arguments.all else arguments.seconds)
    checked = bad = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, output in pool.map(lambda file: tidy(file, deadline), files):
            if output is None:
                continue
            checked += 1
            print(f"[{checked}/{len(files)}] {Path(file).relative_to(ROOT)}", flush=True)
            if output:
                bad += 1
                print(output, flush=True)
    left = len(files) - checked
    print(f"{checked - bad} passed, {bad} failed, {left} not reached in {arguments.seconds:g} s")
    return 1 if bad else 0


def changed() -> list[str]:
    """The newest change first, so that a bound leaves out the oldest."""
    head, main = git("rev-parse", "HEAD"), git("rev-parse", "--verify", "-q", "origin/main")
    base = git("merge-base", "HEAD", "origin/main") if main else head
    commits = f"{base}..HEAD" if base != head else f"-{NEWEST_COMMITS}"
    names = git("diff", "--name-only", "HEAD").split()
    names += git("log", "--format=", "--name-only", commits).split()
    sources = [name for name in dict.fromkeys(names) if name.endswith(".cpp")]
    # A header is checked through the source beside it.
    beside = [Path(name).with_suffix(".cpp") for name in names if name.endswith(".h")]
    return [str(ROOT / name) for name in dict.fromkeys([*sources, *map(str, beside)])]


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def tidy(file: str, deadline: float) -> tuple[str, str | None]:
    """What it found ("" for nothing), or None where there was no time left."""
    if time.monotonic() > deadline:
        return file, None
    try:
        done = run(TIDY, "-p", str(BUILD), "--quiet", "--warnings-as-errors=*", file)
        found = done.stdout + done.stderr if done.returncode else ""
        if WORKFLOW_COROUTINE.search(Path(file).read_text("utf-8")):
            asked = run(QUERY, "-p", str(BUILD), "-f", str(WORKFLOW_QUERY), file).stdout.strip()
            found += "" if asked.endswith("0 matches.") else asked
    except subprocess.TimeoutExpired:
        return file, f"not done after {FILE_SECONDS} s"
    return file, found


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=FILE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
