"""No service is forgotten: one story succeeds in every act that the machine may try, and reaches every service."""

import inspect
import pkgutil
import re
import sys
from contextlib import contextmanager
from importlib import import_module

import pytest

from readiness import services
from readiness.services.evidence import How
from tests.services.everything import World
from tests.services.helpers import LEAD, MATE, OWNER, STRANGER
from tests.services.test_stateful import Everything
from tests.services.worlds import plans, rules

INSTALLS = "protects the tables; whoever migrates calls it, before there is any act"
REFUSES = "says what is wrong with a plan that is refused; tests/management/test_malformed_plans.py"
COUNTS = "counts tries in the cache, and writes no row"
PUBLISHES = "says what a plan may hold, and writes nothing"
ADDS = "imports the plan in force with a gap more, as any plan; tests/services/test_rollouts.py, test_plan_additions.py"
NOT_DRIVEN = {
    "audit_functions": INSTALLS,
    "audit_guards": INSTALLS,
    "audit_roles": INSTALLS,
    "audit_search.forget_words": "takes back what only this module keeps; tests/services/test_audit_search.py",
    "bringing": "reads what somebody brings, before anything is saved; tests/api/test_evidence.py, tests/views",
    "counters": COUNTS,
    "looks": "works out what blocks show, and keeps nothing; tests/services/test_looks.py",
    "plan_faults": REFUSES,
    "plan_additions": ADDS,
    "plan_json_schema": PUBLISHES,
    "plan_types": "reads one value of a plan when the schema is made, which is before any test",
    "replies": "keeps what a program was answered, which is no part of the record; tests/services/test_replies.py",
    "rollouts.add_gap": ADDS,
    "runbook_search": "looks for what documents name, and writes no row; tests/management/test_import_runbook.py",
    "runbooks": "drafts a plan from documents, and writes no row; tests/services/test_runbooks.py",
    "signer_keys.begin_epoch": "needs every part stopped and another name; tests/services/test_signer_keys.py",
}
"""Services that no story drives, by module or function, each with the reason."""
WAY = "go_the_way"
TOUR = (
    ("bring", 8, None),
    ("claim", plans.WORD, OWNER, None),
    ("add", plans.WORD, MATE, True, How.LINK),
    ("open_paper", LEAD),
    ("withdraw", plans.WORD, OWNER),
    ("ask_to_waive", plans.WORD, MATE, 60),
    ("decline_waiver", LEAD),
    ("ask_to_waive", plans.WORD, MATE, 60),
    ("grant_waiver", LEAD),
    ("revoke_waiver", LEAD),
    ("claim", plans.TESTS, OWNER, False, How.FILE),
    ("withdraw", plans.TESTS, OWNER),
    ("claim", plans.TESTS, OWNER, True, How.NOTE),
    ("withdraw", plans.TESTS, OWNER),
    ("claim", plans.TESTS, OWNER, True, How.GIT),
    ("withdraw", plans.TESTS, OWNER),
    ("claim", plans.TESTS, OWNER, True, How.REPORT),
    ("withdraw", plans.TESTS, OWNER),
    ("close_task", OWNER),
    ("reopen_task", OWNER),
    ("review", OWNER, "6.5"),
    ("drill", OWNER),
    ("record_base", OWNER),
    ("sign", "sre", OWNER, False),
    WAY,
    ("take_back", LEAD),
    WAY,
    ("enter", LEAD, "prepare"),
    ("hold", MATE),
    ("lift", LEAD),
    WAY,
    ("enter", LEAD, "canary"),
    ("lower", MATE, 100),
    ("lower", OWNER, 0),
    ("raise_up", LEAD),
    ("claim", plans.COMPLAINTS, MATE, None),
    ("go_on", OWNER),
    ("roll_back", MATE, "off"),
    ("explain", MATE),
    ("ask_override", MATE, "canary"),
    ("withdraw_override", MATE),
    ("ask_override", MATE, "canary"),
    ("confirm_override", LEAD),
    ("close_override", LEAD),
    WAY,
    ("enter", LEAD, "full"),
    ("measure", 0.5),
    ("roll_back", MATE, "back"),
    ("pass_time", 5),
    ("measure", 9.0),
    ("lose", "api"),
    ("lose", "nothing"),
    ("grant", LEAD, STRANGER, "group", "on-call"),
    ("revoke", LEAD, 4),
    ("add_account", STRANGER, "ann"),
    ("set_up", "bea"),
    ("invite", STRANGER, 4),
    ("close_account", STRANGER, 4),
    ("open_account", STRANGER, 4),
    ("make_token", None, 4),
    ("use_token",),
    ("rotate_token", None),
    ("revoke_token", None),
    ("delete_account", 4),
    ("verify",),
    ("edit_row", 0),
    ("compare",),
    ("ask_to_accept", LEAD),
    ("take_back_request", LEAD),
    ("ask_to_accept", LEAD),
    ("decline_request", STRANGER),
    ("ask_to_accept", LEAD),
    ("accept", STRANGER),
    ("edit_row", 1),
    ("restore_row",),
    ("erase", None, OWNER),
    ("make_key",),
    ("sign_record",),
    ("rotate_key",),
    ("sign_record",),
    ("retire_key",),
    ("index",),
    ("verify_whole",),
    ("tick",),
    ("forecast",),
    ("judge_changes",),
)
"""Every act once at least, in an order in which each may happen."""


def public_functions():
    """Every public function of the services, by its code."""
    for info in pkgutil.iter_modules(services.__path__):
        module = import_module(f"readiness.services.{info.name}")
        for name, value in vars(module).items():
            function = inspect.unwrap(value) if callable(value) else None
            if inspect.isfunction(function) and value.__module__ == module.__name__ and not name.startswith("_"):
                yield function.__code__, f"{info.name}.{name}"


def is_excused(name):
    return name in NOT_DRIVEN or name.partition(".")[0] in NOT_DRIVEN


@contextmanager
def called():
    """Note the code of every function that is called."""
    seen = set()

    def note(frame, event, _):
        if event == "call":
            seen.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def tell(machine):
    """Tell the story: nothing in it is refused, and after each act everything holds that must always hold."""
    for act in TOUR:
        if act == WAY:
            machine.go_the_way()
        else:
            name, *arguments = act
            getattr(machine.world, name)(*arguments)
            machine.world.judge()
        for must in machine.invariants:
            must.function(machine)


@pytest.mark.postgres
@pytest.mark.django_db
def test_one_story_reaches_every_service_and_everything_holds_after_each_act():
    known = dict(public_functions())
    with called() as seen:
        machine = Everything()
        try:
            tell(machine)
        finally:
            machine.teardown()
    missed = {name for code, name in known.items() if code not in seen}
    assert {name for name in missed if not is_excused(name)} == set()
    assert [
        name for name in NOT_DRIVEN if not any(each == name or each.startswith(f"{name}.") for each in missed)
    ] == []


def test_the_machine_may_try_every_act_of_the_story_and_no_other():
    written = set(re.findall(r'"([a-z_]+)"', inspect.getsource(rules)))
    tried = {name for name in written if callable(getattr(World, name, None))}
    assert tried == {act[0] for act in TOUR if act != WAY}
