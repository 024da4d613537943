"""One trace an order: from its HTTP request through workflow and activities to the SQL of four services."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from collector import Collector, Span
from local.settings import REPOSITORY, SERVICES
from shop import Shop, wait_until

SPANS_SECONDS = 20
OF_ACTIVITIES = {
    "chargePayment": "payment",
    "refundPayment": "payment",
    "reserveInventory": "inventory",
    "restockInventory": "inventory",
    "startDelivery": "delivery",
    "cancelDelivery": "delivery",
}


pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def shop(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        "OTEL_TRACES_SAMPLER": "parentbased_always_off",  # only what brings a sampled trace
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    with Shop(
        tmp_path_factory.mktemp("shop"),
        DELIVERY_TIME_SCALE="0.02",
        LOG_FORMAT="json",
        LOG_LEVEL="debug",
        **settings,
    ) as shop:
        yield shop


class Trace:
    """The spans of one trace, once it is whole: the workflow has ended, each activity that it called has come
    (the services export at times of their own), and each parent is there."""

    def __init__(self, collector: Collector, trace: str, parent: str):
        def whole(spans: list[Span]) -> bool:
            mine = [span for span in spans if span.trace == trace]
            ids = {span.id for span in mine} | {parent}
            names = {span.name for span in mine}
            called = {name for name in names if name.startswith("StartActivity:")}
            ran = {name.replace("Start", "Run", 1) for name in called} | {"RunWorkflow:OrderWorkflow"}
            return ran <= names and all(span.parent in ids for span in mine)

        came = collector.wait_for(whole, SPANS_SECONDS, f"the whole of trace {trace}")
        self.spans = [span for span in came if span.trace == trace]

    def one(self, name: str) -> Span:
        found = [span for span in self.spans if span.name == name]
        assert len(found) == 1, (name, [span.name for span in self.spans])
        return found[0]

    def below(self, span: Span) -> list[Span]:
        children = [each for each in self.spans if each.parent == span.id]
        return children + [below for child in children for below in self.below(child)]


def trace_of(number: int) -> tuple[str, str, str]:
    trace, parent = f"{number:032x}", f"{number:016x}"
    return trace, parent, f"00-{trace}-{parent}-01"


def check_activities(trace: Trace, names: list[str], shop: Shop) -> None:
    store = "postgresql" if shop.settings.postgres else "sqlite"
    run = trace.one("RunWorkflow:OrderWorkflow")
    assert (run.service, run.kind) == ("order", "server")
    for name in names:
        call = trace.one(f"StartActivity:{name}")
        assert (call.service, call.kind, call.parent) == ("order", "client", run.id)
        activity = trace.one(f"RunActivity:{name}")
        assert (activity.service, activity.kind) == (OF_ACTIVITIES[name], "server")
        assert activity.parent == call.id
        assert activity.attributes["temporalRunID"] == run.attributes["temporalRunID"]
        below = trace.below(activity)
        statements = [span for span in below if "db.query.text" in span.attributes]
        assert statements, name
        assert {span.service for span in below} == {OF_ACTIVITIES[name]}
        for statement in statements:
            assert statement.kind == "client"
            assert statement.attributes["db.system.name"] == store
            assert statement.name == statement.attributes["db.operation.name"]
        assert "write transaction" in {span.name for span in below}
    assert Counter(span.name for span in trace.spans if ":" in span.name) == Counter(
        ["StartWorkflow:OrderWorkflow", "RunWorkflow:OrderWorkflow"]
        + [f"{operation}:{name}" for name in names for operation in ("StartActivity", "RunActivity")]
    )


def logged(shop: Shop) -> dict[str, list[dict]]:
    """The log's lines, by service; the last one may be but half written."""
    found: dict[str, list[dict]] = {}
    for service in SERVICES:
        lines = shop.log(service).split("\n")[:-1]
        found[service] = [json.loads(line) for line in lines if line.startswith("{")]
    return found


def lines_of(shop: Shop, trace: str) -> dict[str, list[dict]]:
    """Of this trace."""
    return {
        service: [line for line in lines if line.get("trace_id") == trace]
        for service, lines in logged(shop).items()
    }


def of_order(lines: list[dict], order_id: str) -> list[dict]:
    return [line for line in lines if line.get("order_id") == order_id]


