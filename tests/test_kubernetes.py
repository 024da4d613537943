"""deploy/kubernetes: what kustomize makes of each overlay is what the Kubernetes API takes, and says enough."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_schemas import write_schemas
from local.settings import REPOSITORY, SERVICES

FOLDER = REPOSITORY / "deploy" / "kubernetes"
OVERLAYS = ("development", "production")
GO_SECONDS = 300
"""The first time, Go builds the tool."""

pytestmark = pytest.mark.timeout(2 * GO_SECONDS)


def go_tool(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["go", "tool", *arguments],
        cwd=FOLDER,
        env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/local/go/bin"},
        input=text,
        capture_output=True,
        text=True,
        timeout=GO_SECONDS,
    )


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas")
    write_schemas(folder)
    return folder


@pytest.fixture(scope="module", params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> str:
    built = go_tool("kustomize", "build", f"overlays/{request.param}")
    assert built.returncode == 0, built.stderr
    return built.stdout


def kubeconform(schemas: Path, text: str) -> subprocess.CompletedProcess[str]:
    location = f"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    return go_tool("kubeconform", "-strict", "-summary", "-schema-location", location, "-", text=text)


def of_kind(manifests: str, kind: str) -> dict[str, dict[str, Any]]:
    """By name."""
    found = [one for one in yaml.safe_load_all(manifests) if one["kind"] == kind]
    return {one["metadata"]["name"]: one for one in found}


def test_the_api_takes_all_of_it(schemas: Path, manifests: str) -> None:
    checked = kubeconform(schemas, manifests)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    resources = len(list(yaml.safe_load_all(manifests)))
    assert f"{resources} resources found" in checked.stdout
    assert "Invalid: 0, Errors: 0, Skipped: 0" in checked.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("periodSeconds: 10", "periodSecond: 10"),
        ("containerPort: 8081", "containerPort: http"),
        ("maxUnavailable: 1\n", "maxUnavailable: [1]\n"),
        ("apiVersion: autoscaling/v2\n", "apiVersion: autoscaling/v9\n"),
    ],
)
def test_a_mistake_is_found(schemas: Path, manifests: str, right: str, wrong: str) -> None:
    assert right in manifests
    assert kubeconform(schemas, manifests.replace(right, wrong, 1)).returncode != 0


def test_each_service_is_whole(manifests: str) -> None:
    for kind in ("Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"):
        assert set(of_kind(manifests, kind)) == set(SERVICES), kind
    services = of_kind(manifests, "Service")
    for index, name in enumerate(SERVICES):
        deployment = of_kind(manifests, "Deployment")[name]["spec"]
        pod = deployment["template"]
        (container,) = pod["spec"]["containers"]
        assert "replicas" not in deployment  # the autoscaler's
        assert container["ports"] == [{"containerPort": 8081 + index, "name": "http"}]
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
        assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "http"}
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert not container["image"].endswith(":latest") and ":" in container["image"]
        assert services[name]["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
        for selected in ("PodDisruptionBudget",):
            selector = of_kind(manifests, selected)[name]["spec"]["selector"]["matchLabels"]
            assert selector.items() <= pod["metadata"]["labels"].items()


def test_each_pod_may_do_little(manifests: str) -> None:
    (namespace,) = of_kind(manifests, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, deployment in of_kind(manifests, "Deployment").items():
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    policies = of_kind(manifests, "NetworkPolicy")
    assert policies["nothing-else"]["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert not policies["nothing-else"]["spec"].keys() & {"ingress", "egress"}


def test_secrets_are_by_reference_alone(manifests: str) -> None:
    assert not of_kind(manifests, "Secret")
    for name, deployment in of_kind(manifests, "Deployment").items():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        variables = {one["name"]: one for one in container.get("env", [])}
        assert ("DATABASE_URL" in variables) == (name != "order")
        if name != "order":
            reference = variables["DATABASE_URL"]["valueFrom"]["secretKeyRef"]
            assert reference == {"name": f"jumun-{name}", "key": "DATABASE_URL"}
