"""An OpenTelemetry collector for tests: takes OTLP over HTTP (protobuf, gzip or not) and keeps the spans.

    with Collector() as collector:
        … OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint …
        spans = collector.wait_for(lambda spans: len(spans) > 3, 10, "the spans")
"""

from __future__ import annotations

import gzip
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from shop import wait_until

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
Value = str | bool | int | float


@dataclass(frozen=True)
class Span:
    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    start: int  # nanoseconds since the Unix epoch
    end: int
    attributes: dict[str, Value]
    links: list[str]  # ids of spans
    error: str | None
    headers: dict[str, str]  # of the request that brought it, in lower case


def fields(data: bytes) -> dict[int, list]:
    """A message of protobuf by the numbers of its fields: whole numbers and bytes."""
    found: dict[int, list] = defaultdict(list)
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            found[key >> 3].append(varint())
        else:
            size = {1: 8, 5: 4}.get(key & 7) or varint()
            found[key >> 3].append(data[at:at + size])
            at += size
    return found


def attributes(pairs: list[bytes]) -> dict[str, Value]:
    return {fields(pair)[1][0].decode(): value(fields(fields(pair)[2][0])) for pair in pairs}


def value(any_value: dict[int, list]) -> Value:
    if 1 in any_value:
        return any_value[1][0].decode()
    if 2 in any_value:
        return bool(any_value[2][0])
    if 3 in any_value:
        return any_value[3][0]
    return struct.unpack("<d", any_value[4][0])[0]


def nanoseconds(fixed64: bytes) -> int:
    return struct.unpack("<Q", fixed64)[0]


def spans_in(body: bytes, headers: dict[str, str]) -> Iterator[Span]:
    """By opentelemetry/proto/{collector/trace,trace,common,resource}/v1."""
    for resource_spans in map(fields, fields(body)[1]):
        resource = attributes(fields(resource_spans[1][0])[1])
        for scope_spans in map(fields, resource_spans[2]):
            for span in map(fields, scope_spans[2]):
                status = fields(span[15][0]) if span[15] else {}
                failed = status.get(3, [0])[0] == 2
                yield Span(
                    service=str(resource["service.name"]),
                    name=span[5][0].decode(),
                    kind=KINDS[span[6][0]],
                    trace=span[1][0].hex(),
                    id=span[2][0].hex(),
                    parent=span[4][0].hex() if span[4] else "",
                    start=nanoseconds(span[7][0]),
                    end=nanoseconds(span[8][0]),
                    attributes=attributes(span[9]),
                    links=[fields(link)[2][0].hex() for link in span[13]],
                    error=status[2][0].decode() if failed and 2 in status else "" if failed else None,
                    headers=headers,
                )


class Collector:
    def __init__(self) -> None:
        self.spans: list[Span] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
                if self.headers["Content-Encoding"] == "gzip":
                    body = gzip.decompress(body)
                headers = {name.lower(): text for name, text in self.headers.items()}
                collector.spans.extend(spans_in(body, headers))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_for(
        self, enough: Callable[[list[Span]], bool], seconds: float, what: str
    ) -> list[Span]:
        def names() -> str:
            return f"{what}; came: {sorted(span.service + ' ' + span.name for span in self.spans)}"

        wait_until(lambda: enough(list(self.spans)), seconds, names)
        return list(self.spans)
