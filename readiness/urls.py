"""Where every page is, and every address for programs.

A rollout's pages live under its key; a sheet that opens over a page has its own address.
"""

from django.urls import include, path

from readiness.api import audit as api_audit
from readiness.api import evidence as api_evidence
from readiness.api import plans as api_plans
from readiness.views import (
    aborts,
    account,
    audit,
    baselines,
    board,
    differences,
    entries,
    flags,
    gaps,
    gates,
    health,
    holds,
    imports,
    integrations,
    items,
    live,
    now,
    overrides,
    people,
    phases,
    plans,
    portfolio,
    receipts,
    reports,
    reviews,
    runs,
    signoffs,
    verdict,
    waivers,
)

rollout = [
    path("", board.board, name="board"),
    path("live/<slug:page>/", live.live, name="live"),
    path("live/<slug:page>/<slug:name>/", live.region, name="region"),
    path("plan/", plans.plan_page, name="plan"),
    path("plan/<int:number>/", plans.plan_page, name="plan-version"),
    path("plan/<int:number>/file/", plans.plan_file, name="plan-file"),
    path("verdict/", verdict.verdict_page, name="verdict"),
    path("now/", now.now_page, name="now"),
    path("phases/<slug:phase>/", phases.phase_page, name="phase"),
    path("phases/<slug:phase>/enter/", runs.enter, name="enter"),
    path("phases/<slug:phase>/break-glass/", overrides.break_glass, name="break-glass"),
    path("overrides/<int:pk>/confirm/", overrides.confirm_glass, name="confirm-override"),
    path("overrides/<int:pk>/withdraw/", overrides.withdraw_glass, name="withdraw-override"),
    path("overrides/<int:pk>/close/", overrides.close_glass, name="close-override"),
    path("roll-back/", runs.roll_back, name="roll-back"),
    path("roll-back/<int:pk>/reason/", runs.explain, name="explain-rollback"),
    path("gates/", gates.gates, name="gates"),
    path("gates/<slug:gate>/", gates.gate, name="gate"),
    path("gates/<slug:gate>/at/", gates.measured_at, name="measured-at"),
    path("gates/<slug:gate>/at/<int:pk>/", gates.measurement, name="measurement"),
    path("gaps/", gaps.gaps_page, name="gaps"),
    path("gaps/new/", gaps.make_gap, name="make-gap"),
    path("gaps/<slug:gap>/tasks/<slug:task>/", gaps.close_task, name="close-task"),
    path("gaps/<slug:gap>/close/", gaps.close_gap, name="close-gap"),
    path("claim/<path:item>", items.claim, name="claim"),
    path("withdraw/<path:item>", items.withdraw, name="withdraw"),
    path("baseline/<path:item>", baselines.baseline, name="record-baseline"),
    path("drills/<slug:drill>/", reviews.drill, name="drill"),
    path("reviews/<slug:review>/", reviews.review, name="review"),
    path("sign-off/<slug:phase>/", signoffs.sign_off_page, name="sign-off"),
    path("sign-off/<int:pk>/receipt/", receipts.receipt, name="sign-off-receipt"),
    path("sign-off/<int:pk>/revoke/", signoffs.revoke, name="revoke-sign-off"),
    path("waive/<path:condition>", waivers.waive, name="waive"),
    path("waivers/<int:pk>/", waivers.decide_waiver, name="waiver"),
    path("waivers/<int:pk>/end/", waivers.end_waiver, name="end-waiver"),
    path("flags/", flags.flags_page, name="flags"),
    path("flags/<str:flag>/off/", flags.lower, name="lower-flag"),
    path("flags/<str:flag>/raise/", flags.raise_again, name="raise-flag"),
    path("hold/", holds.hold, name="hold"),
    path("hold/<int:pk>/lift/", holds.lift, name="lift-hold"),
    path("aborts/<int:pk>/", aborts.answer, name="answer-abort"),
    path("people/", people.rollout_people, name="rollout-people"),
    path("report/<slug:phase>/", reports.report_page, name="report"),
    path("audit/", audit.audit_page, name="audit"),
    path("audit/<int:seq>/", audit.entry_page, name="audit-entry"),
    path("audit/differences/<slug:kind>/<str:row>/", differences.difference, name="difference"),
    path("audit/acceptances/<int:pk>/end/", differences.end_difference, name="end-difference"),
]

api = [
    path("plans", api_plans.import_sent_plan, name="api-plans"),
    path("rollouts/<slug:rollout>/evidence", api_evidence.add_sent_evidence, name="api-evidence"),
    path("audit/checkpoint", api_audit.newest_checkpoint, name="api-checkpoint"),
    path("audit/proof", api_audit.proof, name="api-proof"),
    path("plan.schema.json", api_plans.plan_schema, name="plan-schema"),
]

urlpatterns = [
    path("", portfolio.portfolio, name="portfolio"),
    path("live/<slug:page>/", live.live, name="live-all"),
    path("live/<slug:page>/<slug:name>/", live.region, name="region-all"),
    path("rollouts/<slug:rollout>/", include(rollout)),
    path("audit/", audit.everything, name="audit-all"),
    path("audit/<int:seq>/bytes/", entries.take_entry, name="entry-bytes"),
    path("audit/<int:seq>/proof/", entries.take_proof, name="entry-proof"),
    path("evidence/<str:digest>/", items.evidence, name="evidence"),
    path("people/", people.everyone, name="people"),
    path("integrations/", integrations.integrations, name="integrations"),
    path("integrations/<int:pk>/", integrations.integration, name="integration"),
    path("plans/import/", imports.import_page, name="import-plan"),
    path("sign-in/", account.SignIn.as_view(), name="login"),
    path("sign-out/", account.sign_out, name="logout"),
    path("theme/", account.theme, name="theme"),
    path("keys/", account.keys, name="keys"),
    path("setup/<str:token>/", account.setup, name="setup"),
    path("api/v1/", include(api)),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

handler400 = "readiness.views.mistakes.bad_request"
handler403 = "readiness.views.mistakes.forbidden"
handler404 = "readiness.views.mistakes.not_found"
handler500 = "readiness.views.mistakes.broken"