def test_an_order_is_one_trace(shop: Shop, collector: Collector) -> None:
    trace_id, parent, traceparent = trace_of(0x1234)
    headers = {"traceparent": traceparent, "X-Request-Id": "a-1"}
    answer = shop.post("order", "/orders", {"orderId": "order-1", "amount": 4321}, **headers)
    assert answer.status == 200
    assert shop.ended("order-1") == "COMPLETED"

    trace = Trace(collector, trace_id, parent)
    request = trace.one("POST /orders")
    assert (request.service, request.kind, request.parent) == ("order", "server", parent)
    assert request.attributes["http.request.method"] == "POST"
    assert request.attributes["http.route"] == request.attributes["url.path"] == "/orders"
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["request_id"] == "a-1"
    start = trace.one("StartWorkflow:OrderWorkflow")
    assert (start.kind, start.parent) == ("client", request.id)
    assert start.attributes["temporalWorkflowID"] == "order-workflow-order-1"
    run = trace.one("RunWorkflow:OrderWorkflow")
    assert run.parent == start.id and run.error is None and run.start < run.end
    check_activities(trace, ["chargePayment", "reserveInventory", "startDelivery"], shop)
    assert all(span.error is None for span in trace.spans), trace.spans

    shown = json.dumps([[span.name, span.attributes] for span in trace.spans])
    assert "4321" not in shown and "432100" not in shown  # values of SQL are not shown
    assert {span.headers["authorization"] for span in trace.spans} == {"Bearer abc"}
    assert {span.headers["content-encoding"] for span in trace.spans} == {"gzip"}


def test_the_logs_name_the_trace(shop: Shop, collector: Collector) -> None:
    trace_id, _, traceparent = trace_of(0x2345)
    shop.post("order", "/orders", {"orderId": "order-4", "amount": 1}, traceparent=traceparent,
              **{"X-Request-Id": "request-4"})
    assert shop.ended("order-4") == "COMPLETED"
    lines = wait_until(
        lambda: all((found := lines_of(shop, trace_id)).values()) and found, 10, "a line of each service"
    )
    (placed,) = [line for line in lines["order"] if line["message"] == "order placed"]
    assert placed["order_id"] == "order-4" and placed["workflow_id"] == "order-workflow-order-4"
    for service in ("payment", "inventory", "delivery"):
        answered = [line for line in lines[service] if line["message"] == "activity answered"]
        assert answered, lines[service]
        for line in answered:
            assert line["order_id"] == "order-4"
            assert line["workflow_id"] == "order-workflow-order-4"
            assert re.fullmatch("[0-9a-f]{16}", line["span_id"])
    for service in SERVICES:
        assert {line.get("request_id") for line in lines[service]} == {"request-4"}


def test_compensations_are_of_the_orders_trace(shop: Shop, collector: Collector) -> None:
    trace_id, parent, traceparent = trace_of(0x3456)
    shop.post("order", "/orders", {"orderId": "order-9", "amount": 1}, traceparent=traceparent)
    assert shop.ended("order-9") == "FAILED"
    trace = Trace(collector, trace_id, parent)
    check_activities(
        trace,
        ["chargePayment", "reserveInventory", "startDelivery"]
        + ["cancelDelivery", "restockInventory", "refundPayment"],
        shop,
    )
    failed = {span.name for span in trace.spans if span.error is not None}
    assert failed == {"RunActivity:startDelivery", "RunWorkflow:OrderWorkflow"}


def test_a_cancel_is_linked_to_the_order_it_ends(shop: Shop, collector: Collector) -> None:
    _, _, placing = trace_of(0x4567)
    trace_id, parent, cancelling = trace_of(0x5678)
    shop.kill("payment")
    shop.post("order", "/orders", {"orderId": "order-5", "amount": 1}, traceparent=placing)
    assert shop.post("order", "/orders/order-5/cancel", traceparent=cancelling).status == 202
    shop.start("payment")
    assert shop.ended("order-5") == "CANCELLED"
    handled = "HandleUpdate:cancel"
    spans = collector.wait_for(
        lambda spans: {handled, "UpdateWorkflow:cancel"} <= {span.name for span in spans},
        SPANS_SECONDS, "the cancel",
    )
    (update,) = [span for span in spans if span.name == "UpdateWorkflow:cancel"]
    assert (update.trace, update.kind) == (trace_id, "client")
    (handling,) = [span for span in spans if span.name == handled]
    assert handling.trace != trace_id and handling.links == [update.id]


def test_reads_are_traced_to_the_sql(shop: Shop, collector: Collector) -> None:
    trace_id, parent, traceparent = trace_of(0x6789)
    assert shop.get("payment", "/payments/order-x", traceparent=traceparent).status == 404
    spans = collector.wait_for(
        lambda spans: "GET /payments/{orderId}" in {s.name for s in spans if s.trace == trace_id},
        SPANS_SECONDS, "the read",
    )
    mine = {span.name: span for span in spans if span.trace == trace_id}
    request = mine["GET /payments/{orderId}"]
    assert (request.service, request.parent, request.error) == ("payment", parent, None)
    assert request.attributes["http.response.status_code"] == 404
    assert mine["read transaction"].parent == request.id
    assert mine["SELECT"].parent == mine["read transaction"].id


