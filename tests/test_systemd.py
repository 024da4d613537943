"""deploy/systemd: systemd finds nothing wrong with the units, and what they may reach is little."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from local.settings import REPOSITORY, SERVICES

FOLDER = REPOSITORY / "deploy" / "systemd"
TEMPORAL = ["temporal-server", "temporal-ui-server", "temporal-sql-tool"]
PROGRAMS = [*(f"jumun-{name}" for name in SERVICES), *TEMPORAL]
UNITS = [
    "jumun-temporal.service",
    "jumun-temporal-ui.service",
    *(f"jumun@{name}.service" for name in SERVICES),
]
TARGETS = ["basic", "sysinit", "shutdown", "network-online", "multi-user"]
MOST_EXPOSED = 2.0
"""Of systemd's own scale from 0 to 10, on which a service without any bound has 9.6."""


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine on which the shop is installed; its programs are of no matter here."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in PROGRAMS:
        shutil.copy("/bin/true", programs / name)
    machine = tmp_path / "machine"
    done = run(FOLDER / "install", machine, PROGRAMS=str(programs))
    assert done.returncode == 0, done.stderr
    return machine


def verify(root: Path) -> str:
    """What systemd says of all units; nothing is right."""
    for name in TARGETS:
        (root / "etc/systemd/system" / f"{name}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    names = ["jumun.target", *UNITS]
    done = run("systemd-analyze", "verify", "--man=no", f"--root={root}", *names)
    return f"{done.stdout}{done.stderr}" if done.returncode or done.stderr else ""


def test_systemd_takes_the_units(root: Path) -> None:
    assert verify(root) == ""


def test_systemd_takes_the_example(root: Path) -> None:
    folder = root / "etc/systemd/system/jumun@.service.d"
    folder.mkdir()
    shutil.copy(FOLDER / "examples" / "temporal-tls.conf", folder)
    assert verify(root) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("ProtectSystem=strict", "ProtectSystem=most"),
        ("ExecStart=/usr/lib/jumun/jumun-%i", "ExecStart=/usr/lib/jumun/jumun-none"),
        ("TimeoutStopSec=20", "TimeoutStopSeconds=20"),
    ],
)
def test_a_mistake_is_found(root: Path, right: str, wrong: str) -> None:
    unit = root / "etc/systemd/system/jumun@.service"
    text = unit.read_text()
    assert right in text
    unit.write_text(text.replace(right, wrong))
    assert verify(root) != ""


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_little_exposed(root: Path, unit: str) -> None:
    threshold = f"--threshold={MOST_EXPOSED * 10:.0f}"
    done = run(
        "systemd-analyze", "security", "--offline=true", "--no-pager", threshold, f"--root={root}", unit
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Overall exposure level" in done.stdout


def test_passwords_are_roots_alone_and_stay(root: Path, tmp_path: Path) -> None:
    settings = root / "etc/jumun"
    files = {path.name: path.read_text() for path in settings.iterdir()}
    assert set(files) == {"payment.env", "inventory.env", "delivery.env", "temporal.env"}
    assert len(set(files.values())) == 4
    assert all((path.stat().st_mode & 0o777) == 0o600 for path in settings.iterdir())
    assert run(FOLDER / "install", root, PROGRAMS=str(tmp_path / "programs")).returncode == 0
    assert {path.name: path.read_text() for path in settings.iterdir()} == files
    units = "".join(path.read_text() for path in (root / "etc/systemd/system").iterdir() if path.is_file())
    secrets = [line.rpartition(":")[2].partition("@")[0] for line in files["payment.env"].splitlines()]
    assert not [one for one in secrets if one in units]


def test_says_what_is_not_built(tmp_path: Path) -> None:
    done = run(FOLDER / "install", tmp_path / "machine", PROGRAMS=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == f"{tmp_path}/jumun-order is not there; run tools/build --into build/images first.\n"
    assert not (tmp_path / "machine").exists()
