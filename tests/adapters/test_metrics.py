"""The figures over HTTP, read back with the library's own parser."""

import re
import socket
import sys
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.office import Office
from vamaild.adapters.journal import address_code
from vamaild.adapters.metrics import PrometheusMetrics, serve
from vamaild.config.settings import MetricsSettings
from vamaild.core.gauges import CASES, DECIDED, FAILING, FIGURES, FILES, LOOKED, SENT
from vamaild.gauges import Exporter

NOW = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def metrics() -> PrometheusMetrics:
    return PrometheusMetrics(lambda name: address_code(name, b"k" * 32) if "@" in name else name)


def asked(port: int, path: str = "/metrics", host: str = "127.0.0.1") -> str:
    with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=5) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain")
        return str(answer.read().decode())


def samples(text: str) -> Samples:
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def test_a_scrape() -> None:
    found = metrics()
    with serve(found, "127.0.0.1", free()) as port:
        empty = samples(asked(port))
        assert ("vamaild_cases_open", ()) not in empty  # nothing is said before it is known
        for _ in range(3):
            found.count(SENT, client="rossi", sort="courtesy")
        found.count(FILES)
        found.count(DECIDED, mailbox="inbox", client="rossi", kind="rush-request", outcome="answered", reason="-")
        found.show({CASES: {"": 2.0}, LOOKED: {"inbox": 1.5, "old": 2.5}, FAILING: {"inbox": 0.0}})
        told = samples(asked(port))
        found.show({CASES: {"": 0.0}, LOOKED: {"inbox": 3.5}})
        later = samples(asked(port, "/metrics?name[]=vamaild_cases_open&name[]=vamaild_x"))
        last = samples(asked(port))
    assert told["vamaild_mails_sent_total", (("client", "rossi"), ("sort", "courtesy"))] == 3
    assert told["vamaild_rule_load_failures_total", ()] == 1
    assert told["vamaild_cases_open", ()] == 2
    assert told["vamaild_mailbox_last_look_timestamp_seconds", (("mailbox", "old"),)] == 2.5
    labels = {"mailbox": "inbox", "client": "rossi", "kind": "rush-request", "outcome": "answered", "reason": "-"}
    assert told["vamaild_decisions_total", tuple(sorted(labels.items()))] == 1
    assert later == {("vamaild_cases_open", ()): 0.0}
    assert ("vamaild_mailbox_last_look_timestamp_seconds", (("mailbox", "old"),)) not in last
    assert any(name == "process_resident_memory_bytes" for name, _ in told)


def free() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_an_address_is_no_label() -> None:
    """A mailbox without a name of its own is called by its user."""
    found = metrics()
    found.show({LOOKED: {"clienti@ferri-av.example": 1.0}})
    found.count(DECIDED, mailbox="clienti@ferri-av.example", client="x", kind="-", outcome="silent", reason="-")
    with serve(found, "127.0.0.1", free()) as port:
        text = asked(port)
    assert "@" not in text
    assert "ferri" not in text
    assert text.count(address_code("clienti@ferri-av.example", b"k" * 32)) >= 2


@pytest.mark.parametrize("nasty", ['a"b', "a\nb", "a\\", "{x=1}", "č", "\x1b[2J"], ids=ascii)
def test_a_label_cannot_forge_a_line(nasty: str) -> None:
    found = metrics()
    found.count(SENT, client=nasty, sort="courtesy")
    with serve(found, "127.0.0.1", free()) as port:
        told = samples(asked(port))
    assert told["vamaild_mails_sent_total", (("client", nasty), ("sort", "courtesy"))] == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_is_read_only(method: str) -> None:
    with serve(metrics(), "127.0.0.1", free()) as port:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", method=method)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=5)
        assert caught.value.code == 405


def test_who_says_nothing_keeps_nobody_waiting() -> None:
    with serve(metrics(), "127.0.0.1", free()) as port:
        quiet = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        quiet[0].sendall(b"GET /metr")
        assert "vamaild_" in asked(port)
        for sock in quiet:
            sock.close()


def test_a_port_that_is_taken() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(OSError, match="in use"),
        serve(metrics(), "127.0.0.1", other.getsockname()[1]),
    ):
        pass


def test_the_sixth_version_of_ip() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        with serve(metrics(), "::1", 0) as port:
            assert "vamaild_" in asked(port, host="[::1]")
    except OSError:
        pytest.skip("no IPv6 here")


def test_pictures_are_wanted_twice_a_minute_and_after_a_clock_was_set_back() -> None:
    found = metrics()
    moments = [0, 10, 29, 30, 31, 60, 20, 40, 50]
    assert [found.wanted(NOW + timedelta(seconds=s)) for s in moments] == [
        True, False, False, True, False, True, True, False, True,
    ]  # fmt: skip


def test_names_are_as_prometheus_wants_them() -> None:
    for figure in FIGURES:
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", figure.name)
        assert not figure.name.endswith("_total")
        assert figure.help.endswith(".")
        assert set(figure.labels) <= {"client", "mailbox", "kind", "outcome", "reason", "sort"}
        assert figure.sort == "counter" or len(figure.labels) < 2


def test_without_the_library_a_sentence_says_so_and_mail_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office()
    settings = replace(office.service.rules.settings, metrics=MetricsSettings("127.0.0.1", 1))
    office.service.rules = replace(office.service.rules, settings=settings)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "vamaild.adapters.metrics")
    exporter = Exporter(office.service, tmp_path)
    exporter.follow()
    assert not office.service.metrics.wanted(NOW)
    exporter.close()
    assert office.journal.lines == ["no figures: they need pip install 'vamaild[metrics]'"]
