"""Record a baseline: what the gates of an item were over the last hour."""

import os
from datetime import datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from readiness.collectors.baselines import LinesTold, collect_lines
from readiness.collectors.registry import CollectContext, make_context
from readiness.core.conditions import Condition, GateSpec
from readiness.core.permissions import Right
from readiness.forms.acts import NoteForm
from readiness.queries.baseline_sheets import baseline_sheet
from readiness.queries.reasons import condition_url
from readiness.queries.sheets import refusal_of
from readiness.queries.standing import item_of
from readiness.services.baselines import CollectLines, NothingToRecord, capture_median, record_baseline
from readiness.services.rights import NotAllowed
from readiness.views.flow import READ_AND_ACT, Errand, Visit, serve, typed
from readiness.views.items import open_item


@require_http_methods(READ_AND_ACT)
def baseline(request: HttpRequest, rollout: str, item: str) -> HttpResponse:
    """Show the medians of the last hour, and record them."""
    visit, condition = open_item(request, rollout, item)
    if item_of(condition).records is None:
        raise Http404(f"The item {item} records no baseline.")
    place, form = visit.place(condition_url(visit.scene, condition.path)), NoteForm(typed(request))
    with make_context(visit.scene.plan.sources, os.environ, settings.SOURCE_HOSTS, visit.now) as context:
        errand = Errand(
            partial="claims/_baseline.html",
            sheet=lambda: baseline_sheet(visit.scene, condition, place, _measured(visit, condition, context)),
            form=form,
            run=lambda: _keep(visit, condition, context),
            said=f"“{condition.title}” is recorded.",
            back=place.cancel_url,
        )
        return serve(visit, errand)


def _keep(visit: Visit, condition: Condition, context: CollectContext) -> int:
    """Ask who acts before any source is asked."""
    if refused := refusal_of(visit.scene, Right.CLAIM, condition.owner):
        raise NotAllowed(refused)
    return record_baseline(visit.key, condition.path, visit.act(), visit.now, lines_from(context))


def _measured(visit: Visit, condition: Condition, context: CollectContext) -> dict[str, float | str]:
    records = item_of(condition).records
    wanted = records.gates if records else ()
    may = visit.scene.may(Right.CLAIM, condition.owner)
    gates = {gate.key: gate for gate in visit.scene.plan.gates}
    return {key: _median(gates[key], visit.now, context) if may else "not asked" for key in wanted}


def _median(gate: Condition, now: datetime, context: CollectContext) -> float | str:
    try:
        return capture_median(gate, now, lines_from(context)).value
    except NothingToRecord as problem:
        return str(problem)


def lines_from(context: CollectContext) -> CollectLines:
    """Give the function that asks a gate's source for its series over a stretch."""

    def ask(spec: GateSpec, end_at: datetime, span: timedelta) -> LinesTold:
        return collect_lines(context.prometheus(spec.source), spec.query, end_at, span)

    return ask