def test_what_nobody_samples_is_not_exported(shop: Shop, collector: Collector) -> None:
    unsampled = f"00-{0x7890:032x}-{0x7890:016x}-00"
    assert shop.get("payment", "/payments/order-1", traceparent=unsampled).status == 200
    assert shop.get("payment", "/payments/order-1").status == 200
    trace_id, _, traceparent = trace_of(0x7891)  # of later: when it is there, so would the others be
    shop.get("payment", "/payments/order-1", traceparent=traceparent)
    spans = collector.wait_for(
        lambda spans: any(span.trace == trace_id for span in spans), SPANS_SECONDS, "the sampled one"
    )
    sampled = {f"{number:032x}" for number in (0x1234, 0x2345, 0x3456, 0x4567, 0x5678, 0x6789, 0x7891)}
    assert {span.trace for span in spans} <= sampled
    metrics = shop.get("payment", "/metrics").body.decode()
    assert re.search(r'^otlp_spans\{outcome="exported"\} [1-9]', metrics, re.MULTILINE)
    assert 'otlp_spans{outcome="dropped"} 0' in metrics


def test_without_a_collector_there_are_no_traces(tmp_path: Path) -> None:
    with Shop(tmp_path, DELIVERY_TIME_SCALE="0", LOG_FORMAT="json", LOG_LEVEL="debug") as shop:
        _, _, traceparent = trace_of(1)
        headers = {"traceparent": traceparent, "X-Request-Id": "request-1"}
        shop.post("order", "/orders", {"orderId": "order-1", "amount": 1}, **headers)
        assert shop.ended("order-1") == "COMPLETED"
        wait_until(
            lambda: all(of_order(lines, "order-1") for lines in logged(shop).values()), 10, "a line of each"
        )
        for service, lines in logged(shop).items():
            assert {line.get("request_id") for line in of_order(lines, "order-1")} == {"request-1"}, service
        history = shop.temporal("GET", "/workflows/order-workflow-order-1/history").body
        assert b"_tracer-data" not in history
        for service in SERVICES:
            assert "trace_id" not in shop.log(service)
        assert "otlp_spans" not in shop.get("order", "/metrics").body.decode()


def test_a_collector_that_is_away_holds_nobody_up(tmp_path: Path) -> None:
    with Shop(
        tmp_path, DELIVERY_TIME_SCALE="0",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_BSP_SCHEDULE_DELAY="100",
    ) as shop:
        assert shop.place("order-1").status == 200
        assert shop.ended("order-1") == "COMPLETED"
        wait_until(
            lambda: re.search(r'failed"\} [1-9]', shop.get("order", "/metrics").body.decode()),
            10, "spans that failed",
        )
        for service in SERVICES:
            assert shop.stop(service) == 0


@pytest.mark.parametrize(
    "name, value",
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", name: value}
    shop = Shop(tmp_path, **settings)
    shop.start("payment")
    wait_until(lambda: not shop.running("payment"), 10, "payment to refuse")
    assert f'{name} is "{value}", but it takes' in shop.log("payment")


def test_compose_hands_the_settings_on() -> None:
    settings = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())["x-settings"]
    read = read_by_the_services()
    assert {"OTEL_SDK_DISABLED", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_SERVICE_NAME"} <= read
    assert set(re.findall(r"OTEL_\w+", (REPOSITORY / "docs" / "operating.md").read_text())) == read
    # A name would be all four's.
    assert {name for name in settings if name.startswith("OTEL_")} == read - {"OTEL_SERVICE_NAME"}


def read_by_the_services() -> set[str]:
    """What stands in the code, and what the exporter's library reads by itself, as otlp.h has it."""
    folders = [REPOSITORY / "sdk" / "src", REPOSITORY / "services", REPOSITORY / "bridge" / "src"]
    files = [file for folder in folders for file in folder.rglob("*.*") if file.suffix in (".cpp", ".rs")]
    texts = [file.read_text() for file in files if not file.stem.endswith("_test")]
    named = {name for text in texts for name in re.findall(r'"(OTEL_\w+)"', text)}
    header = (REPOSITORY / "sdk/include/temporal/otlp.h").read_text()
    by_library = set(re.findall(r"OTEL_EXPORTER_OTLP_(HEADERS|TIMEOUT|COMPRESSION)\b", header))
    return named | {f"OTEL_EXPORTER_OTLP_{of}{name}" for of in ("", "TRACES_") for name in by_library}
