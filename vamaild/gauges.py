"""Takes the figures that stand still from the ledger, now and then, where somebody asks for them; and lets them ask."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from .adapters import keyfile
from .config.settings import MetricsSettings
from .core.gauges import Ledger, taken
from .core.ledger import State
from .service import Metrics, Service, Uncounted


def watch(service: Service) -> bool:
    """True when the figures were taken. Belongs to the thread that has the ledger."""
    now, store = service.now(), service.store
    if not service.metrics.wanted(now):
        return False
    ledger = Ledger(
        now,
        store.last_run("started") or now,
        store.standing(now),
        store.outbox((State.QUEUED,)),
        store.promises(),
        [ruleset.client.id for ruleset in service.rules.rulebook.clients],
        {name: store.last_run(f"looked {name}") for name in service.mailboxes},
        {name: store.last_run(f"failing {name}") for name in service.mailboxes},
    )
    service.metrics.show(taken(ledger))
    return True


@dataclass(slots=True)
class Exporter:
    """Answers Prometheus where [metrics] says so, from `follow` until `close`.

    What stands in the way is told; mail goes on without. The counts begin anew where the address changes.
    """

    service: Service
    state: Path
    _where: MetricsSettings | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def follow(self) -> None:
        """As the settings are now; again after they were read anew."""
        wanted = self.service.rules.settings.metrics
        if wanted != self._where:
            self.close()
            self._where, self.service.metrics = wanted, self._serve(wanted) if wanted else Uncounted()

    def _serve(self, wanted: MetricsSettings) -> Metrics:
        journal = self.service.journal
        try:
            from .adapters.journal import address_code
            from .adapters.metrics import PrometheusMetrics, serve

            key = keyfile.of_log(self.state)
            found = PrometheusMetrics(lambda name: address_code(name, key) if "@" in name else name)
            self._open.enter_context(serve(found, wanted.host, wanted.port))
        except ImportError:
            journal.error("no figures: they need pip install 'vamaild[metrics]'")
        except OSError as error:
            journal.error("no figures", where=f"{wanted.host}:{wanted.port}", fault=error.strerror or str(error))
        else:
            return found
        return Uncounted()

    def close(self) -> None:
        """Nobody is answered any more."""
        self._open.close()
