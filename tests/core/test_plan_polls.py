"""Warnings about polls: who answers for conditions that nobody polled owns, and how long signatures count."""

import pytest

from tests.core.documents import warned

CANARY = ("phases", 1)
SIGN_OFF = (*CANARY, "sign_off")
CLOSE = {"enter": [{"gate": "errors"}], "sign_off": {"roles": ["sre", "lead"], "last": "lead", "valid_for": "2m"}}


@pytest.mark.parametrize(
    ("edits", "path", "says"),
    [
        ([((*SIGN_OFF, "roles"), ["lead"])], "roles.sre",
         "sre owns conditions of canary and is not polled there; the role that answers last answers for them."),
        ([((*CANARY, "enter", 0, "owner"), None)], "phases", "Some conditions of canary have no owner"),
        ([((*SIGN_OFF, "valid_for"), "59m")], "phases[1].sign_off.valid_for",
         "A signature counts for 59m, and everybody polled must sign within that; write 1h at least."),
        ([((*SIGN_OFF, "valid_for"), "31d")], "phases[1].sign_off.valid_for",
         "A signature still counts after 31d, long after what was seen for it; write 30d at most."),
        ([((*SIGN_OFF, "void_after"), "8d")], "phases[1].sign_off.void_after", "count for 7d at most, so none ever"),
        ([((*SIGN_OFF, "void_after"), "7d")], "phases[1].sign_off.void_after", "count for 7d at most, so none ever"),
        ([((*SIGN_OFF, "void_after"), "25h")], "phases[1].sign_off.void_after",
         "may be breached for 25h before a signature over it is void; write 1d at most."),
        ([((*SIGN_OFF, "void_after"), "0s")], "phases[1].sign_off.void_after",
         "voids signatures after 0s, which holds less than two looks at errors, taken every 15s; write 30s at least."),
        ([((*SIGN_OFF, "void_after"), "29s")], "phases[1].sign_off.void_after", "write 30s at least."),
        ([((*CANARY, "enter", 1), {"gate": "latency", "every": "8m", "max_age": "9m", "for": "16m"})],
         "phases[1].sign_off.void_after", "after 15m, which holds less than two looks at latency, taken every 8m"),
        ([(("close",), {**CLOSE, "sign_off": {**CLOSE["sign_off"], "void_after": "1m"}})],
         "close.sign_off.valid_for", "A signature counts for 2m"),
    ],
)  # fmt: skip
def test_a_poll_that_probably_is_not_meant_is_told(edits, path, says):
    ((found, sentence),) = warned(*edits)
    assert found == path
    assert says in sentence


@pytest.mark.parametrize(
    "edits",
    [
        [((*SIGN_OFF, "valid_for"), "1h")],
        [((*SIGN_OFF, "valid_for"), "30d")],
        [((*SIGN_OFF, "void_after"), "1d")],
        [((*SIGN_OFF, "void_after"), "30s")],
        [(("phases", 0, "sign_off", "void_after"), "0s"), (("phases", 0, "enter"), [])],
    ],
)
def test_a_poll_that_is_meant_is_not(edits):
    assert warned(*edits) == []


def test_what_is_brought_by_people_and_files_has_no_look_to_wait_for():
    assert warned(((*CANARY, "sign_off", "void_after"), "1s"), (("phases", 0, "succeed"), [])) == []


def test_an_owner_who_is_not_polled_is_told_once():
    found = warned(((*SIGN_OFF, "roles"), ["lead"]), (("phases", 0, "sign_off", "roles"), ["lead"]))
    assert [path for path, _ in found] == ["roles.sre"]
    assert "prepare and canary" in found[0][1]
