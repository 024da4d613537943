"""Makes a service's API description: its own openapi.json, and what stands in every service's.

    tools/openapi.py SERVICE OUT.json

services/SERVICE/openapi.json has the service's own paths; services/process/openapi.json has what is the
same everywhere: health, errors, this description. Added to each operation are the refusals that need no
word there: the server's own, and those of a body or a key where the operation has one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SERVICES = Path(__file__).resolve().parents[1] / "services"
METHODS = ("get", "put", "post")

EVERYWHERE = {"400": "BadRequest", "406": "NotAcceptable", "408": "RequestTimeout", "414": "UriTooLong"}
EVERYWHERE |= {"431": "FieldsTooLarge", "503": "Unavailable"}
OF_A_BODY = {"413": "ContentTooLarge", "415": "UnsupportedMediaType"}
OF_A_KEY = {"401": "Unauthorized", "403": "Forbidden", "429": "TooManyRequests"}

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}


def describe(service: str) -> dict[str, Any]:
    common = json.loads((SERVICES / "process" / "openapi.json").read_text("utf-8"))
    own = json.loads((SERVICES / service / "openapi.json").read_text("utf-8"))
    kinds = common["components"] | own["components"]
    components = {
        kind: common["components"].get(kind, {}) | own["components"].get(kind, {}) for kind in kinds
    }
    for response in components["responses"].values():
        complete(response)
    paths = own["paths"] | common["paths"]
    for path in paths.values():
        for method in METHODS:
            if method in path:
                add_responses(path[method])
    return common | {
        "info": own["info"] | common["info"],
        "tags": own["tags"] + common["tags"],
        "paths": paths,
        "components": components,
    }


def add_responses(operation: dict[str, Any]) -> None:
    refusals = dict(EVERYWHERE)
    if "requestBody" in operation:
        refusals |= OF_A_BODY
    if operation.get("security") != []:
        refusals |= OF_A_KEY
    responses = {
        status: {"$ref": f"#/components/responses/{name}"} for status, name in refusals.items()
    }
    for status, response in operation["responses"].items():
        if "$ref" not in response:
            complete(response, has_body=status not in ("204", "304"))
    operation["responses"] = dict(sorted((responses | operation["responses"]).items()))


def complete(response: dict[str, Any], has_body: bool = True) -> None:
    """What is not said of a response: that it is a problem, and has the request's id."""
    response["headers"] = REQUEST_ID | response.get("headers", {})
    if has_body:
        response.setdefault("content", PROBLEM)


def write(document: dict[str, Any], out: Path) -> None:
    out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    write(describe(sys.argv[1]), Path(sys.argv[2]))
