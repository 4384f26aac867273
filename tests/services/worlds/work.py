"""What people do so that a phase may begin: claims with what proves them, gap tasks, reviews, drills, baselines."""

from datetime import timedelta
from decimal import Decimal

from readiness.collectors.baselines import collect_lines
from readiness.core.conditions import EvidenceRule
from readiness.models import Evidence
from readiness.queries.conditions import find_condition
from readiness.services.baselines import record_baseline
from readiness.services.drills import DrillRun, add_drill, add_review
from readiness.services.evidence import (
    Brought,
    Fetched,
    How,
    UploadLimits,
    hold_evidence,
    prepare_evidence,
    prepare_report,
    take_held,
)
from readiness.services.gaps import close_gap_task, reopen_gap_task
from readiness.services.items import add_evidence, claim_item, withdraw_claim
from readiness.services.openings import note_opening
from tests.services.worlds.machine import Machine
from tests.services.worlds.plans import BASE, KEY
from tests.services.worlds.stage import person_named

LIMITS = UploadLimits(10_000, ("xml", "pdf"))
FAILED = '<failure message="no"/>'


class Work(Machine):
    """Everything that owners do, and what they bring."""

    def claim(self, path, person, proves, how=How.FILE):
        pieces = [self.paper(path, proves, how)] if proves is not None else []
        claim_item(KEY, path, self.act(person), self.now, evidence=pieces)

    def add(self, path, person, proves, how=How.FILE):
        add_evidence(KEY, path, self.act(person), self.now, [self.paper(path, proves, how)])

    def paper(self, path, proves, how):
        """A report that somebody brings in one of the ways, judged by what is asked, and held until it is claimed."""
        condition = find_condition(self.rollout(), path)
        rule = condition.item.evidence if condition is not None else EvidenceRule()
        data = f'<testsuite name="{self.now}"><testcase name="a">{"" if proves else FAILED}</testcase></testsuite>'
        if how is How.REPORT:
            prepared = prepare_report({"result": data}, rule)
        else:
            title = {How.LINK: "https://ci.example/run", How.GIT: "code:report.xml"}.get(how, "report.xml")
            brought = Brought(title, data.encode(), "text/xml", how)
            prepared = prepare_evidence(brought, rule, LIMITS, lambda _: Fetched(data.encode(), "text/xml", title))
        (piece,) = take_held(hold_evidence([prepared]))
        return piece

    def open_paper(self, person):
        for digest in Evidence.objects.order_by("-pk").values_list("digest", flat=True)[:1]:
            note_opening([self.rollout()], digest, person_named(person), self.now)

    def withdraw(self, path, person):
        withdraw_claim(KEY, path, self.act(person), self.now)

    def close_task(self, person):
        close_gap_task(KEY, "way-back", "1", self.act(person), self.now)

    def reopen_task(self, person):
        reopen_gap_task(KEY, "way-back", "1", self.act(person), self.now, reason="not yet")

    def review(self, person, score):
        add_review(KEY, "design", self.act(person), self.now, score=Decimal(score), note="")

    def drill(self, person):
        ran = DrillRun(self.now - timedelta(minutes=5), timedelta(minutes=1), passed=True)
        add_drill(KEY, "practised", self.act(person), self.now, ran)

    def record_base(self, person):
        with self.sources() as context:
            record_baseline(
                KEY,
                BASE,
                self.act(person),
                self.now,
                lambda gate, now, window: collect_lines(context.prometheus(gate.source), gate.query, now, window),
            )
