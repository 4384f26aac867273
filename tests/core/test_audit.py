import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.audit import (
    KEPT,
    MAX_ENTRY_BYTES,
    Act,
    Actor,
    ActorType,
    Auth,
    Change,
    Channel,
    ChannelKind,
    EntryTooLarge,
    ObjectRef,
    Place,
    RowChange,
    Signature,
    also_changed,
    changed_fields,
    entry_bytes,
)
from readiness.core.canonical import NotCanonical, canonical_bytes, digest_bytes, digest_of
from readiness.core.entries import columns_of, parse_entry, text_of

AT = datetime(2026, 11, 22, 10, 0, 0, 123456, UTC)
PLACE = Place("readiness.example/audit/1", 4711, AT)
ZOE = Actor(ActorType.USER, "u:7", "Zoë Ünal", ("release-manager",))
WEB = Channel(ChannelKind.WEB, request="9f8e", ip="192.0.2.7", ua="Firefox", session="sha256:ab", code="git:3f2a")
ACT = Act(ZOE, WEB, Auth(("password", "totp"), AT, 19))
PHASE = ObjectRef("phase", "3", "Canary 10%", "dual-memory", 14)
SIGNATURE = Signature("approve-go", "sha256:s", "sha256:e", "GO", "sha256:p")


def refuse(data):
    raise AssertionError(f"{len(data)} bytes were kept")


def parsed(change, act=ACT, keep=refuse):
    also = also_changed(change, keep)
    return json.loads(entry_bytes(PLACE, change, act, changed_fields(change, keep), also))


def test_an_entry_says_what_who_how_and_why():
    change = Change("signoff.made", PHASE, {"state": "open"}, {"state": "signed"}, "All green", SIGNATURE)
    assert parsed(change) == {
        "v": 1,
        "log": "readiness.example/audit/1",
        "seq": 4711,
        "time": "2026-11-22T10:00:00.123456Z",
        "action": "signoff.made",
        "object": {"type": "phase", "id": "3", "label": "Canary 10%", "rollout": "dual-memory", "rev": 14},
        "actor": {"type": "user", "id": "u:7", "name": "Zoë Ünal", "roles": ["release-manager"]},
        "on_behalf_of": None,
        "channel": {
            "kind": "web",
            "request": "9f8e",
            "ip": "192.0.2.7",
            "ua": "Firefox",
            "session": "sha256:ab",
            "code": "git:3f2a",
        },
        "auth": {"methods": ["password", "totp"], "at": "2026-11-22T10:00:00.123456Z", "age_s": 19},
        "change": {
            "before": digest_of({"state": "open"}),
            "after": digest_of({"state": "signed"}),
            "fields": {"state": ["open", "signed"]},
        },
        "reason": "All green",
        "signature": {
            "meaning": "approve-go",
            "statement": "sha256:s",
            "evidence": "sha256:e",
            "verdict": "GO",
            "policy": "sha256:p",
        },
    }


def test_a_machine_that_finishes_a_persons_work_names_both():
    worker = Actor(ActorType.SYSTEM, "system:worker", "Readiness")
    body = parsed(Change("drill.finished", PHASE), Act(worker, Channel(ChannelKind.CELERY), on_behalf_of=ZOE))
    assert (body["actor"]["type"], body["on_behalf_of"]["id"]) == ("system", "u:7")


def test_the_bytes_are_canonical():
    data = entry_bytes(PLACE, Change("claim.made", PHASE), ACT, {})
    assert canonical_bytes(json.loads(data)) == data


def test_a_new_object_lists_all_its_fields_and_a_removed_one_too():
    state = {"a": None, "b": 2}
    assert changed_fields(Change("item.made", PHASE, None, state), refuse) == {"a": [None, None], "b": [None, 2]}
    assert changed_fields(Change("item.gone", PHASE, state, None), refuse) == {"a": [None, None], "b": [2, None]}


def test_an_act_without_a_state_changes_no_field():
    body = parsed(Change("signoff.denied", PHASE))
    assert body["change"] == {"before": None, "after": None, "fields": {}}


STATES = st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers(0, 2))


