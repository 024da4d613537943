"""The dashboard, GET /: what it is made of, and its modules with a shop that asks for a key."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from local.settings import REPOSITORY
from shop import Answer, Shop

DASHBOARD = REPOSITORY / "services" / "order" / "dashboard"
KEY = "open-sesame"
OLDEST_NODE = 18
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
MARKUP_FROM_TEXT = re.compile(r"\w+HTML\b|document\.write|DOMParser|\beval\(|Function\(")


@pytest.fixture(scope="module")
def shop(file_shop: Callable[..., Shop]) -> Shop:
    """A browser has no key before the page is there: all of this is served without one."""
    shop = file_shop(DELIVERY_TIME_SCALE="0.02", API_KEY=KEY)
    assert shop.get("order", "/orders").status == 401
    return shop


def files(shop: Shop) -> dict[str, Answer]:
    """The page and all that it loads, and that these load, by path."""
    found: dict[str, Answer] = {}
    left = ["/"]
    while left:
        path = left.pop()
        if path in found:
            continue
        answer = shop.get("order", path)
        assert answer.status == 200, path
        found[path] = answer
        text = answer.body.decode()
        left += re.findall(r'(?:src|href)="(/dashboard/[^"]+)"', text)
        left += [f"/dashboard/{name}" for name in re.findall(r'from "\./([^"]+)"', text)]
    return found


def test_the_page_is_whole(shop: Shop) -> None:
    found = files(shop)
    kept = {f"/dashboard/{file.name}" for file in DASHBOARD.glob("*.*")}
    not_served = {path for path in kept if path.endswith(("_test.js", ".json", ".html"))}
    assert set(found) == kept - not_served | {"/"}
    assert found["/"].headers["Content-Type"] == "text/html; charset=utf-8"
    for path, answer in found.items():
        if path != "/":
            assert answer.headers["Content-Type"] == TYPES[Path(path).suffix], path


def test_the_page_stands_alone_and_runs_nothing_within_it(shop: Shop) -> None:
    for path, answer in files(shop).items():
        assert b"://" not in answer.body, path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert not MARKUP_FROM_TEXT.search(answer.body.decode()), path
    page = files(shop)["/"].body.decode()
    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son\w+=", page)


def test_a_browser_keeps_it_and_asks_again(shop: Shop) -> None:
    for path, answer in files(shop).items():
        assert answer.headers["Cache-Control"] == "no-cache", path
        again = shop.get("order", path, **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status, again.body) == (304, b""), path
        head = shop.call("order", "HEAD", path)
        assert (head.status, head.body) == (200, b""), path
        for name in ("Content-Type", "Content-Length", "ETag", "Content-Security-Policy"):
            assert head.headers[name] == answer.headers[name], path


def test_what_is_not_there_is_refused(shop: Shop) -> None:
    assert shop.get("order", "/", Accept="application/json").status == 406
    assert shop.post("order", "/").status == 405
    assert shop.get("order", "/dashboard/view_test.js").status == 404
    assert shop.get("order", "/dashboard/..%2Fopenapi.json").status == 404


def test_every_element_that_the_script_looks_for_is_there(shop: Shop) -> None:
    found = files(shop)
    ids = set(re.findall(r'\sid="([^"]+)"', found["/"].body.decode()))
    for path, answer in found.items():
        if path.endswith(".js"):
            looked_for = set(re.findall(r'(?:find|onSubmit)\("([^"]+)"', answer.body.decode()))
            assert looked_for <= ids, path
    for label in re.findall(r'<label for="([^"]+)"', found["/"].body.decode()):
        assert label in ids


def node() -> str:
    path = shutil.which("node")
    if not path:
        pytest.skip("Node.js is missing")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Node.js is {version.strip()}; the tests need {OLDEST_NODE}")
    return path


def run_tests(*tests: Path, **environment: str) -> None:
    done = subprocess.run(
        [node(), "--test", *tests],
        capture_output=True,
        text=True,
        timeout=110,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_modules() -> None:
    tests = sorted(DASHBOARD.glob("*_test.js"))
    assert len(tests) > 1
    run_tests(*tests, ORDER_URL="")


def test_its_modules_with_the_shop(shop: Shop) -> None:
    url = f"http://127.0.0.1:{shop.settings.ports['order']}/"
    run_tests(DASHBOARD / "shop_test.js", ORDER_URL=url, API_KEY=KEY)
