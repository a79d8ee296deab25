"""`vamaild init`: sets vamaild up, one question at a time; with --no-input from the command line alone."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import wire
from ..adapters import files
from ..adapters.templates import Texts
from ..config.answers import QUESTIONS, Question, tagged
from ..config.problem import Severity
from ..core.letter import TemplateError
from . import init_mail
from .init_files import Writer, folder, give, service_group
from .init_mail import Mail
from .init_talk import Talk, missing
from .screen import ETC, Exit, Stop, complain, config_option

WIDEST = 46
NETWORKED = ("imap", "smtp")


def question_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each question."""
    for question in reversed(QUESTIONS):
        function = click.option(question.option, question.name, metavar="TEXT", help=question.help)(function)
    return function


@click.command()
@config_option
@question_options
@click.option("--password-file", metavar="FILE", help="The password is the first line of it; - is standard input.")
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="An authority of your own server.")
@click.option("--offline", is_flag=True, help="Ask no server anything.")
@click.option("--send/--no-send", default=None, help="Try with a message to yourself [default: where you are asked].")
@click.option("--overwrite", is_flag=True, help="Replace files that are there; they are kept as NAME.old.")
@click.option("--restart", is_flag=True, help="Begin anew, whatever was answered before.")
@click.option("--no-input", is_flag=True, help="Ask nothing: every answer is an option or what usually holds.")
def init(
    config: Path,
    password_file: str | None,
    ca: str | None,
    offline: bool,
    send: bool | None,
    overwrite: bool,
    restart: bool,
    no_input: bool,
    **answers: str | None,
) -> int:
    """Set vamaild up: six questions, tried at once; every client begins in observe.

    \b
    vamaild init
    vamaild init --no-input --name "Giulia Ferri" --email giulia@ferri-av.example \\
        --mailbox clienti@ferri-av.example --password-file pw.txt \\
        --client rossi --client-address info@studiorossi.example
    """
    terminal = not no_input and sys.stdin.isatty()
    talk = Talk(config, {name: text for name, text in answers.items() if text is not None}, terminal)
    folder(config)
    _free(talk, overwrite)
    talk.begin(restart)
    talk.answers |= {"zone": machine_zone(), "ca": str(Path(ca).resolve()) if ca else ""}
    if not terminal:
        _enough(talk, password_file, offline)
    else:
        click.echo("About ten minutes. Ctrl-C keeps what you have answered; run it again to go on.\n")
    try:
        return _converse(talk, password_file, offline, terminal if send is None else send, overwrite)
    except (click.Abort, KeyboardInterrupt):
        complain("\nKept what you answered. Go on: vamaild init")
        raise


def _free(talk: Talk, overwrite: bool) -> None:
    """Stops when there is a vamaild.toml that is to stay."""
    path = talk.config / files.MAIN
    if not path.exists() or overwrite:
        return
    if talk.sure(f"{path} is there already. Write a new one (the old one is kept as {files.MAIN}.old)?"):
        return
    more = "A further client: vamaild client add. Whether all is well: vamaild doctor. To begin anew: --overwrite"
    raise Stop(f"{path} is there already; nothing was changed. {more}", Exit.ATTENTION)


def _enough(talk: Talk, password_file: str | None, offline: bool) -> None:
    """Says everything at once that would have to be said where nobody can be asked."""

    def needless(question: Question) -> bool:
        return question.name in NETWORKED and not offline

    lacking = missing(talk, needless) + ([] if password_file else ["--password-file"])
    if lacking:
        raise click.UsageError(f"nobody can be asked here: say {', '.join(lacking)}")


def _converse(talk: Talk, password_file: str | None, offline: bool, send: bool, overwrite: bool) -> int:
    _you(talk)
    password, mail = _mailbox(talk, password_file, offline, send)
    try:
        _client(talk, mail, send)
    finally:
        if mail:
            mail.close()
    _rest(talk)
    return _write(talk, password, overwrite)


def _you(talk: Talk) -> None:
    talk.step(1)
    for name in ("name", "language", "gender", "email"):
        talk.ask(name)


def _mailbox(talk: Talk, password_file: str | None, offline: bool, send: bool) -> tuple[str, Mail | None]:
    """The password, and the servers where they were tried."""
    talk.step(2)
    talk.ask("mailbox")
    init_mail.servers(talk, offline)
    talk.ask("user")
    talk.ask("smtp_user")
    password = talk.password(password_file)
    mail = None
    if not offline:
        mail, password = init_mail.sign_in(talk, password, talk.answers["ca"], lambda: talk.password(None))
    if mail and send:
        init_mail.to_oneself(talk, mail)
    return password, mail


