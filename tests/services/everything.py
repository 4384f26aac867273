"""A rollout that hypothesis drives through every service in any order, and what must hold after each act.

Whatever is refused must change nothing. After every act the tables are what the record says, the record verifies, and a
GO was earned: `unearned` looks at the tables by itself, without the core.
"""

import json
from contextlib import contextmanager

from readiness.models import AuditEntry, RoleGrant
from readiness.services.plan_file import PlanRefused, read_plan
from readiness.services.rollouts import import_plan
from tests.services.helpers import LEAD, MATE, OWNER
from tests.services.worlds import plans
from tests.services.worlds.decisions import Decisions
from tests.services.worlds.people import People
from tests.services.worlds.plans import CANARY, COMPLAINTS, KEY, PLAN, PREPARE, WORD
from tests.services.worlds.record import Record
from tests.services.worlds.work import Work

__all__ = ["CANARY", "COMPLAINTS", "KEY", "PLAN", "PREPARE", "WORD", "World", "refusals_change_nothing"]
PLANS = plans.PLANS


class World(Work, Decisions, People, Record):
    """The rollout, the moment, and what people do to it. It begins with one of the plans, and its people."""

    def __init__(self, number=0):
        super().__init__()
        self.bring(number, None)
        for person, kind, key in (
            (OWNER, RoleGrant.ROLE, "sre"),
            (LEAD, RoleGrant.ROLE, "lead"),
            (MATE, RoleGrant.MEMBER, ""),
            (MATE, RoleGrant.GROUP, "on-call"),
        ):
            self.grant(None, person, kind, key)
        self.verify()
        self.measure(0.5)
        self.judge()

    def bring(self, number, person):
        """Import one of the plans."""
        text = json.dumps(PLANS[number])
        import_plan(read_plan(text), text, self.act(person), self.now)


@contextmanager
def refusals_change_nothing():
    """Let an act be refused; then nothing may have been written to the record. The plans here are sound."""
    before = AuditEntry.objects.count()
    try:
        yield
    except Exception as refusal:
        if not type(refusal).__module__.startswith("readiness.services.") or isinstance(refusal, PlanRefused):
            raise
        assert AuditEntry.objects.count() == before
