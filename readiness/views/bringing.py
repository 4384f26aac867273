"""Bringing evidence: from what a claim's form holds to pieces that are read and judged, before anything is saved."""

from readiness.core.conditions import EvidenceRule
from readiness.forms.claims import ClaimForm
from readiness.forms.uploads import brought_file, brought_note
from readiness.queries.scenes import Scene
from readiness.services.bringing import bring_pieces
from readiness.services.evidence import Brought, How, Prepared, prepare_report


def bring_evidence(scene: Scene, form: ClaimForm, rule: EvidenceRule, *, claimed: bool) -> tuple[Prepared, ...]:
    """Read and judge everything that was brought; a note beside a standing claim is a piece as well."""
    said = form.cleaned_data
    brought = [
        *map(brought_file, said["file"]),
        *(Brought(link, how=How.LINK) for link in said["link"]),
        *(Brought(place, how=How.GIT) for place in said["git"]),
        *([brought_note(said["note"])] if claimed and said["note"] else []),
    ]
    written = form.written()
    report = [prepare_report(written, rule)] if written else []
    return (*report, *bring_pieces(scene.plan, rule, brought))
