"""Import a plan: read it, say everything that is wrong or what it would change, and import exactly what was shown."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from readiness.forms.plans import PlanForm
from readiness.queries.imports import fill_preview, load_current
from readiness.queries.pages.plans import ImportPage, PlanProblem
from readiness.services.plan_file import PlanDraft, PlanRefused, Problem, read_plan
from readiness.services.recording import RolloutClosed
from readiness.services.rights import NotAllowed
from readiness.services.rollouts import Imported, PlanUnfit, import_plan
from readiness.views.acts import act_of, requesting_person
from readiness.views.flow import READ_AND_ACT, go_on, judge_now, private, safe_next, typed
from readiness.views.uploads import capped_uploads

UNFIT, MOVED = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT


@capped_uploads
@require_http_methods(READ_AND_ACT)
def import_page(request: HttpRequest) -> HttpResponse:
    """Show the form; read what was sent; import it when the reader has seen what it changes."""
    form = PlanForm(typed(request), request.FILES or None)
    if request.method != "POST":
        return _show(request, form, _page(request))
    if not form.is_valid():
        return _show(request, form, _page(request, text=request.POST.get("text", "")), UNFIT)
    text = form.cleaned_data["text"]
    try:
        draft = read_plan(text)
    except PlanRefused as refused:
        problems = tuple(_problem(problem) for problem in refused.problems)
        return _show(request, PlanForm(), _page(request, text=text, problems=problems), UNFIT)
    if request.POST.get("do") != "confirm":
        return _preview(request, draft, text)
    return _confirm(request, draft, text)


def _preview(request: HttpRequest, draft: PlanDraft, text: str, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Show what importing would change; the version it was compared with goes with the form."""
    current, now = load_current(draft.plan.key), timezone.now()
    warnings = tuple(_problem(problem, warning=True) for problem in draft.warnings)
    page = ImportPage(
        action=f"{request.path}?base={_base(draft)}",
        cancel_url=safe_next(request, reverse("portfolio")),
        problems=warnings,
        preview=fill_preview(draft.plan, current, requesting_person(request), now),
        text=text,
        schema_url=reverse("plan-schema"),
    )
    return _show(request, PlanForm(), page, status)


def _confirm(request: HttpRequest, draft: PlanDraft, text: str) -> HttpResponse:
    """Import exactly what was shown, over exactly the version it was compared with."""
    if request.POST.get("digest") != draft.digest or request.GET.get("base") != _base(draft):
        return _preview(request, draft, text, MOVED)
    now = timezone.now()
    try:
        done = import_plan(draft, text, act_of(request, now), now)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None
    except (PlanUnfit, RolloutClosed) as refusal:
        path, allowed = (refusal.path, refusal.allowed) if isinstance(refusal, PlanUnfit) else ("rollout", "")
        problems = (PlanProblem(1, path, str(refusal), allowed),)
        return _show(request, PlanForm(), _page(request, text=text, problems=problems), MOVED)
    judge_now(done.rollout)
    return go_on(request, _said(done), _next_page(request, done))


def _base(draft: PlanDraft) -> str:
    """Name the version that a draft is compared with; 0 for a new rollout."""
    current = load_current(draft.plan.key)
    return str(current.plan.number if current is not None and current.plan is not None else 0)


def _said(done: Imported) -> str:
    if not done.is_new:
        return "This is the plan in force already, so nothing has changed."
    first = "The rollout exists now. Give its roles to people; until then nobody can sign."
    return first if done.number == 1 else f"Version {done.number} is the plan in force now."


def _next_page(request: HttpRequest, done: Imported) -> str:
    return reverse("rollout-people" if done.is_new and done.number == 1 else "board", args=[done.rollout])


def _problem(problem: Problem, *, warning: bool = False) -> PlanProblem:
    """Say a problem; what is allowed and meant only where the sentence has not said it already."""
    said = problem.sentence
    allowed, meant = (text if text not in said else "" for text in (problem.allowed, problem.suggestion))
    return PlanProblem(problem.line, problem.path, said, allowed, meant, warning)


def _page(request: HttpRequest, *, text: str = "", problems: tuple[PlanProblem, ...] = ()) -> ImportPage:
    back, schema = safe_next(request, reverse("portfolio")), reverse("plan-schema")
    return ImportPage(request.path, back, problems, text=text, schema_url=schema)


def _show(request: HttpRequest, form: PlanForm, page: ImportPage, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    context = {"page": page, "form": form, "now": timezone.now()}
    return private(render(request, "plans/import.html", context, status=status))
