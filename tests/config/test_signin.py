"""What vamaild.toml may say about signing in, and what is said about mistakes in it."""

from datetime import timedelta

import pytest

from tests.config.make import MAIN, SECRETS, TOOLS, said, sources
from vamaild.config.load import load
from vamaild.config.settings import Settings, SignIn
from vamaild.core.signin import PROVIDERS

PASSWORD = 'password = "secret:mailbox"'
MICROSOFT = '[oauth.microsoft]\nclient_id = "app-1"\n'
OWN = '[oauth.own]\nclient_id = "app-2"\nscope = "mail"\ntoken_url = "https://id.example/token"\n'


def problems(main: str, secrets: str = SECRETS) -> list[str]:
    return said(load(sources(main=main, secrets=secrets), TOOLS).problems)


def settings(main: str, secrets: str = SECRETS) -> Settings:
    found = load(sources(main=main, secrets=secrets), TOOLS)
    assert [str(p) for p in found.problems if p.is_error] == []
    assert found.settings
    return found.settings


def ways(mailbox: str, send: str, more: str = "") -> str:
    """The main file with these lines instead of the passwords of [mailbox] and [send]."""
    box, _, rest = MAIN.partition(PASSWORD)
    return box + mailbox + rest.replace(PASSWORD, send) + more


def test_a_provider_for_both() -> None:
    found = settings(ways('oauth = "microsoft"', 'oauth = "microsoft"', MICROSOFT + 'tenant = "ferri.example"\n'))
    mine = found.mailboxes[0].sign_in
    assert mine
    assert mine == found.send.sign_in  # one account, one token
    assert (mine.name, mine.user, mine.client_id) == ("clienti@ferri-av.example", "clienti@ferri-av.example", "app-1")
    assert mine.provider == PROVIDERS["microsoft"].of("ferri.example")
    assert mine.provider.token_url == "https://login.microsoftonline.com/ferri.example/oauth2/v2.0/token"
    assert not found.mailboxes[0].password


def test_a_provider_for_sending_alone() -> None:
    found = settings(ways(PASSWORD, 'oauth = "microsoft"', MICROSOFT))
    assert found.mailboxes[0].sign_in is None
    assert found.send.sign_in
    assert found.send.sign_in.name == "send"
    assert found.send.sign_in.provider
    assert "/common/" in found.send.sign_in.provider.device_url


def test_another_account_has_another_token() -> None:
    main = ways('name = "inbox"\noauth = "microsoft"', 'oauth = "microsoft"', MICROSOFT)
    head, _, send = main.partition("[send]")
    found = settings(f"{head}[send]{send.replace('clienti@', 'other@')}")
    assert (found.mailboxes[0].sign_in or found.send.sign_in) != found.send.sign_in
    assert found.send.sign_in
    assert (found.send.sign_in.name, found.send.sign_in.user) == ("send", "other@ferri-av.example")


def test_two_folders_of_one_account_have_one_token() -> None:
    box = '[[mailbox]]\nname = "{}"\nimap = "imaps://i.example"\nuser = "{}"\noauth = "microsoft"\n'
    boxes = box.format("one", "x@i.example") + box.format("two", "x@i.example") + box.format("three", "y@i.example")
    head, _, rest = MAIN.partition("[mailbox]")
    found = settings(head + boxes + "[send]" + rest.partition("[send]")[2] + MICROSOFT)
    assert [box.sign_in.name for box in found.mailboxes if box.sign_in] == ["one", "one", "three"]


def test_a_program() -> None:
    line = 'token_command = ["oama", "access", "x y"]\ntoken_expires = "50m"'
    found = settings(ways(line, 'token_command = ["pizauth"]'))
    assert found.mailboxes[0].sign_in == SignIn(
        "clienti@ferri-av.example", "clienti@ferri-av.example", ("oama", "access", "x y"), timedelta(minutes=50)
    )
    assert found.send.sign_in
    assert (found.send.sign_in.command, found.send.sign_in.lasts) == (("pizauth",), None)


def test_a_client_secret_and_a_provider_of_ones_own() -> None:
    more = OWN + 'client_secret = "secret:app"\ndevice_url = "http://localhost:81/device"\n'
    found = settings(
        ways('oauth = "own"', PASSWORD, more), SECRETS.replace("[contacts", 'app = "GOCSPX-77"\n[contacts', 1)
    )
    mine = found.mailboxes[0].sign_in
    assert mine
    assert mine.provider
    assert (mine.provider.name, mine.provider.scope) == ("own", "mail")
    assert mine.provider.device_url == "http://localhost:81/device"
    assert mine.client_secret.reveal() == "GOCSPX-77"
    assert "GOCSPX" not in repr(found)


