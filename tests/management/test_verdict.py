"""`manage.py verdict` at a moment of the record and by other rules than today's."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from readiness import core
from readiness.core.answers import Judged
from readiness.core.audit import Change, ObjectRef
from readiness.core.canonical import digest_bytes, to_plain
from readiness.core.types import Decision, Question
from readiness.models import Blob, Claim, StoredVerdict
from readiness.queries.kept_verdicts import load_kept_verdicts
from readiness.queries.policy import pack_policy, policy_digest
from readiness.services.audit import append
from readiness.services.blobs import keep_blob
from readiness.services.holds import call_hold, lift_hold
from readiness.services.verdicts import judge_rollout
from tests.services.helpers import EMPTY_PHASE, LEAD, MATE, NOW, act_of, document, make_rollout, start_phase
from tests.views.acting import browser, make_demo

pytestmark = pytest.mark.django_db
MACHINE = act_of("readiness")


def run(capsys, *arguments):
    """Run the command; give its exit code and what it printed."""
    with pytest.raises(SystemExit) as stop:
        call_command("verdict", "demo", *arguments)
    printed = capsys.readouterr()
    return stop.value.code, printed.out, printed.err


@pytest.fixture
def held():
    """A rollout that was judged, held, judged, and judged once more after the hold was lifted."""
    make_rollout(document(**EMPTY_PHASE))
    judge_rollout("demo", MACHINE, NOW)
    call_hold("demo", act_of(MATE), NOW, reason="the backup fails")
    judge_rollout("demo", MACHINE, NOW + timedelta(minutes=1))
    lift_hold("demo", 1, act_of(LEAD), NOW, reason="it works again")
    judge_rollout("demo", MACHINE, NOW + timedelta(minutes=2))
    return [kept.seq for kept in load_kept_verdicts("demo", Question.ENTER)][::-1]


@pytest.fixture
def lenient(tmp_path):
    """Proposed rules: of today's only the one about holds."""
    folder = tmp_path / "core"
    shutil.copytree(Path(core.__path__[0]), folder)
    rules = folder / "verdict.py"
    text = rules.read_text()
    assert "RULES: dict" in text
    rules.write_text(text.replace("for rule in RULES[question] for", "for rule in (nobody_holds,) for"))
    return folder


def test_an_entry_answers_as_it_was_judged_then(held, capsys):
    first, second, third = held
    assert "HOLD_CALLED" not in run(capsys, "--as-of", str(first))[1]
    code, out, _ = run(capsys, "--as-of", str(second))
    assert code == 1
    assert "Held by Mia Mate: “the backup fails”." in out
    assert f"judged at 2025-12-02T14:33:06.000000Z, kept by entry {second}" in out
    assert "HOLD_CALLED" not in run(capsys, "--as-of", str(third))[1]


def test_each_reason_is_explained_with_who_clears_it_since_when_and_where(held, capsys):
    judge_rollout("demo", MACHINE, NOW + timedelta(hours=3))
    with time_machine.travel(NOW + timedelta(hours=5), tick=False):
        said = run(capsys, "--explain")[1]
        at_the_hold = run(capsys, "--explain", "--as-of", str(held[1]))[1]
    assert "clears when: A person's word; owner: sre; since 2025-12-02 14:32 UTC, 5 h\n" in said
    assert "/rollouts/demo/phases/prepare/#item-word-e46a6fba\n" in said
    assert "clears when: The hold is lifted; owner: nobody; since 2025-12-02 14:33 UTC\n" in at_the_hold
    assert "owner: sre; since 2025-12-02 14:32 UTC, 1 min\n" in at_the_hold


@pytest.mark.parametrize("asked", [(), ("--phase", "canary"), ("--ask", "continue")])
def test_each_link_is_a_page_that_shows_what_the_reason_is_about(capsys, asked):
    make_demo()
    reasons = json.loads(run(capsys, "--json", *asked)[1])["reasons"]
    assert {reason["kind"] for reason in reasons} >= ({"item", "sign_off"} if not asked else {"phase"})
    for reason in reasons:
        page, _, part = reason["link"].partition("#")
        answer = browser(MATE).get(page)
        assert answer.status_code == 200, reason
        assert not part or f'id="{part}"' in answer.content.decode(), reason


def test_what_was_in_force_at_an_entry_between_two_is_the_earlier_one(held, capsys):
    assert f"kept by entry {held[0]}" in run(capsys, "--as-of", str(held[1] - 1))[1]


