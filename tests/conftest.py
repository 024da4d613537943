"""Fixtures of the end-to-end tests. A shop is Temporal and the four services, on ports and data of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy"))

import composed  # noqa: E402  (it needs the path above)
from docker_engine import docker_engine  # noqa: E402
from shop import KIND, Shop  # noqa: E402

OF_ANY_KIND = {"shop", "new_shop", "file_shop"}
"""The fixtures whose shops are what JUMUN_SHOP says."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if OF_ANY_KIND & set(getattr(item, "fixturenames", ())):
            item.add_marker("shop")
            item.add_marker("any_shop")
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="runs with --long"))
        if item.get_closest_marker("processes") and KIND == "compose":
            item.add_marker(pytest.mark.skip(reason="needs the parts as processes of this machine"))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str] | None]:
    """A Docker engine that has the parts' images, where shops are in containers."""
    if KIND != "compose":
        yield None
        return
    with docker_engine() as environment:
        composed.make_images(environment, tmp_path_factory.mktemp("images"))
        yield environment


def opened(engine: dict[str, str] | None, folder: Path, kind: str, **settings: str) -> Shop:
    if engine:
        return composed.ComposedShop(engine, folder, **settings)
    return Shop(folder, postgres=kind == "postgres", **settings)


@pytest.fixture(scope="module")
def file_shop(
    engine: dict[str, str] | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Shop]]:
    """Opens a shop for a file's tests, with settings of their own: `file_shop(PAYMENT_FAILURE_RATE="0")`."""
    with ExitStack() as stack:
        yield lambda kind=KIND, **settings: stack.enter_context(
            opened(engine, tmp_path_factory.mktemp("shop"), kind, **settings)
        )


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, file_shop: Callable[..., Shop]) -> Shop:
    """One shop for a file's tests, with the settings that it has by default but quick deliveries. Its kind may
    be the fixture's parameter."""
    return file_shop(getattr(request, "param", KIND), DELIVERY_TIME_SCALE="0.02")


@pytest.fixture
def new_shop(engine: dict[str, str] | None, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens a shop for one test: `new_shop(PAYMENT_FAILURE_RATE="0")`."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(
            opened(engine, tmp_path / str(len(list(tmp_path.iterdir()))), KIND, **settings)
        )
