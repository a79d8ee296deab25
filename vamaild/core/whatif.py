"""What would have changed the decision? The message is decided again without the words that decided."""

from dataclasses import replace

from .account import evidence_of
from .decide import Decision, Tools, decide
from .message import Message

MOST = 3


def without_words(message: Message, words: str) -> Message:
    """The message without these words, wherever they stand."""
    inner = message.forwarded
    return replace(
        message,
        text=message.text.replace(words, " "),
        subject=message.subject.replace(words, " "),
        forwarded=without_words(inner, words) if inner else None,
    )


def otherwise(decision: Decision, tools: Tools) -> tuple[str, ...]:
    """One sentence for each piece of evidence without which the message would be of another kind."""
    case, found = decision.case, []
    words = [e.words for e in evidence_of(decision)]
    if case.reading.deadline:
        words.append(case.reading.deadline.words)
    for said in [w for w in dict.fromkeys(words) if w][:MOST]:
        again = decide(
            without_words(case.message, said), case.ruleset, case.rulebook, case.history, tools, case.now, limits=False
        )
        if again.verdict.kind is not decision.verdict.kind:
            found.append(f'without "{" ".join(said.split())}": {again.verdict.kind}')
    return tuple(found)
