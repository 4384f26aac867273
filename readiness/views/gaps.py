"""Gaps: the page, closing and reopening a task, closing a gap that nothing measures."""

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from readiness.core.plan import Gap, GapTask
from readiness.forms.acts import NoteForm, ReasonForm
from readiness.forms.gaps import ALL, NewGapForm
from readiness.queries.gap_tasks import (
    close_gap_sheet,
    close_task_sheet,
    find_closure,
    find_gap,
    find_task,
    reopen_task_sheet,
)
from readiness.queries.scenes import Address, Scene
from readiness.queries.untracked import gap_key, new_gap_sheet, untracked_things
from readiness.services.gaps import close_gap_task, reopen_gap_task
from readiness.services.plan_additions import NewGap
from readiness.services.rollouts import add_gap
from readiness.views.flow import READ_AND_ACT, Errand, Visit, open_visit, serve, typed
from readiness.views.live import show_page

REASON = "_reason_sheet.html"


@require_safe
def gaps_page(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show what is missing, in which order it is built, what is claimed and what is proven."""
    return show_page(request, "gaps/page.html", Address("gaps"), rollout)


@require_http_methods(READ_AND_ACT)
def make_gap(request: HttpRequest, rollout: str) -> HttpResponse:
    """Make a gap of what is missing and that no gap tracks."""
    visit = open_visit(request, rollout, Address("gaps"))
    scene = visit.scene
    paths = untracked_things(scene, request.GET.getlist("path"), request.GET.getlist("check"))
    if not paths:
        raise Http404("None of these is missing any more, or a gap tracks them all.")
    roles, phases = ([(each.key, each.title) for each in part] for part in (scene.plan.roles, scene.plan.phases))
    form = NewGapForm(roles, phases, typed(request), {"title": request.GET.get("title", "")[:120]})
    place = visit.place(f"{scene.url('gaps')}#untracked")
    errand = Errand(
        partial="gaps/_make.html",
        sheet=lambda: new_gap_sheet(scene, paths, place),
        form=form,
        run=lambda: add_gap(rollout, _new_gap(scene, form, paths), visit.act(), visit.now),
        said="It is a gap now.",
        back=scene.url("gaps"),
    )
    return serve(visit, errand)


def _new_gap(scene: Scene, form: NewGapForm, paths: Mapping[str, str]) -> NewGap:
    said = form.cleaned_data
    source = next((each.key for each in scene.plan.sources if each.kind == "git"), "")
    blocks = () if said["blocks"] == ALL else (said["blocks"],)
    key = gap_key(scene, said["title"])
    return NewGap(key, said["title"], said["severity"], said["owner"], blocks, paths, source)


@require_http_methods(READ_AND_ACT)
def close_task(request: HttpRequest, rollout: str, gap: str, task: str) -> HttpResponse:
    """Close a task of a gap; a task that is closed is reopened."""
    visit = open_visit(request, rollout, Address("gaps"))
    found = find_task(visit.scene, gap, task)
    if found is None:
        raise Http404(f"The plan of {rollout} has no task {task} in a gap {gap}.")
    closed = find_closure(visit.scene, gap, task) is not None
    return serve(visit, _reopening(visit, *found) if closed else _closing(visit, *found))


def _closing(visit: Visit, gap: Gap, task: GapTask) -> Errand:
    place, form = visit.place(f"{visit.scene.url('gaps')}#gap-{gap.key}"), NoteForm(typed(visit.request))
    return Errand(
        partial="gaps/_close_task.html",
        sheet=lambda: close_task_sheet(visit.scene, gap, task, place),
        form=form,
        run=lambda: close_gap_task(
            visit.key, gap.key, task.key, visit.act(), visit.now, reason=form.cleaned_data["note"]
        ),
        said=f"“{task.title}” is closed.",
        back=place.cancel_url,
    )


def _reopening(visit: Visit, gap: Gap, task: GapTask) -> Errand:
    place, form = visit.place(f"{visit.scene.url('gaps')}#gap-{gap.key}"), ReasonForm(typed(visit.request))
    return Errand(
        partial=REASON,
        sheet=lambda: reopen_task_sheet(visit.scene, gap, task, place),
        form=form,
        run=lambda: reopen_gap_task(visit.key, gap.key, task.key, visit.act(), visit.now, **form.cleaned_data),
        said=f"“{task.title}” is open again.",
        back=place.cancel_url,
    )


@require_http_methods(READ_AND_ACT)
def close_gap(request: HttpRequest, rollout: str, gap: str) -> HttpResponse:
    """Close a gap that nothing measures, with a reason; one that is closed is reopened."""
    visit = open_visit(request, rollout, Address("gaps"))
    found = find_gap(visit.scene, gap)
    if found is None:
        raise Http404(f"The plan of {rollout} has no gap {gap}.")
    place, form = visit.place(f"{visit.scene.url('gaps')}#gap-{gap}"), ReasonForm(typed(request))
    act = reopen_gap_task if find_closure(visit.scene, gap, "") else close_gap_task
    errand = Errand(
        partial=REASON,
        sheet=lambda: close_gap_sheet(visit.scene, found, place),
        form=form,
        run=lambda: act(rollout, gap, "", visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said=f"“{found.title}” is {'open again' if act is reopen_gap_task else 'closed'}.",
        back=place.cancel_url,
    )
    return serve(visit, errand)
