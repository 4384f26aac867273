"""Sign-off: all signatures of a phase, the sheet in which one role answers, taking an answer back."""

from dataclasses import replace
from http import HTTPStatus

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from readiness.core.phases import find_phase
from readiness.core.statements import Seen
from readiness.forms.acts import ReasonForm, SignOffForm
from readiness.queries.heads import fill_head
from readiness.queries.pages.signoffs import SignOffPage, SignOffSheet
from readiness.queries.scenes import Address
from readiness.queries.sheets import Place
from readiness.queries.signoffs import (
    count_moved,
    fill_sign_off,
    see_record,
    shut_sign_off,
    statement_marks,
    statement_of,
    why_not_sign,
    with_opened,
)
from readiness.queries.stations import fill_stations, find_sign_off, revoke_sheet
from readiness.services.signoff_ends import revoke_sign_off
from readiness.services.signoffs import AlreadySigned, Answer, FactsMoved, sign_off
from readiness.views.flow import (
    READ_AND_ACT,
    Errand,
    Visit,
    go_on,
    is_htmx,
    judge_now,
    open_visit,
    private,
    serve,
    typed,
)
from readiness.views.passwords import proves_person
from readiness.views.refusals import FIELDS, STATUSES
from readiness.views.tokens import Shown, read_shown, write_shown

SIGN_OFFS = Address("sign-offs")
UNFIT = HTTPStatus.UNPROCESSABLE_ENTITY


@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def sign_off_page(request: HttpRequest, rollout: str, phase: str) -> HttpResponse:
    """Show all signatures of a phase or, for `?role=`, the sheet in which that role answers."""
    visit = open_visit(request, rollout, SIGN_OFFS, phase)
    found = find_phase(visit.scene.plan, phase)
    if found is None:
        raise Http404(f"The plan of {rollout} has no phase {phase}.")
    role = request.GET.get("role", "")
    if not role:
        page = fill_stations(visit.scene, found)
        return private(render(request, "signoffs/page.html", {"page": page, "now": visit.now}))
    if why_not := why_not_sign(visit.scene, role):
        sheet = shut_sign_off(visit.scene, role, _place(visit, role), why_not)
        return _show(visit, sheet, SignOffForm(), HTTPStatus.FORBIDDEN if request.method == "POST" else HTTPStatus.OK)
    if request.method != "POST":
        return _fresh(visit, role, SignOffForm())
    return _reread(visit, role) if request.POST.get("do") == "reread" else _answer(visit, role)


def _answer(visit: Visit, role: str) -> HttpResponse:
    """Take an answer: over facts that still hold, from somebody who has just proven who they are."""
    form, shown = SignOffForm(visit.request.POST), _recall(visit)
    statement = statement_of(visit.scene, role, shown.seen) if shown else None
    if shown is None or statement is None or statement.digest != form["digest"].value():
        return _moved(visit, role, form, shown)
    if not (form.is_valid() and proves_person(visit.request, form)):
        return _again(visit, role, form, shown, UNFIT)
    try:
        seq = _sign(visit, role, form, shown.seen)
    except AlreadySigned as twice:
        return go_on(visit.request, str(twice), _stations_url(visit))
    except FactsMoved:
        return _moved(visit, role, form, shown)
    except tuple(STATUSES) as refusal:
        form.add_error(FIELDS.get(type(refusal)), str(refusal))
        return _again(visit, role, form, shown, STATUSES[type(refusal)])
    judge_now(visit.key)
    said = f"Signed {_word(form)} for {visit.scene.titles[role]}. It is entry {seq:,} of the record."
    return go_on(visit.request, said, _stations_url(visit))


def _recall(visit: Visit) -> Shown | None:
    """Give what the signer was shown, with what they had opened by then."""
    shown = read_shown(visit.request.GET.get("seen", ""))
    return replace(shown, seen=with_opened(visit.scene, shown.seen)) if shown else None


