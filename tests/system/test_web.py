"""`vamaild web` as a process: what it needs, what it says, how it ends; and its unit, as systemd's own tools see it."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.system.test_systemd import run, tool
from tests.web.place import NOW, TELEPHONE, World, free_port
from vamaild.adapters import keyfile
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import NewCase
from vamaild.core.ledger import DATABASE, StoreError

pytestmark = pytest.mark.slow
SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = "vamaild-web.service"
HIGHEST_EXPOSURE = 15  # tenths


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, free_port()).write()


def vamaild(world: World, *more: str, at: bool = True) -> subprocess.CompletedProcess[str]:
    places = ["--config", str(world.config), "--state", str(world.state)]
    moment = ["--at", NOW.isoformat()] if at else []
    return subprocess.run(
        [sys.executable, "-m", "vamaild", "web", *places, *moment, *more], capture_output=True, text=True, timeout=60
    )


def ask(link: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    parts = urlsplit(link)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=20)) as connection:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()


def press(link: str, **form: str) -> tuple[int, str]:
    content = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    status, headers, _ = ask(link, "POST", urlencode(form), **content)
    return status, headers["location"] or ""


# --- what it needs ---


def test_it_is_off_until_it_is_set(world: World) -> None:
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text().partition("[web]")[0])
    done = vamaild(world)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("The page is off. Switch it on in vamaild.toml:")


def test_without_a_ledger_it_makes_none(world: World) -> None:
    done = vamaild(world)
    assert done.returncode == 5
    assert "There is no ledger" in done.stderr
    assert list(world.state.iterdir()) == []


def test_without_a_key_it_says_who_makes_it(world: World) -> None:
    world.flood()
    (world.state / keyfile.NAME).unlink()
    done = vamaild(world)
    assert done.returncode == 3
    assert "vamaild makes it when it starts with [web] set" in done.stderr


def test_a_port_that_is_taken(world: World) -> None:
    world.flood()
    with socket.create_server(("127.0.0.1", world.port)):
        done = vamaild(world)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"127.0.0.1:{world.port}: Address already in use" in done.stderr


def test_without_its_packages_it_names_them(world: World, tmp_path: Path) -> None:
    world.flood()
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide" / "uvicorn.py").write_text("raise ImportError('not here')\n")
    places = ["--config", str(world.config), "--state", str(world.state)]
    done = subprocess.run(
        [sys.executable, "-m", "vamaild", "web", *places], capture_output=True, text=True, timeout=60,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "hide")},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        3,
        "The page needs two more packages. Install them:  pip install 'vamaild[web]'\n",
    )


# --- links by hand ---


def test_links_by_hand_open(world: World) -> None:
    code = world.flood()
    asked = {code.lower(): "Beru to", "queue": "Ve frontě: 1", "rossi": "Mohlo to počkat?"}
    found = {about: vamaild(world, "--link", about) for about in asked}
    assert {done.returncode for done in found.values()} == {0}
    with world.running():
        for about, words in asked.items():
            status, _, page = ask(found[about].stdout.strip())
            assert (status, words in page) == (200, True), about
    assert vamaild(world, "--link", "ZZZZ").returncode == 5
    assert vamaild(world, "--link", code, "--person", "petr-sea").stdout.startswith(
        f"http://127.0.0.1:{world.port}/c/{code}.petr-sea."
    )


# --- at work ---


def test_a_press_while_the_daemon_has_the_same_ledger(world: World) -> None:
    """Two processes, one file: the daemon's own store sees the answer, and the notice that follows from it."""
    code, other = world.flood(), world.flood("rossi")
    with world.service() as daemon, world.running() as process:
        assert daemon.store.case(code).acknowledged_by == ""  # type: ignore[union-attr]  # it is there
        assert press(world.link(code), do="take") == (303, "?said=taken")
        assert press(world.link(code), do="take") == (303, "?said=still")
        assert daemon.store.case(code).acknowledged_by == "petr-sea"  # type: ignore[union-attr]  # it is there
        assert press(world.link(other), do="pass_on") == (303, "?said=passed")
        told = [(n.notice.person, n.notice.why, str(n.state)) for n in daemon.store.notices(other)]
        assert told[-1] == ("colleague", "ask", "ready"), "the daemon's next look delivers it"
        process.terminate()
        said = process.stdout.read() if process.stdout else ""
    token = urlsplit(world.link(code)).path.rpartition(".")[2]
    assert "a button was pressed" in said
    assert token not in said, "no token is written anywhere"
    assert TELEPHONE not in said


