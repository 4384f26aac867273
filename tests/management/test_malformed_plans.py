"""Malformed plans change nothing: each is brought over a sound one, and every table is as it was."""

import re

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from tests.factories import shell_act
from tests.plans import malformed
from tests.plans.walk import EVERY_KEY
from tests.services.helpers import NOW

pytestmark = pytest.mark.django_db
KINDS = [name for name in dir(malformed) if name.isupper() and name != "MISTAKES"]


def rows():
    """Every row of every table of ours."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("readiness").get_models()
    }


def test_every_kind_of_mistake_is_here():
    assert sum(len(getattr(malformed, kind)) for kind in KINDS) == len(malformed.MISTAKES) >= 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_malformed_plan_is_refused_by_name_line_and_path_and_changes_nothing(kind, tmp_path):
    import_plan(read_plan(EVERY_KEY), EVERY_KEY, shell_act(), NOW)
    file, before = tmp_path / "plan.yaml", rows()
    for mistake in getattr(malformed, kind):
        file.write_text(EVERY_KEY.replace(mistake.old, mistake.new, 1))
        with pytest.raises(CommandError) as refused:
            call_command("import_plan", str(file))
        said = str(refused.value)
        place = re.escape(f"{mistake.path}: ") if mistake.path else ""
        assert re.search(rf"^{re.escape(str(file))}:\d+: {place}.*{re.escape(mistake.says)}", said, re.M), said
        assert said.startswith("Nothing was imported.")
        assert rows() == before, mistake
