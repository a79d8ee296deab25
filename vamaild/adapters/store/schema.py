"""The tables, as numbered migrations. Never change one that was released: add the next.

Times are integers, microseconds since 1970 UTC. Tables are STRICT and checked, so that a row mended by hand is refused
by SQLite and not by whoever reads it next. `matter` answers "same person, same thing?" without reading messages:
`person` and `mark` are 64-bit digests, and everything about one person lies on one page, however large the ledger. It
has no foreign key: that would need a second index, and a person's rows are found by `person` when they are to go.
"""

# ruff: noqa: S608 - what is put together here are constants of this package; every value is bound with ?

from collections.abc import Sequence

from sqlite_utils import Database, Migrations

from ...core.letter import clean
from .columns import time_check as _time
from .marks import subject_mark
from .schema_later import LATER

migrations = Migrations("vamaild")


START = f"""
CREATE TABLE watermark (
  mailbox TEXT PRIMARY KEY,
  uidvalidity INTEGER NOT NULL,
  uid INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  mailbox TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  marked INTEGER NOT NULL DEFAULT 0 CHECK (marked IN (0, 1)),
  received INTEGER NOT NULL {_time("received")},
  decided_at INTEGER NOT NULL {_time("decided_at")},
  size INTEGER NOT NULL,
  client TEXT NOT NULL,
  address TEXT NOT NULL COLLATE NOCASE,
  language TEXT NOT NULL,
  kind TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('answered', 'no-reply', 'waiting', 'escalated')),
  reason TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  message_id TEXT NOT NULL,
  refs TEXT NOT NULL CHECK (json_valid(refs)),
  subject TEXT NOT NULL,
  explanation TEXT NOT NULL CHECK (json_valid(explanation))
) STRICT;
CREATE INDEX message_place ON message (mailbox, uid);
CREATE INDEX message_fingerprint ON message (fingerprint, mailbox);
CREATE INDEX message_person ON message (address, client, received);
CREATE INDEX message_client ON message (client, received);
CREATE INDEX message_unmarked ON message (mailbox, uidvalidity, uid) WHERE marked = 0;

CREATE TABLE matter (
  person INTEGER NOT NULL,
  mark INTEGER NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (person, mark, message)
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  messages INTEGER NOT NULL CHECK (messages >= 0),
  PRIMARY KEY (outcome, reason)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER tally_more AFTER INSERT ON message BEGIN
  INSERT INTO tally VALUES (new.outcome, new.reason, 1)
    ON CONFLICT (outcome, reason) DO UPDATE SET messages = messages + 1;
END;
CREATE TRIGGER tally_less AFTER DELETE ON message BEGIN
  UPDATE tally SET messages = messages - 1 WHERE outcome = old.outcome AND reason = old.reason;
END;
CREATE TRIGGER tally_other AFTER UPDATE OF outcome, reason ON message BEGIN
  UPDATE tally SET messages = messages - 1 WHERE outcome = old.outcome AND reason = old.reason;
  INSERT INTO tally VALUES (new.outcome, new.reason, 1)
    ON CONFLICT (outcome, reason) DO UPDATE SET messages = messages + 1;
END;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  sort TEXT NOT NULL CHECK (sort IN ('courtesy', 'escalation', 'note')),
  state TEXT NOT NULL CHECK (state IN ('queued', 'draft', 'claimed', 'sent', 'failed', 'unconfirmed', 'stopped')),
  not_before INTEGER NOT NULL {_time("not_before")},
  made_at INTEGER NOT NULL {_time("made_at")},
  claimed_at INTEGER {_time("claimed_at")},
  sent_at INTEGER {_time("sent_at")},
  filed_at INTEGER {_time("filed_at")},
  attempts INTEGER NOT NULL DEFAULT 0,
  message INTEGER REFERENCES message (id) ON DELETE SET NULL,
  recipient TEXT NOT NULL COLLATE NOCASE,
  client TEXT NOT NULL,
  template TEXT NOT NULL,
  case_code TEXT NOT NULL,
  error TEXT NOT NULL DEFAULT '',
  raw BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (sort, not_before, id) WHERE state = 'queued';
CREATE INDEX outbox_state ON outbox (state, id);
CREATE INDEX outbox_unfiled ON outbox (id) WHERE filed_at IS NULL AND sort = 'courtesy' AND state IN ('sent', 'draft');
CREATE INDEX outbox_person ON outbox (recipient, id) WHERE sort = 'courtesy';
CREATE INDEX outbox_made ON outbox (made_at, state) WHERE sort = 'courtesy';
CREATE INDEX outbox_message ON outbox (message);

CREATE TABLE outbox_tally (
  state TEXT PRIMARY KEY,
  mails INTEGER NOT NULL CHECK (mails >= 0)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER outbox_more AFTER INSERT ON outbox BEGIN
  INSERT INTO outbox_tally VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET mails = mails + 1;
END;
CREATE TRIGGER outbox_less AFTER DELETE ON outbox BEGIN
  UPDATE outbox_tally SET mails = mails - 1 WHERE state = old.state;
END;
CREATE TRIGGER outbox_other AFTER UPDATE OF state ON outbox WHEN old.state <> new.state BEGIN
  UPDATE outbox_tally SET mails = mails - 1 WHERE state = old.state;
  INSERT INTO outbox_tally VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET mails = mails + 1;
END;

CREATE TABLE queue (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE CHECK (code GLOB '[A-HJ-NP-Z2-9][A-HJ-NP-Z2-9][A-HJ-NP-Z2-9][A-HJ-NP-Z2-9]'),
  client TEXT NOT NULL,
  reason TEXT NOT NULL,
  note TEXT NOT NULL,
  who TEXT NOT NULL,
  subject TEXT NOT NULL,
  escalates INTEGER NOT NULL CHECK (escalates IN (0, 1)),
  due INTEGER {_time("due")},
  opened INTEGER NOT NULL {_time("opened")},
  message INTEGER REFERENCES message (id) ON DELETE SET NULL,
  step INTEGER NOT NULL DEFAULT 0,
  acknowledged_at INTEGER {_time("acknowledged_at")},
  acknowledged_by TEXT NOT NULL DEFAULT '',
  closed_at INTEGER {_time("closed_at")}
) STRICT;
CREATE INDEX queue_open ON queue (client, opened) WHERE closed_at IS NULL;
CREATE INDEX queue_due ON queue (due) WHERE closed_at IS NULL AND acknowledged_at IS NULL AND escalates = 1;
CREATE INDEX queue_message ON queue (message);

CREATE TABLE promise (
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  client TEXT NOT NULL,
  recipient TEXT NOT NULL,
  due INTEGER NOT NULL {_time("due")},
  template TEXT NOT NULL
) STRICT;
CREATE INDEX promise_message ON promise (message);

CREATE TABLE run (
  name TEXT PRIMARY KEY,
  at INTEGER NOT NULL {_time("at")}
) STRICT, WITHOUT ROWID;
"""


