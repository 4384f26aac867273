"""Checklist items as a plan writes them: what a claim must bring, what proves it, and from whom."""

from typing import cast

from readiness.core.conditions import EvidenceDemand, EvidenceRule, ItemSpec, Records
from readiness.core.plan_document import Entry, mapping_of, optional_duration, optional_text, texts_of


def item_spec_of(said: Entry) -> ItemSpec:
    """The specification of an item as it was written."""
    records = mapping_of(said.get("records"))
    return ItemSpec(
        evidence=_evidence_rule(said),
        proved_by=texts_of(said.get("proved_by")),
        each=optional_text(said, "each"),
        reported=said.get("reported") is True,
        records=Records(str(records["baseline"]), texts_of(records["gates"])) if records else None,
    )


def _evidence_rule(said: Entry) -> EvidenceRule:
    """What the item says of evidence; by itself NONE where a machine proves it or a person only raises it."""
    evidence = said.get("evidence")
    if evidence is None:
        proven = any(said.get(key) for key in ("proved_by", "records", "reported"))
        return EvidenceRule(EvidenceDemand.NONE if proven else EvidenceDemand.REQUIRED)
    if isinstance(evidence, str):
        return EvidenceRule(EvidenceDemand(evidence))
    rule = mapping_of(evidence)
    return EvidenceRule(
        demand=EvidenceDemand(str(rule["kind"])),
        min_suites=cast("int | None", rule.get("min_suites")),
        min_duration=optional_duration(rule, "min_duration"),
        p99=optional_text(rule, "p99"),
        error_rate=optional_text(rule, "error_rate"),
        fields=texts_of(rule.get("fields")),
    )
