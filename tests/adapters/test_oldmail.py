"""Old mail in files: every form, in order of arrival, whole, and untouched afterwards."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.old_mail import old, write_mbox
from vamaild.adapters.oldmail import FileMail, arrived
from vamaild.core.replay import OldMailError

MAIL = b"From: a@x.example\nSubject: uno\nDate: Tue, 01 Oct 2024 10:00:00 +0200\n\nCiao\n"
LATER = MAIL.replace(b"10:00", b"11:00").replace(b"uno", b"due")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 10, 1, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "line", "expected"),
    [
        (b"Date: Tue, 01 Oct 2024 10:00:00 +0200", b"", at(8)),
        (b"DATE : Tue, 01 Oct 2024 10:00:00 +0200", b"", at(8)),
        (b"Date: Tue, 01 Oct 2024 10:00:00", b"", at(10)),
        (b"Received: a;\r\n Tue, 01 Oct 2024 12:00:00 +0000\r\nDate: Tue, 01 Oct 2024 10:00:00 +0200", b"", at(12)),
        (b"Received: by b; Tue, 01 Oct 2024 12:00:00 +0000\nReceived: a; Tue, 01 Oct 2024 11:00:00 +0000", b"", at(12)),
        (b"Date: Tue, 01 Oct 2024 10:00:00 +0200", b"From a@x Tue Oct  1 09:30:00 2024\n", at(9, 30)),
        (b"Received: nonsense\nDate: nonsense", b"From - Tue Oct  1 09:30:00 2024", at(9, 30)),
        (b"Subject: Date: Tue, 01 Oct 2024 10:00:00 +0200", b"From a@x", datetime(1970, 1, 1, tzinfo=UTC)),
        (b"Date: 99 Foo 2024", b"", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_when_it_arrived(header: bytes, line: bytes, expected: datetime) -> None:
    assert arrived(header, line) == expected


def test_an_mbox_in_order_of_arrival(tmp_path: Path) -> None:
    path = tmp_path / "old.mbox"
    first = b"From a@x.example Tue Oct  1 08:00:00 2024\n" + MAIL.replace(
        b"Ciao", b"Ciao,\nFrom May 2024 on\n\n>From me\n>>From you\nFrom here on"
    )
    path.write_bytes(b"From a@x.example Tue Oct  1 09:00:00 2024\n" + LATER + b"\n" + first + b"\n")
    box = FileMail(path)
    assert [(m.at, m.number) for m in box.listed(None, None)] == [(at(8), 2), (at(9), 1)]
    earlier, later = box.read([2, 1])
    assert earlier.raw == MAIL.replace(b"Ciao", b"Ciao,\nFrom May 2024 on\n\nFrom me\n>From you\nFrom here on")
    assert (earlier.uid, earlier.received, earlier.size, earlier.problem) == (2, at(8), len(earlier.raw), "")
    assert later.raw == LATER
    assert [m.number for m in box.listed(at(8, 30), None)] == [1]
    assert [m.number for m in box.listed(None, at(9))] == [2]


@pytest.mark.parametrize("halves", [("cur", "new"), ("cur",), ("new",)])
def test_a_maildir(tmp_path: Path, halves: tuple[str, ...]) -> None:
    for half in halves:
        (tmp_path / half).mkdir()
        (tmp_path / half / "1.host:2,S").write_bytes(MAIL)
        (tmp_path / half / ".nothing").write_bytes(MAIL)
    (tmp_path / ".Sent" / "cur").mkdir(parents=True)
    (tmp_path / ".Sent" / "cur" / "9").write_bytes(LATER)
    box = FileMail(tmp_path)
    assert [a.raw for a in box.read([m.number for m in box.listed(None, None)])] == [MAIL] * len(halves)
    assert [moment for moment, _ in box.sent(None, None)] == [at(9)]
    assert list(box.sent(at(9, 1), None)) == []


def test_a_folder_of_messages_and_one_message(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.eml").write_bytes(LATER)
    (tmp_path / "deep" / "a.eml").write_bytes(MAIL)
    (tmp_path / "notes.txt").write_text("x")
    folder, single = FileMail(tmp_path), FileMail(tmp_path / "b.eml", tmp_path)
    assert [a.raw for a in folder.read([m.number for m in folder.listed(None, None)])] == [MAIL, LATER]
    assert [a.raw for a in single.read([1])] == [LATER]
    assert len(list(single.sent(None, None))) == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.mbox", b"just words\n", "this is no mail"),
        ("x.mbox", b"From here to there\n", "this is no mail"),
        ("gone.mbox", None, "No such file"),
    ],
)
def test_what_is_no_mail_is_said(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(OldMailError, match=words):
        FileMail(tmp_path / name)
    with pytest.raises(OldMailError, match="no mail in this folder"):
        FileMail(tmp_path / ".").listed(None, None)


def test_an_empty_mbox_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.mbox").write_bytes(b"")
    assert FileMail(tmp_path / "x.mbox").listed(None, None) == []


def test_one_that_is_too_large_is_listed_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vamaild.adapters.oldmail.SIZE_LIMIT", 60)
    (tmp_path / "a.eml").write_bytes(MAIL)
    (arrival,) = FileMail(tmp_path).read([1])
    assert arrival.problem == "too large to read: 0.0 MB"


def test_one_that_goes_away_meanwhile_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    box = FileMail(tmp_path)
    (tmp_path / "a.eml").unlink()
    with pytest.raises(OldMailError, match=r"a\.eml: No such file"):
        list(box.read([1]))


def test_nothing_is_changed(tmp_path: Path) -> None:
    path = write_mbox(tmp_path / "old.mbox", old(20))
    path.chmod(0o400)
    os.utime(path, (1, 1))
    before = path.stat(), path.read_bytes()
    box = FileMail(path)
    listed = box.listed(None, None)
    assert [a.raw for a in box.read([m.number for m in listed])] == [o.raw for o in old(20)]
    assert [m.at for m in listed] == [o.at for o in old(20)]
    after = path.stat(), path.read_bytes()
    assert (after[0].st_mtime, after[0].st_size, after[1]) == (before[0].st_mtime, before[0].st_size, before[1])
    assert [p.name for p in tmp_path.iterdir()] == ["old.mbox"]
    assert listed[1].at - listed[0].at == timedelta(minutes=37)