@migrations(name="0001_start")
def start(db: Database) -> None:
    """Ledger, outbox, queue, promises and the times of what runs by the clock."""
    db.executescript(START)


BREAKERS = (
    "ALTER TABLE message ADD COLUMN text_mark TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX message_text ON message (client, text_mark, received)",
    "CREATE INDEX message_reports ON message (decided_at) WHERE reason = 'report'",
    "ALTER TABLE outbox ADD COLUMN author TEXT NOT NULL DEFAULT '' COLLATE NOCASE",
    "ALTER TABLE outbox ADD COLUMN domain TEXT NOT NULL DEFAULT ''",
    "UPDATE outbox SET author = coalesce((SELECT address FROM message WHERE id = outbox.message), recipient), "
    "domain = lower(substr(recipient, instr(recipient, '@') + 1))",
    "CREATE INDEX outbox_author ON outbox (author, id) WHERE sort = 'courtesy'",
    "CREATE INDEX outbox_domain ON outbox (domain, made_at) WHERE sort = 'courtesy'",
    "CREATE TABLE bounce (address TEXT PRIMARY KEY COLLATE NOCASE, "
    f"at INTEGER NOT NULL {_time('at')}) STRICT, WITHOUT ROWID",
)
"""`author` wrote the mail that is answered (the answer may go elsewhere), `domain` is the recipient's; `bounce` holds
the addresses whose mail came back, and since when."""


@migrations(name="0002_breakers")
def breakers(db: Database) -> None:
    """What stops replies that go round in circles or come back."""
    for statement in BREAKERS:
        db.execute(statement)


