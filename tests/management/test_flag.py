"""`manage.py flag`: lower a flag from the shell, and never raise one."""

import pytest
import time_machine
from django.core.management import CommandError, call_command

from readiness.models import FlagState
from tests.record_fixtures import entries
from tests.services.helpers import NOW, make_rollout, start_phase
from tests.services.test_flags import without_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rollout():
    with time_machine.travel(NOW, tick=False):
        made = make_rollout(without_triggers())
        start_phase(made, "canary")
        yield made


@pytest.mark.parametrize(("share", "most", "said"), [("off", 0, "0 %"), ("1%", 100, "1 %"), ("0%", 0, "0 %")])
def test_it_is_served_to_fewer_people_and_the_entry_is_named(capsys, share, most, said):
    call_command("flag", "demo", "new", share, "--reason", "carts are lost")
    assert capsys.readouterr().out == f"new is served to {said} at most. It is entry 0 of the record.\n"
    state, (entry,) = FlagState.objects.get(), entries()
    assert (state.most_bp, state.reason, entry["channel"]["kind"]) == (most, "carts are lost", "shell")


@pytest.mark.parametrize(
    ("flag", "share", "said"),
    [
        ("new", "on", "The shell raises nothing"),
        ("new", "50%", "To serve it to more people, raise it"),
        ("new", "some", "is not a share; write a percentage from 0% to 100%, such as 5%. Or write off."),
        ("old", "off", "has no flag old. It has: new"),
    ],
)
def test_what_does_not_do_is_said_and_nothing_changes(flag, share, said):
    with pytest.raises(CommandError, match=said):
        call_command("flag", "demo", flag, share)
    assert (FlagState.objects.get().most_bp, entries()) == (500, [])


def test_a_rollout_has_to_be_there():
    with pytest.raises(CommandError, match="There is no rollout shop"):
        call_command("flag", "shop", "new", "off")
