"""Acts that need the password again: it is checked here, and wrong ones are counted."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse

from readiness.views.acts import signed_in
from readiness.views.attempts import SIGNATURE, count_wrong, forget_wrong, is_locked
from readiness.views.flow import Errand, Visit, serve


def proves_person(request: HttpRequest, form: Form) -> bool:
    """Check the password of a form, and say the same whatever was wrong with it; too many wrong ones lock the form."""
    user = signed_in(request)
    who = f"u:{user.pk}"
    if is_locked(SIGNATURE, who):
        form.add_error(None, "Too many wrong passwords. Wait 5 minutes, then try again; your words are kept.")
        return False
    if user.check_password(form.cleaned_data["password"]):
        forget_wrong(SIGNATURE, who)
        return True
    count_wrong(SIGNATURE, who)
    form.add_error("password", "That isn’t your password. Type it again.")
    return False


def serve_proven(visit: Visit, errand: Errand) -> HttpResponse:
    """Show a sheet, or run its act for somebody whose password is right; a wrong one is said on the sheet."""
    if visit.request.method == "POST" and errand.form.is_valid():
        proves_person(visit.request, errand.form)
    return serve(visit, errand)