def test_what_a_browser_sends_is_limited_over_the_wire_too(world: World) -> None:
    code = world.flood()
    with world.running():
        link = world.link(code)
        assert ask(link + "?" + "x" * 500)[0] == 414
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert ask(link, "POST", "x" * 5_000, **form)[0] == 413
        assert ask(link, "POST", "{}", **{"Content-Type": "application/json"})[0] == 415
        with suppress(ConnectionError):  # it hangs up, or answers first
            assert ask(link, "GET", **{"X-Long": "x" * 200_000})[0] == 400
        status, headers, body = ask(link, "HEAD")
        assert (status, body, headers["server"]) == (200, "", None)
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert ask(link)[0] == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_asked_and_is_there_again(world: World, number: signal.Signals) -> None:
    code = world.flood()
    with world.running() as process:
        ask(world.link(code))
        process.send_signal(number)
        assert process.wait(20) == (0 if number is signal.SIGTERM else 130)
        process.returncode = 0
    with world.running():
        assert ask(world.link(code))[0] == 200


def test_a_key_that_is_changed_makes_every_link_void_at_a_reload(world: World) -> None:
    code = world.flood()
    old = world.link(code)
    with world.running() as process:
        assert ask(old)[0] == 200
        (world.state / keyfile.NAME).unlink()
        new = world.link(code)
        process.send_signal(signal.SIGHUP)
        assert any(ask(old)[0] == 403 for _ in range(20))
        assert ask(new)[0] == 200


