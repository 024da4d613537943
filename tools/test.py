"""./test: all that must hold before a change is handed on, in stages, each with its minutes."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import build
import jobs
from jobs import ROOT, Job

HELP = """\
Builds everything and tests it: the bridge, the C++ with the address and the thread sanitizer, the SDK
against Temporal, the whole shop. Without arguments that is what CI does; logs are in build/logs.

  ./test            what CI runs
  ./test --fast     the checks and tests that need neither a server nor a release build
  ./test --long     and clang-tidy on every file, the slow tests, the SDK under load, the shop in ASan,
                    on PostgreSQL and by Docker Compose
  ./test saga       tests whose name has "saga" in it
"""

PYTHON = "/usr/bin/python3"
PYTHON_COLUMNS = 112
SCRIPTS = ["build_and_run", "test", "tools/build", "tools/setup", "tools/postgres", "tools/temporal",
           "deploy/postgres/temporal_schema.sh", "deploy/docker/http", "deploy/docker/postgres-start",
           "deploy/docker/temporal-namespace", "deploy/docker/temporal-schema", "deploy/systemd/install",
           ".ci/run"]
SERVER_LABEL = "server"  # of ctest: needs Temporal
SOAK_LABEL = "soak"  # and takes minutes
TEST_LOG_LINES = 150
# The shop's tests wait far more than they work. The tests of a file share a shop, so they stay together.
SIDE_BY_SIDE = ["--numprocesses", "2", "--dist", "loadfile"]
# One Docker engine serves them all; that it starts, and makes images, is not of a test's time.
IN_CONTAINERS = ["--override-ini=timeout_func_only=true", "--timeout=300"]

COUNTS = [
    (re.compile(r"\d+% tests passed, (?P<failed>\d+) tests failed out of (?P<all>\d+)"), "ctest"),
    (re.compile(r"test result: \w+\. (?P<passed>\d+) passed; (?P<failed>\d+) failed"), "cargo"),
    (re.compile(r"^(?P<passed>\d+) passed, (?P<failed>\d+) failed, \d+ not reached"), "lint"),
    (re.compile(r"^=* ?(?P<pytest>(?:\d+ \w+(?:, )?)+) in [\d.]+s"), "pytest"),
]
FAILING = re.compile(
    r"^\s*(?:\d+ - (?P<ctest>\S+) \(\w+\)|\[  FAILED  \] (?P<gtest>[^\s,]+).* \(\d+ ms\)"
    r"|test (?P<cargo>\S+) \.\.\. FAILED|(?:FAILED|ERROR) (?P<pytest>tests/\S+))"
)


@dataclass
class Stage:
    name: str
    jobs: Callable[[], list[Job]]
    """Made when its turn comes: what is up to date has no job."""
    builds: bool = False
    """Nothing after it makes sense if it fails."""
    seconds: float = 0
    ok: bool | None = None
    passed: int = 0
    failed: int = 0
    failing: list[str] = field(default_factory=list)
    """The names of the tests that failed, or of the commands where they have no tests."""


@dataclass
class Choice:
    names: list[str] = field(default_factory=list)
    fast: bool = False
    long: bool = False

    @property
    def ctest(self) -> list[str]:
        return ["-R", "|".join(self.names)] if self.names else []

    @property
    def pytest(self) -> list[str]:
        return ["-k", " or ".join(self.names)] if self.names else []


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./test",
        usage="./test [--fast | --long] [NAME ...]",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--fast", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--long", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    choice = Choice(arguments.names, arguments.fast, arguments.long)
    stages = chosen_stages(choice)
    run(stages)
    return report(stages)


def chosen_stages(choice: Choice) -> list[Stage]:
    checks = Stage("checks", static_checks)
    asan = Stage("build with ASan and UBSan", lambda: built("asan", ["all"]), builds=True)
    unit = Stage("C++ unit tests, ASan", lambda: [ctest("asan", "unit", choice)])
    if choice.fast:
        return [checks, asan, unit, Stage("Python unit tests", lambda: [pytest(choice, "not shop")])]
    release = Stage(
        "build of Temporal, bridge and shop",
        lambda: [*build.temporal(), *built("release", build.PROGRAMS)],
        builds=True,
    )
    server = Stage("C++ tests with Temporal, ASan", lambda: [ctest("asan", SERVER_LABEL, choice)])
    shop = Stage("the shop, end to end", lambda: [pytest(choice)])
    if choice.names:
        return [release, asan, unit, server, shop]
    stages = [
        checks,
        release,
        shop,
        asan,
        unit,
        # Beside each other: the first mostly waits for Temporal, cargo for one core.
        Stage("C++ with Temporal, ASan; the bridge", lambda: [*server.jobs(), *bridge_tests()]),
        Stage("clang-tidy", lambda: [lint(choice)]),
        Stage("build with TSan", lambda: built("tsan", ["sdk/all"]), builds=True),
        Stage("the SDK's unit tests, TSan", lambda: [ctest("tsan/sdk", "unit", choice)]),
        Stage("the SDK's tests with Temporal, TSan", lambda: [ctest("tsan/sdk", SERVER_LABEL, choice)]),
    ]
    if choice.long:
        stages.append(Stage("random tests, longer", lambda: [longer(choice)]))
        load = ["sdk_soak_test"]  # not in ASan, whose memory grows by itself
        stages.append(Stage("build of the SDK's load", lambda: built("release", load), builds=True))
        stages.append(Stage("the SDK under load", lambda: [ctest("release", SOAK_LABEL, choice)]))
        stages.append(Stage("the shop with ASan", lambda: [pytest(choice, preset="asan")]))
        for kind in ("postgres", "compose"):
            stages.append(Stage(f"the shop, {kind}", lambda kind=kind: [pytest(choice, "any_shop", shop=kind)]))
    return stages


def run(stages: list[Stage]) -> None:
    for stage in stages:
        print(f"{stage.name}", flush=True)
        started = time.monotonic()
        todo = stage.jobs()
        stage.ok = jobs.run(todo, keep_going=not stage.builds)
        stage.seconds = time.monotonic() - started
        for job in todo:
            count(stage, job)
        if stage.builds and not stage.ok:
            return


def report(stages: list[Stage]) -> int:
    print()
    for stage in stages:
        result = {None: "not run", True: "ok", False: "FAILED"}[stage.ok]
        tests = f"{stage.passed:5} passed, {stage.failed} failed" if stage.passed + stage.failed else ""
        print(f"  {stage.name:<36} {jobs.minutes(stage.seconds):>6}  {result:<8}{tests}".rstrip())
        for name in stage.failing:
            print(f"      {name}")
    print(f"  {'':<36} {jobs.minutes(sum(stage.seconds for stage in stages)):>6}")
    passed = sum(stage.passed for stage in stages)
    # A stage that failed without a test's name, as a build does, counts as one.
    failed = sum(max(stage.failed, stage.ok is False) for stage in stages)
    print(f"{passed} passed, {failed} failed")
    return 0 if all(stage.ok for stage in stages) else 1


def count(stage: Stage, job: Job) -> None:
    """Adds what a test runner's own summary in the log says."""
    lines = job.log.read_text("utf-8", "replace").splitlines()
    if job.ok is False:
        named = (FAILING.match(line) for line in lines)
        # A runner may name a test where it fails and in its summary.
        stage.failing += dict.fromkeys(match[match.lastgroup] for match in named if match) or [job.name]
    for line in lines:
        for pattern, runner in COUNTS:
            found = pattern.search(line)
            if not found:
                continue
            if runner == "pytest":
                words = dict(reversed(part.split(" ")) for part in found["pytest"].split(", "))
                stage.passed += int(words.get("passed", 0))
                stage.failed += sum(int(words.get(word, 0)) for word in ("failed", "error", "errors"))
            elif runner == "ctest":
                stage.failed += int(found["failed"])
                stage.passed += int(found["all"]) - int(found["failed"])
            else:
                stage.failed += int(found["failed"])
                stage.passed += int(found["passed"])


