"""A report as one mail: plain text, the same as HTML, and CSV attached (RFC 2046, 2049); css-inline is used here alone.

css-inline drops @media rules unless it is told to keep them; dark mode and narrow screens live there. It never loads a
remote style sheet here.
"""

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import css_inline

from ..core.letter import Envelope, address, clean

LONGEST = 78


def inlined(document: str) -> str:
    """The document with its sheet written into the elements; what belongs to @media stays in the head."""
    inliner = css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False, minify_css=True
    )
    return str(inliner.inline(document))


def to_bytes(
    subject: str, text: str, html: str, attached: Mapping[str, str], envelope: Envelope, now: datetime
) -> bytes:
    """multipart/mixed of multipart/alternative and the CSV files, by their names; CR LF. `now` is aware.

    Raises ValueError when an address is no plain ASCII address.
    """
    mail = EmailMessage(policy=SMTP.clone(max_line_length=LONGEST))
    mail["From"] = Address(clean(envelope.from_name), addr_spec=address(envelope.from_address))
    mail["To"] = address(envelope.to)
    mail["Subject"] = clean(subject) or "-"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = envelope.key
    mail["Auto-Submitted"] = envelope.auto
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Loop"] = envelope.from_address
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(inlined(html), subtype="html", cte="quoted-printable")
    for name, table in attached.items():
        mail.add_attachment(table, subtype="csv", filename=name, cte="base64")
    mail["Content-Language"] = envelope.language  # last: each part that is added would take it along
    return mail.as_bytes()
