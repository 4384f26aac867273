"""The bundle of one phase's decision: what it rests on, what came of it, and what is only about something else."""

import json

import pytest
import time_machine

from readiness.models import Claim, Hold, PhaseRun, SignOff
from readiness.services.holds import call_hold
from readiness.services.items import claim_item
from readiness.services.phases import enter_phase
from readiness.verify import verify_bundle
from tests.management.bundles import checkpoint, export
from tests.services.helpers import LEAD, MATE, NOW, OWNER, act_of, document, make_rollout
from tests.services.signer_files import grow, signer_with_key
from tests.services.test_signoffs import sign

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
WORD, FILE = "prepare/enter/item:word", "prepare/enter/item:file"
SMALL = {"enter": [{"item": "word", "title": "Read", "owner": "sre", "evidence": "attestation"}], "commands": []}


@pytest.fixture
def bundle(tmp_path):
    """One phase that was entered, and entries about other things before and after."""
    files = signer_with_key(tmp_path)
    make_rollout(document(**SMALL))
    grow(3)
    claim_item("demo", WORD, act_of(OWNER), NOW, note="read")
    sign()
    sign("lead", LEAD)
    with time_machine.travel(NOW, tick=False):
        enter_phase("demo", "prepare", act_of(LEAD), NOW, confirmed=())
    call_hold("demo", act_of(MATE), NOW, reason="afterwards")
    grow(2)
    checkpoint(files)
    return export(tmp_path / "bundle", "--rollout", "demo", "--phase", "prepare")


def test_the_bundle_of_a_decision_holds_what_it_rests_on_and_verifies_alone(bundle):
    entries = [json.loads(line) for line in (bundle / "entries.jsonl").read_bytes().splitlines()]
    assert [entry["action"] for entry in entries] == [
        "key.added",
        "claim.made",
        "sign_off.given",
        "sign_off.given",
        "phase.entered",
        "hold.called",
    ]
    objects = {f"{entry['object']['type']}:{entry['object']['id']}" for entry in entries[1:]}
    models = (Claim, SignOff, PhaseRun, Hold)
    assert objects == {f"{model._meta.model_name}:{row.pk}" for model in models for row in model.objects.all()}
    report = verify_bundle(bundle, (bundle / "keys.txt").read_bytes(), (bundle / "checkpoint").read_bytes())
    assert (int(report.result), report.findings, report.entries, report.size) == (0, [], 6, 11)


def test_it_carries_the_facts_and_the_verdict_that_the_run_was_entered_on(bundle):
    run = PhaseRun.objects.get()
    for digest in (run.facts, run.verdict):
        assert (bundle / "evidence" / digest.replace(":", "/")).exists()
    text = (bundle / "report.html").read_text()
    assert "Prepare, run 1" in text
    assert "Entry 5" in text
    assert 'href="/' not in text
    assert "those with rollout demo, phase prepare" in (bundle / "README.txt").read_text()
