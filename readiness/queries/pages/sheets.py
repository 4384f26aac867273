"""Sheets: one act each, with what it rests on and what it leads to. Each opens over its page or is a page of its own.

Rendered as `sheet_page.html` (context: `page` and `sheet`, both the sheet; `form`; `partial`, the partial's name) or,
for an htmx request, as the partial alone (context: `sheet`, `form`). A form that can't be accepted answers 422, one
whose facts moved 409, both with the partial; one that was accepted answers with HX-Redirect, without htmx a redirect.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.queries.pages.parts import Change, Choice, Fact, Line, Quantity, RolloutHead
from readiness.queries.pages.phases import CommandRow


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every sheet has. `why_not` says why the reader may not act; then there is no form."""

    head: RolloutHead
    action: str
    cancel_url: str
    title: str
    sub: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A piece of evidence as it was judged. `state` is Proven, Kept, Contradicted, Unproven, Checking, Attested."""

    title: str
    kind: str
    state: str
    finding: str
    digest: str
    added_by: str
    added_at: datetime
    url: str = ""
    drop: str = ""  # the value of the button that removes it again; "" when it is saved


@dataclass(frozen=True, slots=True)
class WrittenField:
    """A field of a report: its name in the plan, what the board knows of it, and where it knows that from."""

    name: str
    value: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ClaimSheet(Sheet):
    """Partial `claims/_claim.html`. Fields: `field-0` … (of a report), `file`, `link`, `git`, `note`, `attest`.

    `checks` are what submitted pieces of evidence were judged to be before saving (button `judge`), and a button `drop`
    removes one again. `would` is what the item would show with them; the second button is `claim`. `withdraw_url` leads
    to the withdraw sheet.
    """

    needs: str = ""  # "A JUnit report with at least 5 suites, no failures"
    demand: str = "required"  # the plan's word: required, attestation, junit, loadtest, file, link, report, none
    proved_by: tuple[Line, ...] = ()  # what the machine found
    evidence: tuple[EvidenceRow, ...] = ()
    checks: tuple[EvidenceRow, ...] = ()
    would: Line | None = None  # "With this, it shows as", the state, what was found
    claimed_by: str = ""
    claimed_at: datetime | None = None
    note: str = ""  # of the claim
    extends: bool = False  # what is brought is added to the claim; without it, it is claimed (again)
    accept: str = ""  # endings that the browser offers first
    git_hint: str = ""  # how a file in git is named; "" when the plan has no git source
    fields: tuple[WrittenField, ...] = ()
    valid_for: timedelta | None = None
    max_size: str = ""  # "10 MB"
    withdraw_url: str = ""
    baseline_url: str = ""  # the item records a baseline
    stops: str = ""  # of a report: what it does to the phase


@dataclass(frozen=True, slots=True)
class ReasonSheet(Sheet):
    """Partial `_reason_sheet.html`: one act that needs only a reason. Field: `reason`, and `password` when `confirm`.

    Withdraw a claim, call or lift a hold, close a gap, revoke a signature.
    """

    lead: str = ""  # what the act does
    label: str = ""  # the button: "Call the hold"
    busy: str = ""  # "Calling..."
    failed: str = ""  # the safe fact above the errors: "No hold is called"
    hint: str = "Everyone on this rollout will read it."
    style: str = "primary"
    confirm: bool = False
    optional: bool = False  # the reason may be left out


@dataclass(frozen=True, slots=True)
class NewGapSheet(Sheet):
    """Partial `gaps/_make.html`: makes a gap of missing files. Fields: `title`, `severity`, `owner`, `blocks`."""

    paths: tuple[str, ...] = ()
    lead: str = ""


@dataclass(frozen=True, slots=True)
class DifferenceSheet(ReasonSheet):
    """Partial `audit/_difference.html`: a row that differs, what it is and what is recorded, and who accepts it.

    Fields: `reason`, `password`, and `seen` with `digest`, what was shown of the row.
    """

    changes: tuple[Change, ...] = ()
    facts: tuple[Fact, ...] = ()
    digest: str = ""
    who: str = ""  # who accepts such a row
    end_url: str = ""  # the sheet in which the reader may take it back or decline it
    end_label: str = ""


@dataclass(frozen=True, slots=True)
class TaskSheet(Sheet):
    """Partial `gaps/_close_task.html`. Field: `note`. Closing is a claim; the gap's conditions are the proof."""

    gap: str = ""
    estimate: str = ""
    conditions: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class DrillSheet(Sheet):
    """Partial `drills/_drill.html`. Fields: `ran_at`, `minutes`, `seconds`, `passed` (yes, no), `note`."""

    target: timedelta | None = None
    expect: str = ""
    restore: str = ""
    commands: tuple[CommandRow, ...] = ()
    last: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewSheet(Sheet):
    """Partial `reviews/_review.html`. Fields: `score`, `note`."""

    needed: str = ""  # "at least 7 of 10"
    last: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """One gate of a baseline: the median of the last hour, what was recorded before, and the drift."""

    title: str
    now: Quantity | None
    before: Quantity | None = None
    drift: str = ""
    problem: str = ""  # why there is no value; then nothing can be recorded
    since_first: str = ""  # "54.0 % more than the first of 5 baselines"


