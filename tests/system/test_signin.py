"""Without passwords, as a person meets it: sign in with a code, be answered, be revoked, be told; and the figures."""

import json
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.authority import Authority, authority
from tests.oauth_servers import Door, door, dovecot_with_tokens
from tests.servers import free_port
from vamaild.core.ledger import State

from .world import BOX, NOW, World, raw

pytestmark = pytest.mark.slow


@dataclass
class Way:
    """The mail server of this world, as World wants it."""

    port: int
    handler: Door
    host: str = "127.0.0.1"


@pytest.fixture
def fake() -> Iterator[Authority]:
    with authority() as held:
        yield held


@pytest.fixture
def tokens(fake: Authority, tmp_path: Path) -> Iterator[World]:
    """A world in which nobody has a password."""
    with dovecot_with_tokens(fake) as dovecot, door(fake.tokens) as (handler, port):
        account = dovecot.account()
        fake.user = account.user
        world = World(tmp_path, account, Way(port, handler))  # type: ignore[arg-type]  # has what is used of it
        world.build(smtp_user=account.user)
        main = world.config / "vamaild.toml"
        lines = ['oauth = "fake"' if line.startswith("password") else line for line in main.read_text().splitlines()]
        main.write_text("\n".join([*lines, "", fake.table(), ""]))
        yield world


def vamaild(world: World, *arguments: str) -> tuple[int, str]:
    verb, *others = arguments
    ran = world.run(verb, *world.places(), *others)
    return ran.code, ran.said


@pytest.mark.timeout(300)  # ten runs of the program
@pytest.mark.dovecot
def test_from_the_first_sign_in_to_the_revocation(tokens: World, fake: Authority) -> None:
    world, file = tokens, tokens.state / "tokens" / f"{BOX}.json"
    nobody = said_of_status(fake, "nobody has signed in: vamaild oauth login inbox")
    assert vamaild(world, "oauth") == vamaild(world, "oauth", "status") == (1, nobody)
    assert world.once().code == 4
    assert fake.asked == []

    fake.says = ["authorization_pending", "ok"]
    code, said = vamaild(world, "oauth", "login", BOX)
    assert (code, said.splitlines()[1:3]) == (0, [f"  1  open {fake.url}/go", "  2  enter F7Q2-LWXD (15 minutes)"]), (
        said
    )
    assert f"Kept in {file} (0600). reading inbox ok, sending ok." in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert vamaild(world, "oauth")[0] == 0

    world.imap.deliver(raw(), when=NOW)
    ran = world.once()
    assert ran.code == 0, ran.said
    mails = world.sink.handler.mails  # type: ignore[attr-defined]
    assert any(b"To: carla@customer.example" in mail for mail in mails)

    fake.forget()
    ran = world.once()
    assert ran.code == 4
    assert "the sign-in is refused" in ran.said
    asked = fake.count("/token")
    assert world.once().said.count("the sign-in is refused") == 0
    assert fake.count("/token") <= asked + 2  # each run is a new process: it asks once, for reading and sending
    with world.ledger() as store:
        # The first one, from before anybody had signed in, has left since.
        assert [i.mail.template for i in store.outbox(tuple(State))].count("note-signin") == 2

    code, said = vamaild(world, "oauth", "logout", BOX)
    assert code == 0, said
    assert not file.exists()
    assert vamaild(world, "oauth", "logout", BOX)[0] == 5
    kept = b"".join(p.read_bytes() for p in world.state.rglob("*") if p.is_file())
    for secret in (b"access-", b"refresh-"):
        assert secret not in kept


def said_of_status(fake: Authority, state: str) -> str:
    head = f"NAME   {'USER':<{max(4, len(fake.user))}}  BY    STATE\n"
    return f"{head}{BOX:<5}  {fake.user:<{max(4, len(fake.user))}}  fake  {state}\n"


@pytest.mark.dovecot
def test_a_sign_in_that_fails_says_why(tokens: World, fake: Authority) -> None:
    fake.says = ["access_denied"]
    code, said = vamaild(tokens, "oauth", "login", BOX)
    assert (code, said.splitlines()[-1]) == (1, "inbox: fake (127.0.0.1): consent was declined.")
    assert vamaild(tokens, "oauth", "login", "no-such")[0] == 5
    fake.says, fake.user = ["ok"], "somebody-else"
    code, said = vamaild(tokens, "oauth", "login", BOX)
    assert code == 4
    assert "reading inbox fails: " in said
    assert "access-" not in said