PROMISES = (
    f"""CREATE TABLE promise_kept_track_of (
      id INTEGER PRIMARY KEY,
      message INTEGER REFERENCES message (id) ON DELETE SET NULL,
      client TEXT NOT NULL,
      recipient TEXT NOT NULL,
      due INTEGER NOT NULL {_time("due")},
      template TEXT NOT NULL,
      what TEXT NOT NULL,
      owner TEXT NOT NULL,
      remind_at INTEGER {_time("remind_at")},
      hour INTEGER NOT NULL CHECK (hour IN (0, 1)),
      made_at INTEGER NOT NULL {_time("made_at")},
      state TEXT NOT NULL CHECK (state IN ('open', 'kept', 'late', 'withdrawn')),
      reminded_at INTEGER {_time("reminded_at")},
      ended_at INTEGER {_time("ended_at")},
      CHECK (CASE state WHEN 'open' THEN ended_at IS NULL WHEN 'withdrawn' THEN 1 ELSE ended_at IS NOT NULL END)
    ) STRICT""",
    "INSERT INTO promise_kept_track_of SELECT promise.id, message, promise.client, recipient, due, template, "
    "clean_subject(subject), 'me', NULL, template IN ('emergency-received', 'vacation-fifth'), decided_at, "
    "CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE outbox.message = promise.message "
    "AND outbox.template = promise.template AND outbox.state IN ('stopped', 'failed')) THEN 'withdrawn' ELSE 'open' "
    "END, NULL, NULL FROM promise JOIN message ON message.id = promise.message",
    "DROP TABLE promise",
    "ALTER TABLE promise_kept_track_of RENAME TO promise",
    "CREATE INDEX promise_message ON promise (message)",
    "CREATE INDEX promise_open ON promise (due) WHERE state = 'open'",
    "CREATE INDEX promise_reminder ON promise (remind_at) "
    "WHERE state = 'open' AND reminded_at IS NULL AND remind_at IS NOT NULL",
    f"""CREATE TABLE rush (
      id INTEGER PRIMARY KEY,
      request INTEGER REFERENCES message (id) ON DELETE SET NULL,
      client TEXT NOT NULL,
      recipient TEXT NOT NULL,
      what TEXT NOT NULL,
      percent INTEGER NOT NULL CHECK (percent >= 0),
      ready_at INTEGER NOT NULL {_time("ready_at")},
      accept_by INTEGER NOT NULL {_time("accept_by")},
      ordinary INTEGER NOT NULL {_time("ordinary")},
      offer_key TEXT NOT NULL UNIQUE,
      language TEXT NOT NULL,
      offered_at INTEGER NOT NULL {_time("offered_at")},
      state TEXT NOT NULL CHECK
        (state IN ('offered', 'taken', 'agreed', 'declined', 'refused', 'expired', 'withdrawn')),
      answer INTEGER REFERENCES message (id) ON DELETE SET NULL,
      taken_at INTEGER {_time("taken_at")},
      taken_by TEXT NOT NULL DEFAULT '',
      case_code TEXT NOT NULL DEFAULT '',
      ended_at INTEGER {_time("ended_at")},
      hours REAL CHECK (hours BETWEEN 0 AND 10000),
      charged INTEGER NOT NULL DEFAULT 1 CHECK (charged IN (0, 1)),
      CHECK (state NOT IN ('taken', 'agreed') OR taken_at IS NOT NULL),
      CHECK (state NOT IN ('offered', 'taken') OR ended_at IS NULL)
    ) STRICT""",
    "CREATE INDEX rush_request ON rush (request)",
    "CREATE INDEX rush_answer ON rush (answer) WHERE answer IS NOT NULL",
    "CREATE INDEX rush_state ON rush (state, offered_at)",
    "CREATE INDEX rush_accept_by ON rush (accept_by) WHERE state = 'offered'",
    "CREATE INDEX rush_case ON rush (case_code) WHERE state = 'taken'",
    "CREATE INDEX rush_sold ON rush (client, taken_at) WHERE state IN ('taken', 'agreed')",
    f"""CREATE TABLE level (
      client TEXT NOT NULL,
      template TEXT NOT NULL,
      trust TEXT NOT NULL CHECK (trust IN ('observe', 'draft', 'send')),
      since INTEGER NOT NULL {_time("since")},
      set_by TEXT NOT NULL,
      proposed_at INTEGER {_time("proposed_at")},
      PRIMARY KEY (client, template)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE draft_fate (
      id INTEGER PRIMARY KEY,
      item INTEGER UNIQUE REFERENCES outbox (id) ON DELETE SET NULL,
      client TEXT NOT NULL,
      template TEXT NOT NULL,
      fate TEXT NOT NULL CHECK (fate IN ('unchanged', 'edited', 'discarded')),
      at INTEGER NOT NULL {_time("at")}
    ) STRICT""",
    "CREATE INDEX draft_fate_text ON draft_fate (client, template, at)",
    f"""CREATE TABLE pause (
      client TEXT PRIMARY KEY,
      since INTEGER NOT NULL {_time("since")},
      until INTEGER {_time("until")},
      paused_by TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
)
"""A promise, a rush and a draft's fate outlive the mail they came from: what is owed and invoiced does not end when an
old message is deleted. `clean_subject` is core/letter.py's, for the promises that are there already."""


@migrations(name="0003_promises")
def promises(db: Database) -> None:
    """Promises with an owner, a reminder and an end; rush offers; what was learned about drafts; pauses."""
    db.conn.create_function("clean_subject", 1, lambda subject: clean(subject, 120), deterministic=True)
    for statement in PROMISES:
        db.execute(statement)


CHAIN = (
    "ALTER TABLE queue ADD COLUMN version INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE queue ADD COLUMN chain TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(chain))",
    "ALTER TABLE queue ADD COLUMN joined INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE queue ADD COLUMN joins INTEGER NOT NULL DEFAULT 1 CHECK (joins IN (0, 1))",
    "ALTER TABLE queue ADD COLUMN damage TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE queue ADD COLUMN damages TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(damages))",
    "ALTER TABLE queue ADD COLUMN people INTEGER NOT NULL DEFAULT 0 CHECK (people IN (0, 1))",
    "ALTER TABLE queue ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0 CHECK (fresh IN (0, 1))",
    "ALTER TABLE queue ADD COLUMN could_wait INTEGER CHECK (could_wait IN (0, 1))",
    "ALTER TABLE queue ADD COLUMN resolution TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE queue ADD COLUMN person INTEGER",
    "UPDATE queue SET person = person_mark((SELECT address FROM message WHERE id = queue.message))",
    "CREATE INDEX queue_watched ON queue (due) WHERE closed_at IS NULL AND (escalates = 1 OR due IS NOT NULL)",
    "CREATE INDEX queue_wolf ON queue (person, client, closed_at) WHERE could_wait = 1",
    "CREATE INDEX queue_person ON queue (person, client) WHERE closed_at IS NULL AND escalates = 1",
    f"""CREATE TABLE case_event (
      id INTEGER PRIMARY KEY,
      code TEXT NOT NULL REFERENCES queue (code) ON DELETE CASCADE,
      at INTEGER NOT NULL {_time("at")},
      what TEXT NOT NULL,
      who TEXT NOT NULL,
      detail TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX case_event_code ON case_event (code, id)",
    f"""CREATE TABLE notice (
      id INTEGER PRIMARY KEY,
      code TEXT NOT NULL REFERENCES queue (code) ON DELETE CASCADE,
      client TEXT NOT NULL,
      key TEXT NOT NULL UNIQUE,
      person TEXT NOT NULL,
      channel TEXT NOT NULL,
      round INTEGER NOT NULL,
      why TEXT NOT NULL,
      about TEXT NOT NULL,
      practice INTEGER NOT NULL CHECK (practice IN (0, 1)),
      state TEXT NOT NULL CHECK (state IN ('ready', 'handed', 'delivered', 'failed', 'dropped')),
      attempts INTEGER NOT NULL DEFAULT 0,
      not_before INTEGER NOT NULL {_time("not_before")},
      made_at INTEGER NOT NULL {_time("made_at")},
      settled_at INTEGER {_time("settled_at")},
      detail TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX notice_code ON notice (code, id)",
    "CREATE INDEX notice_ready ON notice (not_before, id) WHERE state IN ('ready', 'handed')",
    "CREATE INDEX notice_made ON notice (client, made_at)",
)
"""A case's chain is one JSON value, changed only together with its timeline and its notices. `person` is the digest of
whoever wrote, so that "cried wolf twice" outlives the message. A case that was taken before stays taken."""


@migrations(name="0004_chain")
def chain(db: Database) -> None:
    """Where each emergency stands, what happened to it, and what our own people were told."""
    from .history import person

    db.conn.create_function("person_mark", 1, lambda a: None if a is None else person(a), deterministic=True)
    for statement in CHAIN:
        db.execute(statement)


def _register(name: str, statements: Sequence[str]) -> None:
    @migrations(name=name)
    def later(db: Database) -> None:
        db.conn.create_function("subject_mark", 2, subject_mark, deterministic=True)
        for statement in statements:
            db.execute(statement)


for _name, _statements in LATER.items():
    _register(_name, _statements)


def names() -> tuple[str, ...]:
    """The migrations this version knows, oldest first."""
    empty = Database(memory=True, execute_plugins=False)
    known = tuple(m.name for m in migrations.pending(empty))
    empty.close()
    return known
