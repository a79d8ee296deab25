"""Mail for each rule about replies that a header decides, and what is to come of it."""

CARLA = "carla@customer.example"
SRS = "SRS0=HHH=TT=customer.example=carla@client.example"
SRS_365 = "boss+SRS=abcde=XY=customer.example=carla@client.example"
GMAIL = "boss+caf_=va=va.example@gmail.com"
TEXT = "Buongiorno, mi serve una copia del preventivo."


def mail(*fields: str, path: str | None = CARLA, text: str = TEXT, **changes: str) -> bytes:
    """A customer's message to the owner; a header that is given replaces the usual one."""
    usual = {
        "From": f"Carla Conti <{CARLA}>",
        "To": "boss@client.example",
        "Subject": "Domanda",
        "Date": "Thu, 26 Nov 2026 10:00:00 +0100",
        "Message-ID": "<1@customer.example>",
    } | {k.replace("_", "-"): v for k, v in changes.items()}
    head = [f"Return-Path: <{path}>"] if path is not None else []
    head += [f"{name}: {value}" for name, value in usual.items() if value] + list(fields)
    return "\r\n".join([*head, "", text, ""]).encode()


def multipart(kind: str, *parts: tuple[str, str], **changes: str) -> bytes:
    body = "".join(f"--b\r\nContent-Type: {t}\r\n\r\n{text}\r\n" for t, text in parts) + "--b--\r\n"
    return mail("MIME-Version: 1.0", f"Content-Type: {kind}; boundary=b", text=body, **changes)


GROUP = ("List-Id: <info.client.example>", "Precedence: list", "Mailing-list: list info@client.example; contact x")
STAMPS = (
    "Auto-Submitted: auto-generated",
    "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",
    "X-MS-Exchange-Inbox-Rules-Loop: boss@client.example",
)
DSN = "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1"

