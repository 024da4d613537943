"""What the services say of themselves: openapi.json against the running services, /docs, /errors, Postman.

That the routes and the description are the same is checked by each service when it starts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local.settings import REPOSITORY, SERVICES
from shop import Shop

sys.path.insert(0, str(REPOSITORY / "tools"))

import postman  # noqa: E402  (it needs the path above)

SCHEMATHESIS = REPOSITORY / "build" / "schemathesis" / "bin" / "schemathesis"
SETTINGS = REPOSITORY / "tests" / "schemathesis.toml"


@pytest.fixture(scope="module")
def busy_shop(shop: Shop) -> Shop:
    """A shop with an order of each end, and one by the name that the examples have."""
    for order in ("order-12345", "order-1", "order-2", "order-3", "order-9"):
        assert shop.place(order).status == 200
    assert {shop.ended("order-12345"), shop.ended("order-9")} == {"COMPLETED", "FAILED"}
    return shop


def described(shop: Shop, service: str) -> dict[str, Any]:
    answer = shop.get(service, "/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    return answer.json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for path, item in document["paths"].items():
        yield path, [method.upper() for method in item if method != "parameters"]


# --- openapi.json ---


def schemathesis(location: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    assert SCHEMATHESIS.exists(), "tools/setup --test installs it"
    return subprocess.run(
        [SCHEMATHESIS, "--config-file", SETTINGS, "run", location, "--no-color", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_service_answers_as_it_is_described(busy_shop: Shop, tmp_path: Path, service: str) -> None:
    port = busy_shop.settings.ports[service]
    # What is the same everywhere is asked of one.
    common = ["--exclude-tag", "description", "--exclude-tag", "operations"] if service != "order" else []
    done = schemathesis(f"http://127.0.0.1:{port}/openapi.json", tmp_path, *common)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_answer_that_is_not_described_is_found(busy_shop: Shop, tmp_path: Path) -> None:
    document = described(busy_shop, "payment")
    del document["paths"]["/payments/{orderId}"]["get"]["responses"]["404"]
    doctored = tmp_path / "openapi.json"
    doctored.write_text(json.dumps(document), "utf-8")
    url = f"http://127.0.0.1:{busy_shop.settings.ports['payment']}"
    done = schemathesis(str(doctored), tmp_path, "--url", url, "--include-path", "/payments/{orderId}")
    assert done.returncode == 1
    assert "Undocumented status code" in done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_described_is_there(shop: Shop, service: str) -> None:
    for path, methods in operations(described(shop, service)):
        answer = shop.call(service, "DELETE", path.replace("{", "").replace("}", ""))
        assert answer.status == 405, path
        allowed = set(answer.headers["Allow"].split(", "))
        assert allowed - {"HEAD"} == set(methods), path


def test_the_description_needs_no_key(new_shop) -> None:
    shop = new_shop(API_KEY="secret")
    assert shop.get("order", "/orders").status == 401
    assert shop.get("order", "/orders", **{"X-API-Key": "secret"}).status == 200
    for path, item in described(shop, "order")["paths"].items():
        if item.get("get", {}).get("security") == [] and "{" not in path:
            assert shop.get("order", path).status == 200, path


# --- /docs ---


def test_the_page_is_whole_and_stands_alone(shop: Shop) -> None:
    page = shop.get("order", "/docs", Accept="text/html")
    assert page.status == 200
    assert b"://" not in page.body
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    sizes = {}
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "docs.js"):
        assert f'"/docs/{name}"'.encode() in page.body
        file = shop.get("order", f"/docs/{name}")
        assert file.status == 200
        sizes[name] = len(file.body)
        again = shop.get("order", f"/docs/{name}", **{"If-None-Match": file.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")
    assert sizes["swagger-ui-bundle.js"] > 1_000_000


# --- /errors ---


def test_every_code_is_explained_and_described(shop: Shop) -> None:
    codes = [error["code"] for error in shop.get("order", "/errors").json()["errors"]]
    ours = list(dict.fromkeys(code for code in codes if not code.startswith("HTTP_")))
    assert described(shop, "order")["components"]["schemas"]["Code"]["enum"] == ours
    for code in ours:
        korean = shop.get("order", f"/errors/{code}", **{"Accept-Language": "ko", "Accept": "text/html"})
        assert (korean.status, korean.headers["Content-Language"]) == (200, "ko"), code


@pytest.mark.parametrize("service", SERVICES)
def test_a_problems_type_is_where_it_is_explained(shop: Shop, service: str) -> None:
    problem = shop.get(service, "/nothing").json()
    assert problem["type"] == "/errors/HTTP_404"
    assert shop.get(service, problem["type"]).json()["errors"][0]["status"] == 404


# --- Postman ---


def test_the_postman_collection_is_up_to_date() -> None:
    committed = json.loads(postman.COLLECTION.read_text("utf-8"))
    assert committed == postman.collection(), "tools/postman.py makes it"
