"""What the store in memory remembers of a sender."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.memory_store.mails import ON_ITS_WAY
from tests.memory_store.matter import matter
from tests.memory_store.trust import TrustRows
from vamaild.core.ledger import BOUNCED_FOR, NOT_BY_A_PERSON, Asked, OutboxItem, Sort, State
from vamaild.core.letter import thread_ids
from vamaild.core.message import History, Said
from vamaild.core.privacy import code
from vamaild.core.sameness import alike, domain_of, same_hand, same_subject


class HistoryRows(TrustRows):
    def history(self, asked: Asked) -> History:
        mine = [e for e in self._rows.messages.values() if e.address.lower() == asked.address.lower()]
        here = [e for e in mine if e.client == asked.client]
        about = matter(asked.message_id, asked.references, asked.subject)
        coded = [e for e in self._rows.messages.values() if e.address == code(asked.address)]
        spoken = [e for e in (*here, *coded) if e.language and e.client == asked.client]
        replies = [i for i in self._rows.outbox.values() if i.mail.sort is Sort.COURTESY]
        to_person = [i for i in replies if asked.address.lower() in (i.mail.to.lower(), self._author(i).lower())]
        hour_ago, day_ago = asked.now - timedelta(hours=1), asked.now - timedelta(hours=24)
        to = asked.to or asked.address
        left = [i for i in replies if i.state in ON_ITS_WAY]
        near = [
            i
            for i in left
            if i.mail.client == asked.client
            and domain_of(i.mail.to) == domain_of(to)
            and self._rows.made[i.id] > day_ago
            and i.message
            and same_subject(self._rows.messages[i.message].subject, asked.subject)
        ]
        near.sort(key=lambda i: (self._rows.made[i.id], i.id), reverse=True)
        asked_ids = {*asked.references, asked.message_id, *asked.returned}
        ours = [i for i in self._rows.outbox.values() if i.mail.key in asked_ids]
        printed = [e for e in self._rows.messages.values() if asked.fingerprint and e.fingerprint == asked.fingerprint]
        named = [e for e in mine if asked.message_id and e.message_id == asked.message_id]
        seen = {e.text_mark if e.client in (asked.client, "") else "elsewhere" for e in (*printed, *named)}
        came_back = [self._rows.bounces.get(a.lower()) for a in (asked.address, to)]
        return History(
            messages_today=1 + sum(e.received >= asked.day_begins for e in here),
            same_matter=1 + sum(bool(about & matter(e.message_id, e.references, e.subject)) for e in here),
            said=tuple(
                Said(i.mail.template, i.sent_at or self._rows.made[i.id], self._is_about(i, about, asked))
                for i in to_person
                if i.mail.client == asked.client and i.state in ON_ITS_WAY | {State.DRAFT}
            )[-100:],
            replies_last_hour=sum(i.state in ON_ITS_WAY and self._rows.made[i.id] > hour_ago for i in replies),
            replies_today=sum(i.state in ON_ITS_WAY and self._rows.made[i.id] >= asked.day_begins for i in to_person),
            seen_before=bool(seen),
            reused=bool(seen) and asked.text_mark not in seen,
            language=sorted(spoken, key=lambda e: e.received)[-1].language if spoken else "",
            our_ids=frozenset(i.mail.key for i in ours),
            answered_by_person=bool(self.answers(asked.client, (asked.message_id,), asked.people)),
            replies_to_domain=sum(
                domain_of(i.mail.to) == domain_of(to) and self._rows.made[i.id] > hour_ago for i in left
            ),
            replies_last_day=sum(self._rows.made[i.id] > day_ago for i in left),
            told_alike=tuple(
                dict.fromkeys(i.mail.template for i in near if i.mail.to.lower() != to.lower() and alike(i.mail.to, to))
            ),
            answers_after=_after([*ours, *(near if asked.responds else ())], asked.received or asked.now),
            same_text=bool(asked.text_mark)
            and any(
                ours or same_hand(e.address, asked.address, asked.responds)
                for e in self._rows.messages.values()
                if (e.client, e.text_mark) == (asked.client, asked.text_mark) and e.received >= day_ago
            ),
            bounced=any(at and at > asked.now - BOUNCED_FOR for at in came_back),
            offers=self.offers_in(asked.client, asked.references),
            rush_sold=self.sold_since(asked.client, asked.week_begins) if asked.week_begins else 0,
            levels=self.levels(asked.client) if asked.client else (),
            facts=frozenset(
                str(fact)
                for e in here
                if about & matter(e.message_id, e.references, e.subject)
                for fact in _listed(e.explanation.get("facts"))
            ),
            no_auto=(asked.client, asked.address.lower()) in self._rows.no_auto,
        )

    def _is_about(self, item: OutboxItem, about: set[str], asked: Asked) -> bool:
        told = self._rows.messages.get(item.message or 0)
        mine = told is not None and told.address.lower() == asked.address.lower()
        return bool(mine and told and about & matter(told.message_id, told.references, told.subject))

    def _author(self, item: OutboxItem) -> str:
        return self._rows.messages[item.message].address if item.message else item.mail.to

    def answers(self, client: str, ids: Sequence[str], people: Sequence[str]) -> frozenset[str]:
        own = {p.lower() for p in people}
        answered = {
            i
            for e in self._rows.messages.values()
            if e.client == client and e.address.lower() in own and e.reason not in NOT_BY_A_PERSON
            for i in thread_ids(e.references)
        }
        return frozenset(i for i in ids if i in answered)


def _after(items: Sequence[OutboxItem], came: datetime) -> timedelta | None:
    moments = [i.sent_at or i.claimed_at for i in items if i.mail.sort is Sort.COURTESY]
    left = [moment for moment in moments if moment and moment <= came]
    return came - max(left) if left else None


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) else ()
