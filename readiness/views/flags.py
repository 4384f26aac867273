"""Flags: the page, turning one off, raising one again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from readiness.forms.acts import ReasonForm
from readiness.queries.flag_pages import find_flag, lower_flag_sheet, raise_flag_sheet
from readiness.queries.scenes import Address
from readiness.services.flags import lower_flag, raise_flag
from readiness.views.flow import READ_AND_ACT, Errand, open_visit, serve, typed
from readiness.views.live import show_page

PAGE = Address("flags")
REASON = "_reason_sheet.html"


@require_safe
def flags_page(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show who gets the change now."""
    return show_page(request, "flags/page.html", PAGE, rollout)


@require_http_methods(READ_AND_ACT)
def lower(request: HttpRequest, rollout: str, flag: str) -> HttpResponse:
    """Turn a flag off."""
    visit = open_visit(request, rollout, PAGE)
    found = find_flag(visit.scene, flag)
    if found is None:
        raise Http404(f"The plan of {rollout} has no flag {flag}.")
    place, form = visit.place(visit.scene.url("flags")), ReasonForm(typed(request), optional=True)
    errand = Errand(
        partial=REASON,
        sheet=lambda: lower_flag_sheet(visit.scene, found, place),
        form=form,
        run=lambda: lower_flag(rollout, flag, visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said=f"“{found.title}” is served to nobody.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


@require_http_methods(READ_AND_ACT)
def raise_again(request: HttpRequest, rollout: str, flag: str) -> HttpResponse:
    """Serve a flag as the phase asks again."""
    visit = open_visit(request, rollout, PAGE)
    found = find_flag(visit.scene, flag)
    if found is None:
        raise Http404(f"The plan of {rollout} has no flag {flag}.")
    place, form = visit.place(visit.scene.url("flags")), ReasonForm(typed(request), optional=True)
    errand = Errand(
        partial=REASON,
        sheet=lambda: raise_flag_sheet(visit.scene, found, place),
        form=form,
        run=lambda: raise_flag(rollout, flag, visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said=f"“{found.title}” is served as the phase asks.",
        back=place.cancel_url,
    )
    return serve(visit, errand)
