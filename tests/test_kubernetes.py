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
COMPONENTS = "base and every component"
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


@pytest.fixture(scope="module", params=[*OVERLAYS, COMPONENTS])
def manifests(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = FOLDER / "overlays" / request.param
    if request.param == COMPONENTS:
        folder = tmp_path_factory.mktemp("overlay")
        components = sorted((FOLDER / "components").iterdir())
        overlay = {
            "resources": [os.path.relpath(FOLDER / "base", folder)],
            "components": [os.path.relpath(component, folder) for component in components],
            "images": [{"name": f"jumun-{name}", "newTag": "test"} for name in SERVICES],
        }
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    built = go_tool("kustomize", "build", str(folder))
    assert built.returncode == 0, built.stderr
    return built.stdout


def kubeconform(schemas: Path, text: str) -> subprocess.CompletedProcess[str]:
    location = f"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    return go_tool("kubeconform", "-strict", "-summary", "-schema-location", location, "-", text=text)


def of_kind(manifests: str, kind: str) -> dict[str, dict[str, Any]]:
    """By name."""
    found = [one for one in yaml.safe_load_all(manifests) if one["kind"] == kind]
    return {one["metadata"]["name"]: one for one in found}


def selected(manifests: str, selector: dict[str, Any]) -> set[str]:
    """The services whose pods have these labels."""
    wanted = selector.get("matchLabels", {}).items()
    pods = {name: one["spec"]["template"] for name, one in of_kind(manifests, "Deployment").items()}
    return {name for name, pod in pods.items() if wanted <= pod["metadata"]["labels"].items()}


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
        assert pod["metadata"]["labels"]["app.kubernetes.io/part-of"] == "jumun"  # as Prometheus finds it
        assert selected(manifests, deployment["selector"]) == {name}
        assert selected(manifests, {"matchLabels": services[name]["spec"]["selector"]}) == {name}
        budget = of_kind(manifests, "PodDisruptionBudget")[name]["spec"]
        assert selected(manifests, budget["selector"]) == {name}
        scaler = of_kind(manifests, "HorizontalPodAutoscaler")[name]["spec"]
        assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        assert 1 <= scaler["minReplicas"] < scaler["maxReplicas"]


def test_each_file_that_is_named_is_mounted(manifests: str) -> None:
    for name, deployment in of_kind(manifests, "Deployment").items():
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        mounts = {Path(one["mountPath"]): one["name"] for one in container["volumeMounts"]}
        assert set(mounts.values()) <= {volume["name"] for volume in pod["volumes"]}
        for variable in container.get("env", []):
            if variable["name"].endswith("_PATH"):
                assert Path(variable["value"]).parent in mounts, (name, variable)


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


def test_each_pod_reaches_what_it_needs_and_nothing_else(manifests: str) -> None:
    policies = {name: one["spec"] for name, one in of_kind(manifests, "NetworkPolicy").items()}
    for name, policy in policies.items():
        of_some = {"database": {"payment", "inventory", "delivery"}, "orders": {"order"}}
        assert selected(manifests, policy["podSelector"]) == of_some.get(name, set(SERVICES)), name
    nothing = policies.pop("nothing-else")
    assert nothing["policyTypes"] == ["Ingress", "Egress"] and not nothing.keys() & {"ingress", "egress"}
    ways = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}
    opened = {}
    for name, policy in policies.items():
        (kind,) = policy["policyTypes"]
        rules, peers = ways[kind]
        (rule,) = policy[rules]
        namespaces = [one["namespaceSelector"]["matchLabels"] for one in rule.get(peers, [])]
        where = [labels["kubernetes.io/metadata.name"] for labels in namespaces]
        opened[name] = (kind, where, sorted({port["port"] for port in rule["ports"]}))
    tracing = {"collector": ("Egress", ["observability"], [4318])}
    assert opened == (tracing if "collector" in policies else {}) | {
        "names": ("Egress", ["kube-system"], [53]),
        "temporal": ("Egress", [], [7233]),
        "database": ("Egress", [], [5432]),
        "orders": ("Ingress", ["ingress-nginx"], ["http"]),
        "metrics": ("Ingress", ["monitoring"], ["http"]),
    }


def test_secrets_are_by_reference_alone(manifests: str) -> None:
    assert not of_kind(manifests, "Secret")
    for name, deployment in of_kind(manifests, "Deployment").items():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        variables = {one["name"]: one for one in container.get("env", [])}
        assert ("DATABASE_URL" in variables) == (name != "order")
        if name != "order":
            reference = variables["DATABASE_URL"]["valueFrom"]["secretKeyRef"]
            assert reference == {"name": f"jumun-{name}", "key": "DATABASE_URL"}
