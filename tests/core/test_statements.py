"""Statements: what a person signs over says by whose word it stands, and which evidence they opened."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from readiness.core.canonical import parse_canonical
from readiness.core.case import open_case
from readiness.core.conditions import EvidenceDemand
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Question
from tests.core.builders import BEN, NOW, make_claim, make_evidence, make_facts, make_item

DIGESTS = [f"sha256:{letter * 64}" for letter in "abc"]
ITEM = make_item(make_claim(*(make_evidence(digest=digest, title=digest[-3:]) for digest in DIGESTS)), key="proven")
WORD = make_item(make_claim(), key="word", demand=EvidenceDemand.ATTESTATION)
SEEN = Seen(3, "sha256:r", NOW)


def statement(seen=SEEN, role="release-manager", **facts):
    made = make_facts(enter=[ITEM, WORD], **facts)
    return build_statement(made, role, BEN.id, seen, open_case(made, Question.ENTER, NOW).judged)


def body(*args, **more):
    return parse_canonical(statement(*args, **more).data)


def test_what_stands_by_a_persons_word_is_named_apart():
    assert body()["attested"] == [WORD.condition.path]


def test_what_the_signer_opened_is_named():
    assert body()["opened"] == []
    assert body(replace(SEEN, opened=frozenset(DIGESTS[1:])))["opened"] == DIGESTS[1:]


def test_evidence_of_other_things_is_not_named():
    elsewhere = "sha256:" + "f" * 64
    assert body(replace(SEEN, opened=frozenset({elsewhere, DIGESTS[0]})))["opened"] == DIGESTS[:1]


@given(st.permutations(DIGESTS))
def test_the_order_of_opening_changes_nothing(order):
    assert statement(replace(SEEN, opened=frozenset(order))) == statement(replace(SEEN, opened=frozenset(DIGESTS)))


def test_what_was_opened_changes_the_statement_and_not_what_it_rests_on():
    none, one = statement(), statement(replace(SEEN, opened=frozenset(DIGESTS[:1])))
    assert none.digest != one.digest
    assert none.material == one.material
    assert none.expires_at == one.expires_at == NOW + timedelta(days=7)