def built(preset: str, targets: list[str]) -> list[Job]:
    """The C++ of a preset, and the bridge beside it where it is not built yet."""
    return [build.cpp(preset, targets), *([] if build.up_to_date_bridge() else [build.bridge()])]


def static_checks() -> list[Job]:
    def check(name: str, *command: str) -> Job:
        return Job(name, [list(command)], timeout_seconds=300)

    sources = files("*.h", "*.cpp")
    return [
        check("layers", PYTHON, "tools/check_layers.py"),
        check("clang-format", "clang-format-19", "--dry-run", "-Werror", *sources),
        check("rustfmt", "cargo", "fmt", "--check", "--manifest-path", "bridge/Cargo.toml"),
        check("gofmt", "gofmt", "-d", *files("*.go")),
        check("Python", PYTHON, "-m", "pyflakes", *files("*.py")),
        check("Python form", "pycodestyle", f"--max-line-length={PYTHON_COLUMNS}", *files("*.py")),
        check("shell", "shellcheck", "--severity=warning", *SCRIPTS),
    ]


def files(*patterns: str) -> list[str]:
    """Those that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def bridge_tests() -> list[Job]:
    target = ["--target-dir", str(build.cargo_target_dir())]
    manifest = ["--locked", "--release", "--manifest-path", "bridge/Cargo.toml", *target]
    clippy = ["cargo", "clippy", *manifest, "--all-targets", "--", "-D", "warnings"]
    tests = ["tools/temporal", "--", "cargo", "test", *manifest]
    return [Job("cargo test and clippy", [tests, clippy], log_end_lines=TEST_LOG_LINES)]


def ctest(preset: str, label: str, choice: Choice) -> Job:
    """The tests with this label, or for "unit" all that need no server."""
    command = ["ctest", "--test-dir", f"build/{preset}", "--output-on-failure", "--no-tests=ignore"]
    if label == "unit":
        command += ["-LE", f"{SERVER_LABEL}|{SOAK_LABEL}", "-j", "2"]
    else:
        command = ["tools/temporal", "--", *command, "-L", label]
    return Job(
        f"ctest {preset} {label}",
        [[*command, *choice.ctest]],
        ctest_progress,
        environment={"TEMPORAL_TEST_SERVER": str(ROOT / "build" / "bin" / "temporal-server")},
        log_end_lines=TEST_LOG_LINES,
    )


def longer(choice: Choice) -> Job:
    """The tests of random inputs, with a hundred times as many."""
    return Job(
        "random tests",
        [["ctest", "--test-dir", "build/asan", "--output-on-failure", "-R", "_random_test", *choice.ctest]],
        ctest_progress,
        environment={"RC_PARAMS": "max_success=10000"},
        log_end_lines=TEST_LOG_LINES,
    )


def ctest_progress(line: str) -> str | None:
    step = re.match(r"\s*(\d+)/(\d+) Test", line)
    return f"{step[1]} of {step[2]}" if step else None


def pytest(choice: Choice, marked: str = "", preset: str = "release", shop: str = "sqlite") -> Job:
    way = IN_CONTAINERS if shop == "compose" else SIDE_BY_SIDE
    command = [PYTHON, "-m", "pytest", "tests", *way, *choice.pytest]
    command += ["-m", marked] if marked else []
    return Job(
        f"pytest {marked or preset} {shop}",
        [[*command, *(["--long"] if choice.long and not marked else [])]],
        lambda line: (found := re.search(r"\[ *(\d+%)\]$", line)) and found[1],
        environment={"JUMUN_PRESET": preset, "JUMUN_SHOP": shop},
        log_end_lines=TEST_LOG_LINES,
    )


def lint(choice: Choice) -> Job:
    return Job(
        "clang-tidy",
        [[PYTHON, "tools/lint.py", *(["--all"] if choice.long else [])]],
        lambda line: (found := re.match(r"\[(\d+/\d+)\]", line)) and found[1],
        log_end_lines=TEST_LOG_LINES,
    )


if __name__ == "__main__":
    sys.exit(main())
