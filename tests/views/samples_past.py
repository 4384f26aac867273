"""Pages as they were, as samples."""

from dataclasses import replace

from readiness.queries.pages.parts import Change, Fact, Line, Region, WaiverNote
from readiness.queries.pages.past import Compared, NoPast, PastBar, PastBoard, PastPhase, PastVerdict
from readiness.queries.pages.phases import ChecklistCard, ChecklistGroup, ChecklistRow
from readiness.queries.pages.sheets import DifferenceSheet
from tests.views.samples import BOARD, NO_DECISION, NOW, ago, head
from tests.views.samples_phase import PHASE, row
from tests.views.samples_verdict import CHANGES, COMPUTATION

BAR = PastBar(
    "The board as of entry 14, 2025-11-21 18:05 UTC",
    "From the facts kept by entry 12, judged at 2025-11-21 18:04 UTC. No other answer was recorded by then.",
    "14",
    "/b/",
)
HEAD = replace(head("board"), region=Region("head", ""), actions=(), title_word="Past", travel_url="")
PAST = PastBoard(
    HEAD,
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
    end_url="/end/",
    end_label="Decline it",
)
NO_DIFFERENCE = replace(DIFFERENCE, why_not="You asked for this; a second person accepts it.", end_label="Take it back")
NO_PAST = NoPast(HEAD, PastBar("Nothing to show as of then", "There is no entry 9 yet.", "9", "/b/", "Broken"))
PAST_VERDICT = PastVerdict(HEAD, BAR, (replace(COMPUTATION, verdict=PAST.decision),), CHANGES)
NOT_JUDGED = replace(
    PAST.verdict, sentence="Nothing had been judged yet", evaluated_at=None, met=0, total=0, reasons=()
)
NO_PAST_VERDICT = PastVerdict(HEAD, BAR, (), CHANGES, NOT_JUDGED)
WAIVED = WaiverNote("Backups", True, "Priya Raman", ago(-9000), "No cluster yet", "A copy by hand", past=True)
PAST_PHASE = PastPhase(
    HEAD,
    BAR,
    replace(PHASE.verdict, region=Region("verdict", ""), past=True, url="", how_url="/v/?as_of=14"),
    PHASE.phases,
    "0",
    "Pre-deployment validation",
    PHASE.objective,
    (
        ChecklistCard(
            Region("to-enter", ""),
            "To enter",
            1,
            2,
            (
                ChecklistGroup(
                    "Infrastructure", 1, 1, (row("backups", "Backups run", "Waived", "None", waiver=WAIVED),)
                ),
                ChecklistGroup(
                    "Not judged then", 0, 1, (ChecklistRow("b", "Cache is warm", "Not due", "", "Not judged"),)
                ),
            ),
        ),
        ChecklistCard(Region("to-finish", ""), "To finish", 0, 0, (), empty="Nothing was asked for here"),
    ),
    exit=replace(PHASE.exit, region=Region("exit", "")),
    aborts=replace(PHASE.aborts, region=Region("aborts", "")),
    poll=PAST.poll,
    runs=(Line("Run 1", "Begun by Wei Zhang, from 2025-11-20 09:00 UTC", "Rolled back"),),
    commands=PHASE.commands.rows,
    levels=(Line("Types off", "Back to shadow mode", end_note="within 5 min"),),
    config="types: off",
)
