"""Evidence of one environment never counts in another, unless the condition says so."""

import pytest

from readiness.core.plan_build import build_plan
from readiness.core.plan_document import format_path
from readiness.core.plan_environments import environment_faults
from tests.core.documents import make_document, put

STAGING = (("sources", "metrics", "environment"), "staging")
HERE = ("phases", 1, "succeed", 0, "from")


def edited(*edits):
    document = make_document()
    for path, value in edits:
        document = put(document, path, value)
    return document


def faults(*edits):
    return {format_path(fault.at): fault.sentence for fault in environment_faults(edited(*edits))}


def test_a_source_of_no_environment_or_of_production_is_enough():
    assert faults() == {}
    assert faults((("sources", "metrics", "environment"), "production")) == {}


def test_every_condition_that_reads_staging_says_so_or_is_refused():
    found = faults(STAGING)
    assert set(found) == {
        "rollbacks[0].verify",
        "rollbacks[1].verify",
        "phases[0].succeed[0]",
        "phases[1].succeed[0]",
        "phases[1].abort[0]",
    }
    assert found["phases[1].succeed[0]"] == (
        "latency is read from metrics, which is staging, and this is about production; where evidence of staging is "
        "enough, write from: staging."
    )
    assert "phases[1].succeed[0]" not in faults(STAGING, (HERE, "staging"))
    assert "phases[1].succeed[0]" not in faults(STAGING, (HERE, ["runbook.md#4", "staging"]))
    assert "phases[1].succeed[0]" in faults(STAGING, (HERE, "runbook.md#4"))


def test_a_definition_says_it_for_all_its_places():
    assert faults(STAGING, (("gates", "errors", "from"), "staging"), (("gates", "latency", "from"), "staging")) == {}


def test_a_place_keeps_the_environment_of_its_definition_and_the_other_way_round():
    said = (STAGING, (("gates", "latency", "from"), ["runbook.md#1", "staging"]), (HERE, "runbook.md#9"))
    assert "phases[1].succeed[0]" not in faults(*said)
    condition = build_plan(edited(*said), "sha256:x").phases[1].succeed[0]
    assert (condition.origin, condition.environment) == ("runbook.md#9", "staging")


def test_a_condition_about_staging_is_not_met_from_production():
    other = (("sources", "other"), {"kind": "http", "url": "${U}", "environment": "staging"})
    production = (("sources", "metrics", "environment"), "production")
    assert faults(other, production, (HERE, "staging")) == {
        "phases[1].succeed[0].from": "This says from staging, and latency is read from metrics, which is production."
    }


@pytest.mark.parametrize("name", ["apply", "observed"])
def test_the_share_in_production_is_neither_set_nor_seen_elsewhere(name):
    said = {"source": "service", "query": "up", "path": "/", "kind": "http"}
    found = faults(
        (("sources", "service"), {"kind": "http", "url": "${U}", "environment": "staging"}),
        (("flags", "new", name), said),
    )
    assert found == {
        f"flags.new.{name}.source": "service is staging; the share that counts is that of production, "
        "so name a source of it."
    }


def test_a_condition_says_what_its_source_measures():
    plan = build_plan(edited((("sources", "metrics", "headers"), {"X-Scope": "shop"}), STAGING), "sha256:x")
    assert plan.phases[1].succeed[0].reads == "environment staging headers X-Scope shop kind prometheus url ${URL}"
    assert plan.phases[0].enter[-1].reads == "kind git path ${PATH}"
    assert plan.phases[1].enter[0].reads == ""