def test_a_faulty_file_leaves_the_old_rules_in_force(world: World) -> None:
    code = world.flood()
    command = [sys.executable, "-m", "vamaild", "web", "--config", str(world.config), "--state", str(world.state)]
    process = subprocess.Popen(
        [*command, "--at", NOW.isoformat()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        (world.config / "vamaild.toml").write_text("[me\n")
        process.send_signal(signal.SIGHUP)
        assert ask(world.link(code))[0] == 200
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=20)
    assert "the old rules stay in force" in out


# --- two users ---

DAEMON, PAGE, GROUP = 60_001, 60_002, 60_001


@pytest.fixture
def shared() -> Iterator[World]:
    """A world that two users can reach, with the rights that vamaild-web.conf and vamaild-web.tmpfiles give."""
    if os.geteuid() != 0:
        pytest.skip("only root can become two other users")
    root = Path(tempfile.mkdtemp(prefix="vamaild-web-"))
    root.chmod(0o755)
    found = World(root, free_port()).write()
    os.chown(found.state, DAEMON, GROUP)
    found.state.chmod(0o1770)
    for path in (found.config, *found.config.rglob("*")):
        os.chown(path, 0, GROUP)
        path.chmod(0o750 if path.is_dir() else 0o640)
    yield found
    shutil.rmtree(root)


def as_user(user: int, work: Callable[[], bool]) -> bool:
    """Whether the work is done in a process of this user; a fork, because an interpreter may lie where he cannot go."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    done = False
    try:
        os.setgroups([])
        os.setgid(GROUP)
        os.setuid(user)
        os.umask(0o007)
        done = work()
    except (PermissionError, StoreError):
        done = False
    finally:
        os._exit(0 if done else 1)


def writes(world: World, user: int, there: int) -> bool:
    """This user opens a case, and finds so many."""

    def work() -> bool:
        with closing(SqliteStore(world.state / DATABASE)) as store:
            store.open_case(NewCase("novak", "emergency", "", "Eva", "x", escalates=True), NOW)
            return len(store.cases()) == there

    return as_user(user, work)


def test_two_users_share_the_ledger_and_nothing_else(shared: World) -> None:
    """The daemon makes it; the page writes into it, while the daemon has it open, and alone, first or last."""
    database, secret = shared.state / DATABASE, shared.state / "tokens"
    assert writes(shared, DAEMON, 1)
    assert database.stat().st_mode & 0o777 == 0o600
    assert not writes(shared, PAGE, 2), "before the ledger is opened to the group"
    database.chmod(0o660)  # vamaild-web.tmpfiles
    secret.mkdir(mode=0o700)
    os.chown(secret, DAEMON, GROUP)
    assert writes(shared, PAGE, 2)
    with closing(SqliteStore(database)) as held:
        assert len(held.cases()) == 2
        assert writes(shared, PAGE, 3)
        assert writes(shared, DAEMON, 4)
        assert len(held.cases()) == 4
    assert writes(shared, DAEMON, 5)
    assert writes(shared, PAGE, 6)
    assert not as_user(PAGE, lambda: bool(list(secret.iterdir())) or True)
    assert not as_user(PAGE, lambda: database.unlink() is None)
    assert as_user(DAEMON, lambda: list(secret.iterdir()) == [])


# --- the unit ---


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small machine with both units and the drop-in."""
    for name in ("opt/vamaild/bin/vamaild", "bin/sh"):
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    units = tmp_path / "etc/systemd/system"
    (units / "vamaild.service.d").mkdir(parents=True)
    for name in (UNIT, "vamaild.service"):
        shutil.copy(SYSTEMD / name, units)
    shutil.copy(SYSTEMD / "vamaild-web.conf", units / "vamaild.service.d")
    for target in ("network-online", "multi-user", "basic", "sysinit", "shutdown", "network"):
        (units / f"{target}.target").write_text(f"[Unit]\nDescription={target}\n")
    return tmp_path


@pytest.mark.parametrize("unit", [UNIT, "vamaild.service"])
def test_verify_has_nothing_to_say(root: Path, unit: str) -> None:
    done = run(tool("systemd-analyze"), "verify", "--man=no", f"--root={root}", unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_well_shut_in(root: Path) -> None:
    unit = str(root / "etc/systemd/system" / UNIT)
    done = run(tool("systemd-analyze"), "security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}", unit)
    assert done.returncode == 0, done.stdout.splitlines()[-1:]


def test_its_user_can_be_made_and_the_ledger_opened(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    files = [str(SYSTEMD / name) for name in ("vamaild.sysusers", "vamaild-web.sysusers")]
    made = run(tool("systemd-sysusers"), f"--root={tmp_path}", *files)
    assert made.returncode == 0, made.stderr
    assert ":/usr/sbin/nologin" in (tmp_path / "etc/passwd").read_text().partition("vamaild-web:")[2]
    groups = [line.split(":") for line in (tmp_path / "etc/group").read_text().splitlines()]
    assert [group[3] for group in groups if group[0] == "vamaild"] == ["vamaild-web"]
    state = tmp_path / "var/lib/vamaild"
    state.mkdir(parents=True)
    users = [line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines()]
    (uid,) = (int(user[2]) for user in users if user[0] == "vamaild")
    for name in (DATABASE, "web.key"):
        (state / name).write_text("x")
        (state / name).chmod(0o600)
        if os.geteuid() == 0:
            os.chown(state / name, uid, uid)
    done = run(tool("systemd-tmpfiles"), "--create", f"--root={tmp_path}", str(SYSTEMD / "vamaild-web.tmpfiles"))
    assert done.returncode == 0, done.stderr
    modes = {p.name: p.stat().st_mode & 0o7777 for p in (state, state / DATABASE, state / "web.key")}
    assert modes == {"vamaild": 0o1770, DATABASE: 0o660, "web.key": 0o600}


def test_links_last_as_long_as_they_say(world: World) -> None:
    code = world.flood()
    link = world.link(code, hours=1)
    with world.running(at=NOW + timedelta(minutes=59)):
        assert ask(link)[0] == 200
    with world.running(at=NOW + timedelta(hours=1)):
        assert ask(link)[0] == 410
