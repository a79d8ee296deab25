"""The service on a real Debian, with systemd as PID 1: installed as the README says, then treated as life treats it.

One boot for all; each test begins with an empty mailbox, an empty ledger and the files that `vamaild init` wrote.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from .container import ROOT, Machine, Ran, booted, converse
from .world import ORDINARY, raw

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200), pytest.mark.xdist_group("container")]

FILES, TLS = ROOT / "tests/data/container", ROOT / "tests/data/tls"
PASSWORD = "Walnut-55-Kite"
ASSISTANT, OFFICE = "giulia@ferri-av.example", "office@ferri-av.example"
ANSWERS = {
    "Name that signs": "Giulia Ferri", "Language": "it", "Your address": ASSISTANT, "Address": OFFICE,
    "Server for reading": "imaps://localhost", "Server for sending": "smtps://localhost", "Password": PASSWORD,
    "Short name": "rossi", "Their address": "info@studiorossi.example",
}  # fmt: skip
CLIENT = "/etc/vamaild/rules.d/client-rossi.toml"
MAIN = "/etc/vamaild/vamaild.toml"
DROP_IN = "/etc/systemd/system/vamaild.service.d"
NO_NETWORK = ROOT / "systemd/vamaild-no-network.conf"
QUICK = {
    'every *= "60s"': 'every = "1s"',
    'wait *= "4m"': 'wait = "0s"',
    'wait_emergency = "30s"': 'wait_emergency = "0s"',
}


def steps() -> list[str]:
    """The commands of the README's "Set it up", as they stand there."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    section = page.partition("## Set it up (Debian 12)\n")[2].partition("\n## ")[0]
    return re.findall(r"^ {4}(\S.*)$", section, re.MULTILINE)