def _client(talk: Talk, mail: Mail | None, send: bool) -> None:
    talk.step(3)
    for name in ("client", "client_name", "client_address", "client_language", "hosted"):
        talk.ask(name)
    address, tag = talk.answers["mailbox"], tagged(talk.answers["mailbox"], talk.answers["client"])
    forward_to = tag if not (mail and send) or init_mail.takes_tags(talk, mail, tag) else address
    talk.keep("forward_to", forward_to)
    talk.say(f"Ask them to add this forwarding address: {forward_to}")
    talk.say(f"(a letter with the steps is in {_letter(talk)})")
    if not (mail and send and talk.terminal):
        return
    if _host(talk) == "gmail":
        init_mail.googles_code(talk, mail)
    if talk.sure("Is the forwarding on already? A test message tries it then"):
        init_mail.probe(talk, mail, (forward_to, talk.answers["client_address"]))


def _host(talk: Talk) -> str:
    return str(next(q for q in QUESTIONS if q.name == "hosted").read(talk.answers["hosted"]))


def _letter(talk: Talk) -> Path:
    """Writes the letter to the client, in his language; returns where. An older letter is replaced."""
    said = talk.answers
    path = talk.config / f"letter-{said['client']}.txt"
    try:
        letter = Texts(files.shipped("templates"), talk.config / "templates")(
            f"letter-{_host(talk)}", said["client_language"], said["client"], letter_words(
                said["name"], said["gender"], said["client_address"], said["forward_to"]
            )
        )  # fmt: skip
    except TemplateError as error:
        raise Stop(str(error), Exit.CONFIGURATION) from error
    path.write_text(f"To: {said['client_address']}\nSubject: {letter.subject}\n\n{letter.body}", encoding="utf-8")
    give(path, False)
    return path


def letter_words(name: str, gender: str, mailbox: str, address: str) -> dict[str, object]:
    """What a letter about the forwarding may use."""
    return {
        "tu": False,
        "automatic": False,
        "person": {"name": ""},
        "va": {"name": name, "gender": gender},
        "letter": {"mailbox": mailbox, "address": address},
    }


def _rest(talk: Talk) -> None:
    talk.step(4)
    for name in ("lead_days", "rush", "surcharge"):
        talk.ask(name)
    talk.step(5)
    for name in ("week", "holidays", "timezone"):
        talk.ask(name)
    talk.step(6)
    talk.say('Every client starts in "observe": it reads, decides, sends nothing.')
    click.echo()


def _write(talk: Talk, password: str, overwrite: bool) -> int:
    """The files, then what `check` says of them."""

    def over(label: str) -> bool:
        main = label == files.MAIN  # asked at the very beginning
        return overwrite or main or talk.sure(f"{label} is there already. Replace it?")

    writer = Writer(talk.config, over)
    writer.all(talk.answers, password)
    talk.done()
    if writer.wrote:
        click.echo(f"Wrote {', '.join(writer.wrote)}")
    for label in writer.kept:
        click.echo(f"Kept {label} as it is; another one in its place: --overwrite")
    return _checked(talk)


def _checked(talk: Talk) -> int:
    loaded = wire.load(talk.config, texts=(talk.config / "templates").is_dir())  # the shipped ones are well
    wrong = [p for p in loaded.problems if p.severity is not Severity.WARNING]
    for problem in wrong:
        click.echo(str(problem))
    if wrong:
        click.echo("\nNext: correct what is said above, then: vamaild check")
        return Exit.CONFIGURATION if loaded.errors else Exit.ATTENTION
    counts = loaded.configuration.counts
    click.echo(f"Checked: {counts.files} files, {loaded.texts} texts, {counts.examples} examples: all good.")
    _next(talk)
    return Exit.DONE


def _next(talk: Talk) -> None:
    """The commands that come next."""
    elsewhere = f" --config {talk.config}" if talk.config != ETC else ""
    commands = [
        (f"vamaild replay{elsewhere} --client {talk.answers['client']} --days 30", "what it would have done"),
        (f"vamaild doctor{elsewhere}", "whether everything works"),
        ("sudo systemctl enable --now vamaild", "start, still observing"),
    ]
    width = min(max(len(command) for command, _ in commands), WIDEST)
    for number, (command, words) in enumerate(commands):
        click.echo(f"{'      ' if number else chr(10) + 'Next: '}{command:<{width}}  {words}")
    if talk.config == ETC and service_group() is None:
        click.echo("\nThere is no group vamaild yet, so the service cannot read these files. Make it:")
        click.echo(f"      sudo systemd-sysusers && sudo chgrp -R vamaild {ETC} && sudo chmod -R g+rX {ETC}")


def machine_zone(path: Path = Path("/etc/localtime")) -> str:
    """The name of this machine's time zone; "" when it says none."""
    try:
        _, mark, name = str(path.readlink()).partition("/zoneinfo/")
    except OSError:
        return ""
    return name.removeprefix("posix/") if mark else ""
