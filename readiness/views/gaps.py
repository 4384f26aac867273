"""Gaps: the page, closing and reopening a task, closing a gap that nothing measures."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from readiness.core.plan import Gap, GapTask
from readiness.forms.acts import NoteForm, ReasonForm
from readiness.queries.gap_tasks import (
    close_gap_sheet,
    close_task_sheet,
    find_closure,
    find_gap,
    find_task,
    reopen_task_sheet,
)
from readiness.queries.scenes import Address
from readiness.services.gaps import close_gap_task, reopen_gap_task
from readiness.views.flow import READ_AND_ACT, Errand, Visit, open_visit, serve, typed
from readiness.views.live import show_page

REASON = "_reason_sheet.html"


@require_safe
def gaps_page(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show what is missing, in which order it is built, what is claimed and what is proven."""
    return show_page(request, "gaps/page.html", Address("gaps"), rollout)


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
