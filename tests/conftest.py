"""Fixtures of the end-to-end tests. A shop is Temporal and the four services, on ports and data of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy"))

from shop import Shop  # noqa: E402  (it needs the path above)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if {"shop", "new_shop"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("shop")
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="runs with --long"))


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One shop for a file's tests, with the settings that it has by default but quick deliveries. With the
    parameter "postgres" all its data, Temporal's too, is in PostgreSQL."""
    store = getattr(request, "param", None)
    postgres = None if store is None else store == "postgres"
    with Shop(tmp_path_factory.mktemp("shop"), postgres=postgres, DELIVERY_TIME_SCALE="0.02") as opened:
        yield opened


@pytest.fixture
def new_shop(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens a shop with settings of the test's own: `new_shop(PAYMENT_FAILURE_RATE="0")`."""
    with ExitStack() as opened:
        yield lambda **settings: opened.enter_context(
            Shop(tmp_path / str(len(list(tmp_path.iterdir()))), **settings)
        )
