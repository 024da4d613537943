"""Alerts and dashboards: well formed; each metric they name is one that a real Prometheus reads of the shop."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from local.ports import free_ports
from local.process import die_with_parent
from local.settings import REPOSITORY, SERVICES
from shop import Shop, http_call, wait_until

FILES = REPOSITORY / "deploy" / "observability"
DASHBOARDS = sorted((FILES / "grafana" / "dashboards").glob("*.json"))
FUNCTIONS = {"sum", "by", "rate", "increase", "min", "max", "histogram_quantile", "time", "absent", "le"}
OPERATORS = {"and", "or", "unless"}
SCRAPED_SECONDS = 60


def promtool(*arguments: str) -> str:
    done = subprocess.run(["promtool", *arguments], cwd=FILES, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("command", ["check config prometheus.yml", "test rules alerts_test.yml"])
def test_promtool(command: str) -> None:
    promtool(*command.split())


def test_pods_get_the_labels_that_alerts_ask_for(tmp_path: Path) -> None:
    """By kubernetes.yml's rules, of pods as a cluster tells them: Debian's Prometheus cannot ask one itself."""
    config = yaml.safe_load((FILES / "kubernetes.yml").read_text())
    (job,) = config["scrape_configs"]
    assert job.pop("kubernetes_sd_configs") == [{"role": "pod", "namespaces": {"names": ["jumun"]}}]
    ours = {"pod_label_app_kubernetes_io_part_of": "jumun", "pod_container_port_name": "http"}
    ours |= {"pod_phase": "Running", "pod_label_app_kubernetes_io_name": "payment", "pod_name": "payment-1"}
    others = [ours | {"pod_container_port_name": ""}, ours | {"pod_phase": "Succeeded"}]
    others.append(ours | {"pod_label_app_kubernetes_io_part_of": "another"})
    job["static_configs"] = [
        {"targets": [f"10.0.0.{number}:8082"], "labels": {f"__meta_kubernetes_{k}": v for k, v in pod.items()}}
        for number, pod in enumerate([ours, *others])
    ]
    config["rule_files"] = [str(FILES / "alerts.yml")]
    (tmp_path / "kubernetes.yml").write_text(yaml.safe_dump(config))
    promtool("check", "config", str(tmp_path / "kubernetes.yml"))
    discovery = ["service-discovery", "--timeout=3s", str(tmp_path / "kubernetes.yml"), "jumun"]
    found = json.loads(promtool("check", *discovery))  # it takes all the time it has
    scraped = [one["labels"] for one in found if one["labels"]]
    assert len(found) == 1 + len(others) and len(scraped) == 1
    assert {name: value for name, value in scraped[0].items() if not name.startswith("__")} == {
        "job": "jumun",
        "service": "payment",
        "pod": "payment-1",
        "instance": "10.0.0.0:8082",
    }


def test_every_alert_is_tested() -> None:
    rules = yaml.safe_load((FILES / "alerts.yml").read_text())["groups"][0]["rules"]
    tests = yaml.safe_load((FILES / "alerts_test.yml").read_text())["tests"]
    fired = {
        case["alertname"] for test in tests for case in test["alert_rule_test"] if "exp_alerts" in case
    }
    assert {rule["alert"] for rule in rules} == fired


def test_every_alert_has_its_place_in_the_manual() -> None:
    rules = yaml.safe_load((FILES / "alerts.yml").read_text())["groups"][0]["rules"]
    manual = (REPOSITORY / "docs" / "failures.md").read_text()
    assert {rule["alert"] for rule in rules} <= set(re.findall(r"`(\w+)`", manual))


def expressions() -> list[str]:
    rules = yaml.safe_load((FILES / "alerts.yml").read_text())["groups"][0]["rules"]
    panels = [panel for file in DASHBOARDS for panel in json.loads(file.read_text())["panels"]]
    targets = [target["expr"] for panel in panels for target in panel["targets"]]
    return [rule["expr"] for rule in rules] + targets


def metrics_in(expression: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)|\boffset \w+", "", expression)
    return set(re.findall(r"[a-z_]+", bare)) - FUNCTIONS - OPERATORS


@contextmanager
def prometheus(shop: Shop, folder: Path) -> Iterator[Callable[[str], list[dict]]]:
    """A Prometheus with the project's own configuration, its addresses those of this shop."""
    config = yaml.safe_load((FILES / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(FILES / "alerts.yml")]
    for target in config["scrape_configs"][0]["static_configs"]:
        target["targets"] = [f"127.0.0.1:{shop.settings.ports[target['labels']['service']]}"]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (port,) = free_ports(1)
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_parent())

    def query(expression: str) -> list[dict]:
        try:
            answer = http_call(port, "GET", "/api/v1/query?query=" + urllib.parse.quote(expression))
        except OSError:
            return []
        return answer.json()["data"]["result"] if answer.status == 200 else []

    try:
        yield query
    finally:
        process.terminate()
        process.wait(20)


def test_a_real_prometheus_knows_every_metric(shop: Shop, tmp_path: Path) -> None:
    wanted = set().union(*(metrics_in(expression) for expression in expressions()))
    assert len(wanted) > 15
    for order in ("order-1", "order-9"):
        shop.place(order)
        shop.ended(order)
    assert shop.get("order", "/audit").status == 200
    with prometheus(shop, tmp_path) as query:
        wait_until(
            lambda: len(query('up{job="jumun"} == 1')) == len(SERVICES), SCRAPED_SECONDS, "all scraped"
        )
        wait_until(
            lambda: all(query(metric) for metric in wanted),
            SCRAPED_SECONDS,
            lambda: f"metrics that nobody tells: {sorted(m for m in wanted if not query(m))}",
        )
        tested = re.findall(r'duration_seconds_bucket\{.*le="(.*)"', (FILES / "alerts_test.yml").read_text())
        told = query("http_request_duration_seconds_bucket")
        assert set(tested) <= {series["metric"]["le"] for series in told}
        ends = query('sum by (status, code) (orders_ended_total{code="D002"})')
        assert [series["metric"] for series in ends] == [{"status": "FAILED", "code": "D002"}]
        assert query('ALERTS{alertname="ServiceDown"}') == []
        shop.kill("delivery")
        wait_until(
            lambda: query('ALERTS{alertname="ServiceDown",service="delivery"}'), 30, "the alert is pending"
        )
