"""People who sign at the same moment: `python -m tests.services.signers ACT [ROLE:PERSON:ANSWER]`.

`prepare` makes a rollout whose part is done and, with an answer, lets somebody sign before. `sign` reads the statement,
waits until all are ready, and signs what was read, as two people do who press their buttons at once.
"""

import os
import sys
import time

import django
from django.conf import settings

django.setup()

from readiness.core.case import open_case  # noqa: E402 (after the setup)
from readiness.core.statements import Seen, build_statement  # noqa: E402
from readiness.core.types import Question  # noqa: E402
from readiness.models import Claim, RoleGrant, Rollout  # noqa: E402
from readiness.queries.facts import load_facts  # noqa: E402
from readiness.services.rights import NotAllowed  # noqa: E402
from readiness.services.signoffs import AlreadySigned, Answer, FactsMoved, GoLocked, sign_off  # noqa: E402
from tests.services.helpers import (  # noqa: E402
    EMPTY_PHASE,
    LEAD,
    MATE,
    NOW,
    OWNER,
    SHA,
    act_of,
    document,
    grant,
    make_rollout,
)

SEEN = Seen(0, SHA, NOW)


def prepare(before=""):
    rollout = make_rollout(document(**EMPTY_PHASE))
    for person, role in ((MATE, "sre"), (MATE, "lead"), (OWNER, "lead")):
        grant(rollout, person, RoleGrant.ROLE, role)
    Claim.objects.create(
        rollout=rollout, path="prepare/enter/item:word", claimed_at=NOW, by_id="u:7", by_name="Wim Worker"
    )
    if before:
        person, said = read(before)
        sign_off("demo", said, act_of(person), NOW)


def read(spoken):
    """Read the statement of a role as a person, and give what they answer over it."""
    role, name, go = spoken.split(":")
    person = {"owner": OWNER, "mate": MATE, "lead": LEAD}[name]
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    statement = build_statement(facts, role, person, SEEN, open_case(facts, Question.ENTER, NOW).judged)
    meaning = "approve-go" if go == "go" else "approve-no-go"
    return person, Answer("prepare", role, go == "go", meaning, "It is what I say", statement.digest, SEEN)


def sign(spoken):
    person, said = read(spoken)
    (settings.DATA_DIR / f"{os.getpid()}.ready").touch()
    while len(list(settings.DATA_DIR.glob("*.ready"))) < 2:
        time.sleep(0.002)
    try:
        sign_off("demo", said, act_of(person), NOW)
        print("signed")
    except (AlreadySigned, FactsMoved, GoLocked, NotAllowed) as refusal:
        print(type(refusal).__name__)


if __name__ == "__main__":
    {"prepare": prepare, "sign": sign}[sys.argv[1]](*sys.argv[2:])
