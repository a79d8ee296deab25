"""`vamaild person replies ADDRESS`: whether somebody gets automatic replies; who asked for none gets none for good."""

import click

from .place import Place, Value, place_options
from .screen import Exit
from .words import moment


@click.group()
def person() -> None:
    """People who write: whether they get automatic replies.

    \b
    vamaild person replies eva@mala.example --client novak           does she get any?
    vamaild person replies eva@mala.example --client novak --again   yes, from now on
    """


@person.command()
@click.argument("address")
@click.option("--client", required=True, metavar="ID", help="The client she writes to.")
@click.option("--again/--never", default=None, help="Again: she gets them from now on. Never: none for good.")
@place_options
def replies(place: Place, address: str, client: str, again: bool | None) -> int:
    """Whether this person gets automatic replies; "no automatic replies, please" is kept until you take it back."""
    from .pause import known

    with place.ledger() as store:
        known(client, place, store)
        if again:
            store.unsilence(client, address)
        elif again is False:
            store.silence(client, address, place.now)
        since = store.silenced(client, address)
    value: Value = {"client": client, "automatic": since is None, "since": since.isoformat() if since else None}
    at = moment(place.here(since, client), place.here(place.now, client)) if since else ""
    line = f"No automatic replies since {at}; a person is shown what comes." if since else "Automatic replies as usual."
    back = [f"Take it back: vamaild person replies {address} --client {client} --again"] if since else []
    place.tell(value, [line, *back])
    return Exit.DONE