class Office:
    """The machine with the service on it, its mailbox and its outgoing mail."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.number, self.ran = machine, 0, dict[str, Ran]()

    def prepare(self) -> None:
        """What was on the machine before: a mail server, trusted; a place to install from instead of the network."""
        write = self.machine.write
        write("/etc/hosts", f"127.0.0.1 localhost {self.machine.run('hostname').out}")
        write("/etc/pip.conf", "[global]\nno-index = true\nfind-links = /wheels\ndisable-pip-version-check = true\n")
        write("/etc/ssl/office.pem", (TLS / "server.pem").read_text())
        write("/usr/local/share/ca-certificates/office.crt", (TLS / "server.pem").read_text())
        write("/etc/ssl/private/office.key", (TLS / "server.key").read_text(), 0o640)
        for name, path in (
            ("dovecot.conf", "/etc/dovecot"),
            ("sink.py", "/opt"),
            ("sink.service", "/etc/systemd/system"),
        ):
            write(f"{path}/{name}", (FILES / name).read_text())
        self.machine.run("update-ca-certificates && install -d -o mail -g mail /var/lib/office")
        self.machine.run("systemctl restart dovecot && systemctl start sink")

    def set_up(self) -> None:
        """Word for word."""
        lines = steps()
        asks = lines.index("sudo vamaild init")
        self.ran["install"] = self.machine.run("\n".join(["set -e", *lines[:asks]]), seconds=600)
        self.ran["init"] = converse(self.machine, lines[asks], ANSWERS, seconds=600)
        for line in lines[asks + 1 :]:
            self.ran[line] = self.machine.run(line, seconds=600, check=False)

    def keep(self) -> None:
        """The files as `init` wrote them are what every test begins with, but for the patience and the trust."""
        self.machine.run(
            "systemctl stop vamaild && cp -a /etc/vamaild /root/kept && cp -a /etc/systemd/system /root/units"
        )
        for pattern, put in QUICK.items():
            self.edit(MAIN.replace("/etc/vamaild", "/root/kept"), pattern, put)
        self.edit(CLIENT.replace("/etc/vamaild", "/root/kept"), r'trust *= "observe"', 'trust = "send"')

    def edit(self, path: str, pattern: str, put: str) -> None:
        """Changes a file of the machine, keeping its owner and rights."""
        file = self.machine.path(path)
        text, count = re.subn(pattern, put, file.read_text(encoding="utf-8"))
        assert count == 1, f"{pattern} stands {count} times in {path}"
        file.write_text(text, encoding="utf-8")

    def fresh(self) -> None:
        """As on the first morning."""
        self.machine.run(
            "systemctl stop vamaild vamaild-again.timer 'vamaild-proxy@*' 2>/dev/null;"
            "rm -rf /etc/vamaild /etc/systemd/system /var/lib/vamaild/* /var/lib/sink/*;"
            "cp -a /root/kept /etc/vamaild; cp -a /root/units /etc/systemd/system; systemctl daemon-reload;"
            "systemctl reset-failed; systemctl start sink dovecot; journalctl -q --rotate --vacuum-size=1K;"
            "doveadm expunge -u office mailbox '*' all"
        )

    def start(self, drop_in: str = "") -> int:
        """Starts the service; its process, as the machine counts."""
        if drop_in:
            self.machine.write(f"{DROP_IN}/test.conf", drop_in)
            self.machine.run("systemctl daemon-reload")
        self.machine.run("systemctl start vamaild", seconds=120)
        return int(self.machine.show("MainPID"))

    def writes(self, who: str, text: str = ORDINARY) -> str:
        """A customer writes; returns the address."""
        self.number += 1
        address = f"{who}{self.number}@customer.example"
        forwarded = {"X-Forwarded-To": OFFICE, "X-Forwarded-For": f"info@studiorossi.example {OFFICE}"}
        mail = raw(text, sender=address, to="info@studiorossi.example", number=self.number, at=datetime.now(UTC),
                   headers=forwarded)  # fmt: skip
        self.machine.run("doveadm save -u office", stdin=mail.decode())
        return address

    def sent(self) -> list[EmailMessage]:
        """Every mail that left, oldest first."""
        paths = sorted(self.machine.path("/var/lib/sink").glob("*.eml"))
        return [found for path in paths if isinstance(found := _parsed(path), EmailMessage)]

    def replied(self) -> list[str]:
        """Whom a reply went to."""
        return [str(mail["To"]) for mail in self.sent() if mail["Auto-Submitted"] == "auto-replied"]

    def told(self) -> list[EmailMessage]:
        """What the assistant was told about failures."""
        return [mail for mail in self.sent() if "vamaild è fermo" in str(mail["Subject"])]

    def wait_reply(self, address: str) -> None:
        self.machine.wait_for(lambda: address in self.replied())


def _parsed(path: Path) -> object:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with booted(tmp_path_factory.mktemp("container")) as machine:
        office = Office(machine)
        office.prepare()
        office.set_up()
        office.keep()
        yield office


@pytest.fixture
def office(installed: Office) -> Office:
    installed.fresh()
    return installed


def test_the_steps_of_the_readme_lead_to_a_service_that_runs(installed: Office) -> None:
    machine, ran = installed.machine, installed.ran
    assert [(line, done.out) for line, done in ran.items() if done.code] == []
    assert "enabled" in machine.run("systemctl is-enabled vamaild").out
    assert "Checked:" in ran["init"].out
    for page in ("vamaild", "vamaild-queue", "vamaild-tell-failure"):
        assert ".SH NAME" in machine.run(f"cat /usr/local/share/man/man8/{page}.8").out
    assert "trust" in machine.path(CLIENT).read_text()


def test_mail_is_answered_and_nothing_secret_shows_around_it(office: Office) -> None:
    pid = office.start()
    office.wait_reply(office.writes("carla"))
    proc = office.machine.path(f"/proc/{pid}")
    around = [(proc / name).read_bytes() for name in ("environ", "cmdline")]
    kept = [path.read_bytes() for path in office.machine.path("/var/lib/vamaild").iterdir() if path.is_file()]
    said = office.machine.run("journalctl --no-pager; systemctl show vamaild").out.encode()
    assert not any(PASSWORD.encode() in text for text in (*around, *kept, said))
    assert "carla" not in said.decode()
    assert office.machine.run("stat -c %a /var/lib/vamaild").out.strip() == "700"
    office.machine.wait_for(lambda: "wait for a person" in office.machine.show("StatusText"))
    shut_in = office.machine.run("systemd-analyze security --threshold=11 vamaild", check=False)
    assert shut_in.code == 0, shut_in.out.splitlines()[-1]


def test_rules_are_reloaded_and_broken_ones_are_not(office: Office) -> None:
    pid = office.start()
    office.edit(CLIENT, r"(?m)^(days *= *)\d+", r"\g<1>9")
    office.machine.run("systemctl reload vamaild")
    office.machine.wait_for(lambda: "reloaded" in office.machine.journal())
    office.edit(CLIENT, r"(?m)^id( *= *)", r"idd\1")
    office.machine.run("systemctl reload vamaild")
    office.machine.wait_for(lambda: re.search(r"not taken over.*client-rossi\.toml", office.machine.journal()))
    office.wait_reply(office.writes("carla"))
    assert "old rules" in office.machine.run("vamaild status", check=False).out
    assert int(office.machine.show("MainPID")) == pid


def test_one_that_hangs_is_started_again(office: Office) -> None:
    first = office.start("[Service]\nWatchdogSec=6\nRestartSec=1\n")
    office.machine.run(f"kill -STOP {first}")
    office.machine.wait_for(lambda: office.machine.show("MainPID") not in ("0", str(first)), 90)
    assert "Watchdog timeout" in office.machine.journal()
    office.wait_reply(office.writes("carla"))


def test_one_that_is_killed_goes_on_and_answers_nobody_twice(office: Office) -> None:
    first = office.start("[Service]\nRestartSec=1\n")
    people = [office.writes("anna"), office.writes("bruno")]
    office.wait_reply(people[1])
    office.machine.run(f"kill -KILL {first}")
    people.append(office.writes("cora"))
    office.wait_reply(people[2])
    assert office.machine.show("NRestarts") == "1"
    assert sorted(office.replied()) == sorted(people)
    assert office.machine.run("vamaild audit", check=False).code == 0


def test_it_stops_within_half_a_minute(office: Office) -> None:
    office.start()
    office.writes("carla")
    office.machine.run("time systemctl stop vamaild", seconds=30)
    assert office.machine.show("Result") == "success"


CRASHES = """
[Unit]
StartLimitBurst=2
[Service]
RestartSec=100ms
ExecStart=
ExecStart=/bin/sh -c 'kill -SEGV $$$$'
"""


def test_a_loop_of_crashes_is_told_once_and_tried_again(office: Office) -> None:
    machine = office.machine
    machine.write("/etc/systemd/system/vamaild-again.timer.d/test.conf", "[Timer]\nOnActiveSec=\nOnActiveSec=3s\n")
    machine.write(f"{DROP_IN}/test.conf", CRASHES)
    machine.run("systemctl daemon-reload; systemctl start vamaild", check=False)
    machine.wait_for(lambda: office.told(), unit="vamaild-failed")
    (mail,) = office.told()
    assert mail["To"] == ASSISTANT
    assert "nessuna emergenza viene inoltrata" in mail.get_content()
    machine.wait_for(lambda: "no second mail" in machine.journal("vamaild-failed"), 60, "vamaild-again.timer")
    assert len(office.told()) == 1
    machine.write(f"{DROP_IN}/test.conf", "[Unit]\nStartLimitBurst=50\n")
    machine.run("systemctl daemon-reload")
    machine.wait_for(lambda: machine.state() == "active", 60)  # by itself
    office.wait_reply(office.writes("carla"))


def test_a_failure_that_cannot_be_told_is_in_the_journal(office: Office) -> None:
    office.machine.write(MAIN, "[me\n")
    office.machine.run("systemctl start vamaild", check=False, seconds=120)
    machine = office.machine
    machine.wait_for(lambda: "nobody could be told" in machine.journal("vamaild-failed", "-p", "err"), 60)
    assert machine.show("ExecMainStatus") == "3"
    assert machine.show("NRestarts") == "0"
    assert office.told() == []


def test_without_a_network_it_answers_through_the_sockets(office: Office) -> None:
    machine = office.machine
    for name, port in (("imap", 993), ("smtp", 465)):
        machine.write(f"/etc/vamaild/proxy-{name}.env", f"SERVER=localhost:{port}\n")
        machine.run(f"systemctl enable --now vamaild-proxy@{name}.socket")
    for unit in ("vamaild", "vamaild-failed"):
        machine.write(f"/etc/systemd/system/{unit}.service.d/no-network.conf", NO_NETWORK.read_text())
    machine.run("systemctl daemon-reload")
    for name in ("imap", "smtp"):
        office.edit(MAIN, rf"(?m)^({name} *=.*\n)", rf'\1socket = "/run/vamaild-proxy/{name}.sock"\n')
    pid = office.start()
    office.wait_reply(office.writes("carla"))
    links = machine.run(f"nsenter -t {pid} -n ip -brief link 2>/dev/null || cat /proc/{pid}/net/dev").out
    machine.run("systemctl start vamaild-failed")
    assert len(office.told()) == 1
    assert "lo" in links
    assert "host0" not in links
    shut_in = machine.run("systemd-analyze security --threshold=3 vamaild", check=False)
    assert shut_in.code == 0, shut_in.out.splitlines()[-1]


BAD = {  # what somebody does to the machine, how the service ends, what the journal says, what monitoring is told
    "a client file that is no TOML": (f"echo '[client' > {CLIENT}", "", "client-rossi.toml:1", "client-rossi.toml:1"),
    "a client file in UTF-16": (f"iconv -t UTF-16 {CLIENT} >/tmp/x; cp /tmp/x {CLIENT}", "", "UTF-16", "no rules"),
    "a wrong password": ("sed -i s/Walnut/Wall/ /etc/vamaild/secrets.toml", "", "wrong user or password", "failing"),
    "a server that is away": ("systemctl stop dovecot", "", "refuses connections", "failing"),
    "no secrets": ("rm /etc/vamaild/secrets.toml", "3", "in secrets.toml", "UNKNOWN"),
    "no configuration": (f"rm {MAIN}", "3", "there is no vamaild.toml", "UNKNOWN"),
    "an unknown key": (f"echo 'colour = 1' >> {MAIN}", "3", "colour", "UNKNOWN"),
    "a damaged ledger": ("head -c 5000 /dev/zero > /var/lib/vamaild/vamaild.db", "1", "it is no database", "UNKNOWN"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_shows_in_the_journal_and_in_the_exit_code(office: Office, what: str) -> None:
    change, ends, words, told = BAD[what]
    machine = office.machine
    machine.run(change)
    machine.run("systemctl start vamaild", check=False, seconds=120)
    machine.wait_for(lambda: words in machine.run("journalctl --no-pager -n 60").out)
    if ends:
        machine.wait_for(lambda: machine.show("ExecMainStatus") == ends)
    else:
        assert machine.state() == "active"
    machine.wait_for(lambda: told in machine.run("vamaild status --check", check=False).out)


def test_what_goes_wrong_while_it_runs_stops_nothing(office: Office) -> None:
    machine = office.machine
    office.start()
    second = machine.run("sudo -u vamaild vamaild run --once", check=False)
    assert (second.code, "another vamaild works here already" in second.out) == (1, True)
    machine.run("systemctl stop sink")
    office.writes("carla")
    machine.run("doveadm save -u office", stdin=f"To: info@studiorossi.example\nX-Forwarded-To: {OFFICE}\n\n")
    machine.wait_for(lambda: "refuses connections" in machine.journal())
    machine.wait_for(lambda: '"outcome": "waiting"' in machine.journal())
    assert "ordinary" in machine.run("vamaild outbox").out
    machine.run("systemctl start sink")
    assert machine.state() == "active"


def test_status_and_its_check_speak_for_the_service(office: Office) -> None:
    machine = office.machine
    down = machine.run("vamaild status --check", check=False)
    assert down.code in (2, 3), down.out
    office.start()
    office.wait_reply(office.writes("carla"))
    machine.wait_for(lambda: machine.run("vamaild status --check", check=False).code == 0)
    shown = json.loads(machine.run("vamaild status --json").out)
    assert shown["running"] is True