def test_rows_that_changed_along_are_told_like_the_object():
    run = RowChange("phaserun", "1", {"state": "running", "phase": "0"}, {"state": "succeeded", "phase": "0"})
    claim = RowChange("claim", "4", None, {"path": "0/enter/item:word"})
    told = parsed(Change("phase.entered", PHASE, None, {"state": "running"}, also=(run, claim)))["change"]["also"]
    assert told == [
        {
            "type": "phaserun",
            "id": "1",
            "before": digest_of({"state": "running", "phase": "0"}),
            "after": digest_of({"state": "succeeded", "phase": "0"}),
            "fields": {"state": ["running", "succeeded"]},
        },
        {
            "type": "claim",
            "id": "4",
            "before": None,
            "after": digest_of({"path": "0/enter/item:word"}),
            "fields": {"path": [None, "0/enter/item:word"]},
        },
    ]


def test_an_act_that_changed_nothing_else_says_nothing_of_it():
    assert "also" not in parsed(Change("hold.called", PHASE))["change"]


@given(STATES, STATES)
def test_the_old_state_and_the_fields_give_the_new_state(before, after):
    fields = changed_fields(Change("item.changed", PHASE, before, after), refuse)
    assert {**before, **{name: new for name, (_, new) in fields.items()}} == {**dict.fromkeys(before), **after}
    assert all(before.get(name) == old for name, (old, _) in fields.items())
    assert set(fields) == {n for n in before | after if (n in before, before.get(n)) != (n in after, after.get(n))}


def test_a_value_over_two_kilobytes_is_kept_beside_the_log():
    kept = []

    def keep(data):
        kept.append(data)
        return digest_bytes(data)

    fits, large = "x" * 2046, "x" * 2047
    fields = changed_fields(Change("item.made", PHASE, {"a": fits}, {"a": large}), keep)
    assert kept == [canonical_bytes(large)]
    assert fields == {"a": [fits, {KEPT: digest_of(large)}]}


def test_a_small_value_that_looks_like_a_kept_one_cannot_be_taken_for_it():
    lie = {KEPT: "sha256:0"}
    fields = changed_fields(Change("item.made", PHASE, None, {"a": lie}), digest_bytes)
    assert fields == {"a": [None, {KEPT: digest_of(lie)}]}


def test_an_entry_has_at_most_65535_bytes():
    room = MAX_ENTRY_BYTES - len(entry_bytes(PLACE, Change("claim.made", PHASE), ACT, {}))
    assert len(entry_bytes(PLACE, Change("claim.made", PHASE, reason="x" * room), ACT, {})) == 65_535
    with pytest.raises(EntryTooLarge, match=r"65,536 bytes; at most 65,535 fit"):
        entry_bytes(PLACE, Change("claim.made", PHASE, reason="x" * (room + 1)), ACT, {})


def test_floats_do_not_enter_the_log():
    with pytest.raises(NotCanonical, match="float"):
        parsed(Change("item.made", PHASE, None, {"share": 0.1}))


@pytest.mark.parametrize("action", ["claim", "Claim.made", "claim made", "claim.", ".made", "claim.made\n", ""])
def test_an_action_is_dotted_lower_case_words(action):
    with pytest.raises(ValueError, match="dotted"):
        Change(action, PHASE)


def test_columns_are_copies_of_what_the_bytes_say():
    columns = columns_of(parsed(Change("signoff.made", PHASE, signature=SIGNATURE)))
    assert columns.at == "2026-11-22T10:00:00.123456Z"
    assert (columns.actor, columns.action, columns.object) == ("u:7", "signoff.made", "phase:3")
    assert (columns.rollout, columns.verdict) == ("dual-memory", "GO")


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [({"verdict": "GO"}, {"verdict": "NO_GO"}, "NO_GO"), ({"verdict": "GO"}, {"verdict": "GO"}, ""), (None, {}, "")],
)
def test_the_verdict_column_is_the_verdict_that_the_change_brought(before, after, verdict):
    assert columns_of(parsed(Change("verdict.changed", PHASE, before, after))).verdict == verdict


def test_the_searchable_text_has_the_words_a_person_would_look_for():
    text = text_of(parsed(Change("claim.made", PHASE, None, {"note": "Runbook done"}, "Because")))
    assert all(word in text for word in ("claim.made", "Canary 10%", "Zoë", "Because", "Runbook done"))
    assert "Firefox" not in text


@pytest.mark.parametrize("data", [b"[]", b"1", b"{", b'{"a":1,"a":1}'])
def test_bytes_that_are_not_one_object_are_no_entry(data):
    with pytest.raises(NotCanonical):
        parse_entry(data)
