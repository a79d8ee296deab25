"""The real program with less patience, so that a test need not wait for minutes: `python impatient.py run ...`.

Only numbers are changed: how long one read and one call to a mail server may take, and how soon it is asked again.
"""

from datetime import timedelta

from vamaild import mailroom
from vamaild.adapters.mailbox import ImapMailbox

READ, CALL, AGAIN, LONGEST = 3.0, 6.0, timedelta(seconds=0.2), timedelta(seconds=1)

if __name__ == "__main__":
    (ImapMailbox.__init__.__kwdefaults__ or {}).update(read_seconds=READ, call_seconds=CALL)
    mailroom.FIRST_WAIT, mailroom.LONGEST_WAIT = AGAIN, LONGEST
    mailroom.LONGEST_STEP = 2 * CALL
    from vamaild.__main__ import main

    main()