CASES: list[tuple[str, str, bytes, str]] = [
    ("2.1-1", "folded", mail("Auto-Submitted:\r\n auto-replied\r\n (vacation)"), "auto-submitted"),
    ("2.1-1", "second field", mail("Auto-Submitted: no", "Auto-Submitted: auto-replied"), "auto-submitted"),
    ("2.1-1", "comment first", mail("Auto-Submitted: (no) auto-replied"), "auto-submitted"),
    ("2.1-1", "open comment", mail("Auto-Submitted: auto-replied (vacation"), "auto-submitted"),
    ("2.1-1", "empty", mail("Auto-Submitted: "), "auto-submitted"),
    ("2.1-1", "odd name", mail("AUTO-SUBMITTED: Auto-Generated"), "auto-submitted"),
    ("2.1-2", "no", mail("Auto-Submitted: No"), CARLA),
    ("2.1-2", "nested comment", mail(r"Auto-Submitted: (a (b\) ) no) no (by (hand))"), CARLA),
    ("2.1-2", "folded", mail("Auto-Submitted:\r\n\tno;\r\n x=y"), CARLA),
    ("2.1-2", "open comment", mail("Auto-Submitted: no (typed"), CARLA),
    ("2.1-3", "notified", mail('Auto-Submitted: auto-notified; owner-email="x@y.example"'), "auto-submitted"),
    ("2.1-3", "unknown", mail("Auto-Submitted: x-anything"), "auto-submitted"),
    ("2.1-3", "not really no", mail("Auto-Submitted: none"), "auto-submitted"),
    ("2.1-4", "null path", mail(path=""), "null-path"),
    ("2.1-4", "null path with blanks", mail(path="  "), "null-path"),
    ("2.1-4", "null path of a form", mail(path="", From="www@client.example", Reply_To=CARLA), "null-path"),
    ("2.1-5", "Cc", mail("Cc: Boss <BOSS@Client.Example>", To="x@partner.example"), CARLA),
    ("2.1-5", "alias", mail(To="info@client.example"), CARLA),
    ("2.1-5", "Bcc", mail("Bcc: boss@client.example", To="x@partner.example"), CARLA),
    ("2.1-5", "Resent-Cc", mail("Resent-Cc: boss@client.example", To="x@partner.example"), CARLA),
    ("2.1-5", "Resent-Bcc", mail("Resent-Bcc: boss@client.example", To="x@partner.example"), CARLA),
    ("2.1-5", "group syntax", mail(To="friends: x@partner.example, boss@client.example;"), CARLA),
    ("2.1-5", "nobody", mail("Delivered-To: boss@client.example", To="undisclosed-recipients:;"), "not-addressed?"),
    ("2.1-5", "delivered only", mail("X-Original-To: boss@client.example", To="x@y.example"), "not-addressed?"),
    (
        "2.1-5",
        "the assistant alone",
        mail("Delivered-To: boss@client.example", To="va@va.example"),
        "not-addressed?",
    ),
    ("2.1-6", "the owner", mail(path="boss@client.example", From="boss@client.example"), "own-address?"),
    ("2.1-6", "his alias", mail(path="info@client.example", From="INFO@client.example"), "own-address?"),
    ("2.1-6", "with a tag", mail(path="boss+x@client.example", From="boss+x@client.example"), "own-address?"),
    ("2.1-6", "a mailbox we read", mail(path="va@va.example", From="va@va.example"), "own-address?"),
    ("2.1-6", "only its envelope", mail(path="va@va.example"), "own-address?"),
    ("2.1-6", "the assistant", mail(path="giulia@va.example", From="giulia@va.example"), "own-address?"),
    *(
        ("2.1-7", name, mail(f"{name}: "), "list")
        for name in (
            *("List-Id", "List-Help", "List-Subscribe", "List-Unsubscribe", "List-Post", "List-Owner", "List-Archive"),
            "List-Software",
        )
    ),
    *(("2.1-8", v, mail(f"Precedence: {v}"), "precedence") for v in ("bulk", "JUNK", " list ", "list (x)")),
    *(("2.1-8", v, mail(f"Precedence: {v}"), CARLA) for v in ("normal", "first-class", "special-delivery")),
    *(
        ("2.1-9", v, mail(f"X-Auto-Response-Suppress: {v}"), "auto-response-suppress")
        for v in ("All", "oof", "DR, AutoReply", "DR,\r\n\tOOF, RN", "RN;AutoReply")
    ),
    *(("2.1-9", v, mail(f"X-Auto-Response-Suppress: {v}"), CARLA) for v in ("DR", "NDR, RN, NRN", "None", "")),
    *(
        ("2.1-10", a, mail(path=a, From=a), "robot-name")
        for a in (
            *("MAILER-DAEMON@mx.example", "LISTSERV@lists.example", "majordomo@lists.example", "owner-x@lists.example"),
            *("x-request@lists.example", "X-Request@lists.example"),
        )
    ),
    *(
        ("2.1-10", a, mail(path=a, From=a), a)
        for a in ("requests@customer.example", "service-requests@customer.example", "request-x@customer.example")
    ),
    ("2.1-10", "a list's envelope, a person's From", mail(path="owner-x@lists.example"), "perhaps-human?"),
    *(
        ("2.1-11", a, mail(path=a, From=a), a)
        for a in ("postmaster@customer.example", "info@customer.example", "support@customer.example")
    ),
    ("2.1-15", "flag", mail("X-Spam-Flag: yes"), "spam"),
    ("2.1-15", "status", mail("X-Spam-Status: YES, score=7"), "spam"),
    ("2.1-15", "Amazon", mail("X-SES-Spam-Verdict: FAIL"), "spam"),
    ("2.1-15", "no spam", mail("X-Spam-Status: No, score=-1", "X-SES-Spam-Verdict: PASS", "X-Spam-Flag: NO"), CARLA),
    *(
        ("2.1-16", f, mail(f), "vendor")
        for f in (
            *("X-Autoreply: yes", "X-Autorespond:", "X-Autoresponder: x", "X-AutoReply-From: x@y.example"),
            *("X-Mail-Autoreply: x", "X-Auto-Generated: 1", "X-Autogenerated: Reply"),
            *("X-AMAZON-MAIL-RELAY-TYPE: notification", "X-FC-MachineGenerated: true", "X-Kind: HolidayReply"),
            *("X-Something: machine-generated; v=1", "X-HolidayReply: 1"),
        )
    ),
    ("2.1-16", "another value", mail("X-AMAZON-MAIL-RELAY-TYPE: personal", "X-Autogenerated: no"), CARLA),
    ("2.1-16", "a person's own words", mail(Subject="The machinegenerated report"), CARLA),
    *(("2.1-17", v, mail(f"X-Precedence: {v}"), "precedence") for v in ("bulk", "Junk", "list", "auto_reply")),
    ("2.1-17", "auto_reply", mail("Precedence: auto-reply"), "precedence"),
    *(
        ("2.1-18", v, mail(f"X-Loop: {v}"), "loop")
        for v in ("yes", "True", "boss@client.example", "<VA@va.example>", "giulia@va.example")
    ),
    ("2.1-18", "somebody else's", mail("X-Loop: other@else.example"), CARLA),
    *(
        ("2.1-19", n, mail(f"{n}: x"), "list")
        for n in (
            *("Mailing-List", "X-Mailing-List", "X-BeenThere", "X-Mailman-Version", "Feedback-ID"),
            "List-Unsubscribe-Post",
        )
    ),
    *(
        ("2.1-20", a, mail(path=f"{a}@shop.example", From=f"Shop <{a}@shop.example>"), "no-reply-name")
        for a in (
            *("noreply", "no-reply", "no_reply", "no.reply", "NoReply", "donotreply", "do-not-reply", "do_not.reply"),
            *("shop-noreply", "noreply-shop", "noreply+42", "noreply2", "billing.no-reply.eu", "shopnoreply"),
            *("nonrispondere", "non-rispondere", "norisposta", "neodpovidat", "nereagovat", "neodpovidejte"),
            *("neodpovedat", "nepasrepondre", "ne-pas-repondre", "ne_pas_repondre", "keineantwort", "keine-antwort"),
            *("nicht-antworten", "noresponder", "no-responder", "no.responda", "nie-odpowiadaj", "nieodpowiadac"),
        )
    ),
    *(
        ("2.1-20", a, mail(path=f"{a}@firma.example", From=f"{a}@firma.example"), f"{a}@firma.example")
        for a in ("noreen", "norbert.reply", "reply", "nora.eply", "rispondere", "nonna", "antwort", "keiner")
    ),
    ("2.1-20", "Reply-To alone", mail(Reply_To="noreply@customer.example"), "perhaps-human?"),
    *(
        ("2.1-21", a, mail(path=f"{a}@shop.example", From=f"{a}@shop.example"), "robot-name")
        for a in (
            *("bounce+ab12", "bounces-1", "bounce", "list-bounces", "notifications", "notifications+x", "notify"),
            *("root", "daemon", "server", "cron"),
        )
    ),
    ("2.1-21", "the envelope alone", mail(path="bounces+1-carla=customer.example@esp.example"), "perhaps-human?"),
    ("2.1-21", "serverino", mail(path="serverino@a.example", From="serverino@a.example"), "serverino@a.example"),
    *(
        (
            "2.1-22",
            k,
            multipart(f"multipart/report; report-type={k}", ("text/plain", "x"), (f"message/{k}", DSN)),
            "report",
        )
        for k in ("delivery-status", "disposition-notification", "feedback-report")
    ),
    ("2.1-22", "no report-type", multipart("Multipart/Report", ("text/plain", "failed")), "report"),
    ("2.1-22", "failed recipients", mail("X-Failed-Recipients: x@y.example"), "vendor"),
    (
        "2.1-22",
        "attached by a person",
        multipart("multipart/mixed", ("text/plain", "Che vuol dire?"), ("message/delivery-status", DSN)),
        "report?",
    ),
    *(
        (
            "2.1-23",
            m,
            mail(
                "MIME-Version: 1.0",
                f"Content-Type: text/calendar; method={m}",
                text=f"BEGIN:VCALENDAR\r\nMETHOD:{m}\r\nEND:VCALENDAR",
            ),
            "calendar",
        )
        for m in ("REPLY", "COUNTER", "CANCEL", "reply", "REQUEST")
    ),
    *(
        ("2.1-25", s, mail(Subject=s), "out-of-office?")
        for s in (
            *("Risposta automatica: richiesta", "Fuori sede: richiesta", "FUORI UFFICIO", "Mimo kancelář: dotaz"),
            *("Automatická odpověď: dotaz", "Automatic reply: question", "Out of office", "Abwesenheitsnotiz: Frage"),
            *("Automatische Antwort: Frage", "Réponse automatique : question", "Absence du bureau - devis"),
            *("Respuesta automática: consulta", "Fuera de la oficina: x", "Autoreply: x", "Odpowiedź automatyczna: x"),
            *("Poza biurem: x", "Mimo kancelárie: otázka", "Automatisch antwoord: vraag"),
        )
    ),
    *(
        ("2.1-25", t, mail(Subject="Out of office", text=t), "out-of-office")
        for t in (
            *("I will be back on Monday.", "Tornerò lunedì.", "Jsem mimo kancelář.", "Bin im Urlaub.", ""),
            *("Je suis absente.", "Volveré el lunes.", "Jestem na urlopie.", "Som na dovolenke."),
        )
    ),
    *(
        ("2.1-25", s, mail(Subject=s), CARLA)
        for s in (
            *("Auto: polizza", "Assente domani in cantiere", "Re: Out of office", "R: Risposta automatica: preventivo"),
            *("Automatic replying machine wanted", "Fuori sede domani"),
        )
    ),
    (
        "2.1-25",
        "an answer that tells of an absence",
        mail(Subject="Re: Fuori sede", text="Sono assente."),
        "out-of-office?",
    ),
    ("2.1-31", "two mailboxes", mail(From=f"{CARLA}, eve@evil.example"), "two-senders?"),
    ("2.1-31", "two fields", mail("From: eve@evil.example"), "two-senders?"),
    ("2.1-31", "a group of two", mail(From=f"both: {CARLA}, eve@evil.example;"), "two-senders?"),
    ("2.1-31", "nobody", mail(From="", path="x@y.example"), "unsure-sender?"),
    ("2.2-1", "the envelope", mail(path="assistente@customer.example"), "assistente@customer.example"),
    ("2.2-1", "Sender is not asked", mail("Sender: secretary@customer.example"), CARLA),
    ("2.2-1", "nor Errors-To", mail("Errors-To: eve@evil.example", "Return-Receipt-To: eve@evil.example"), CARLA),
    ("2.2-1", "signed envelope (BATV)", mail(path="prvs=0123abc=carla@customer.example"), CARLA),
    ("2.2-1", "no envelope kept", mail(path=None), CARLA),
    ("2.2-2a", "SRS0", mail(path=SRS), CARLA),
    ("2.2-2a", "SRS0, small letters", mail(path=SRS.lower()), CARLA),
    ("2.2-2a", "SRS1", mail(path="SRS1=HHH=first.example==HHH=TT=customer.example=carla@client.example"), CARLA),
    ("2.2-2a", "Microsoft", mail(path=SRS_365), CARLA),
    ("2.2-2a", "Microsoft, the original is lost", mail(path="bounces+SRS=abcde=XY@client.example"), CARLA),
    ("2.2-2a", "another person's", mail(path="SRS0=H=T=evil.example=eve@client.example"), "unsure-sender?"),
    ("2.2-2a", "another of the firm", mail(path="SRS0=H=T=customer.example=b@client.example"), "b@customer.example"),
    ("2.2-2a", "the owner's", mail(path="SRS0=H=T=client.example=boss@fwd.example"), "own-address?"),
    ("2.2-2b", "Gmail", mail(path=GMAIL), CARLA),
    ("2.2-2b", "Gmail Workspace", mail(path="boss+caf_=va=va.example@client.example"), CARLA),
    ("2.2-2b", "Gmail, a robot", mail(path=GMAIL, From="noreply@shop.example"), "no-reply-name"),
    ("2.2-2b", "Gmail, two", mail(path=GMAIL, From=f"{CARLA}, b@c.example"), "two-senders?"),
    ("2.2-2b", "the owner's path", mail("Resent-From: boss@client.example", path="boss@client.example"), CARLA),
    ("2.2-2b", "a path at the owner's", mail("X-Forwarded-To: va@va.example", path="fwd-7@client.example"), CARLA),
    ("2.2-2b", "the same, nothing says forwarding", mail(path="fwd-7@client.example"), "unsure-sender?"),
    ("2.2-2c", "Sieve", mail("X-Sieve-Redirected-From: boss@client.example"), CARLA),
    (
        "2.2-2d",
        "group, X-Original-From",
        mail(
            *GROUP,
            f"X-Original-From: Carla Conti <{CARLA}>",
            f"X-Original-Sender: {CARLA}",
            path="info+bncBCAB@client.example",
            From="'Carla Conti' via Info <info@client.example>",
            Reply_To=CARLA,
            To="info@client.example",
        ),
        CARLA,
    ),
    (
        "2.2-2d",
        "group, Reply-To is the group",
        mail(
            *GROUP,
            f"X-Original-Sender: {CARLA}",
            path="info+bncBCAB@client.example",
            From="'Carla Conti' via Info <info@client.example>",
            Reply_To="info@client.example",
            To="info@client.example",
        ),
        CARLA,
    ),
    (
        "2.2-2d",
        "they do not agree",
        mail(
            *GROUP,
            f"X-Original-From: {CARLA}",
            path="info+bncBCAB@client.example",
            From="'Carla' via Info <info@client.example>",
            Reply_To="eve@evil.example",
        ),
        "unsure-sender?",
    ),
    (
        "2.2-2d",
        "nobody is named",
        mail(*GROUP, path="info+bnc@client.example", From="Info <info@client.example>"),
        "own-address?",
    ),
    (
        "2.2-2d",
        "no-reply of the forwarder",
        mail(
            f"X-Original-From: {CARLA}",
            path="bounce@fwd.example",
            From="Carla Conti <no-reply@fwd.example>",
            Reply_To=CARLA,
        ),
        CARLA,
    ),
    (
        "2.2-2d",
        "her address as name, Reply-To",
        mail(path="bounce@fwd.example", From=f'"{CARLA}" <no-reply@fwd.example>', Reply_To=CARLA),
        CARLA,
    ),
    (
        "2.2-2d",
        "via, Reply-To",
        mail(path="x@fwd.example", From="Carla Conti via Forwarder <noreply@fwd.example>", Reply_To=CARLA),
        CARLA,
    ),
    (
        "2.2-2d",
        "a shop's no-reply",
        mail(path="noreply@shop.example", From="Shop <noreply@shop.example>", Reply_To="shop@shop.example"),
        "no-reply-name",
    ),
    (
        "2.2-2d",
        "the owner writes from two addresses",
        mail(path="boss@client.example", From="Boss <boss@client.example>", Reply_To="boss@home.example"),
        "own-address?",
    ),
    ("2.2-3", "form", mail(path="www@client.example", From="www@client.example", Reply_To=CARLA), CARLA),
    ("2.2-3", "form without visitor", mail(path="www@client.example", From="www@client.example"), "unsure-sender?"),
    (
        "2.2-3",
        "form, two visitors",
        mail(path="www@client.example", From="www@client.example", Reply_To=f"{CARLA}, b@c.example"),
        "unsure-sender?",
    ),
    (
        "2.2-3",
        "form, the owner as visitor",
        mail(path="www@client.example", From="www@client.example", Reply_To="boss@client.example"),
        "unsure-sender?",
    ),
    (
        "2.2-3",
        "form, a robot as visitor",
        mail(path="www@client.example", From="www@client.example", Reply_To="noreply@x.example"),
        "perhaps-human?",
    ),
    ("2.2-4", "a list", mail(Reply_To="list@lists.example"), CARLA),
    ("2.2-4", "several", mail(Reply_To=f"{CARLA}, everybody@customer.example"), CARLA),
    ("2.2-4", "Mail-Followup-To", mail("Mail-Followup-To: list@lists.example"), CARLA),
    ("2.2-4", "Gmail and a list", mail(path=GMAIL, Reply_To="list@lists.example"), CARLA),
    *(
        ("2.2-5", s, mail(path="boss@client.example", From="boss@client.example", Subject=s), "hand-forwarded?")
        for s in ("Fwd: x", "FW: x", "I: x", "WG: x", "TR: x", "RV: x", "Přeposlat: x", "PD: x", "Fwd[2]: x")
    ),
    ("2.2-7", "Microsoft's stamp", mail("Resent-From: boss@client.example", *STAMPS, path=SRS_365), CARLA),
    ("2.2-7", "its notice of absence", mail(*STAMPS[:2], f"{STAMPS[2][:32]} {CARLA}"), "auto-submitted"),
    ("2.2-7", "and another sign", mail(*STAMPS, "X-Autoreply: yes", path=SRS_365), "vendor"),
    (
        "2.2-7",
        "the stamp of an answer",
        mail("Auto-Submitted: auto-replied", *STAMPS[1:], path=SRS_365),
        "auto-submitted",
    ),
    ("2.2-7", "an own group", mail(*GROUP, To="info@client.example"), CARLA),
    ("2.2-7", "a look-alike", mail("List-Id: <info.client.example.evil.example>"), "list"),
    ("2.2-7", "a newsletter to the group", mail(*GROUP, "List-Unsubscribe-Post: x"), "list"),
    ("2.2-7", "a group, and who knows", mail(*GROUP, "List-Unsubscribe: <https://x.example/>"), "perhaps-human?"),
    ("2.2-7", "bulk to the group", mail("List-Id: <info.client.example>", "Precedence: bulk"), "precedence"),
]
