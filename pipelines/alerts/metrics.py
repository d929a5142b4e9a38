"""Metrics: a run as OpenTelemetry counts it, where the user has an exporter configured.

Depends on `opentelemetry-api`; on its SDK and OTLP exporter, which are an extra, only where
OpenTelemetry's own variables name an endpoint. Promises counts and times of runs and nothing of a
ticket; that a run ends as it would without; and that no more than some seconds are waited for.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SERVICE = "sendcloud-support-tickets"
SECONDS = 10

NOT_INSTALLED = (
    "No metrics were sent: OpenTelemetry's endpoint is set, and its exporter is not installed. "
    'Install it: .venv/bin/python -m pip install "opentelemetry-exporter-otlp-proto-http>=1.30,<2"'
)
NOT_SENT = "Metrics were not sent: the endpoint of OpenTelemetry's variables did not take them."

COUNTERS = {
    "requests": ("sendcloud.sync.requests", "{request}"),
    "throttled": ("sendcloud.sync.throttled", "{request}"),
    "tickets_seen": ("sendcloud.sync.tickets.seen", "{ticket}"),
    "tickets_new": ("sendcloud.sync.tickets.new", "{ticket}"),
    "tickets_changed": ("sendcloud.sync.tickets.changed", "{ticket}"),
    "tickets_vanished": ("sendcloud.sync.tickets.vanished", "{ticket}"),
}
GAUGES = {
    "held_total": ("sendcloud.tickets.held", "{ticket}"),
    "api_total": ("sendcloud.tickets.api", "{ticket}"),
}
"""By the column of `sync_runs` the metric's name and unit."""


def send_metrics(facts: Mapping[str, Any], seconds: float) -> str | None:
    """Send what a run was; what went wrong, None if nothing did or nobody wants it.

    Args:
        facts: Of the run, as `sync --json` prints them.
        seconds: How long it took.
    """
    try:
        return _send(facts, seconds)
    except ImportError:
        return NOT_INSTALLED
    except Exception as error:
        return f"{NOT_SENT} ({type(error).__name__})"


def _send(facts: Mapping[str, Any], seconds: float) -> str | None:
    """By the host program, if it has set up a provider; else to the endpoint, if one is named."""
    host = _host_provider()
    if host is not None:
        _record(host.get_meter(SERVICE), facts, seconds)
        return None
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    own = _own_provider()
    _record(own.get_meter(SERVICE), facts, seconds)
    own.force_flush(SECONDS * 1000)
    return None if own.was_taken else NOT_SENT


def _host_provider() -> Any:
    if "opentelemetry.sdk.metrics" not in sys.modules:
        return None
    found = importlib.import_module("opentelemetry.metrics").get_meter_provider()
    return found if hasattr(found, "force_flush") else None


def _own_provider() -> Any:
    """One that says in `was_taken` whether all was; the SDK's own only logs that it was not."""
    sdk = importlib.import_module("opentelemetry.sdk.metrics")
    export = importlib.import_module("opentelemetry.sdk.metrics.export")
    otlp = importlib.import_module("opentelemetry.exporter.otlp.proto.http.metric_exporter")
    resources = importlib.import_module("opentelemetry.sdk.resources")
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # its log names addresses

    class Exporter(otlp.OTLPMetricExporter):  # type: ignore[misc, name-defined]
        def export(self, *data: Any, **options: Any) -> Any:
            result = super().export(*data, **options)
            provider.was_taken &= result is export.MetricExportResult.SUCCESS
            return result

    reader = export.PeriodicExportingMetricReader(
        Exporter(timeout=SECONDS), export_interval_millis=float("inf")
    )
    name = os.environ.get("OTEL_SERVICE_NAME") or SERVICE
    resource = resources.Resource.create({"service.name": name})
    provider = sdk.MeterProvider([reader], resource, shutdown_on_exit=False)
    provider.was_taken = True
    return provider


def _record(meter: Any, facts: Mapping[str, Any], seconds: float) -> None:
    of_run = {"mode": facts["mode"], "exit_code": facts["exit_code"]}
    account = {"account": facts["account"]} if facts.get("account") else {}
    meter.create_counter("sendcloud.sync.runs", "{run}").add(1, of_run | account)
    meter.create_histogram("sendcloud.sync.duration", "s").record(seconds, of_run | account)
    for column, (name, unit) in COUNTERS.items():
        if facts.get(column) is not None:
            meter.create_counter(name, unit).add(facts[column], {"mode": facts["mode"]} | account)
    for column, (name, unit) in GAUGES.items():
        if facts.get(column) is not None:
            meter.create_gauge(name, unit).set(facts[column], account)
