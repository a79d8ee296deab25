"""The signs of a machine, found out quickly, are those that a look at each name and each character finds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.safety import LONG_NAME, SEPARATORS, plain, safety

LISTS = safety({"no_reply_names": ("nobody-reads", "mute"), "robot_words": ("auto-reply", "x robot")})
LOCAL = st.text(st.sampled_from("noreply-_.mutbadsé1"), max_size=20)


def _nobody_reads(local: str) -> bool:
    tokens = [t.strip("0123456789") for t in SEPARATORS.split(plain(local)[:100])]
    names = LISTS.lists["no_reply_names"]
    runs = {"".join(tokens[i:j]) for i in range(len(tokens)) for j in range(i + 1, min(i + 6, len(tokens)) + 1)}
    ends = any(t.startswith(n) or t.endswith(n) for n in names if len(n) >= LONG_NAME for t in tokens)
    return ends or any(name in runs for name in names)


@given(LOCAL | st.tuples(LOCAL, st.sampled_from(LISTS.lists["no_reply_names"]), LOCAL).map("".join))
def test_a_name_that_nobody_reads(local: str) -> None:
    assert LISTS.no_reply_name(local) == _nobody_reads(local)


@given(LOCAL, st.text(st.sampled_from("auto-reply _xbé"), max_size=20) | st.just("it is an Auto_Reply"))
def test_a_word_that_only_machines_write(name: str, value: str) -> None:
    shown = re.sub(r"[-_ ]", "", plain(f"{name}: {value}"))
    assert LISTS.robot_word(name, value) == any(word in shown for word in LISTS.lists["robot_words"])
