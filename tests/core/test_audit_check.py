from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.audit import (
    Act,
    Actor,
    ActorType,
    Change,
    Channel,
    ChannelKind,
    ObjectRef,
    Place,
    entry_bytes,
)
from readiness.core.audit_check import check_entries
from readiness.core.audit_report import BEGINNING, Diagnosis, EntryRow, HeadRow, Start
from readiness.core.entries import columns_of, parse_entry
from readiness.core.merkle import completed_nodes, leaf_hash, split_hashes

LOG = "readiness.example/audit/1"
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
ACT = Act(Actor(ActorType.USER, "u:7", "Zoë"), Channel(ChannelKind.WEB))


def body_of(seq, log=LOG, at=AT, reason=""):
    """Write an entry; every third one is not in the usual form, and is left to the parser."""
    reason = reason + ("", "", ' "quoted"')[seq % 3]
    change = Change("claim.made", ObjectRef("claim", str(seq), "Tick", "dual-memory"), reason=reason)
    return entry_bytes(Place(log, seq, at + timedelta(seconds=seq)), change, ACT, {})


def log_of(bodies):
    """Build rows and head the way the writer does, whatever the bodies say."""
    rows, frontier, last_time = [], [], ""
    for seq, body in enumerate(bodies):
        nodes, frontier = completed_nodes(seq, leaf_hash(body), frontier)
        columns = columns_of(parse_entry(body))
        rows.append(EntryRow(seq, body, b"".join(nodes), columns))
        last_time = columns.at
    return rows, HeadRow(len(rows), b"".join(frontier), last_time, len(rows))


ROWS, HEAD = log_of(body_of(seq) for seq in range(20))
OTHER_ROWS, OTHER_HEAD = log_of(body_of(seq, reason="rewritten" if seq == 5 else "") for seq in range(20))
SEQS = st.integers(0, 19)


def check(rows, head=HEAD, start=BEGINNING, width=8):
    plain = [(row.seq, row.body, row.nodes, *astuple(row.columns)) for row in rows]
    return check_entries([plain[place : place + width] for place in range(0, len(plain), width)], head, LOG, start)


def found(rows, head=HEAD, start=BEGINNING):
    report = check(rows, head, start)
    assert check(rows, head, start, width=1) == report
    assert report.verified is (report.contradiction is None)
    return report.contradiction and (report.contradiction.seq, report.contradiction.word)


def renumbered(rows):
    return [replace(row, seq=seq) for seq, row in enumerate(rows)]


def test_an_untouched_log_is_whole():
    report = check(ROWS)
    assert report.verified
    assert (report.size, b"".join(report.frontier)) == (20, HEAD.frontier)


def test_an_empty_log_is_whole_and_has_the_root_of_nothing():
    report = check([], HeadRow(0, b"", "", 0))
    assert report.verified
    assert report.root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(SEQS, st.data())
