"""Builds the shop: Temporal's programs, the bridge to its Core, and the C++, side by side."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import jobs
from jobs import ROOT, Job

PRESETS = ("release", "asan", "tsan")
SERVICES = ("order", "payment", "inventory", "delivery")
PROGRAMS = [*(f"jumun-{name}" for name in SERVICES), "orders"]

GO_MODULE = ROOT / "deploy" / "temporal"
GO_PROGRAMS = {
    "temporal-server": "go.temporal.io/server/cmd/server",
    "temporal-sql-tool": "go.temporal.io/server/cmd/tools/sql",
    "temporal-ui-server": "github.com/temporalio/ui-server/v2/cmd/server",
}
GO_BUILD = [
    *"go build -v -mod=readonly -buildvcs=false -trimpath -tags disable_grpc_modules".split(),
    "-ldflags=-s -w",
]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="tools/build",
        description="Sets the machine up and builds. Logs are in build/logs.",
    )
    parser.add_argument("--preset", choices=PRESETS, default="release", help="default: release")
    parser.add_argument(
        "targets", nargs="*", help="of CMake; default: the four services and `orders`, or all for asan and tsan"
    )
    parser.add_argument(
        "--into", type=Path, metavar="DIR", help="put the shop's programs, stripped, there as well"
    )
    arguments = parser.parse_args()
    default = PROGRAMS if arguments.preset == "release" else ["all"]
    building = [*temporal(), cpp(arguments.preset, arguments.targets or default)]
    if not up_to_date_bridge():
        building.append(bridge())
    if not jobs.run(building):
        return 1
    if arguments.into:
        put_programs(arguments.into)
    return 0


def put_programs(folder: Path) -> None:
    """What the images of the parts are made from."""
    folder.mkdir(parents=True, exist_ok=True)
    services = [ROOT / "build" / "release" / "services" / name / f"jumun-{name}" for name in SERVICES]
    for program in [*services, *(ROOT / "build" / "bin" / name for name in GO_PROGRAMS)]:
        subprocess.run(["strip", "-o", folder / program.name, program], check=True, timeout=60)


def temporal() -> list[Job]:
    """Temporal's server, SQL tool and Web UI into build/bin; nothing where the pins have not changed."""
    binaries = ROOT / "build" / "bin"
    stamp = binaries / "built-from"
    pins = hashlib.sha256(
        b"".join((GO_MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
        + " ".join(GO_BUILD).encode()
    ).hexdigest()
    if stamp.exists() and stamp.read_text() == pins:
        return []
    built = 0

    def progress(line: str) -> str | None:
        nonlocal built
        if not re.fullmatch(r"[\w./~-]+", line):
            return None
        built += 1
        return f"{built} packages"

    return [
        Job(
            "Temporal server",
            [
                [*GO_BUILD, "-o", str(binaries / program), package]
                for program, package in GO_PROGRAMS.items()
            ],
            progress,
            folder=GO_MODULE,
            environment={"CGO_ENABLED": "0"},
            after=lambda: stamp.write_text(pins) and None,
        )
    ]


def cargo_target_dir() -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "build" / "cargo")


def up_to_date_bridge() -> bool:
    """True if CMake's own call of cargo would find nothing to do, or there will be none."""
    if os.environ.get("TEMPORAL_BRIDGE_LIBRARY"):
        return True
    library = cargo_target_dir() / "release" / "libtemporal_bridge.a"
    sources = [*(ROOT / "bridge").rglob("*.rs"), *(ROOT / "bridge").glob("Cargo.*")]
    return library.exists() and all(
        source.stat().st_mtime <= library.stat().st_mtime for source in sources
    )


def bridge() -> Job:
    """The same call of cargo as CMake's, which then finds it done: here it shows how far it is."""
    packages = (ROOT / "bridge" / "Cargo.lock").read_text().count("[[package]]")
    compiled = 0

    def progress(line: str) -> str | None:
        nonlocal compiled
        if not line.lstrip().startswith("Compiling "):
            return None
        compiled += 1
        return f"{compiled} crates (of {packages} at most)"

    command = "cargo build --locked --lib --profile release --manifest-path".split()
    target = ["--target-dir", str(cargo_target_dir())]
    return Job(
        "bridge",
        [[*command, str(ROOT / "bridge" / "Cargo.toml"), *target]],
        progress,
        folder=ROOT / "bridge",
    )


def cpp(preset: str, targets: list[str]) -> Job:
    configure = [["cmake", "--preset", preset]]
    if (ROOT / "build" / preset / "build.ninja").exists():
        configure = []  # ninja calls CMake where a file of its has changed
    cores = str(os.cpu_count() or 1)
    build = ["cmake", "--build", "--preset", preset, "-j", cores, "--target", *targets]
    return Job(f"C++ {preset}", [*configure, build], ninja_progress)


def ninja_progress(line: str) -> str | None:
    step = re.match(r"\[(\d+)/(\d+)\]", line)
    return f"{step[1]} of {step[2]}" if step else None


if __name__ == "__main__":
    sys.exit(main())
