"""The migrations from 0005 on, each with its statements; schema.py puts them behind the first four.

Append the next one with the next number. Never change one that was released.
"""

from .columns import time_check

VERDICTS = (
    f"""CREATE TABLE verdict (
      code TEXT NOT NULL REFERENCES queue (code) ON DELETE CASCADE,
      client TEXT NOT NULL,
      who TEXT NOT NULL,
      could_wait INTEGER NOT NULL CHECK (could_wait IN (0, 1)),
      at INTEGER NOT NULL {time_check("at")},
      PRIMARY KEY (code, who)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX verdict_given ON verdict (client, at)",
    "CREATE INDEX queue_closed ON queue (client, closed_at) WHERE escalates = 1",
)

DRILLS = (
    "DROP INDEX queue_due",
    "ALTER TABLE notice ADD COLUMN bundle TEXT NOT NULL DEFAULT ''",
    "UPDATE notice SET bundle = key WHERE attempts > 0",
    "CREATE INDEX notice_bundle ON notice (bundle) WHERE bundle <> ''",
    "CREATE INDEX notice_told ON notice (person, settled_at) WHERE state = 'delivered'",
    f"""CREATE TABLE drill (
      code TEXT PRIMARY KEY,
      client TEXT NOT NULL,
      began INTEGER NOT NULL {time_check("began")},
      ended INTEGER {time_check("ended")},
      links TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(links)),
      instead TEXT NOT NULL DEFAULT ''
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX drill_client ON drill (client, began)",
)
"""A practice alarm is remembered longer than its case. `bundle` is the key of the message a notice was told in: many in
one message are answered at once and disturb once."""

ABSENCE = (
    f"""CREATE TABLE away (
      client TEXT NOT NULL,
      name TEXT NOT NULL,
      at INTEGER NOT NULL {time_check("at")},
      value TEXT NOT NULL CHECK (json_valid(value)),
      PRIMARY KEY (client, name)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE no_auto (
      client TEXT NOT NULL,
      person INTEGER NOT NULL,
      at INTEGER NOT NULL {time_check("at")},
      PRIMARY KEY (client, person)
    ) STRICT, WITHOUT ROWID""",
)
"""`away` holds one value for each client and name (the order over the file, the interview, ticks). `no_auto` holds the
digest of whoever asked for no automatic replies: it outlives the person's messages."""

