"""What an operator does from the shell."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from readiness.models import PlanVersion, RoleGrant, Rollout
from readiness.services.people import setup_link_works
from tests.record_fixtures import entries
from tests.services.helpers import NOW, make_rollout

pytestmark = pytest.mark.django_db
PLAN = """readiness: 1
rollout: {key: little, title: Little}
roles: {lead: Lead}
phases:
  - key: only
    number: "0"
    title: Only
    duration: 1d
    enter: [{item: done, title: It is done, owner: lead}]
    sign_off: {roles: [lead], last: lead}
"""


def run(capsys, *arguments):
    """Run a command; give its exit code and what it printed."""
    code = 0
    try:
        call_command(*arguments)
    except SystemExit as stop:
        code = stop.code
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def plan_file(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    return file


def test_a_verdict_says_no_go_with_every_reason_and_exits_1(capsys):
    make_rollout()
    code, out, _ = run(capsys, "verdict", "demo", "--explain")
    assert code == 1
    assert out.startswith("NO-GO: enter prepare (BLOCKED)")
    assert "ITEM_UNCLAIMED" in out
    assert "clears when: " in out


def test_a_verdict_as_json_is_the_whole_verdict(capsys):
    make_rollout()
    _, out, _ = run(capsys, "verdict", "demo", "--json")
    verdict = json.loads(out)
    assert (verdict["decision"], verdict["phase"]) == ("NO_GO", "prepare")
    unread = next(reason for reason in verdict["reasons"] if reason["path"] == "prepare/enter/item:word")
    assert {key: unread[key] for key in ("code", "owner", "sentence", "clears", "link")} == {
        "code": "ITEM_UNCLAIMED",
        "owner": "sre",
        "sentence": "I have read it: not claimed.",
        "clears": "A person's word",
        "link": "/rollouts/demo/phases/prepare/#item-word-e46a6fba",
    }
    assert unread["since_at"] == verdict["evaluated_at"]


@pytest.mark.parametrize("arguments", [("nowhere",), ("demo", "--phase", "nowhere")])
def test_what_cannot_be_asked_exits_2_and_says_what_there_is(capsys, arguments):
    make_rollout()
    code, out, err = run(capsys, "verdict", *arguments)
    assert (code, out) == (2, "")
    assert "nowhere" in err


def test_a_plan_is_imported_once_and_recorded_once(capsys, plan_file):
    run(capsys, "import_plan", str(plan_file))
    assert (Rollout.objects.get().key, PlanVersion.objects.get().number) == ("little", 1)
    (entry,) = entries()
    assert (entry["action"], entry["channel"]["kind"]) == ("plan.imported", "shell")
    _, out, _ = run(capsys, "import_plan", str(plan_file))
    assert "nothing changed" in out
    assert len(entries()) == 1


def test_checking_a_plan_changes_nothing(capsys, plan_file):
    _, out, _ = run(capsys, "import_plan", str(plan_file), "--check")
    assert "nothing is wrong" in out
    assert not Rollout.objects.exists()


def test_a_wrong_plan_changes_nothing_and_says_where(plan_file):
    plan_file.write_text(PLAN.replace("roles: [lead]", "roles: [leed]"))
    with pytest.raises(CommandError, match=rf"Nothing was imported.\n{plan_file}:10: .*leed"):
        call_command("import_plan", str(plan_file))
    assert not Rollout.objects.exists()
    assert entries() == []


def test_a_file_that_is_no_text_is_refused_in_words(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="can’t be read"):
        call_command("import_plan", str(file))


def test_the_link_for_the_first_administrator_is_silent_once_there_is_one(capsys):
    _, out, _ = run(capsys, "setup_link")
    secret = out.strip().rsplit("/", 2)[-2]
    assert setup_link_works(secret, NOW.replace(year=2000))
    User.objects.create_user("boss", is_staff=True)
    assert run(capsys, "setup_link")[1] == ""


def test_a_person_gets_an_account_and_a_role(capsys):
    make_rollout()
    _, out, _ = run(capsys, "person", "add", "pia", "--name", "Pia Pohl", "--role", "lead", "--rollout", "demo")
    assert out.startswith("pia signs in with ")
    password = out.split()[4].rstrip(".")
    assert User.objects.get(username="pia").check_password(password)
    assert RoleGrant.objects.filter(person_name="Pia Pohl", key="lead").count() == 1


def test_a_role_that_does_not_exist_is_refused_with_those_that_do():
    make_rollout()
    with pytest.raises(CommandError, match=r"The plan has no role nope\. It has: lead, on-call, sre\."):
        call_command("person", "add", "pia", "--role", "nope", "--rollout", "demo")
    assert not User.objects.exists()


def test_the_demo_is_set_up_once(capsys, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    _, first, _ = run(capsys, "setup_demo")
    count = len(entries())
    _, second, _ = run(capsys, "setup_demo")
    assert first == second
    assert len(entries()) == count
    assert {r.key for r in Rollout.objects.all()} == {"dual-memory", "quickstart"}
    assert User.objects.count() == 9
    assert not RoleGrant.objects.filter(person_name="Ivo Marsh").exists()
