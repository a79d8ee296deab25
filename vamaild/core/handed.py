"""Which message counts when one was handed on: the forwarded one, or what the forwarder says himself (docs/kinds.md).

The owner's mailbox, a rule of his or one of our own people hands mail on: the forwarded message is the one to judge,
its sender, its urgency. Anybody else's comment is judged first, unless there is none to speak of.
"""

from collections.abc import Iterable
from dataclasses import replace

from .mailwords import mail_words
from .message import Message
from .newtext import Forwarded, NewText, split
from .route import LINE_LIMIT, find_person, mailboxes, matches
from .ruleset import Language, Role, RuleSet
from .sender import FORWARD_SUBJECT

FEW_WORDS, COMMENT_WORDS = 3, 8
OUR_PEOPLE = (Role.PRINCIPAL, Role.ASSISTANT, Role.COLLEAGUE)


def by_our_people(message: Message, ruleset: RuleSet) -> bool:
    """Whether the owner's own mailbox, the assistant or the colleague wrote (or a rule of theirs)."""
    author = next(iter(message.from_), "")
    person = find_person(ruleset, author)
    return matches(author, ruleset.client.arrives) or (person is not None and person.role in OUR_PEOPLE)


def _inside(message: Message, inner: Forwarded) -> Message:
    """The message that stands in the text as a message of its own; who wrote it is only what the text claims."""
    name, address = next(iter(mailboxes(inner.sender[:LINE_LIMIT])), ("", ""))
    return replace(
        message,
        from_=(address.lower(),) if "@" in address else (),
        from_name=name,
        subject=inner.subject,
        text=inner.text,
        hidden="",
        forwarded=None,
    )


def to_judge(message: Message, ruleset: RuleSet, languages: Iterable[Language] = ()) -> tuple[Message, NewText]:
    """(the message that counts, its sender's own words). `languages` may know more words of mail programs."""
    words = mail_words(languages)
    new = split(message.text, forwarding=bool(FORWARD_SUBJECT.match(message.subject)), words=words)
    inner = message.forwarded or (_inside(message, new.forwarded) if new.forwarded else None)
    enough = COMMENT_WORDS if by_our_people(message, ruleset) else FEW_WORDS
    if inner is None or len(new.own.split()) >= enough:
        return message, new
    return inner, split(inner.text, words=words)
