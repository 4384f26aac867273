"""What happens by itself: time passes, sources are asked, answers are made, forecasts and beats."""

from datetime import timedelta

from readiness.collectors.registry import make_context
from readiness.queries.plans import load_plan
from readiness.services.blobs import check_evidence
from readiness.services.dwell import count_dwell
from readiness.services.forecasts import refresh_forecast
from readiness.services.gates import refresh_rollout
from readiness.services.leases import collect_leased, lease_due, renew_lease, sources_told
from readiness.services.observations import make_all_due
from readiness.services.record_checks import beat, take_tick, watch_record
from readiness.services.sources import room_for
from readiness.services.verdicts import judge_if_dirty, judge_rollout
from tests.services.worlds.plans import KEY
from tests.services.worlds.service import monitored
from tests.services.worlds.stage import MACHINE, Stage


class Machine(Stage):
    """Ticks, refreshes and verdicts, over a real service that says what the story wants."""

    def __init__(self):
        super().__init__()
        self.service = monitored()
        self.service.begin()

    def pass_time(self, seconds):
        """Let time pass, with a tick of the machine at its end."""
        self.now += timedelta(seconds=seconds)
        count_dwell(self.now, MACHINE)

    def measure(self, value):
        """Let every gate have had a value for as long as anybody looks back, and look at everything."""
        self.service.value = value
        self.refresh()

    def lose(self, what):
        """Let the service lose its API or stop answering, or let it be well again, and look at everything."""
        self.service.has_api, self.service.works = what != "api", what != "all"
        self.refresh()

    def refresh(self):
        """Ask every source for everything, as the worker does."""
        make_all_due(KEY, self.now)
        leased = lease_due(KEY, self.now)
        assert all(renew_lease(each.token, self.now) for each in leased)
        with room_for(struggling=True) as has_room, self.sources() as context:
            assert has_room
            seen = collect_leased(leased, context)
            told = sources_told(seen, context, timedelta(0))
        refresh_rollout(KEY, seen, MACHINE, self.now, told)

    def sources(self):
        """The sources of the plan at this moment."""
        environ = {"SERVICE_URL": self.service.url}
        return make_context(load_plan(self.rollout()).sources, environ, (), self.now)

    def judge(self):
        judge_rollout(KEY, MACHINE, self.now)

    def judge_changes(self):
        judge_if_dirty(KEY, MACHINE, self.now)

    def forecast(self):
        refresh_forecast(KEY, self.now)

    def tick(self):
        """Do what the worker does each second beside asking the sources."""
        take_tick(self.now)
        beat("worker", self.now)
        watch_record(self.now, MACHINE)
        check_evidence(self.now)