@pytest.mark.dovecot
def test_status_for_programs(tokens: World, fake: Authority) -> None:
    vamaild(tokens, "oauth", "login", BOX)
    code, said = vamaild(tokens, "oauth", "--json", "status")
    (account,) = json.loads(said)["accounts"]
    assert (code, account["name"], account["by"], account["ok"]) == (0, BOX, "fake", True)
    assert account["state"] == "signed in, renewed 0 min ago"
    (tokens.state / "tokens" / f"{BOX}.json").write_text("{")
    code, said = vamaild(tokens, "oauth", "--json", "status")
    assert code == 1
    assert json.loads(said)["accounts"][0]["ok"] is False


@pytest.mark.dovecot
def test_consent_in_a_browser(tokens: World, fake: Authority) -> None:
    """The browser is a program that opens the address and follows where it is sent."""
    process = subprocess.Popen(
        tokens.command("oauth", *tokens.places(), "login", BOX, "--browser"), stdout=subprocess.PIPE, text=True,
        stdin=subprocess.DEVNULL, env=tokens.surroundings(), cwd=tokens.folder,
    )  # fmt: skip
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(3)]
    url = told[1].split()[-1]
    assert url.startswith(f"{fake.url}/authorize?")
    with urllib.request.urlopen(url, timeout=10) as page:
        assert page.read() == b"Done. Close this page.\n"
    assert process.wait(30) == 0
    assert "sending ok" in process.stdout.read()
    process.stdout.close()


def test_without_the_extra_a_sentence_says_so(world: World) -> None:
    main = world.config / "vamaild.toml"
    text = main.read_text().replace('password = "secret:mailbox"', 'oauth = "microsoft"')
    main.write_text(text + '\n[oauth.microsoft]\nclient_id = "x"\n')
    program = ("-c", "import sys; sys.modules['authlib'] = None; import vamaild.__main__ as m; sys.exit(m.main())")
    ran = world.run("oauth", *world.places(), "login", BOX, program=program)
    assert (ran.code, ran.said) == (1, "inbox: signing in with tokens needs: pip install 'vamaild[oauth]'.\n")


def test_a_program_that_gives_no_token(world: World) -> None:
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text().replace('password = "secret:mailbox"', 'token_command = ["/no/such/oama"]'))
    ran = world.once()
    assert ran.code == 4
    assert "/no/such/oama" in ran.said
    assert "cannot be started" in ran.said
    assert "reply=note-signin" in ran.said
    ran = world.run("oauth", *world.places(), "login", BOX)
    assert (ran.code, ran.said) == (5, "inbox takes its token from /no/such/oama: sign in there\n")


def test_the_figures_of_a_running_service(world: World) -> None:
    port = free_port()
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text() + f'\n[metrics]\nlisten = "127.0.0.1:{port}"\n')
    world.imap.deliver(raw(), raw(number=2, sender="anna@alba.example"), when=NOW)

    def asked() -> dict[tuple[str, str], float]:
        with (
            suppress(urllib.error.URLError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as it,
        ):
            families = text_string_to_metric_families(it.read().decode())
            return {(s.name, s.labels.get("client", "")): s.value for f in families for s in f.samples}
        return {}

    with world.daemon("--at", NOW.isoformat()) as daemon:
        daemon.wait_for("ready")
        daemon.wait_for(lambda: asked().get(("vamaild_mails_sent_total", "acme")) == 2)
        found = asked()
        assert found["vamaild_decisions_total", "acme"] == 2
        assert found["vamaild_promises_open", "acme"] >= 0
        assert found["vamaild_start_time_seconds", ""] == pytest.approx(NOW.timestamp(), abs=60)
        before, port = port, free_port()
        main.write_text(main.read_text().replace(f":{before}", f":{port}"))
        daemon.wait_for("reloaded")
        daemon.wait_for(lambda: asked().get(("vamaild_promises_open", "acme")) is not None)
        assert daemon.end() == 0


def test_a_port_that_is_taken_keeps_no_mail_waiting(world: World) -> None:
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text() + f'\n[metrics]\nlisten = "127.0.0.1:{world.sink.port}"\n')
    with world.daemon("--at", NOW.isoformat()) as daemon:
        daemon.wait_for("no figures")
        daemon.wait_for("ready")
        assert daemon.end() == 0


def test_the_codes_of_addresses_are_this_installations_own(world: World) -> None:
    world.imap.deliver(raw(), when=NOW)
    first = world.once().said
    key = world.state / "log.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o640
    assert "who=p" in first
    assert "carla" not in first
    assert key.read_text().strip() not in first
