"""What is taken at a glance is what the parser reads; whatever else there may be is left to the parser."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.audit import (
    Act,
    Actor,
    ActorType,
    Auth,
    Change,
    Channel,
    ChannelKind,
    ObjectRef,
    Place,
    Signature,
    changed_fields,
    entry_bytes,
)
from readiness.core.canonical import NotCanonical, canonical_bytes, digest_bytes
from readiness.core.entries import columns_of, parse_entry
from readiness.core.usual_entries import UNUSUAL, holds_columns, usual_entries

LOG = "example.com/readiness"
KEEP = digest_bytes
AT = datetime(2026, 1, 1, tzinfo=UTC)
often = settings(max_examples=300, deadline=None)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
plain = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), words, st.lists(words, max_size=2))
states = st.dictionaries(st.sampled_from(["a", "b", "most_bp", "verdict", "zeta"]), plain, max_size=4)
actors = st.builds(Actor, st.sampled_from(ActorType), words, words, st.lists(words, max_size=2).map(tuple))
channels = st.builds(Channel, st.sampled_from(ChannelKind), ip=words, ua=words)
auths = st.builds(Auth, st.lists(words, max_size=2).map(tuple), st.sampled_from([None, AT]), st.sampled_from([None, 7]))
signatures = st.none() | st.builds(Signature, words, words, words, words, words)


@st.composite
def bodies(draw):
    before, after = draw(st.none() | states), draw(st.none() | states)
    thing = ObjectRef(draw(st.sampled_from(["claim", "hold"])), draw(words), draw(words), draw(words), 3)
    change = Change("claim.made", thing, before, after, draw(words), draw(signatures))
    act = Act(draw(actors), draw(channels), draw(auths), draw(st.none() | actors))
    seq = draw(st.integers(0, 10**6))
    return seq, entry_bytes(Place(LOG, seq, AT + timedelta(seconds=seq)), change, act, changed_fields(change, KEEP))


def columns(body):
    return astuple(columns_of(parse_entry(body)))


@often
@given(bodies())
def test_what_is_taken_says_what_the_parser_reads(made):
    seq, body = made
    (said,) = usual_entries([body])
    if said[0]:
        true = columns(body)
        if holds_columns(said, true, seq, LOG):
            assert not holds_columns(said, true, seq + 1, LOG)
            assert not holds_columns(said, true, seq, "example.com/other")
            for place in range(len(true)):
                wrong = (*true[:place], true[place] + "x", *true[place + 1 :])
                assert not holds_columns(said, wrong, seq, LOG)


def test_an_ordinary_entry_is_taken():
    change = Change("hold.called", ObjectRef("hold", "7", "Hold", "shop", 2), None, {"reason": "late", "rollout_id": 1})
    act = Act(Actor(ActorType.USER, "u:7", "Zoë", ("lead",)), Channel(ChannelKind.WEB, ip="192.0.2.7"))
    body = entry_bytes(Place(LOG, 12, AT), change, act, changed_fields(change, KEEP))
    (said,) = usual_entries([body])
    assert holds_columns(said, columns(body), 12, LOG)


@often
@given(bodies(), st.data())
def test_a_changed_byte_is_taken_only_where_the_parser_takes_it_too(made, data):
    _, body = made
    place = data.draw(st.integers(0, len(body) - 1))
    byte = data.draw(st.integers(0, 255))
    changed = body[:place] + bytes([byte]) + body[place + 1 :]
    (said,) = usual_entries([changed]) if b"\n" not in changed else (UNUSUAL,)
    if not said[0]:
        return
    taken = (said[9], said[1], said[0], f"{said[6]}:{said[4]}", said[5], said[8])
    if holds_columns(said, taken, int(said[7]), said[3]):
        assert columns(changed) == taken
        assert canonical_bytes(parse_entry(changed)) == changed


@often
@given(bodies(), bodies())
def test_entries_are_told_apart_however_many_are_read_together(one, other):
    both = usual_entries([one[1], other[1]])
    assert list(both) == [*usual_entries([one[1]]), *usual_entries([other[1]])]


def test_fields_out_of_order_or_twice_are_left_to_the_parser():
    change = Change("hold.called", ObjectRef("hold", "7", "Hold", "shop", 2), None, {"a": 1, "b": 2})
    act = Act(Actor(ActorType.USER, "u:7", "Zoë"), Channel(ChannelKind.WEB))
    body = entry_bytes(Place(LOG, 12, AT), change, act, changed_fields(change, KEEP))
    right = columns(body)
    for forged in (b'"fields":{"b":[null,2],"a":[null,1]}', b'"fields":{"a":[null,1],"a":[null,2]}'):
        changed = body.replace(b'"fields":{"a":[null,1],"b":[null,2]}', forged)
        assert changed != body
        (said,) = usual_entries([changed])
        assert said[0]
        assert not holds_columns(said, right, 12, LOG)
    with pytest.raises(NotCanonical):
        parse_entry(changed)


def test_what_is_no_entry_is_left_to_the_parser():
    assert list(usual_entries([b"{}", b"\xff"])) == [UNUSUAL, UNUSUAL]
    assert list(usual_entries([b"{}", b"a\nb"])) == [UNUSUAL, UNUSUAL]
