"""Warnings: what is probably not meant is said, and what is meant is not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.plan_build import build_plan
from readiness.core.plan_document import format_path
from readiness.core.plan_ways import way_faults
from tests.core.documents import edited, warned

CANARY = ("phases", 1)
TRIAL = {
    "title": "Not slower",
    "owner": "sre",
    "question": "non_inferiority",
    "metric": {"source": "metrics", "mean_of": "found", "split_by": "c", "treatment": "a", "control": "b"},
    "direction": "lower_is_better",
    "margin": "5%",
}
QUANTILE = {
    "source": "metrics",
    "histogram": "h",
    "quantile": "0.99",
    "split_by": "c",
    "treatment": "a",
    "control": "b",
}
ERRORS = {"source": "metrics", "errors": "e", "total": "t", "split_by": "c", "treatment": "a", "control": "b"}


def test_a_plan_that_means_what_it_says_is_not_warned_about():
    assert warned() == []


@pytest.mark.parametrize(
    ("edits", "path", "says"),
    [
        ([(("gates", "errors", "against"), {"query": "up"})], "gates.errors.against", "is absolute"),
        ([(("gates", "errors", "query"), "max(errors offset 1d) / max_over_time(b[5m:1m] offset 1d)")],
         "gates.errors.query", "never says how it is now"),
        ([(("gaps", 0, "blocks"), [])], "gaps[0].blocks", "Gap backups is blocking and blocks no phase"),
        ([(("rollbacks", 1, "verify"), None)], "rollbacks[1]", "Nothing verifies way back less"),
        ([((*CANARY, "traffic"), "20%")], "phases[1].traffic",
         "In canary the deployer sends 20 % of traffic and new takes 5 % of that, so 1 % of all requests get"),
        ([(("every_phase", "abort"), [{"gate": "errors", "decided_by": "on-call", "roll_back": "off"}])],
         "every_phase.abort[0].roll_back", "way back off, which changes nothing in prepare;"),
        ([(("every_phase",), None), (("phases", 0, "enter"), []), (("gaps",), None)], "phases[0]",
         "Nothing is asked before prepare"),
        ([((*CANARY, "abort"), [])], "phases[1]", "canary moves new, and neither it nor every_phase has an abort"),
        ([((*CANARY, "abort"), []), ((*CANARY, "traffic"), "100%")], "phases[1]", "canary moves traffic and new,"),
        ([((*CANARY, "abort"), []), ((*CANARY, "flags"), None), ((*CANARY, "traffic"), "1%")], "phases[1]",
         "canary moves traffic, and neither"),
        ([((*CANARY, "succeed"), [])], "phases[1]", "nothing has to be shown while it runs"),
        ([((*CANARY, "succeed", 0, "against"), {"previous": True}), ((*CANARY, "succeed", 0, "expect"), "<= +1%")],
         "phases[1].succeed[0].against", "creeps step by step without end"),
        ([((*CANARY, "succeed", 0, "against"), {"previous": True}),
          ((*CANARY, "succeed", 0, "expect"), [["<= +1%"], ["<= 10ms"]])], "phases[1].succeed[0].against", "creeps"),
    ],
)  # fmt: skip
def test_what_is_probably_not_meant_is_said(edits, path, says):
    ((found, sentence),) = warned(*edits)
    assert found == path
    assert says in sentence


@pytest.mark.parametrize(
    "edits",
    [
        [(("gates", "errors", "query"), "max(errors) - max(errors offset 1d)")],
        [(("gaps", 0, "blocks"), []), (("gaps", 0, "severity"), "low")],
        [((*CANARY, "traffic"), "100%")],
        [((*CANARY, "traffic"), "0%")],
        [((*CANARY, "traffic"), "20%"), ((*CANARY, "flags", "new"), "100%")],
        [((*CANARY, "traffic"), "20%"), ((*CANARY, "flags", "new"), "off")],
        [((*CANARY, "enter"), [])],
        [
            ((*CANARY, "abort"), []),
            (("every_phase", "abort"), [{"gate": "errors", "decided_by": "on-call", "roll_back": "off"}]),
            (("phases", 0, "flags", "new"), "1%"),
        ],
        [((*CANARY, "abort"), []), ((*CANARY, "watch"), {"for": "2h", "every": "5m", "triggers": ["errors"]})],
        [((*CANARY, "abort"), []), ((*CANARY, "flags", "new"), "off"), ((*CANARY, "traffic"), "0%")],
        [((*CANARY, "succeed"), []), ((*CANARY, "flags", "new"), "off")],
        [
            ((*CANARY, "succeed", 0, "against"), {"previous": True}),
            ((*CANARY, "succeed", 0, "expect"), ["<= +1%", "<= 10ms"]),
        ],
        [
            ((*CANARY, "succeed", 0, "against"), {"query": "max(control)"}),
            ((*CANARY, "succeed", 0, "expect"), "<= +1%"),
        ],
        [((*CANARY, "abort", 0, "expect"), "<= +1%"), ((*CANARY, "abort", 0, "against"), {"query": "up"})],
    ],
)
def test_what_is_meant_is_not_warned_about(edits):
    assert warned(*edits) == []


COMMON = {"gate": "errors", "decided_by": "automation", "roll_back": "less"}
PEOPLE = {"item": "people", "title": "People there", "owner": "lead"}


@pytest.mark.parametrize(
    ("edits", "path", "says"),
    [
        ([(("every_phase", "abort"), [COMMON]), (("phases", 0, "succeed"), [])], "phases[1].abort[0]",
         "errors stops every phase already (every_phase.abort[0]), decided by automation with way back less; "
         "here on-call decides with off. Both stand."),
        ([((*CANARY, "enter", 1), {**PEOPLE, "evidence": "attestation"})], "phases[1].enter[1]",
         "This takes the place of every_phase.enter[0], with evidence demand attestation rather than demand required "
         "and valid for not said rather than 7d."),
        ([((*CANARY, "enter", 1), {**PEOPLE, "valid_for": "30d"})], "phases[1].enter[1]",
         "with valid for 30d rather than 7d."),
        ([(("every_phase", "succeed"), [{"gate": "latency", "expect": "<= 10ms", "for": "5m"}]),
          ((*CANARY, "succeed", 0, "max_age"), "9m")], "phases[1].succeed[0]", "with max age 9m rather than 2m."),
    ],
)  # fmt: skip
def test_a_condition_that_takes_the_place_of_a_common_one_is_told(edits, path, says):
    found = [(at, sentence) for at, sentence in warned(*edits) if at.startswith("phases")]
    ((at, sentence),) = found
    assert at == path
    assert says in sentence


@pytest.mark.parametrize(
    "own", [{**PEOPLE, "valid_for": "7d"}, {**PEOPLE, "valid_for": "168h", "title": "Others", "owner": "sre"}]
)
def test_one_that_says_the_same_is_not(own):
    assert warned(((*CANARY, "enter", 1), own)) == []


def trial(said, phase=()):
    return warned((("experiments",), {"speed": {**TRIAL, **said}}), *phase)


@pytest.mark.parametrize(
    ("said", "path", "says"),
    [
        ({"min_duration": "7d", "max_duration": "3d"}, "max_duration", "ends after 3d and must run 7d"),
        ({"max_duration": "11h"}, "max_duration", "fewer than 12 blocks of 1h"),
        ({"max_duration": "2d", "block": "6h"}, "max_duration", "let it run 3d at least"),
        ({"metric": QUANTILE, "min_samples": "1000/day"}, "min_samples", "30 are needed, which takes 72000 a day"),
        ({"metric": ERRORS, "min_samples": "10/day", "max_duration": "10d", "margin": "0.5pp", "alpha": "0.05"},
         "min_samples", "100 samples show only that fewer than 3 % fail, at alpha 0.05; the margin is 0.5pp."),
        ({"looks": {"every": "8d"}, "max_duration": "7d"}, "looks", "ends after 7d and is first looked at after 8d"),
        ({"cohens_d": "0.5", "min_samples": "7/day", "max_duration": "7d", "alpha": "0.05", "power": "0.80"},
         "min_samples", "An effect of 0.5 standard deviations takes 50 samples in each cohort, at alpha 0.05 and power "
         "0.8; 49 are asked for."),
    ],
)  # fmt: skip
def test_an_experiment_that_cannot_decide_is_told(said, path, says):
    ((found, sentence),) = trial(said)
    assert found == f"experiments.speed.{path}"
    assert says in sentence


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"min_duration": "3d", "max_duration": "3d"},
        {"max_duration": "12h"},
        {"metric": QUANTILE, "min_samples": "72000/day"},
        {"metric": ERRORS, "min_samples": "1000/day", "max_duration": "10d", "margin": "0.5pp"},
        {"min_samples": "1/day"},
        {"looks": {"every": "7d"}, "max_duration": "7d"},
        {"cohens_d": "0.5", "min_samples": "8/day", "max_duration": "7d", "alpha": "0.05", "power": "0.80"},
        {"cohens_d": "0.5", "min_samples": "1/day"},
    ],
)
def test_an_experiment_that_can_decide_is_not(said):
    assert trial(said) == []


def test_a_phase_shorter_than_its_experiment_is_told():
    ask = ((*CANARY, "succeed", 1), {"experiment": "speed"})
    ((path, sentence),) = trial({"min_duration": "7d"}, [ask])
    assert path == "phases[1].duration"
    assert "Experiment speed must run 7d, and canary is planned for 3d." in sentence
    assert trial({"min_duration": "3d"}, [ask]) == []
    share = ((*CANARY, "traffic"), "100%")
    assert trial({"min_duration": "7d", "durations": {"100%": "2d"}}, [ask, share]) == []


@given(st.integers(1, 10**6), st.sampled_from([0.01, 0.05]), st.sampled_from(["0.1pp", "0.5pp", "2pp"]))
def test_the_samples_that_are_asked_for_would_be_enough(a_day, alpha, margin):
    said = {
        "metric": ERRORS,
        "min_samples": f"{a_day}/day",
        "max_duration": "5d",
        "margin": margin,
        "alpha": str(alpha),
    }
    enough = math.exp(math.log(alpha) / (5 * a_day)) >= 1 - float(margin[:-2]) / 100
    assert (trial(said) == []) is enough


def idle(*edits):
    document = edited(*edits)
    return [format_path(fault.at) for fault in way_faults(document, build_plan(document, "sha256:x"))]


def test_a_way_back_that_changes_nothing_in_its_phase_is_found():
    trigger = {"gate": "errors", "decided_by": "sre", "roll_back": "off"}
    here = (("phases", 0, "abort"), [trigger])
    assert idle() == []
    assert idle(here) == ["phases[0].abort[0].roll_back"]
    assert idle((("phases", 0, "abort"), [{**trigger, "roll_back": "less"}])) == ["phases[0].abort[0].roll_back"]


@pytest.mark.parametrize(
    "edit",
    [
        (("phases", 0, "flags", "new"), "1%"),
        (("rollbacks", 0, "commands"), ["./off.sh"]),
        (("rollbacks", 0, "sets", "new"), "2%"),
    ],
)
def test_a_way_back_that_changes_something_is_not(edit):
    trigger = {"gate": "errors", "decided_by": "sre", "roll_back": "off"}
    assert idle((("phases", 0, "abort"), [trigger]), edit) == []


def test_a_share_is_the_same_however_it_is_spelt():
    trigger = {"gate": "errors", "decided_by": "sre", "roll_back": "off"}
    assert idle((("phases", 0, "abort"), [trigger]), (("phases", 0, "flags", "new"), "0%")) != []
    assert idle((("phases", 0, "abort"), [trigger]), (("phases", 0, "flags"), None)) != []
    assert (
        idle((("phases", 0, "abort"), [trigger]), (("phases", 0, "flags"), None), (("flags", "new", "default"), "on"))
        == []
    )


def test_another_phase_is_a_change():
    away = (("phases", 1, "flags", "new"), "off")
    assert idle(away) == []
    assert idle(away, (("rollbacks", 0, "to"), "canary")) == ["phases[1].abort[0].roll_back"]
