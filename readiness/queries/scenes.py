"""A scene: everything that the pages of one rollout show, read once, for one reader, at one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from readiness.core.answers import verdict_as_read
from readiness.core.assess import assess_condition
from readiness.core.case import Case, open_case
from readiness.core.codec import from_plain
from readiness.core.conditions import Condition
from readiness.core.facts import ConditionFacts, Facts
from readiness.core.permissions import AFTER_CLOSE, Right, has_right, roles_for
from readiness.core.phases import asked_phases, find_phase
from readiness.core.plan import Phase, Plan
from readiness.core.signoffs import all_conditions
from readiness.core.types import Assessment, Person, Question, Verdict
from readiness.models import Heartbeat, Rollout, StoredVerdict
from readiness.queries.facts import condition_facts, facts_of
from readiness.queries.pages.parts import Owner, Region
from readiness.queries.people import Roster, load_roles, load_roster
from readiness.queries.plans import load_plan, load_rollout
from readiness.queries.rows import Rows, load_rows

WORKER = "worker"
LATE_AFTER = timedelta(seconds=10)
JUDGED_WITHIN = timedelta(seconds=20)
AT_ONCE = timedelta(seconds=1)
SEPARATOR = "_"
TRAVELS = frozenset({"board", "verdict", "phase"})
"""Pages that can show any moment of the record."""


class NoSuchPage(LookupError):
    """No page has this address."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the roles and groups they hold on this rollout (empty for a stranger)."""

    person: Person
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Which page: its name, what it is about (a phase, a gate) and how the reader looks at it (a filter, a range)."""

    page: str
    about: str = ""
    option: str = ""

    @property
    def slug(self) -> str:
        """The address as one word; keys of a plan have no underscore."""
        return SEPARATOR.join([self.page, self.about, self.option]).rstrip(SEPARATOR)


def parse_address(slug: str) -> Address:
    """Read an address back."""
    page, _, rest = slug.partition(SEPARATOR)
    about, _, option = rest.partition(SEPARATOR)
    return Address(page, about, option)


@lru_cache(maxsize=16_384)
def _address(view: str, *parts: object) -> str:
    """Reverse an address once: a page has hundreds, and they never change."""
    return reverse(view, args=parts)


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored verdict as it counts now, and since when it is GO or NO-GO; None when nothing of it is stored."""

    verdict: Verdict
    since_at: datetime | None


Answers = dict[Question, Answer]


@dataclass(frozen=True, slots=True)
class Scene:
    """What was read. `facts` are about entering the next phase, or the one the page is about; `case` judges them.

    `as_of` is the moment of the record that the page shows, as it stands in the address; empty for now.
    """

    address: Address
    now: datetime
    reader: Reader
    rows: Rows
    facts: Facts
    case: Case
    answers: Mapping[Question, Answer]
    roster: Roster
    titles: Mapping[str, str]
    worker_at: datetime | None
    known: dict[str, ConditionFacts]  # by path; what else is asked for is added, so that it is read once
    as_of: str = ""

    @property
    def rollout(self) -> Rollout:
        """The rollout as stored."""
        return self.rows.rollout

    @property
    def plan(self) -> Plan:
        """Its current plan."""
        return self.rows.plan

    @property
    def running(self) -> Phase | None:
        """The phase that runs, if one does."""
        return find_phase(self.plan, self.rows.run.phase) if self.rows.run else None

    @property
    def max_age(self) -> timedelta:
        """How old an answer may be before the page says so: at once when nobody is there to make a newer one."""
        late = self.worker_at is None or self.now - self.worker_at > LATE_AFTER
        return AT_ONCE if late else JUDGED_WITHIN

    def region(self, name: str) -> Region:
        """Name a part of this page."""
        return Region(name, self.url("region", self.address.slug, name))

    def url(self, view: str, *parts: object) -> str:
        """Give the address of a page of this rollout, as of the same moment where it can show that."""
        address = _address(view, self.rollout.key, *parts)
        return f"{address}?{urlencode({'as_of': self.as_of})}" if self.as_of and view in TRAVELS else address

    def evidence_url(self, digest: str) -> str:
        """Give the address of a piece of evidence, which is the same on every rollout."""
        return _address("evidence", digest)

    def may(self, right: Right, owner: str | None = None, phase: Phase | None = None) -> bool:
        """Say whether the reader has a right. Services decide again; this only shows or hides a way."""
        if self.rows.closed_at is not None and right not in AFTER_CLOSE:
            return False
        return has_right(right, self.reader.roles, roles_for(right, self.plan, owner, phase))

    def owner(self, role: str | None) -> Owner | None:
        """Name who stands behind a role: the person when exactly one holds it, else the role's title."""
        if not role:
            return None
        person = self.roster.first_holder(role)
        return Owner(person.name if person else "", self.titles.get(role, role))

    def facts_of(self, condition: Condition) -> ConditionFacts:
        """Gather what is known about any condition of the plan."""
        if condition.path not in self.known:
            self.known[condition.path] = condition_facts(self.rows, condition)
        return self.known[condition.path]

    def judge(self, condition: Condition) -> Assessment:
        """Give the assessment of any condition of the plan at the moment of the scene."""
        if condition.path not in self.case.judged:
            self.case.judged[condition.path] = assess_condition(self.facts_of(condition), self.now)
        return self.case.judged[condition.path]


