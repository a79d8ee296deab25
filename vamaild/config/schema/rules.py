"""[[rule]], [[emergency]] and the language tables: what the files of rules.d have in common."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from ...core.ruleset import Kind
from .values import LanguageCode, Table, Words

Phrases = list[Words]
KindName = Annotated[Kind, Field(strict=False)]


class RuleTable(Table):
    """One [[rule]]: `when` and `unless` are checked against the dictionary of conditions."""

    name: Words = Field(description="Your name for this rule.")
    why: str = Field(default="", description="Why this rule exists, for you in half a year.")
    kind: KindName = Field(description="What a message is when this rule fits.")
    when: Mapping[str, object] = Field(description="All of these must be seen; a list: any of these.", min_length=1)
    unless: Mapping[str, object] = Field(default={}, description="None of these may be seen.")
    strike: Phrases = Field(
        default=[], description='Idioms to cross out before looking, like "the deadline is burning".'
    )
    reply: str = Field(default="", description='Another text than the usual one for this kind; "none" answers nobody.')
    people: bool = Field(default=False, description="true: people are in danger; quiet hours do not hold it back.")
    fits: Phrases = Field(default=[], description="Messages this rule must catch.")
    fits_not: Phrases = Field(default=[], description="Messages this rule must leave alone.")


class LearnedTable(RuleTable):
    """One [[learned]]: a rule that was proposed and accepted, for one client. No emergency is hidden by it."""

    client: Words = Field(description="The id of the client whose messages it is about.")


class EmergencyTable(Table):
    """One [[emergency]]: something that is harmed, and something that happens to it."""

    name: Words = Field(description="Your name for this damage.")
    language: LanguageCode | None = Field(default=None, description="Language of the phrases; else that of the file.")
    harmed: Phrases = Field(default=[], description="What is harmed; when there are phrases, one of them must be seen.")
    happens: Phrases = Field(description="What happens to it; one of these must be seen.", min_length=1)
    strike: Phrases = Field(default=[], description='Idioms to cross out before looking, like "a drop in the ocean".')
    unless: Phrases = Field(default=[], description="Words that show the damage over or repaired.")
    doubtful: bool = Field(default=False, description="true: the assistant is asked before anybody is called.")
    people: bool = Field(default=False, description="true: people are in danger; quiet hours do not hold it back.")
    fits: Phrases = Field(default=[], description="Messages that tell of this damage.")
    fits_not: Phrases = Field(default=[], description="Messages that do not.")


class SentencesTable(Table):
    """[[sentences]]: whole messages in the language of the file, and the kind they must be judged to be."""

    kind: KindName = Field(description="What each of `fits` is, when an ordinary customer writes it.")
    fits: Phrases = Field(default=[], description="Messages of this kind.")
    fits_not: Phrases = Field(default=[], description="Messages that look like it and are of another kind.")


class LanguageTable(Table):
    """[language]: whose words the lists of this file are."""

    code: LanguageCode = Field(description='The language of this file\'s phrases, like "it".')


class SafetyTable(Table):
    """[safety]: signs of a machine, besides those that are shipped; a list can only be added to."""

    no_reply_names: Phrases = Field(
        default=[], description='Names before the @ that nobody reads, like "noreply"; separators do not matter.'
    )
    robot_names: Phrases = Field(default=[], description="Names before the @ that programs use; * for anything.")
    list_headers: Phrases = Field(default=[], description="Headers of mailing lists and newsletters; * for anything.")
    robot_headers: Phrases = Field(default=[], description='Headers that programs write: "name" or "name: value".')
    robot_words: Phrases = Field(default=[], description="Words that only programs write into a technical header.")
    precedence: Phrases = Field(default=[], description="Values of Precedence that people do not use.")
    out_of_office: Phrases = Field(default=[], description="How the subject of an absence notice begins.")
    absent_words: Phrases = Field(default=[], description="Words of a text that tell of an absence.")


class SharedFile(Table):
    """A file of rules.d that belongs to no client: lists of phrases, emergencies, rules."""

    language: LanguageTable | None = Field(default=None, description="Whose words the lists of this file are.")
    safety: SafetyTable = Field(default=SafetyTable(), description="Signs of a machine, besides those shipped.")
    emergency: list[EmergencyTable] = Field(default=[], description="What counts as damage going on now.")
    rule: list[RuleTable] = Field(default=[], description="From what was read to a kind; the first that fits decides.")
    sentences: list[SentencesTable] = Field(default=[], description="Whole messages and the kind they are.")
    learned: list[LearnedTable] = Field(default=[], description="Rules that `vamaild learn` proposed and you accepted.")