def test_a_time_answers_like_the_last_entry_before_it(held, capsys):
    assert f"kept by entry {held[2]}" in run(capsys, "--as-of", "2999-01-01T00:00Z")[1]
    code, out, err = run(capsys, "--as-of", "2001-01-01")
    assert (code, out) == (2, "")
    assert "The record keeps no answer to “enter” at or before 2001-01-01." in err


def test_what_is_no_moment_is_refused_in_words(held, capsys):
    code, out, err = run(capsys, "--as-of", "yesterday")
    assert (code, out) == (2, "")
    assert "'yesterday' is neither an entry's number nor a time." in err


def test_the_answer_again_is_the_same_to_the_byte(held, capsys):
    (stored,) = [kept for kept in load_kept_verdicts("demo", Question.ENTER) if kept.seq == held[1]]
    verdict = json.loads(run(capsys, "--as-of", str(held[1]), "--json")[1])
    assert verdict["verdict_id"] == stored.judged.verdict_id
    assert verdict == json.loads(run(capsys, "--as-of", str(held[1]), "--json", "--policy", policy_digest())[1])


def test_kept_rules_judge_in_a_process_of_their_own(held, capsys, lenient):
    old = keep_blob(pack_policy(lenient), "application/zip")
    code, out, _ = run(capsys, "--policy", old)
    assert code == 0
    assert out.startswith("GO: enter prepare (CLEARED")
    assert f"policy {old}" in out


def test_proposed_rules_are_tried_on_every_kept_verdict(held, capsys, lenient):
    code, out, _ = run(capsys, "--policy", str(lenient), "--every")
    assert code == 1
    assert out.count("then NO-GO  now GO     differs") == 2
    assert out.count("then NO-GO  now NO-GO  same") == 1
    assert "2 of 3 kept verdicts would have been another decision." in out
    assert "0 of 3" in run(capsys, "--every")[1]


def test_rules_that_cannot_judge_say_so_and_nothing_is_go(held, capsys, lenient):
    (lenient / "verdict.py").write_text("raise RuntimeError('half written')\n")
    code, out, err = run(capsys, "--policy", str(lenient))
    assert (code, out) == (2, "")
    assert "The rules could not judge these facts: RuntimeError: half written" in err


@pytest.mark.parametrize(
    "form", ["{hexes}", "{hexes:.8}", "sha256:{hexes:.12}", "{hexes:.6}…{tail}", "{hexes:.6}...{tail}"]
)
def test_rules_are_named_as_shortly_as_the_board_names_them(held, capsys, lenient, form):
    old = adopt_policy(pack_policy(lenient))
    hexes = old.removeprefix("sha256:")
    code, out, _ = run(capsys, "--policy", form.format(hexes=hexes, tail=hexes[-4:]))
    assert (code, f"policy {old}" in out) == (0, True)


def test_the_rules_of_today_are_named_shortly_too(held, capsys):
    assert f"policy {policy_digest()}" in run(capsys, "--policy", policy_digest()[7:15])[1]


def test_a_short_name_of_several_rules_is_refused_with_all_of_them(held, capsys):
    names = ["sha256:abcd" + letter * 60 for letter in "ef"]
    for name in names:
        say_that_it_judged(name)
    code, out, err = run(capsys, "--policy", "abcd")
    assert (code, out) == (2, "")
    assert err.strip().endswith(f"abcd names 2 kept rules. Give more of one: {names[0]}, {names[1]}.")


@pytest.mark.parametrize("short", ["abc", "abcd", "xyz1", "ab…cd"])
def test_a_short_name_of_no_rules_is_refused(held, capsys, short):
    """Only what judged counts: a file that somebody brought is no rules, whatever its digest begins with."""
    kept = keep_blob(b"rules", "application/zip").removeprefix("sha256:")
    for name in (short, kept[:8]):
        assert f"{name} is neither kept rules nor a path." in run(capsys, "--policy", name)[2]


def adopt_policy(archive):
    """Keep rules, and let an entry say that they judged."""
    digest = keep_blob(archive, "application/zip")
    say_that_it_judged(digest)
    return digest


def say_that_it_judged(digest):
    judged = Judged(Question.ENTER, "prepare", Decision.NO_GO, "sha256:v", digest, "sha256:f", NOW)
    thing = ObjectRef("storedverdict", "9", "enter prepare", "other")
    append(Change("verdict.changed", thing, None, {"judged": to_plain(judged)}), MACHINE)


