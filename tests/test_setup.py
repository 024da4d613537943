"""tools/setup: silent where all is there, one clear sentence and the line that helps where not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from local.settings import REPOSITORY

SETUP = REPOSITORY / "tools" / "setup"


class Machine:
    """This machine, but for the programs that a test puts in front of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = f"{folder}:{os.environ['PATH']}"
        self.install("apt-get", "echo it would reach for the network; exit 1")

    def install(self, name: str, script: str) -> None:
        program = self.folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def lacks(self, name: str) -> None:
        """Links to all that PATH has, but this one; then that folder is the only one."""
        for folder in os.environ["PATH"].split(":"):
            for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
                link = self.folder / program.name
                if program.name != name and not os.path.lexists(link):
                    link.symlink_to(program)
        self.path = str(self.folder)

    def setup(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SETUP, *arguments],
            env=os.environ | {"PATH": self.path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_silent_and_without_network_where_all_is_there(machine: Machine) -> None:
    done = machine.setup("--test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_old_go(machine: Machine) -> None:
    machine.install("go", "echo go1.19.8")
    done = machine.setup()
    assert done.returncode == 2
    sentence, line = done.stderr.splitlines()
    assert sentence.endswith("or newer is needed, 1.19.8 is here; this installs it:")
    assert line.startswith("  sudo rm -rf /usr/local/go && curl -fsSL https://go.dev/dl/go1.2")


def test_an_old_rust(machine: Machine) -> None:
    machine.install("rustc", "echo 'rustc 1.63.0 (4b91a6ea7 2022-08-08)'")
    done = machine.setup()
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "Rust 1.88.0 or newer is needed, 1.63.0 is here; this installs it:",
        "  rustup update stable",
    ]


def test_without_npm(machine: Machine) -> None:
    machine.lacks("npm")
    done = machine.setup()
    sentence = "npm is missing: /docs will be a plain page that leads to /openapi.json, without Swagger UI.\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, sentence, "")
    done = machine.setup("--test")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "npm is missing; this installs it:",
        "  sudo apt-get install npm",
    ]


def test_installs_what_is_missing_as_root(machine: Machine) -> None:
    called = machine.folder / "called"
    machine.install("dpkg-query", "/usr/bin/dpkg-query \"$@\" | grep -v -x '.* ninja-build'")
    machine.install("id", "echo 0")
    machine.install("apt-get", f'echo "$@" >>{called}')
    done = machine.setup()
    assert (done.returncode, done.stdout) == (0, "Installing 1 Debian packages …\n"), done
    update, install = called.read_text().splitlines()
    assert update.split()[0] == "update"
    assert install == "install -q -y --no-install-recommends ninja-build"


def test_asks_who_is_not_root(machine: Machine) -> None:
    machine.install("dpkg-query", "/usr/bin/dpkg-query \"$@\" | grep -v -x '.* ninja-build'")
    machine.install("id", "echo 1000")
    done = machine.setup()
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "Debian packages are missing; install them with:",
        "  sudo apt-get install --no-install-recommends ninja-build",
    ]


def test_shows_the_end_when_apt_fails(machine: Machine) -> None:
    machine.install("dpkg-query", "/usr/bin/dpkg-query \"$@\" | grep -v -x '.* ninja-build'")
    machine.install("id", "echo 0")
    done = machine.setup()
    assert done.returncode == 2
    assert done.stderr.startswith("it would reach for the network\napt-get failed; the whole log is ")
