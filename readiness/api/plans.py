"""Plans: read what is sent, and import it or say everything that is wrong with it; and the schema of the file."""

from dataclasses import asdict
from functools import lru_cache
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from readiness.api.access import Caller, endpoint, refuse_elsewhere
from readiness.api.judging import judge_after
from readiness.api.problems import Refused
from readiness.core.permissions import Scope
from readiness.core.types import Person
from readiness.forms.plans import LONGEST_PLAN_BYTES
from readiness.queries.imports import fill_preview, load_current
from readiness.queries.pages.plans import PlanPreview
from readiness.services.plan_file import PlanDraft, PlanRefused, Problem, read_plan
from readiness.services.plan_json_schema import plan_json_schema_text
from readiness.services.recording import RolloutClosed
from readiness.services.rollouts import PlanUnfit, import_plan

YES = ("1", "true", "yes")


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
def plan_schema(request: HttpRequest) -> HttpResponse:
    """Give the JSON Schema of the plan file, to whoever asks: it says nothing about any rollout."""
    return HttpResponse(_schema(), content_type="application/schema+json")


_schema = lru_cache(maxsize=1)(plan_json_schema_text)


@endpoint(Scope.PLAN, "POST")
def import_sent_plan(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Import the plan that is the body, whole or not at all; with `?check=1` only say what it would change."""
    text = _sent_text(request)
    draft = _draft(text)
    refuse_elsewhere(caller, draft.plan.key)
    person = Person(caller.token.person_id, caller.token.person_name)
    preview = fill_preview(draft.plan, load_current(draft.plan.key), person, caller.now)
    if request.GET.get("check", "").lower() in YES:
        return JsonResponse(_told(request, draft, preview, imported=False))
    try:
        done = import_plan(draft, text, caller.act, caller.now)
    except (PlanUnfit, RolloutClosed) as refusal:
        raise Refused(HTTPStatus.CONFLICT, "plan-unfit", str(refusal)) from None
    judge_after(done.rollout, caller.now)
    status = HTTPStatus.CREATED if done.is_new else HTTPStatus.OK
    return JsonResponse(_told(request, draft, preview, imported=done.is_new), status=status)


def _sent_text(request: HttpRequest) -> str:
    """The body as text, read no further than a plan may be long."""
    data = request.read(LONGEST_PLAN_BYTES + 1)
    if len(data) > LONGEST_PLAN_BYTES:
        sentence = f"The plan has more than {LONGEST_PLAN_BYTES:,} bytes, which is the most that is read."
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", sentence)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(
            HTTPStatus.BAD_REQUEST, "not-text", "The body is no text in UTF-8. Send the file itself."
        ) from None
    if not text.strip():
        raise Refused(HTTPStatus.BAD_REQUEST, "empty", "The body is empty. Send the plan file itself as the body.")
    return text


def _draft(text: str) -> PlanDraft:
    try:
        return read_plan(text)
    except PlanRefused as refused:
        count = len(refused.problems)
        sentence = f"{count} thing{'' if count == 1 else 's'} to put right. Nothing was imported."
        faults = {"faults": [_fault(problem) for problem in refused.problems]}
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "plan", sentence, faults) from None


def _fault(problem: Problem) -> dict[str, object]:
    return asdict(problem)


def _told(request: HttpRequest, draft: PlanDraft, preview: PlanPreview, *, imported: bool) -> dict[str, object]:
    """What was done, or would be: the version, what it changes, whom it asks again, and what deserves a look."""
    return {
        "rollout": preview.key,
        "title": preview.title,
        "version": preview.version,
        "digest": preview.digest,
        "imported": imported,
        "unchanged": preview.unchanged,
        "changes": [{"title": c.title, "before": c.before, "after": c.after, "note": c.note} for c in preview.changes],
        "voids": [{"role": line.title, "answer": line.note} for line in preview.voids],
        "involved": [{"subject": line.title, "note": line.note} for line in preview.involved],
        "warnings": [_fault(problem) for problem in draft.warnings],
        "url": request.build_absolute_uri(reverse("board", args=[preview.key])),
    }
