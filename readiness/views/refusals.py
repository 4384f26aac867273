"""What services refuse, as status codes: 403 not by you, 404 no such thing, 409 no longer so, 422 not like this."""

from http import HTTPStatus

from readiness.services import (
    aborts,
    baselines,
    drills,
    evidence,
    gaps,
    holds,
    items,
    overrides,
    people,
    phases,
    recording,
    rights,
    runs,
    signoff_ends,
    signoffs,
)

_FORBIDDEN: tuple[type[Exception], ...] = (rights.NotAllowed,)
_MISSING: tuple[type[Exception], ...] = (
    recording.NoSuchRollout,
    items.NotAnItem,
    gaps.NoSuchTask,
    drills.NoSuchDrill,
    drills.NoSuchReview,
    phases.NoSuchLevel,
    phases.NoSuchRollback,
)
_MOVED: tuple[type[Exception], ...] = (
    items.AlreadyClaimed,
    items.NotClaimed,
    gaps.AlreadyClosed,
    gaps.NotClosed,
    holds.NotHeld,
    signoffs.FactsMoved,
    signoffs.GoLocked,
    signoffs.AlreadySigned,
    signoffs.NotPolled,
    signoff_ends.NotStanding,
    recording.RolloutClosed,
    phases.NotGo,
    phases.NothingRuns,
    phases.RunEnded,
    runs.NotNext,
    overrides.NotOverridable,
    overrides.NotAsked,
    overrides.AlreadyAsked,
    overrides.NotOverridden,
    aborts.NothingToAnswer,
    people.AlreadyGranted,
    people.NotGranted,
    baselines.NothingToRecord,
)
_UNFIT: tuple[type[Exception], ...] = (
    items.EvidenceRequired,
    evidence.EvidenceTooLarge,
    evidence.EvidenceEmpty,
    evidence.EvidenceRefused,
    evidence.EvidenceNotThere,
    gaps.ReasonRequired,
    drills.NotPossible,
    rights.NotReauthenticated,
    signoffs.MeaningUnfit,
    runs.CommandsNotConfirmed,
    people.NameTaken,
    people.NoSuchRole,
)
STATUSES: dict[type[Exception], HTTPStatus] = {
    **dict.fromkeys(_FORBIDDEN, HTTPStatus.FORBIDDEN),
    **dict.fromkeys(_MISSING, HTTPStatus.NOT_FOUND),
    **dict.fromkeys(_MOVED, HTTPStatus.CONFLICT),
    **dict.fromkeys(_UNFIT, HTTPStatus.UNPROCESSABLE_ENTITY),
}
FIELDS: dict[type[Exception], str] = {
    items.EvidenceRequired: "file",
    evidence.EvidenceTooLarge: "file",
    evidence.EvidenceEmpty: "file",
    evidence.EvidenceRefused: "file",
    evidence.EvidenceNotThere: "git",
    gaps.ReasonRequired: "reason",
    drills.NotPossible: "ran_at",
    rights.NotReauthenticated: "password",
    signoffs.MeaningUnfit: "meaning",
    runs.CommandsNotConfirmed: "command",
    people.NameTaken: "username",
}
"""The field that a refusal is about, where the form has it."""