def load_scene(rollout_key: str, person: Person, address: Address, now: datetime, phase: str = "") -> Scene:
    """Read a rollout for a reader; `phase` asks about entering that phase. A constant number of queries."""
    rollout = load_rollout(rollout_key)
    plan = load_plan(rollout)
    rows = load_rows(rollout, find_phase(plan, phase) if phase else None)
    facts = facts_of(rows)
    return Scene(
        address=address,
        now=now,
        reader=Reader(person, load_roles(rollout, plan, person, now)),
        rows=rows,
        facts=facts,
        case=open_case(facts, Question.ENTER, now),
        answers=_answers(rows, now),
        roster=load_roster(rollout),
        titles=role_titles(plan),
        worker_at=load_worker_beat(),
        known=facts_by_path(facts),
    )


def facts_by_path(facts: Facts) -> dict[str, ConditionFacts]:
    """Give what is known about each condition and abort trigger by its path."""
    every = (*all_conditions(facts), *(trigger.facts for trigger in facts.triggers))
    return {each.condition.path: each for each in every}


def role_titles(plan: Plan) -> dict[str, str]:
    """Give the titles of the roles and groups of a plan, and of the machine that decides some triggers."""
    titles = {role.key: role.title for role in plan.roles} | {group.key: group.title for group in plan.groups}
    return titles | {"automation": "Automation"}


def load_worker_beat() -> datetime | None:
    """Say when the worker last said that it works."""
    return Heartbeat.objects.filter(pk=WORKER).values_list("beat_at", flat=True).first()


def stored_answers(stored: Iterable[StoredVerdict], asked: Mapping[Question, str], now: datetime) -> Answers:
    """Read stored verdicts as they count at `now`. One about another phase than is asked about is no answer."""
    current = [row for row in stored if asked.get(Question(row.question)) == row.phase]
    return {Question(row.question): _stored_answer(row, now) for row in current}


def _stored_answer(stored: StoredVerdict, now: datetime) -> Answer:
    verdict = from_plain(Verdict, stored.payload)
    read = verdict_as_read(verdict, now)
    ran_out = read.decision is not verdict.decision
    return Answer(read, verdict.valid_until if ran_out else stored.decided_at)


def _answers(rows: Rows, now: datetime) -> Answers:
    running = rows.run.phase if rows.run is not None else None
    asked = asked_phases(rows.plan, running, rows.closed_at is not None)
    return stored_answers(StoredVerdict.objects.filter(rollout=rows.rollout), asked, now)
