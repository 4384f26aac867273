"""Statements: what a person signs says what it means, what each condition rests on, and what they opened."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.canonical import canonical_bytes, digest_bytes, parse_canonical
from readiness.core.case import open_case
from readiness.core.conditions import EvidenceDemand
from readiness.core.material import condition_definition
from readiness.core.statements import MEANINGS, Seen, build_statement, sign_statement, signed_digests
from readiness.core.types import BaselineFacts, Question
from tests.core.builders import (
    ANA,
    BEN,
    NOW,
    make_check,
    make_claim,
    make_drill,
    make_evidence,
    make_facts,
    make_gap,
    make_gate,
    make_item,
    make_ran,
    make_review,
)

DIGESTS = [f"sha256:{letter * 64}" for letter in "abc"]
ITEM = make_item(make_claim(*(make_evidence(digest=digest, title=digest[-3:]) for digest in DIGESTS)), key="proven")
WORD = make_item(make_claim(), key="word", demand=EvidenceDemand.ATTESTATION)
SEEN = Seen(3, "sha256:r", NOW)


def statement(seen=SEEN, role="release-manager", **facts):
    made = make_facts(enter=[ITEM, WORD], **facts)
    return build_statement(made, role, BEN.id, seen, open_case(made, Question.ENTER, NOW).judged)


def body(*args, **more):
    return parse_canonical(statement(*args, **more).data)


def line_of(facts, **more):
    """The line of one condition in the statement of the role that answers last."""
    made = make_facts(enter=[facts], **more)
    shown = build_statement(made, "release-manager", BEN.id, SEEN, open_case(made, Question.ENTER, NOW).judged)
    (line,) = parse_canonical(shown.data)["conditions"]
    return line


# ------------------------------------------------------------------------------------- the answer


@pytest.mark.parametrize("meaning", MEANINGS)
def test_what_is_signed_is_what_was_shown_with_the_answer_and_its_meaning(meaning):
    shown = statement()
    signed = sign_statement(shown, go=True, meaning=meaning)
    said = parse_canonical(signed.data)
    assert (said["answer"], said["meaning"], said["means"]) == ("GO", meaning, MEANINGS[meaning])
    left = {key: value for key, value in said.items() if key not in ("answer", "meaning", "means", "shown")}
    assert canonical_bytes(left) == shown.data
    assert (said["shown"], signed.digest) == (shown.digest, digest_bytes(signed.data))
    assert (signed.material, signed.expires_at) == (shown.material, shown.expires_at)


def test_each_answer_is_another_statement_and_all_of_them_are_known():
    shown = statement()
    given_answers = [(go, meaning) for go in (True, False) for meaning in MEANINGS]
    digests = {sign_statement(shown, go=go, meaning=meaning).digest for go, meaning in given_answers}
    assert len(digests) == len(given_answers)
    assert {*signed_digests(shown)} == digests | {shown.digest}


# ------------------------------------------------------------------------------------- what it rests on


def test_a_check_is_named_by_the_content_that_was_read():
    line = line_of(make_check())
    assert line["content"] == "sha256:c"
    assert line["asks"] == condition_definition(make_check().condition)


def test_a_check_that_is_made_again_and_again_has_no_content():
    facts = make_check()
    live = replace(facts, condition=replace(facts.condition, check=replace(facts.condition.check, check_kind="http")))
    assert "content" not in line_of(live)


def test_a_drill_is_named_by_its_record_and_how_it_went():
    ran = replace(make_ran(), record="sha256:drill", note="Ana was slow")
    assert line_of(make_drill(ran))["drill"] == {
        "record": "sha256:drill",
        "by": ANA.id,
        "at": "2025-12-07T09:00:00.000000Z",
        "took_s": "60",
        "passed": True,
    }
    assert "drill" not in line_of(make_drill())


def test_a_review_is_named_by_its_record_and_its_score():
    facts = make_review(8.5)
    said = line_of(replace(facts, review=replace(facts.review, record="sha256:review")))["review"]
    assert said == {
        "record": "sha256:review",
        "by": ANA.id,
        "at": "2025-12-08T09:00:00.000000Z",
        "score": "8.5",
        "source": "person",
    }


def test_a_gate_is_named_by_what_is_asked_and_its_baseline_and_by_nothing_that_moves():
    assert line_of(make_gate(0.010)) == line_of(make_gate(0.011))
    assert line_of(make_gate())["asks"] != line_of(make_gate(expect="<= 20ms"))["asks"]
    recorded = replace(make_gate().gate, baseline=BaselineFacts("before", 0.01, NOW, ANA, "q"))
    line = line_of(replace(make_gate(), gate=recorded))
    assert (line["baseline"]["value"], line["baseline"]["by"], line["baseline"]["query"]) == ("0.01", ANA.id, "q")


def test_an_item_is_named_by_its_claims_and_what_proves_it():
    claims = make_claim(make_evidence(), by=BEN, member="u:9"), make_claim(by=ANA, member="u:1")
    line = line_of(make_item(*claims, proofs=[make_check()]))
    assert [(claim["by"], claim["member"]) for claim in line["claims"]] == [(ANA.id, "u:1"), (BEN.id, "u:9")]
    (proof,) = line["proofs"]
    assert (proof["path"], proof["content"]) == (make_check().condition.path, "sha256:c")


def test_what_people_close_by_hand_is_named_with_who_and_when():
    facts = {"gaps": [make_gap(open_tasks=1, done_tasks=1)]}
    assert body(**facts)["closings"] == [
        {"gap": "flags", "task": "d0", "title": "Done 0", "by": ANA.id, "at": "2025-12-08T09:00:00.000000Z"},
        {"gap": "flags", "task": "t0", "title": "Task 0", "by": None, "at": None},
    ]
    assert body(role="sre-lead", **facts)["closings"] == []


def test_nobody_is_named_but_by_their_id():
    made = make_facts(enter=[ITEM, WORD, make_drill(make_ran()), make_review()], gaps=[make_gap(done_tasks=1)])
    shown = build_statement(made, "release-manager", BEN.id, SEEN, open_case(made, Question.ENTER, NOW).judged)
    assert not [name for name in ("Ana", "Ben", "Chloe", "Dev") if name in shown.data.decode()]


# ------------------------------------------------------------------------------------- by whose word, what was opened


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
