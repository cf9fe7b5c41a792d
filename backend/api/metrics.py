"""Metrics for Prometheus, for those who send the token of the settings.

What a process measures itself, such as the time of its requests, has the label `process`. What all
processes share is read from the database when it is asked for. Names follow OpenTelemetry's
semantic conventions where they have one (opentelemetry.io/docs/specs/semconv). Labels have
templates, codes and numbers in them, never what belongs to a person.

This module imports `prometheus_client`, and is itself imported only where METRICS_TOKEN is set.
"""

import os
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.samples import Sample
from sqlalchemy.pool import QueuePool

from backend.api.request_log import Served
from backend.core import heartbeats
from backend.core.db import Database
from backend.core.heartbeats import Kind
from backend.core.intake import waiting
from backend.core.outbox import messages

# Prometheus's text format, version 0.0.4.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# In seconds, as OpenTelemetry advises for HTTP.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
# What prometheus_client reads itself: processes that share a folder of files are summed.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """What one process has measured, and what it reads of all of them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "http_server_request_duration_seconds",
            "Time from a request's head to the end of its answer",
            ("http_request_method", "http_route", "http_response_status_code"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._waits = Histogram(
            "db_client_connection_wait_time_seconds",
            "Time that a request waits for a connection, and to write for its turn",
            ("kind",),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._reads, self._writes = self._waits.labels("read"), self._waits.labels("write")
        db.watch(self._waited)

    def observe(self, served: Served, status: int, seconds: float) -> None:
        """Count a request that was answered. A path that doesn't exist has an empty route."""
        self._requests.labels(served.method, served.route or "", status).observe(seconds)

    def _waited(self, seconds: float, *, writes: bool) -> None:
        (self._writes if writes else self._reads).observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format. Reads the database."""
        with self._db.read() as session:
            shared = [
                *_deliveries(waiting.by_who(session), waiting.failed(session)),
                *_outbox(messages.waiting_by_kind(session), messages.counts(session)["failed"]),
                *_heartbeats(heartbeats.newest(session, tuple(Kind)), heartbeats.alive(session)),
            ]
        return generate_latest(_Collected([*self._measured(), *self._pool(), *shared]))

    def _measured(self) -> Iterator[Metric]:
        if os.environ.get(SHARED_FOLDER):
            from prometheus_client.multiprocess import MultiProcessCollector

            summed: Any = MultiProcessCollector  # it has no types
            yield from summed(CollectorRegistry()).collect()
            return
        process = {"process": str(os.getpid())}
        for metric in self._registry.collect():
            metric.samples = [
                Sample(one.name, {**one.labels, **process}, one.value, one.timestamp, one.exemplar)
                for one in metric.samples
            ]
            yield metric

    def _pool(self) -> Iterator[Metric]:
        pool = self._db.engine.pool
        assert isinstance(pool, QueuePool)
        process = str(os.getpid())
        count = GaugeMetricFamily(
            "db_client_connection_count",
            "Connections of the process, by whether one is used",
            labels=("db_client_connection_state", "process"),
        )
        count.add_metric(["used", process], pool.checkedout())
        count.add_metric(["idle", process], pool.checkedin())
        yield count
        most = GaugeMetricFamily(
            "db_client_connection_max", "Most connections of the process", labels=("process",)
        )
        most.add_metric([process], pool.size())
        yield most


class _Collected:
    """Metrics as a registry, which is all that is written of one."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _deliveries(found: dict[waiting.Who, waiting.Waiting], failed: int) -> Iterator[Metric]:
    now = time.time()
    count = GaugeMetricFamily(
        "delivery_waiting", "Deliveries that aren't leads yet, by who has to act", labels=("who",)
    )
    oldest = GaugeMetricFamily(
        "delivery_oldest_seconds",
        "Age of the oldest of them; 0 if there is none",
        labels=("who",),
    )
    for who, one in found.items():
        count.add_metric([who], one.count)
        age = now - one.oldest.timestamp() if one.oldest is not None else 0.0
        oldest.add_metric([who], max(age, 0.0))
    yield count
    yield oldest
    yield GaugeMetricFamily(
        "delivery_failed", "Failed deliveries that wait for a person", value=failed
    )


def _outbox(found: dict[str, int], failed: int) -> Iterator[Metric]:
    count = GaugeMetricFamily(
        "outbox_waiting", "Messages that wait to be sent, by kind", labels=("kind",)
    )
    for kind, number in sorted(found.items()):
        count.add_metric([kind], number)
    yield count
    yield GaugeMetricFamily("outbox_failed", "Failed messages that wait for a person", value=failed)


def _heartbeats(newest: dict[Kind, datetime], alive: dict[Kind, int]) -> Iterator[Metric]:
    count = GaugeMetricFamily(
        "worker_alive", "Running workers, by where they run", labels=("kind",)
    )
    seen = GaugeMetricFamily(
        "worker_heartbeat_timestamp_seconds",
        "When a worker last reported, by where it runs",
        labels=("kind",),
    )
    for kind in heartbeats.WORKERS:
        count.add_metric([kind], alive[kind])
        if (at := newest.get(kind)) is not None:
            seen.add_metric([kind], at.timestamp())
    yield count
    yield seen
    if (at := newest.get(Kind.BACKUP)) is not None:
        yield GaugeMetricFamily(
            "backup_last_timestamp_seconds", "When the last backup was made", value=at.timestamp()
        )
        yield GaugeMetricFamily(
            "backup_age_seconds",
            "Time since the last backup",
            value=max(time.time() - at.timestamp(), 0.0),
        )
