"""A run as OpenTelemetry counts it: sent by its own exporter, over real HTTP, on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from pipelines.alerts.metrics import NOT_INSTALLED, NOT_SENT
from simulator import Account, Clock, World
from tests.pipelines.alerts import observers
from tests.pipelines.conftest import Make
from tests.pipelines.warehouses import Warehouse

WORLD = World(seed=3, tickets=40, months=4)
READ = """
import sys, json
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest as Request,
)
print(json.dumps(MessageToDict(Request.FromString(sys.stdin.buffer.read()))))
"""


class Collector(HTTPServer):
    """Keeps what is posted to it."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, bytes]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.posted.append((self.path, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def warehouse(make: Make) -> Warehouse:
    return make(Account(WORLD, Clock(WORLD.end)))


def sent(collector: Collector) -> dict[str, tuple[float, dict[str, str]]]:
    """By the metric's name its one value and that value's attributes."""
    [(path, body)] = collector.posted
    assert path == "/v1/metrics"
    [resource] = json.loads(observers.run_there(READ, stdin=body))["resourceMetrics"]
    assert attributes(resource["resource"])["service.name"] == "sendcloud-support-tickets"
    [scope] = resource["scopeMetrics"]
    found = {}
    for metric in scope["metrics"]:
        [kind] = {"sum", "gauge", "histogram"} & set(metric)
        [point] = metric[kind]["dataPoints"]
        value = point.get("asInt", point.get("asDouble", point.get("sum")))
        found[metric["name"]] = (float(value), attributes(point))
    return found


def attributes(of: dict[str, Any]) -> dict[str, str]:
    return {each["key"]: str(*each["value"].values()) for each in of.get("attributes", [])}


def test_what_a_run_was_is_sent_and_nothing_of_a_ticket(
    warehouse: Warehouse, collector: Collector
) -> None:
    done = warehouse.cli(
        "sync",
        "--json",
        PYTHONPATH=observers.path(),
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
    )

    run = json.loads(done.out)
    metrics = sent(collector)
    seconds, of_duration = metrics.pop("sendcloud.sync.duration")
    ended, mode = {"mode": "full", "exit_code": "0"}, {"mode": "full"}
    assert done.code == 0, done
    assert (0 < seconds < 600, of_duration) == (True, ended)
    assert metrics == {
        "sendcloud.sync.runs": (1, ended),
        "sendcloud.sync.requests": (run["requests"], mode),
        "sendcloud.sync.throttled": (0, mode),
        "sendcloud.sync.tickets.seen": (40, mode),
        "sendcloud.sync.tickets.new": (40, mode),
        "sendcloud.sync.tickets.changed": (0, mode),
        "sendcloud.sync.tickets.vanished": (0, mode),
        "sendcloud.tickets.held": (40, {}),
        "sendcloud.tickets.api": (40, {}),
    }


def test_where_nobody_takes_them_or_the_exporter_is_missing_the_run_ends_as_it_would(
    warehouse: Warehouse,
) -> None:
    nowhere = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}

    missing = warehouse.cli("sync", **nowhere)
    nobody = warehouse.cli("sync", PYTHONPATH=observers.path(), **nowhere)

    assert (missing.code, missing.err) == (0, f"{NOT_INSTALLED}\n")
    assert (nobody.code, nobody.err) == (0, f"{NOT_SENT}\n")
