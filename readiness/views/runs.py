"""Enter the next phase, roll the running one back, say why."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from readiness.core.phases import find_phase
from readiness.core.plan import Phase
from readiness.core.types import Verdict
from readiness.forms.acts import EnterForm, ReasonForm, RollBackForm
from readiness.queries.runs import enter_sheet, explain_sheet, find_rollback, judge_entry, roll_back_sheet
from readiness.queries.scenes import Address
from readiness.queries.sheets import Place, phase_commands
from readiness.services.phases import enter_phase, explain_rollback, roll_back_phase
from readiness.views.flow import READ_AND_ACT, Errand, Visit, open_visit, serve, show, typed

ENTER = "runs/_enter.html"


@require_http_methods(READ_AND_ACT)
def enter(request: HttpRequest, rollout: str, phase: str) -> HttpResponse:
    """Enter the next phase: what was shown must still be so, and every command confirmed."""
    visit = open_visit(request, rollout, Address("phase", phase), phase)
    found = find_phase(visit.scene.plan, phase)
    if found is None:
        raise Http404(f"The plan of {rollout} has no phase {phase}.")
    verdict, place = judge_entry(visit.scene), visit.place(visit.scene.url("board"))
    numbers = [row.number for row in phase_commands(found)]
    form = EnterForm(numbers, typed(request))
    if request.method == "POST" and form["digest"].value() != verdict.verdict_id:
        sheet = enter_sheet(visit.scene, found, place, verdict, moved=max(1, len(verdict.reasons)))
        return show(visit, ENTER, sheet, EnterForm(numbers), HTTPStatus.CONFLICT)
    return serve(visit, _entering(visit, found, verdict, form, place))


def _entering(visit: Visit, phase: Phase, verdict: Verdict, form: EnterForm, place: Place) -> Errand:
    return Errand(
        partial=ENTER,
        sheet=lambda: enter_sheet(visit.scene, phase, place, verdict),
        form=form,
        run=lambda: enter_phase(visit.key, phase.key, visit.act(), visit.now, confirmed=form.positions()),
        said=f"{phase.title} has begun." if phase.number else "The rollout is closed.",
        back=place.cancel_url,
    )


@require_http_methods(READ_AND_ACT)
def roll_back(request: HttpRequest, rollout: str) -> HttpResponse:
    """Roll back: one person, no password, the reason may follow."""
    visit = open_visit(request, rollout, Address("now"))
    form, place = RollBackForm(typed(request)), _way_back(visit)
    errand = Errand(
        partial="runs/_roll_back.html",
        sheet=lambda: roll_back_sheet(visit.scene, place, request.POST.get("level") or request.GET.get("level", "")),
        form=form,
        run=lambda: _roll_back(visit, form),
        said="It is rolled back. Say why within 60 minutes, if you haven’t yet.",
        back=visit.scene.url("now"),
    )
    return serve(visit, errand)


def _way_back(visit: Visit) -> Place:
    """Say where the sheet posts to; the run it is about goes with it, so that one run is rolled back once."""
    place, run = visit.place(visit.scene.url("board")), visit.scene.rows.run
    query = visit.request.GET.copy()
    if run is not None:
        query["run"] = str(run.pk)
    return Place(f"{visit.request.path}?{query.urlencode()}", place.cancel_url)


def _roll_back(visit: Visit, form: RollBackForm) -> int:
    said, seen = form.cleaned_data, visit.request.GET.get("run", "")
    run_id = int(seen) if seen.isdecimal() else None
    return roll_back_phase(visit.key, said["level"], visit.act(), visit.now, reason=said["reason"], run_id=run_id)


@require_http_methods(READ_AND_ACT)
def explain(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Say why it was rolled back, afterwards."""
    visit = open_visit(request, rollout, Address("now"))
    found = find_rollback(visit.scene, pk)
    if found is None:
        raise Http404(f"{rollout} has no such rollback.")
    place, form = visit.place(visit.scene.url("now")), ReasonForm(typed(request))
    errand = Errand(
        partial="_reason_sheet.html",
        sheet=lambda: explain_sheet(visit.scene, found, place),
        form=form,
        run=lambda: explain_rollback(rollout, pk, visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said="The reason is recorded.",
        back=place.cancel_url,
    )
    return serve(visit, errand)