@dataclass(frozen=True, slots=True)
class BaselineSheet(Sheet):
    """Partial `claims/_baseline.html`. Field: `note`."""

    rows: tuple[BaselineRow, ...] = ()
    window: str = "Median of the last hour"


@dataclass(frozen=True, slots=True)
class EnterSheet(Sheet):
    """Partial `runs/_enter.html`. Fields: `command` (one checkbox a command, value its number), hidden `digest`."""

    question: str = ""
    go: bool = False
    locked: str = ""  # why the phase can't be entered now
    reasons: tuple[Line, ...] = ()
    commands: tuple[CommandRow, ...] = ()
    starts: tuple[Fact, ...] = ()  # share before and after, users an hour, way back
    digest: str = ""
    label: str = "Enter"
    moved: int = 0


@dataclass(frozen=True, slots=True)
class OverrideSheet(Sheet):
    """Partial `overrides/_override.html`: ask to enter without GO, confirm it, close it.

    Fields: `reason` when `why`, `command` (checkboxes, the number of each), `password`; hidden `digest`. 409 with
    `moved` > 0 when what stands has changed meanwhile.
    """

    lead: str = ""  # what the act does
    said: tuple[Fact, ...] = ()  # who asked, when, why, until when
    record: str = ""  # what is wrong with the record; said first
    reasons: tuple[Line, ...] = ()  # what is overridden
    reasons_title: str = "What is overridden"
    commands: tuple[CommandRow, ...] = ()
    why: str = ""  # the label of the reason; "" asks for none
    digest: str = ""
    moved: int = 0
    label: str = ""
    busy: str = ""
    failed: str = ""
    style: str = "stop"


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """One way back: what it sets, where it leads, how fast it was."""

    key: str
    title: str
    what: str
    to: str  # "phase 1, Shadow mode"
    share: float  # percent, after it
    within: str  # "within 5 min"
    measured: str = ""  # "1 min 48 s on 29 Nov"
    suggested: bool = False
    url: str = ""  # the roll-back sheet with this level chosen


@dataclass(frozen=True, slots=True)
class RollBackSheet(Sheet):
    """Partial `runs/_roll_back.html`. Fields: `level`, `reason` (may follow within 60 minutes). No password."""

    levels: tuple[LevelChoice, ...] = ()
    share: float = 0.0
    chosen: str = ""  # key of the level that is preselected
    commands: tuple[CommandRow, ...] = ()


@dataclass(frozen=True, slots=True)
class AbortSheet(Sheet):
    """Partial `runs/_answer_abort.html`. Fields: `answer` (continue, roll-back), `until`, `reason`."""

    fired: str = ""  # "61.2 ms, over 50 ms for 2 h"
    fired_at: datetime | None = None
    cleared_at: datetime | None = None
    decided_by: str = ""
    untils: tuple[Choice, ...] = ()  # "in 30 minutes, 15:02"
    roll_back_url: str = ""