def _sign(visit: Visit, role: str, form: Form, seen: Seen) -> int:
    said, target = form.cleaned_data, visit.scene.facts.target
    phase = target.phase if target else ""
    go = said["answer"] == "go"
    answer = Answer(phase, role, go, said["meaning"], said["reason"], said["digest"], seen)
    return sign_off(visit.key, answer, visit.act(confirmed=True), visit.now)


def _word(form: Form) -> str:
    return "GO" if form.cleaned_data["answer"] == "go" else "NO-GO"


def _fresh(
    visit: Visit, role: str, form: Form, status: HTTPStatus = HTTPStatus.OK, marks: tuple[str, ...] | None = None
) -> HttpResponse:
    """Show the facts as they are now; with `marks` of what was shown before, say how many have changed."""
    seen = see_record(visit.scene)
    statement = statement_of(visit.scene, role, seen)
    if statement is None:
        raise Http404("Nobody is polled for this phase.")
    moved = count_moved(marks, statement) if marks is not None else 0
    place = _place(visit, role, Shown(seen, statement_marks(statement)))
    return _show(visit, fill_sign_off(visit.scene, role, place, seen, statement, moved), form, status)


def _reread(visit: Visit, role: str) -> HttpResponse:
    """Show the facts as they are now, with what was opened since; nothing is signed and what was typed is kept."""
    form = SignOffForm(visit.request.POST)
    kept = SignOffForm(initial={name: form[name].value() for name in ("answer", "reason", "meaning")})
    return _fresh(visit, role, kept)


def _moved(visit: Visit, role: str, form: SignOffForm, shown: Shown | None) -> HttpResponse:
    """Facts are not those that were shown: the answer is cleared, what was typed is kept."""
    kept = SignOffForm(initial={name: form[name].value() for name in ("reason", "meaning")})
    return _fresh(visit, role, kept, HTTPStatus.CONFLICT, shown.marks if shown else ())


def _again(visit: Visit, role: str, form: Form, shown: Shown, status: HTTPStatus) -> HttpResponse:
    """Show the same facts again, with what does not do."""
    statement = statement_of(visit.scene, role, shown.seen)
    if statement is None:
        raise Http404("Nobody is polled for this phase.")
    sheet = fill_sign_off(visit.scene, role, _place(visit, role, shown), shown.seen, statement)
    if status is HTTPStatus.FORBIDDEN:
        sheet = replace(sheet, may_sign=False, why_not=" ".join(map(str, form.non_field_errors())))
    return _show(visit, sheet, form, status)


def _place(visit: Visit, role: str, shown: Shown | None = None) -> Place:
    """Say where the sheet posts to; what it shows goes with it, signed, so that nobody can say they saw less."""
    query = QueryDict(mutable=True)
    query["role"] = role
    if shown is not None:
        query["seen"] = write_shown(shown)
    return Place(f"{visit.request.path}?{query.urlencode()}", visit.place(_stations_url(visit)).cancel_url)


def _stations_url(visit: Visit) -> str:
    return visit.request.path


def _show(visit: Visit, sheet: SignOffSheet, form: Form, status: HTTPStatus) -> HttpResponse:
    if is_htmx(visit.request):
        context: dict[str, object] = {"sheet": sheet, "form": form, "now": visit.now}
        return private(render(visit.request, "signoffs/_sheet.html", context, status=status))
    page = SignOffPage(fill_head(visit.scene), sheet.question, sheet=sheet)
    context = {"page": page, "form": form, "now": visit.now}
    return private(render(visit.request, "signoffs/page.html", context, status=status))


@require_http_methods(READ_AND_ACT)
def revoke(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Take back one's own answer, with a reason."""
    visit = open_visit(request, rollout, SIGN_OFFS)
    found = find_sign_off(visit.scene, pk)
    if found is None:
        raise Http404("There is no such signature.")
    place, form = visit.place(visit.scene.url("sign-off", found.phase)), ReasonForm(typed(request))
    errand = Errand(
        partial="_reason_sheet.html",
        sheet=lambda: revoke_sheet(visit.scene, found, place),
        form=form,
        run=lambda: revoke_sign_off(rollout, pk, visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said="The answer is withdrawn.",
        back=place.cancel_url,
    )
    return serve(visit, errand)