HANDING = (
    f"""CREATE TABLE consent (
      client TEXT NOT NULL,
      email TEXT NOT NULL COLLATE NOCASE,
      name TEXT NOT NULL,
      key TEXT NOT NULL,
      asked_at INTEGER NOT NULL {time_check("asked_at")},
      said TEXT NOT NULL CHECK (said IN ('asked', 'yes', 'no', 'unclear')),
      said_at INTEGER {time_check("said_at")},
      PRIMARY KEY (client, email)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX consent_key ON consent (key)",
    f"""CREATE TABLE forward (
      id INTEGER PRIMARY KEY,
      client TEXT NOT NULL,
      message INTEGER REFERENCES message (id) ON DELETE SET NULL,
      customer TEXT NOT NULL COLLATE NOCASE,
      email TEXT NOT NULL COLLATE NOCASE,
      reply_key TEXT NOT NULL UNIQUE,
      told_in INTEGER REFERENCES message (id) ON DELETE SET NULL,
      stage TEXT NOT NULL CHECK
        (stage IN ('offered', 'agreed', 'handed', 'taken', 'declined', 'dropped', 'missed', 'done')),
      made_at INTEGER NOT NULL {time_check("made_at")},
      handed_at INTEGER {time_check("handed_at")},
      due INTEGER {time_check("due")},
      ended_at INTEGER {time_check("ended_at")},
      tried TEXT NOT NULL CHECK (json_valid(tried))
    ) STRICT""",
    "CREATE INDEX forward_message ON forward (message)",
    "CREATE INDEX forward_told_in ON forward (told_in)",
    "CREATE INDEX forward_stage ON forward (stage, id)",
    f"""CREATE TABLE packet (
      key TEXT PRIMARY KEY,
      forward INTEGER NOT NULL REFERENCES forward (id) ON DELETE CASCADE,
      email TEXT NOT NULL COLLATE NOCASE,
      at INTEGER NOT NULL {time_check("at")}
    ) STRICT""",
    "CREATE INDEX packet_forward ON packet (forward)",
    "CREATE INDEX packet_email ON packet (email, at)",
    f"""CREATE TABLE resolution (
      message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
      how TEXT NOT NULL CHECK (how IN ('said', 'answered', 'silent')),
      at INTEGER NOT NULL {time_check("at")}
    ) STRICT""",
)
"""What was handed over outlives the message it was about; how a message ended goes with it."""

REPORT = (
    "CREATE INDEX message_decided ON message (client, decided_at)",
    "CREATE INDEX rush_taken ON rush (taken_at) WHERE taken_at IS NOT NULL",
    "CREATE INDEX promise_due ON promise (due)",
    "CREATE INDEX queue_opened ON queue (opened) WHERE escalates = 1",
    "CREATE INDEX resolution_at ON resolution (at)",
    "CREATE INDEX draft_fate_at ON draft_fate (at)",
    """CREATE TABLE arrival (
      minute INTEGER NOT NULL,
      client TEXT NOT NULL,
      messages INTEGER NOT NULL CHECK (messages >= 0),
      PRIMARY KEY (minute, client)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO arrival SELECT decided_at / 60000000 AS minute, client, count(*) FROM message GROUP BY 1, 2",
    """CREATE TRIGGER arrival_more AFTER INSERT ON message BEGIN
      INSERT INTO arrival VALUES (new.decided_at / 60000000, new.client, 1)
        ON CONFLICT (minute, client) DO UPDATE SET messages = messages + 1;
    END""",
)
"""`arrival` counts every message in the minute it was decided, by client. Nothing counts it down: the report compares
it with the rows that are still there."""

LEARNING = (
    f"""CREATE TABLE correction (
      message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
      client TEXT NOT NULL,
      kind TEXT NOT NULL,
      said_by TEXT NOT NULL,
      at INTEGER NOT NULL {time_check("at")}
    ) STRICT""",
    "CREATE INDEX correction_at ON correction (at)",
    f"""CREATE TABLE proposal (
      id INTEGER PRIMARY KEY,
      mark TEXT NOT NULL UNIQUE,
      client TEXT NOT NULL,
      condition TEXT NOT NULL CHECK (condition IN ('from', 'says')),
      condition_values TEXT NOT NULL CHECK (json_valid(condition_values)),
      kind TEXT NOT NULL,
      messages TEXT NOT NULL CHECK (json_valid(messages)),
      made_at INTEGER NOT NULL {time_check("made_at")},
      standing TEXT NOT NULL DEFAULT 'open' CHECK (standing IN ('open', 'agreed', 'accepted', 'refused')),
      said_at INTEGER {time_check("said_at")},
      said_by TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    f"""CREATE TABLE sheet (
      key TEXT PRIMARY KEY,
      client TEXT NOT NULL,
      addressee TEXT NOT NULL COLLATE NOCASE,
      at INTEGER NOT NULL {time_check("at")},
      questions TEXT NOT NULL CHECK (json_valid(questions)),
      heard INTEGER {time_check("heard")},
      asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1))
    ) STRICT""",
)
"""`sheet` is a report that can be answered, and what its numbers mean. A refused proposal stays, so that it is not made
again."""

OUTCOMES = (
    f"""CREATE TABLE outcome (
      message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
      could_wait INTEGER NOT NULL CHECK (could_wait IN (0, 1)),
      who TEXT NOT NULL,
      at INTEGER NOT NULL {time_check("at")}
    ) STRICT""",
)
"""What a person said of an urgency for which nobody was called: did it wait without harm?"""

PRIVACY = (
    "ALTER TABLE message ADD COLUMN purged INTEGER NOT NULL DEFAULT 0 CHECK (purged IN (0, 1, 2))",
    "CREATE INDEX message_kept ON message (decided_at) WHERE purged = 0",
    "CREATE INDEX message_events ON message (decided_at) WHERE purged = 1",
    *(
        f"ALTER TABLE {table} ADD COLUMN purged INTEGER NOT NULL DEFAULT 0 CHECK (purged IN (0, 1))"
        for table in ("outbox", "queue", "promise", "rush", "forward")
    ),
    "CREATE INDEX outbox_kept ON outbox (made_at) WHERE purged = 0",
    "CREATE INDEX outbox_events ON outbox (made_at) WHERE purged = 1",
)
"""`purged` 1: texts, names and addresses are gone; of a message 2: place, outcome and fingerprint are left."""

SUBJECTS = (
    "ALTER TABLE outbox ADD COLUMN about INTEGER NOT NULL DEFAULT 0",
    "UPDATE outbox SET about = coalesce((SELECT subject_mark(outbox.client, subject) FROM message "
    "WHERE id = outbox.message), 0) WHERE sort = 'courtesy' AND purged = 0",
    "CREATE INDEX outbox_about ON outbox (domain, about, made_at) WHERE sort = 'courtesy'",
)
"""`about` is the mark of the subject that is answered (marks.py), to find at once what was said of it lately."""

LATER = {
    "0005_verdicts": VERDICTS,
    "0006_drills": DRILLS,
    "0007_handing": HANDING,
    "0008_absence": ABSENCE,
    "0009_report": REPORT,
    "0010_learning": LEARNING,
    "0011_privacy": PRIVACY,
    "0012_outcomes": OUTCOMES,
    "0013_subjects": SUBJECTS,
}