def test_any_changed_byte_of_an_entry_is_found_at_that_entry(seq, data):
    body = bytearray(ROWS[seq].body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    tampered = [*ROWS[:seq], replace(ROWS[seq], body=bytes(body)), *ROWS[seq + 1 :]]
    assert found(tampered)[0] == seq


@given(SEQS, st.data())
def test_any_changed_byte_of_a_stored_hash_is_found_as_altered(seq, data):
    nodes = bytearray(ROWS[seq].nodes)
    nodes[data.draw(st.integers(0, len(nodes) - 1))] ^= data.draw(st.integers(1, 255))
    tampered = [*ROWS[:seq], replace(ROWS[seq], nodes=bytes(nodes)), *ROWS[seq + 1 :]]
    assert found(tampered) == (seq, Diagnosis.ALTERED)


@given(SEQS, st.sampled_from(["at", "actor", "action", "object", "rollout", "verdict"]))
def test_any_changed_column_is_found_as_altered(seq, name):
    columns = replace(ROWS[seq].columns, **{name: "9"})
    tampered = [*ROWS[:seq], replace(ROWS[seq], columns=columns), *ROWS[seq + 1 :]]
    assert found(tampered) == (seq, Diagnosis.ALTERED)


@pytest.mark.parametrize(
    ("nodes", "why"),
    [
        (ROWS[3].nodes, "Entry 3 was altered: its bytes no longer have the hash that the log holds for them."),
        (
            leaf_hash(body_of(3, reason="rewritten")) + ROWS[3].nodes[32:],
            "Entry 3 was altered: its hashes do not follow from the entries before it.",
        ),
    ],
)
def test_the_sentence_tells_a_changed_entry_from_a_rewritten_one(nodes, why):
    forged = replace(ROWS[3], body=body_of(3, reason="rewritten"), nodes=nodes)
    assert check([*ROWS[:3], forged]).contradiction.sentence == why


@given(SEQS)
def test_an_entry_rewritten_with_its_own_hash_contradicts_the_hashes_above_it(seq):
    body = body_of(seq, reason="rewritten")
    forged = replace(ROWS[seq], body=body, nodes=leaf_hash(body) + ROWS[seq].nodes[32:])
    bad, word = found([*ROWS[:seq], forged, *ROWS[seq + 1 :]])
    assert word is Diagnosis.ALTERED
    assert bad is None or bad >= seq


@given(st.integers(0, 18))
def test_a_removed_entry_is_missing(seq):
    assert found([*ROWS[:seq], *ROWS[seq + 1 :]]) == (seq, Diagnosis.MISSING)


@given(st.integers(0, 18))
def test_a_removed_entry_is_missing_even_when_the_later_ones_moved_up(seq):
    assert found(renumbered([*ROWS[:seq], *ROWS[seq + 1 :]])) == (seq, Diagnosis.MISSING)


@given(st.integers(0, 18))
def test_two_exchanged_entries_are_out_of_order(seq):
    exchanged = [*ROWS[:seq], ROWS[seq + 1], ROWS[seq], *ROWS[seq + 2 :]]
    assert found(renumbered(exchanged)) == (seq, Diagnosis.OUT_OF_ORDER)


@given(SEQS)
def test_an_entry_written_twice_is_called_a_duplicate(seq):
    twice = renumbered([*ROWS[: seq + 1], *ROWS[seq:]])
    assert found(twice, replace(HEAD, size=21, end=21)) == (seq + 1, Diagnosis.DUPLICATE)


@given(SEQS)
def test_a_cut_tail_is_found_by_the_head(seq):
    assert found(ROWS[:seq], replace(HEAD, end=seq)) == (seq, Diagnosis.TAIL_CUT)


@given(SEQS)
def test_a_head_set_back_is_a_rollback(size):
    _, head = log_of(row.body for row in ROWS[:size])
    assert found(ROWS[:size], replace(head, end=20)) == (size, Diagnosis.ROLLBACK)


def test_a_head_that_does_not_follow_is_altered():
    assert found(ROWS, replace(HEAD, frontier=OTHER_HEAD.frontier)) == (None, Diagnosis.ALTERED)
    assert found(ROWS, replace(HEAD, last_time="2020")) == (None, Diagnosis.ALTERED)


def test_a_log_without_a_head_misses_it():
    assert found(ROWS, None) == (None, Diagnosis.MISSING)


def test_an_entry_of_another_log_is_foreign():
    rows, head = log_of([body_of(0), body_of(1, log="elsewhere.example/audit/1")])
    assert found(rows, head) == (1, Diagnosis.FOREIGN)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"\xff", b'{"seq":0}', b'{"log":"readiness.example/audit/1","seq":0}'])
def test_bytes_that_are_no_entry_are_altered(body):
    row = replace(ROWS[0], body=body, nodes=leaf_hash(body))
    assert found([row], HeadRow(1, leaf_hash(body), "", 1)) == (0, Diagnosis.ALTERED)


def test_a_clock_that_stepped_back_is_shown_and_is_no_contradiction():
    rows, head = log_of(
        [body_of(0), body_of(1, at=AT - timedelta(hours=1)), body_of(2), body_of(3, at=AT - timedelta(days=1))]
    )
    report = check(rows, head)
    assert report.verified
    assert report.backward == (1, 3)


@given(st.integers(0, 20))
def test_verification_can_go_on_from_where_an_earlier_one_ended(size):
    _, head = log_of(row.body for row in ROWS[:size])
    earlier = check(ROWS[:size], head)
    later = check(ROWS[size:], HEAD, earlier.end)
    assert later == check(ROWS)


@given(st.integers(6, 20))
def test_a_past_rewritten_with_every_hash_is_found_from_what_was_remembered(size):
    _, head = log_of(row.body for row in ROWS[:size])
    remembered = Start(size, tuple(split_hashes(head.frontier)), head.last_time)
    assert found(OTHER_ROWS, OTHER_HEAD) is None
    bad, word = found(OTHER_ROWS[size:], OTHER_HEAD, remembered)
    assert word is Diagnosis.ALTERED
    assert bad is None or bad >= size


def test_a_log_shorter_than_what_was_remembered_is_a_rollback():
    rows, head = log_of(row.body for row in ROWS[:7])
    remembered = Start(9, tuple(split_hashes(HEAD.frontier)), HEAD.last_time)
    assert found(rows[9:], head, remembered) == (7, Diagnosis.ROLLBACK)
