"""The figures for Prometheus (prometheus-client), over HTTP on an address of the administrator's choice, read only.

Counters are counted as things happen; the others are handed over as one picture, so that a question never sees half of
one, and what is no longer there (a mailbox, a client) disappears. Nothing here asks the ledger: another thread answers.
"""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, ProcessCollector, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from vamaild.core.gauges import FIGURES, Figure

PREFIX = "vamaild_"
READ_SECONDS = 10
EVERY = timedelta(seconds=30)


class PrometheusMetrics(Collector):
    """Counts and shows. `label` makes of a name what may be seen of it (an address becomes a code)."""

    def __init__(self, label: Callable[[str], str]) -> None:
        self._label = label
        self.registry = CollectorRegistry()
        counters = [f for f in FIGURES if f.sort == "counter"]
        self._counters = {f.name: Counter(PREFIX + f.name, f.help, f.labels, registry=self.registry) for f in counters}
        self._picture: Mapping[str, Mapping[str, float]] = {}
        self._asked: datetime | None = None
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def count(self, name: str, **labels: str) -> None:
        """One more. A figure or label that is not in the table is a mistake of ours: ValueError, KeyError."""
        counter = self._counters[name]
        (counter.labels(**{k: self._label(v) for k, v in labels.items()}) if labels else counter).inc()

    def wanted(self, now: datetime) -> bool:
        """Whether another picture should be taken; at most one in half a minute."""
        if self._asked is not None and timedelta() <= now - self._asked < EVERY:
            return False
        self._asked = now
        return True

    def show(self, picture: Mapping[str, Mapping[str, float]]) -> None:
        """How everything else stands now: figure -> label ("" for none) -> value."""
        self._picture = picture

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """For the library: everything that is shown."""
        picture = self._picture
        return [self._family(f, picture.get(f.name, {})) for f in FIGURES if f.sort == "gauge"]

    describe = collect

    def _family(self, figure: Figure, values: Mapping[str, float]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(PREFIX + figure.name, figure.help, labels=figure.labels)
        for label, value in values.items():
            family.add_metric([self._label(label)] if figure.labels else [], value)
        return family


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = READ_SECONDS

    def log_message(self, format: str, *args: object) -> None:
        """Who asks for figures is nobody's business."""


@contextmanager
def serve(metrics: PrometheusMetrics, host: str, port: int) -> Iterator[int]:
    """Answers in a thread of its own until closed; yields the port. Raises OSError where it cannot listen."""
    kind = _Server6 if ":" in host else _Server
    server = make_server(host, port, make_wsgi_app(metrics.registry), kind, _Handler)
    threading.Thread(target=server.serve_forever, args=(0.1,), name="metrics", daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
