"""Storage: fields, constraints, `__str__`. No decisions."""

from readiness.models.abort import Firing, Rollback
from readiness.models.acceptance import Acceptance
from readiness.models.audit import AuditEntry, AuditHead
from readiness.models.blob import Blob
from readiness.models.checkpoint import Checkpoint, SignerKey, SignerState
from readiness.models.drill import DrillRecord, ReviewRecord
from readiness.models.flag import FlagState
from readiness.models.forecast import GapCount, StoredForecast
from readiness.models.gap import GapClosure
from readiness.models.gate import Baseline, Measurement, Observation, RawAnswer
from readiness.models.hold import Hold
from readiness.models.item import Claim, Evidence, EvidenceOpening
from readiness.models.override import Override
from readiness.models.person import RoleGrant, SetupLink
from readiness.models.personal import PersonalValue
from readiness.models.phase import DwellClock, PhaseRun
from readiness.models.reply import KeptReply
from readiness.models.rollout import PlanVersion, Rollout
from readiness.models.signoff import SignOff, SignOffEnd
from readiness.models.source import SourceState
from readiness.models.token import AccessToken, TokenUse
from readiness.models.verdict import Heartbeat, RecordCheck, RowDigest, StoredVerdict
from readiness.models.waiver import Waiver

__all__ = [
    "Acceptance",
    "AccessToken",
    "AuditEntry",
    "AuditHead",
    "Baseline",
    "Blob",
    "Checkpoint",
    "Claim",
    "DrillRecord",
    "DwellClock",
    "Evidence",
    "EvidenceOpening",
    "Firing",
    "FlagState",
    "GapClosure",
    "GapCount",
    "Heartbeat",
    "Hold",
    "KeptReply",
    "Measurement",
    "Observation",
    "Override",
    "PersonalValue",
    "PhaseRun",
    "PlanVersion",
    "RawAnswer",
    "RecordCheck",
    "ReviewRecord",
    "RoleGrant",
    "Rollback",
    "Rollout",
    "RowDigest",
    "SetupLink",
    "SignOff",
    "SignOffEnd",
    "SignerKey",
    "SignerState",
    "SourceState",
    "StoredForecast",
    "StoredVerdict",
    "TokenUse",
    "Waiver",
]
