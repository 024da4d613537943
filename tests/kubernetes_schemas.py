"""The Kubernetes API's own OpenAPI document as JSON schemas for kubeconform; an unknown field fits none."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

MODULE = "k8s.io/kubernetes@v1.33.5"
SUM = "h1:uf0/5VVQodYf61FudCbwtWjg5ApQcKKA7mwanTLjxyw="
DOWNLOAD_SECONDS = 300

# What the document writes as "string" and the server takes as either.
EITHER = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["string", "integer"]},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["string", "number"]},
}


def write_schemas(folder: Path) -> None:
    """One file a kind, each whole in itself: deployment-apps-v1.json."""
    definitions = {name: _strict(name, one) for name, one in _openapi()["definitions"].items()}
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", []):
            group = kind["group"].partition(".")[0]
            suffix = "-".join(part for part in (group, kind["version"]) if part)
            schema = dict(definition, definitions=_used(name, definitions))
            (folder / f"{kind['kind'].lower()}-{suffix}.json").write_text(json.dumps(schema))


def _openapi() -> dict[str, Any]:
    done = subprocess.run(
        ["go", "mod", "download", "-json", MODULE],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=DOWNLOAD_SECONDS,
    )
    assert done.returncode == 0, done
    told = json.loads(done.stdout)
    assert told["Sum"] == SUM, told
    return json.loads(Path(told["Dir"], "api/openapi-spec/swagger.json").read_text())


def _strict(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    if name in EITHER:
        return EITHER[name]
    if "properties" in definition and "additionalProperties" not in definition:
        return dict(definition, additionalProperties=False)
    return definition


def _used(name: str, definitions: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The definitions that this one refers to, and those that they refer to."""
    found: dict[str, dict[str, Any]] = {}
    wanted = [name]
    while wanted:
        text = json.dumps(definitions[wanted.pop()])
        for part in text.split('"#/definitions/')[1:]:
            used = part.partition('"')[0]
            if used not in found:
                found[used] = definitions[used]
                wanted.append(used)
    return found
