"""A reply with the words every text has; what the plans and the sale of a rush have in common."""

from . import wording
from .case import Case
from .plan import Reply


def reply(case: Case, template: str, **more: object) -> Reply:
    """A reply to the sender with the words every text has, and `more`."""
    language = case.language
    words = wording.basic(case, language) | wording.away(case, language) | wording.lead(case)
    words["colleague"] = wording.colleague_words(case.ruleset.colleague, language)
    told = None if case.absence and case.absence.answer_by is None else case.ready_by
    return Reply(case.sender.address, template, language, words | more, ready_by=told)