def test_rules_that_are_not_kept_or_altered_are_refused(held, capsys):
    missing = digest_bytes(b"nothing")
    assert f"{missing} is neither kept rules nor a path." in run(capsys, "--policy", missing)[2]
    Blob.objects.filter(pk=policy_digest()).update(data=b"other")
    kept = keep_blob(b"rules", "application/zip")
    Blob.objects.filter(pk=kept).update(data=b"other")
    code, _, err = run(capsys, "--policy", kept)
    assert code == 2
    assert "so these rules are not used" in err


def test_packing_the_same_rules_gives_the_same_bytes(lenient, tmp_path):
    first = pack_policy(lenient)
    again = tmp_path / "again"
    shutil.copytree(lenient, again)
    for file in again.glob("*.py"):
        file.touch()
    assert pack_policy(again) == first
    (again / "verdict.py").write_text("# another rule\n")
    assert pack_policy(again) != first


@pytest.mark.parametrize("rehearsal", [True, False])
def test_a_rehearsal_is_never_go_for_others(rehearsal, capsys):
    said = document(**EMPTY_PHASE)
    rollout = make_rollout({**said, "rollout": {**said["rollout"], "rehearsal": rehearsal}}, timezone.now())
    start_phase(rollout, "prepare", at=timezone.now())
    judge_rollout("demo", MACHINE, timezone.now())
    code, printed, _ = run(capsys, "--ask", "continue", "--json")
    verdict = json.loads(printed)
    assert (code, verdict["decision"], verdict["rehearsal"]) == ((1, "NO_GO", True) if rehearsal else (0, "GO", False))
    assert verdict.get("rehearsed") == ("GO" if rehearsal else None)
    code, printed, _ = run(capsys, "--ask", "continue")
    assert code == int(rehearsal)
    assert printed.startswith("REHEARSAL: NO-GO for everybody else; rehearsed GO" if rehearsal else "GO: continue")


def test_a_phase_that_is_not_the_next_one_is_never_go(capsys):
    make_rollout(document(**EMPTY_PHASE), timezone.now())
    code, printed, _ = run(capsys, "--phase", "canary", "--json")
    reasons = [(reason["code"], reason["key"]) for reason in json.loads(printed)["reasons"]]
    assert code == 1
    assert ("PHASE_INCOMPLETE", "prepare") in reasons
    _, printed, _ = run(capsys, "--phase", "prepare")
    assert "PHASE_INCOMPLETE" not in printed


def test_nothing_that_does_not_run_may_continue(capsys):
    make_rollout(document(**EMPTY_PHASE), timezone.now())
    code, printed, _ = run(capsys, "--ask", "continue")
    assert (code, "Prepare has not been entered, so nothing runs." in printed) == (1, True)


def test_what_is_met_by_a_persons_word_is_counted_apart(capsys):
    rollout = make_rollout(document(**EMPTY_PHASE))
    assert "0 of 1 conditions met, 0 of them by a person's word" in run(capsys)[1]
    path = "prepare/enter/item:word"
    Claim.objects.create(rollout=rollout, path=path, claimed_at=NOW, by_id=MATE, by_name="Mia Mate")
    assert "1 of 1 conditions met, 1 of them by a person's word" in run(capsys)[1]


def test_a_go_that_ran_out_is_go_here_neither(capsys):
    """The page says that the last GO ran out; a job that asks the command is told the same."""
    rollout = make_rollout(document(**EMPTY_PHASE), timezone.now())
    start_phase(rollout, "prepare", at=timezone.now())
    code, _, _ = run(capsys, "--ask", "continue")
    assert code == 1
    judge_rollout("demo", MACHINE, timezone.now())
    assert run(capsys, "--ask", "continue")[0] == 0
    StoredVerdict.objects.update(valid_until=timezone.now() - timedelta(seconds=9))
    payload = StoredVerdict.objects.get(question="continue").payload
    past = to_plain(timezone.now() - timedelta(seconds=9))
    StoredVerdict.objects.filter(question="continue").update(payload={**payload, "valid_until": past})
    code, printed, _ = run(capsys, "--ask", "continue")
    assert code == 1
    assert "VERDICT_EXPIRED" in printed


def test_an_entry_that_is_not_there_is_no_moment(held, capsys):
    code, out, err = run(capsys, "--as-of", "99999")
    assert (code, out) == (2, "")
    assert "There is no entry 99,999; the record has" in err
