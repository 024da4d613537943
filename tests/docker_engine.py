"""A Docker engine for tests: the one that answers, else one of our own, with bases made from Debian's packages.

An engine of our own pulls nothing: an image that a Dockerfile starts from is made first, under its name.
What it has made stays in build/docker-engine, so that only the first run on a machine takes long.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from local.process import die_with_parent
from local.settings import REPOSITORY
from shop import wait_until

DEBIAN = "debian:bookworm-slim"
TRUSTED = Path("/usr/local/share/ca-certificates")
"""The authorities that this machine trusts beside Debian's: its network may need them."""

OURS = "unix:///tmp/jumun-docker-"
DATA = REPOSITORY / "build" / "docker-engine"
START_SECONDS = 60
STOP_SECONDS = 60
BASE_SECONDS = 400

LEFT_OUT = ["./usr/share/doc/*", "./usr/share/man/*", "./var/cache/apt/*", "./var/lib/apt/lists/*"]
"""As Debian's own slim image does; lists of packages are fetched when they are needed."""


@contextmanager
def docker_engine() -> Iterator[dict[str, str]]:
    """The environment in which `docker` reaches an engine; skips where there can be none."""
    environment = dict(os.environ)
    if shutil.which("docker") and docker(environment, "info").returncode == 0:
        yield environment
        return
    for program in ("docker", "dockerd", "iptables", "debootstrap"):
        if not shutil.which(program):
            cannot(f"{program} is missing (tools/setup --test installs it)")
    if os.geteuid() != 0:
        cannot("no Docker engine runs, and only root can start one")
    # Its socket's path has to be short.
    with tempfile.TemporaryDirectory(prefix="jumun-docker-", dir="/tmp") as folder:
        environment["DOCKER_HOST"] = f"unix://{folder}/socket"  # begins with OURS
        environment.pop("DOCKER_CONTEXT", None)
        with _started(Path(folder), environment["DOCKER_HOST"]) as engine:
            log = Path(folder, "log")

            def answers() -> bool:
                if engine.poll() is not None:
                    cannot(f"dockerd does not start: {log.read_text()[-2000:]}")
                return docker(environment, "info").returncode == 0

            wait_until(answers, START_SECONDS, lambda: f"dockerd: {log.read_text()[-2000:]}")
            remove_leftovers(environment)
            make_base(environment, Path(folder))
            yield environment


def cannot(why: str) -> None:
    """CI has to be able to: there it is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(why)


def docker(
    environment: dict[str, str], *arguments: str, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments], env=environment, capture_output=True, text=True, timeout=seconds
    )


@contextmanager
def _started(folder: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    DATA.mkdir(parents=True, exist_ok=True)
    command = ["dockerd", "--host", address, "--data-root", str(DATA)]
    command += ["--exec-root", str(folder / "exec"), "--pidfile", str(folder / "pid")]
    with (folder / "log").open("wb") as log:
        engine = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent()
        )
    try:
        yield engine
    finally:
        engine.terminate()
        try:
            engine.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            engine.kill()
            engine.wait()


def remove_leftovers(environment: dict[str, str]) -> None:
    """What a killed run left, which the engine has started again, and images of old programs."""
    if left := docker(environment, "ps", "--all", "--quiet").stdout.split():
        docker(environment, "rm", "--force", *left)
    docker(environment, "system", "prune", "--force", "--volumes", seconds=BASE_SECONDS)


def make_base(environment: dict[str, str], folder: Path) -> None:
    if docker(environment, "image", "inspect", DEBIAN).returncode == 0:
        return
    root = folder / "base"
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", "bookworm", str(root)],
        capture_output=True,
        text=True,
        timeout=BASE_SECONDS,
    )
    assert made.returncode == 0, made.stdout[-2000:]
    if TRUSTED.exists():
        shutil.copytree(TRUSTED, root / TRUSTED.relative_to("/"), dirs_exist_ok=True)
    archive = subprocess.Popen(
        ["tar", "-C", str(root), *(f"--exclude={path}" for path in LEFT_OUT), "-c", "."],
        stdout=subprocess.PIPE,
    )
    subprocess.run(
        ["docker", "import", "-", DEBIAN],
        env=environment,
        stdin=archive.stdout,
        capture_output=True,
        check=True,
        timeout=BASE_SECONDS,
    )
    assert archive.wait(BASE_SECONDS) == 0
    shutil.rmtree(root)


def make_toolchains(environment: dict[str, str], folder: Path) -> None:
    """The images that compile.Dockerfile takes Go, Rust and Node.js from, made from this machine's own."""
    if not environment.get("DOCKER_HOST", "").startswith(OURS):
        return  # another's engine pulls them
    sysroot = Path(_said("rustc", "--print", "sysroot"))
    go = Path(_said("go", "env", "GOROOT"))
    node = Path(_said("node", "--print", "process.execPath"))
    npm = Path(_said("npm", "root", "--global")) / "npm"
    lines = (REPOSITORY / "deploy/docker/compile.Dockerfile").read_text().splitlines()
    images = dict(line.removeprefix("ARG ").split("=", 1) for line in lines if line.startswith("ARG "))
    trees = {
        "GO": {"usr/local/go": go},
        "RUST": {"usr/local/cargo/bin": sysroot / "bin", "usr/local/rustup": folder / "none"},
        "NODE": {"usr/local/bin/node": node, "usr/local/lib/node_modules/npm": npm},
    }
    (folder / "none").mkdir()
    for name, tree in trees.items():
        if docker(environment, "image", "inspect", images[name]).returncode == 0:
            continue
        root = folder / name
        for place, source in tree.items():
            if source.is_file():
                (root / place).parent.mkdir(parents=True)
                shutil.copy2(source, root / place)
            else:
                shutil.copytree(source, root / place, symlinks=True)
        if name == "NODE" and TRUSTED.exists():  # npm has authorities of its own
            settings = root / "usr/local/lib/node_modules/npm/npmrc"
            settings.write_text("cafile=/etc/ssl/certs/ca-certificates.crt\n")
        if name == "RUST":  # the tools find their libraries beside their own folder
            shutil.copytree(sysroot / "lib", root / "usr/local/cargo/lib", symlinks=True)
        archive = subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE)
        command = ["docker", "import", "-", images[name]]
        subprocess.run(command, env=environment, stdin=archive.stdout, check=True, timeout=BASE_SECONDS)
        assert archive.wait(BASE_SECONDS) == 0
        shutil.rmtree(root)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
