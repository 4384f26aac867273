"""The product's pages and the control page."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import path

from readiness.models import AuditEntry, Claim, Heartbeat, Measurement, Observation, Rollout
from readiness.urls import urlpatterns as product


@login_not_required
def control(request):
    """Six queries, 200 rows, one template, no rules: the floor of what a page like the board can cost."""
    context = {
        "rollouts": list(Rollout.objects.all()),
        "observations": list(Observation.objects.defer("payload", "trail")[:200]),
        "claims": list(Claim.objects.all()[:50]),
        "measurements": list(Measurement.objects.order_by("-pk")[:60]),
        "heartbeats": list(Heartbeat.objects.all()),
        "entries": list(AuditEntry.objects.order_by("-seq").defer("body", "nodes")[:20]),
    }
    return render(request, "control.html", context)


urlpatterns = [path("control/", control), *product]
handler404 = "readiness.views.mistakes.not_found"
