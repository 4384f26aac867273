"""Warnings about durations: windows, ages, claims and phases that do not fit what they are about."""

import pytest

from tests.core.documents import warned

CANARY = ("phases", 1)
SUCCEED = (*CANARY, "succeed", 0)
METRICS = ("sources", "metrics", "every")
DRILL = {"title": "Way back", "owner": "sre", "level": "off", "target": "2h"}


@pytest.mark.parametrize(
    ("edits", "path", "says"),
    [
        ([(("gates", "errors", "for"), "20s")], "gates.errors.for", "write 30s at least"),
        ([(("gates", "errors", "for"), "50s"), (("gates", "errors", "every"), "30s")], "gates.errors.for", "write 1m"),
        ([((*SUCCEED, "for"), "29s")], "phases[1].succeed[0].for", "every 15s"),
        ([((*SUCCEED, "every"), "4m"), ((*SUCCEED, "max_age"), "5m")], "phases[1].succeed[0].for", "A window of 5m"),
        ([((*CANARY, "abort", 0, "for"), "20s")], "phases[1].abort[0].for", "less than two measurements"),
        ([(("gates", "errors", "every"), "3m")], "gates.errors", "counts for 2m"),
        ([(("gates", "errors", "max_age"), "10s")], "gates.errors", "every 15s and a sample counts for 10s"),
        ([(("checks", "script", "every"), "16m")], "checks.script", "every 16m and a sample counts for 15m"),
        ([(("phases", 0, "enter", 0, "max_age"), "59s")], "phases[0].enter[0]", "every 1m and a sample counts for 59s"),
        ([(("gates", "errors", "max_age"), "25h")], "gates.errors.max_age",
         "What was seen 25h ago would still count as now; write 1d at most, such as 2m."),
        ([(("checks", "script", "max_age"), "7d")], "checks.script.max_age", "What was seen 7d ago"),
        ([((*CANARY, "abort", 0, "max_age"), "2d")], "phases[1].abort[0].max_age", "What was seen 2d ago"),
        ([(("sources", "repository"), {"kind": "git", "url": "${U}", "every": "1h"})], "checks.script",
         "repository is fetched every 1h and what this finds counts for 15m, so it will be stale in between; write 1h "
         "at least."),
        ([(("sources", "repository"), {"kind": "git", "url": "${U}"}), (("checks", "script", "max_age"), "4m")],
         "checks.script.max_age", "repository is fetched every 5m and what this finds counts for 4m"),
        ([(METRICS, "1m"), (("gates", "errors", "max_age"), "59s")], "gates.errors.max_age",
         "metrics has something new every 1m and what this finds counts for 59s"),
        ([(METRICS, "1m"), ((*CANARY, "abort", 0, "max_age"), "30s")], "phases[1].abort[0].max_age", "write 1m at"),
        ([((*CANARY, "enter", 0, "valid_for"), "59m")], "phases[1].enter[0].valid_for",
         "It runs out 59m after it was recorded, before others can sign over it; write 1h at least."),
        ([((*CANARY, "enter", 0, "valid_for"), "366d")], "phases[1].enter[0].valid_for", "so in effect it never runs"),
        ([(("drills",), {"back": {**DRILL, "valid_for": "119m"}})], "drills.back.valid_for",
         "It counts for 119m and may itself take 2h; write a longer time."),
        ([(("drills",), {"back": DRILL}), ((*CANARY, "enter", 1), {"drill": "back", "valid_for": "1h"})],
         "phases[1].enter[1].valid_for", "may itself take 2h"),
        ([(("drills",), {"back": {**DRILL, "valid_for": "400d"}})], "drills.back.valid_for", "in effect it never"),
        ([((*SUCCEED, "for"), "73h")], "phases[1].duration",
         "latency must hold for 73h within the phase, and canary is planned for 3d; make one of them fit the other."),
        ([((*SUCCEED, "for"), "2d"), ((*CANARY, "duration"), "1d")], "phases[1].duration", "is planned for 24h"),
    ],
)  # fmt: skip
def test_a_duration_that_probably_is_not_meant_is_told(edits, path, says):
    ((found, sentence),) = warned(*edits)
    assert found == path
    assert says in sentence


@pytest.mark.parametrize(
    "edits",
    [
        [(("gates", "errors", "for"), "30s")],
        [(("gates", "errors", "for"), "4s"), (("gates", "errors", "every"), "2s")],
        [((*CANARY, "abort", 0, "for"), "0s")],
        [((*SUCCEED, "for"), "phase"), ((*SUCCEED, "at_least"), "99%")],
        [(("gates", "errors", "every"), "2m")],
        [(("gates", "errors", "max_age"), "1d")],
        [(("phases", 0, "enter", 0, "every"), "10m")],
        [(("checks", "script", "max_age"), "1d")],
        [(("sources", "repository"), {"kind": "git", "url": "${U}", "every": "15m"})],
        [(("sources", "repository"), {"kind": "git", "url": "${U}"})],
        [(("sources", "repository"), {"kind": "git", "path": "${P}", "every": "1h"})],
        [(METRICS, "1m"), (("gates", "errors", "max_age"), "1m")],
        [((*CANARY, "enter", 0, "valid_for"), "1h")],
        [((*CANARY, "enter", 0, "valid_for"), "365d")],
        [(("drills",), {"back": {**DRILL, "valid_for": "2h"}})],
        [(("drills",), {"back": DRILL})],
        [((*SUCCEED, "for"), "3d")],
        [((*SUCCEED, "for"), "7d"), ((*CANARY, "duration"), None)],
    ],
)
def test_a_duration_that_is_meant_is_not(edits):
    assert warned(*edits) == []


def test_an_age_that_a_place_has_from_its_gate_is_told_once():
    (found,) = warned((("gates", "errors", "max_age"), "3d"))
    assert found[0] == "gates.errors.max_age"
