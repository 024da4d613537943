"""What runs builds and tests side by side, and what counts their results."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from local.settings import REPOSITORY
from shop import wait_until

sys.path.insert(0, str(REPOSITORY / "tools"))

import jobs  # noqa: E402
import test as suite  # noqa: E402
from jobs import Job  # noqa: E402


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(jobs, "LOGS", tmp_path)
    return tmp_path


def shell(name: str, *commands: str, **options: object) -> Job:
    return Job(name, [["sh", "-c", command] for command in commands], **options)


def test_all_go_well(capsys: pytest.CaptureFixture[str]) -> None:
    done: list[str] = []
    first = shell("first", "echo one", "echo two", after=lambda: done.append("first"))
    second = shell("second", "echo '[3/9] compiled'", progress=suite.build.ninja_progress)
    assert jobs.run([first, second])
    assert first.log.read_text() == "$ sh -c echo one\none\n$ sh -c echo two\ntwo\n"
    assert second.state == "3 of 9"
    assert done == ["first"]
    assert capsys.readouterr().out.count("ok  ") == 2


def test_a_failure_shows_its_end_and_ends_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    after: list[str] = []
    slow = shell("slow", "sleep 60", after=lambda: after.append("slow"))
    broken = shell(
        "broken", "seq 100; exit 3", "echo never", log_end_lines=2, after=lambda: after.append("b")
    )
    started = time.monotonic()
    assert not jobs.run([slow, broken])
    assert time.monotonic() - started < 30
    output = capsys.readouterr().out
    assert "FAILED  broken" in output
    assert f"The end of {broken.log}:\n    99\n    100\n" in output
    assert "never" not in broken.log.read_text()
    assert after == []


def test_keeps_going_where_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    jobs_at_once = [shell("broken", "exit 1"), shell("fine", "sleep 0.2")]
    assert not jobs.run(jobs_at_once, keep_going=True)
    assert [job.ok for job in jobs_at_once] == [False, True]


def test_a_job_has_a_bound() -> None:
    stuck = shell("stuck", "sleep 60", timeout_seconds=0.2)
    assert not jobs.run([stuck])
    assert "not done after 0:00" in stuck.log.read_text()


def test_sigterm_ends_all_of_it(tmp_path: Path) -> None:
    """The processes of a job's processes, too: ninja's compilers, for example."""
    script = f"""
import sys, pathlib
sys.path[:0] = {[str(REPOSITORY / "tools"), str(REPOSITORY / "deploy")]}
import jobs
jobs.LOGS = pathlib.Path({str(tmp_path)!r})
jobs.run([jobs.Job("slow", [["sh", "-c", "sleep 60 & echo $! >{tmp_path}/child; wait"]])])
"""
    running = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    child = tmp_path / "child"
    wait_until(lambda: child.exists() and child.read_text().strip(), 10, "the job to start")
    running.terminate()
    assert running.communicate(timeout=10)[1] == "Stopped.\n"
    stat = Path(f"/proc/{child.read_text().strip()}/stat")
    wait_until(lambda: not stat.exists() or ") Z" in stat.read_text(), 5, "the child to end")


def test_what_has_just_begun_ends_when_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[asyncio.subprocess.Process] = []
    begin = asyncio.create_subprocess_exec

    async def begin_slowly(*command: str, **options: object) -> asyncio.subprocess.Process:
        begun.append(await begin(*command, **options))
        cancelled.set()
        await asyncio.sleep(0)
        return begun[0]

    async def cancel_at_the_start() -> None:
        starting = asyncio.create_task(jobs._started("sleep", "60", start_new_session=True))
        await cancelled.wait()
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting

    cancelled = asyncio.Event()
    monkeypatch.setattr(asyncio, "create_subprocess_exec", begin_slowly)
    asyncio.run(cancel_at_the_start())
    assert begun[0].returncode == -signal.SIGKILL


def test_a_missing_program_is_a_failure() -> None:
    missing = Job("missing", [["no-such-program"]])
    assert not jobs.run([missing])
    assert "No such file or directory: 'no-such-program'" in missing.log.read_text()


@pytest.mark.parametrize(
    ("line", "passed", "failed"),
    [
        ("89% tests passed, 1 tests failed out of 9", 8, 1),
        ("test result: ok. 51 passed; 0 failed; 1 ignored; 0 measured", 51, 0),
        ("20 passed in 3.21s", 20, 0),
        ("=== 2 failed, 3 passed, 1 skipped, 4 errors in 61.58s (0:01:01) ===", 3, 6),
        ("7 passed, 2 failed, 30 not reached in 300 s", 7, 2),
        ("something else passed", 0, 0),
    ],
)
def test_counts_what_a_runner_says(line: str, passed: int, failed: int) -> None:
    job = Job("counted", [])
    job.log.write_text(f"before\n{line}\nafter\n")
    stage = suite.Stage("stage", list)
    suite.count(stage, job)
    assert (stage.passed, stage.failed) == (passed, failed)


def test_the_last_line_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    unit = suite.Stage("unit", list, ok=False, passed=8, failed=1, seconds=61)
    broken = suite.Stage("build", list, ok=False)
    assert suite.report([unit, broken]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "8 passed, 2 failed"
    assert suite.report([suite.Stage("unit", list, ok=True, passed=8)]) == 0


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("\t 20 - sdk_handlers_server_test (Failed)", "sdk_handlers_server_test"),
        ("[  FAILED  ] Interop.Calls/1, where GetParam() = 3 (437 ms)", "Interop.Calls/1"),
        ("FAILED tests/test_cli.py::test_watch[a] - AssertionError: 1", "tests/test_cli.py::test_watch[a]"),
        ("test wire::tests::reads ... FAILED", "wire::tests::reads"),
        ("[  FAILED  ] 1 test, listed below:", "a job"),
    ],
)
def test_names_what_failed(line: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    job = Job("a job", [], ok=False)
    job.log.write_text(f"before\n{line}\n{line}\nafter\n")
    stage = suite.Stage("stage", list, ok=False)
    suite.count(stage, job)
    assert stage.failing == [name]
    suite.report([stage])
    assert f"\n      {name}\n" in capsys.readouterr().out
