"""Makes docs/postman.json, a Postman collection of the four services, from their API descriptions.

    tools/postman.py [OUT.json]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import openapi

COLLECTION = Path(__file__).resolve().parents[1] / "docs" / "postman.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
PORTS = {"order": 8081, "payment": 8082, "inventory": 8083, "delivery": 8084}

Json = dict[str, Any]


def collection() -> Json:
    key = [("key", "X-API-Key"), ("value", "{{apiKey}}"), ("in", "header")]
    urls = [variable(url_of(service), f"http://127.0.0.1:{port}") for service, port in PORTS.items()]
    return {
        "info": {
            "name": "Jumun",
            "description": "Made of the services' openapi.json by tools/postman.py. apiKey is needed "
            "where API_KEY is set.",
            "schema": SCHEMA,
        },
        "auth": {"type": "apikey", "apikey": [variable(name, value) for name, value in key]},
        "variable": [*urls, variable("apiKey", "")],
        "item": [folder(service, openapi.describe(service)) for service in PORTS],
    }


def url_of(service: str) -> str:
    return f"{service}Url"


def variable(name: str, value: str) -> Json:
    return {"key": name, "value": value, "type": "string"}


def folder(service: str, document: Json) -> Json:
    by_tag: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in openapi.METHODS:
            if method in item:
                operation = item[method]
                parameters = [
                    resolved(document, each)
                    for each in item.get("parameters", []) + operation.get("parameters", [])
                ]
                by_tag[operation["tags"][0]].append(
                    request(service, path, method, operation, parameters)
                )
    return {
        "name": service,
        "description": document["info"]["description"],
        "item": [
            {"name": tag["name"], "description": tag["description"], "item": by_tag[tag["name"]]}
            for tag in document["tags"]
        ],
    }


def resolved(document: Json, node: Json) -> Json:
    """What a "$ref" within the document stands for."""
    if "$ref" not in node:
        return node
    for name in node["$ref"].removeprefix("#/").split("/"):
        document = document[name]
    return document


def request(service: str, path: str, method: str, operation: Json, parameters: list[Json]) -> Json:
    def of(place: str) -> list[Json]:
        return [each for each in parameters if each["in"] == place]

    # Postman writes a path's parameter with a colon, and leaves out what is disabled.
    segments = [f":{part[1:-1]}" if part.startswith("{") else part for part in path[1:].split("/")]
    url: Json = {
        "raw": "/".join([f"{{{{{url_of(service)}}}}}", *segments]),
        "host": [f"{{{{{url_of(service)}}}}}"],
        "path": segments,
        "query": [optional(each) for each in of("query")],
        "variable": [filled(each) for each in of("path")],
    }
    made: Json = {
        "method": method.upper(),
        "header": [optional(each) for each in of("header")],
        "url": {name: value for name, value in url.items() if value},
        "description": "\n\n".join(
            operation[key] for key in ("summary", "description") if key in operation
        ),
    }
    if body := operation.get("requestBody"):
        example = body["content"]["application/json"]["example"]
        made["body"] = {
            "mode": "raw",
            "raw": json.dumps(example, ensure_ascii=False),
            "options": {"raw": {"language": "json"}},
        }
    if operation.get("security") == []:
        made["auth"] = {"type": "noauth"}
    return {"name": operation["summary"], "request": made}


def filled(parameter: Json) -> Json:
    return {
        "key": parameter["name"],
        "value": str(parameter.get("example", "")),
        "description": parameter.get("description", ""),
    }


def optional(parameter: Json) -> Json:
    return filled(parameter) | {"disabled": not parameter.get("required", False)}


if __name__ == "__main__":
    openapi.write(collection(), Path(sys.argv[1]) if len(sys.argv) > 1 else COLLECTION)