@pytest.mark.parametrize(
    ("mailbox", "send", "more", "what", "help"),
    [
        ("", PASSWORD, "", "vamaild.toml:6  nothing says how to sign in", 'write password = "secret:NAME", token'),
        (
            f'{PASSWORD}\noauth = "microsoft"', PASSWORD, MICROSOFT,
            "vamaild.toml:10  password and oauth are two ways to sign in", "keep one of them",
        ),
        (
            'token_command = ["x"]\noauth = "microsoft"', PASSWORD, MICROSOFT,
            "vamaild.toml:10  token_command and oauth are two ways to sign in", "keep one of them",
        ),
        (
            PASSWORD, f'{PASSWORD}\ntoken_command = ["x"]', "",
            "vamaild.toml:15  password and token_command are two ways to sign in", "keep one of them",
        ),
        (
            f'{PASSWORD}\ntoken_expires = "50m"', PASSWORD, "",
            "vamaild.toml:10  it belongs to a token_command", "add token_command",
        ),
        (
            'oauth = "microsoft"', PASSWORD, "",
            "vamaild.toml:9  there is no [oauth.microsoft]", "write [oauth.microsoft] with its client_id",
        ),
        (
            'oauth = "microsft"', PASSWORD, MICROSOFT,
            "vamaild.toml:9  there is no [oauth.microsft]", 'did you mean "microsoft"?',
        ),
        (
            'oauth = "own"', PASSWORD, OWN,
            'vamaild.toml:15  "own" is no known provider',
            "for one of your own write token_url, scope, and device_url or authorize_url",
        ),
        (
            'oauth = "google"', PASSWORD, '[oauth.google]\nclient_id = "x"\nclient_secret = "secret:app"\n',
            'vamaild.toml:17  there is no password "app" in secrets.toml', 'app = "…"',
        ),
        (
            'oauth = "google"', PASSWORD, '[oauth.google]\nclient_id = "x"\nclient_secret = "GOCSPX-77"\n',
            'vamaild.toml:17  "client_secret" should be "secret:NAME"', "",
        ),
        (
            'oauth = "own"', PASSWORD, OWN.replace("https", "http"),
            'vamaild.toml:18  "token_url" should be an address like "https://login.example.com/token"', "",
        ),
        ('token_command = "oama"', PASSWORD, "", 'vamaild.toml:9  "token_command" should be', ""),
        ('token_command = ["x", ""]', PASSWORD, "", 'vamaild.toml:9  "token_command" should be', ""),
        (PASSWORD, PASSWORD, '[oauth.x]\ntenant = "a/b"\nclient_id = "x"\n', "vamaild.toml:16", ""),
        (PASSWORD, PASSWORD, '[metrics]\nlisten = "localhost"\n', 'and a port, like "127.0.0.1:9464"', ""),
        (PASSWORD, PASSWORD, '[metrics]\nlisten = "prometheus:9464"\n', "should be an address and a port", ""),
        (PASSWORD, PASSWORD, '[metrics]\nlisten = "127.0.0.1:99999"\n', "should be an address and a port", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(mailbox: str, send: str, more: str, what: str, help: str) -> None:
    found = "\n".join(problems(ways(mailbox, send, more)))
    assert what in found
    assert help in found
    assert "GOCSPX-77" not in found


def test_a_token_needs_a_user() -> None:
    main = ways(PASSWORD, 'oauth = "microsoft"', MICROSOFT)
    head, _, send = main.partition("[send]")
    send = send.replace('user = "clienti@ferri-av.example"\n', "")
    assert any("a token needs a user" in line for line in problems(f"{head}[send]{send}"))


@pytest.mark.parametrize(
    ("listen", "found"),
    [
        ("", ("127.0.0.1", 9464)),
        ('listen = "127.0.0.1:9000"', ("127.0.0.1", 9000)),
        ('listen = "[::1]:9000"', ("::1", 9000)),
        ('listen = "10.0.0.5:9464"', ("10.0.0.5", 9464)),
    ],
)
def test_where_the_figures_are(listen: str, found: tuple[str, int]) -> None:
    metrics = settings(f"{MAIN}[metrics]\n{listen}\n").metrics
    assert metrics
    assert (metrics.host, metrics.port) == found
    assert settings(MAIN).metrics is None
