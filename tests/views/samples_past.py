"""The board as it was, as samples."""

from dataclasses import replace

from readiness.queries.pages.parts import Change, Fact, Line, Region
from readiness.queries.pages.past import Compared, PastBar, PastBoard
from readiness.queries.pages.sheets import DifferenceSheet
from tests.views.samples import BOARD, NO_DECISION, NOW, ago, head

BAR = PastBar(
    "The board as of entry 14, 2025-11-21 18:05 UTC",
    "From the facts kept by entry 12, judged at 2025-11-21 18:04 UTC. No other answer was recorded by then.",
    "14",
    "/b/",
)
PAST = PastBoard(
    replace(head("board"), region=Region("head", ""), actions=(), title_word="Past"),
    BAR,
    verdict=replace(BOARD.verdict, region=Region("verdict", ""), past=True, how_url="", url=""),
    decision=replace(NO_DECISION, region=Region("decision", ""), past=True, how_url="", url="", reasons=()),
    compared=(Compared("Conditions met", "7 of 48", "28 of 48"), Compared("Waived", "none asked", "1 of 48")),
    then_at=ago(9000),
    now_at=NOW,
    poll=(Line("Backend lead", "Tomás Oliveira", "GO", at=ago(9100)), Line("SRE lead", "", "No answer")),
    conditions=(Line("Recall P99 latency", "17.8 ms", "Failing"), Line("Runbook read", "", "Met")),
    sequence=replace(BOARD.sequence, region=Region("sequence", ""), url=""),
)
DIFFERENCE = DifferenceSheet(
    head("audit"),
    "/do/",
    "/a/",
    "Accept it as the second person",
    "Hold 3",
    lead="The record has this row as on the left.",
    label="Accept it",
    busy="Saving…",
    failed="The row still differs",
    confirm=True,
    changes=(Change("reason", "the backup fails", "nothing"),),
    facts=(Fact("Asked by", "Wei Zhang"),),
    digest="sha256:12",
    who="One person who answers last accepts it, and one administrator of the site.",
)
NO_PAST = PastBoard(PAST.head, PastBar("No board as of then", "There is no entry 9 yet.", "9", "/b/", "Broken"), "None")
