"""Plans with one mistake each: what is changed in the plan with every key, and what must be said of it.

`points_at` is what stands in the file where the problem points; `path` and a part of the sentence say the rest.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One mistake: `old` becomes `new` in the file."""

    old: str
    new: str
    points_at: str
    path: str
    says: str


SHAPE = [
    Mistake("rollout:\n", "rolout:\n", "rolout", "rolout", "did you mean rollout?"),
    Mistake("    objective: Be", "    objectiv: Be", "objectiv", "phases[0].objectiv", "did you mean objective?"),
    Mistake("  title: Every key\n", "", "key: every-key", "rollout", "rollout needs title, which is missing"),
    Mistake("    within: 5m\n", "", "key: off", "rollbacks[0]", "rollbacks[0] needs within"),
    Mistake("readiness: 1", "readiness: 2", "2", "readiness", "Found 2; write 1."),
    Mistake("readiness: 1", "readiness: true", "true", "readiness", "Found true; write 1."),
    Mistake("lessons: [Write it down first.]", "lessons: Write it down", "Write it", "lessons", "write a list"),
    Mistake("    sets: {new: off}", "    sets: [new]", "[new]", "rollbacks[0].sets", "Found a list at"),
    Mistake("min_up: 2", "min_up: two", "two", "checks.target.min_up", "Found 'two'"),
    Mistake("min_rules: 3", "min_rules: -3", "-3", "checks.rules.min_rules", "write 1 or more"),
    Mistake("executable: true", "executable: maybe", "maybe", "checks.script.executable", "write true or false"),
    Mistake("severity: blocking", "severity: bloking", "bloking", "gaps[0].severity", "Did you mean blocking?"),
    Mistake("    blocks: all", "    blocks: al", "al", "gaps[0].blocks", "write all or a list of phases"),
    Mistake("kind: target", "kind: tarqet", "tarqet", "checks.target.kind", "Did you mean target?"),
    Mistake(
        "rule: {title: Rule, kind: alert_rule,", "rule: {title: Rule,", "{title: Rule", "checks.rule", "needs kind"
    ),
    Mistake("  lead: Release manager", "  the lead: x\n  lead: y", "the lead", "roles.the lead", "cannot be a key"),
    Mistake("names: [requests_total, errors_total]", "names: []", "[]", "checks.series.names", "is empty"),
    Mistake("abort: []", "abort: [x]", "x]", "phases[0].abort[0]", "write a mapping such as {item: key}"),
    Mistake("- {gate: steady}", "- {gaet: steady}", "{gaet", "phases[0].succeed[1]", "Did you mean gate?"),
    Mistake("- {gate: steady}", "- {gate: steady, check: rule}", "{gate", "phases[0].succeed[1]", "gate and check"),
    Mistake(
        "abort: []", "abort: [{check: rule}]", "{check", "phases[0].abort[0]", "An abort trigger names exactly one"
    ),
    Mistake("{gate: steady}", "{gate: steady, query: up}", "query", "phases[0].succeed[1].query", "not a key of"),
    Mistake(
        "verify: {check: target,",
        "verify: {drill: back,",
        "{drill",
        "rollbacks[1].verify",
        "gate or check; found drill",
    ),
    Mistake(
        "name: LatencyHigh}", "name: A, group: b}", "{title: Rule,", "checks.rule", "exactly one of name and group"
    ),
    Mistake(
        "{baseline: before, title",
        "{query: up, baseline: before, title",
        "{query",
        "phases[0].succeed[3].against",
        "exactly one thing to compare with",
    ),
    Mistake("- {gate: steady}", "- steady", "steady", "phases[0].succeed[1]", "write a mapping such as {item: key}"),
]

VALUES = [
    Mistake("    for: 40s", "    for: 40 sec", "40 sec", "gates.latency.for", "'40 sec' is not a duration"),
    Mistake("duration: 3-5d", "duration: 5-3d", "5-3d", "phases[0].duration", "ends before it begins"),
    Mistake("    estimate: 3-5d", "    estimate: soon", "soon", "gaps[0].estimate", "'soon' is not an estimate"),
    Mistake("flags: {new: 5%}", "flags: {new: 5}", "5}", "phases[1].flags.new", "Found 5 at"),
    Mistake("flags: {new: 5%}", "flags: {new: 105%}", "105%", "phases[1].flags.new", "write on, off or a percentage"),
    Mistake("at_least: 99.5%", "at_least: 995%", "995%", "phases[0].succeed[2].at_least", "from 0% to 100%"),
    Mistake("score: 6.5/10", "score: 11", "11", "reviews[0].score", "a number from 0 to 10"),
    Mistake("unit: s\n", "unit: 5s\n", "5s", "gates.latency.unit", "'5s' is not a unit"),
    Mistake("[2025-12-25,", "[25.12.2025,", "25.12.2025", "rollout.holidays[0]", "write one such as 2025-12-08"),
    Mistake("from: 2025-12-20", "from: soon", "soon", "roles.sre.deputies[0].from", "is not a date or time"),
    Mistake("Europe/Berlin", "Europe/Berlon", "Europe/Berlon", "rollout.timezone", "is not a time zone"),
    Mistake("wed, thu]", "wed, thurs]", "thurs", "rollout.workdays[3]", "Did you mean thu?"),
    Mistake('contains: "set -e"', 'contains: "set ("', '"set ("', "checks.script.contains", "not a regular expression"),
    Mistake(
        '"${PROMETHEUS_TOKEN}"', "secret", "secret", "sources.metrics.bearer", "A secret is never written in a plan"
    ),
    Mistake(
        'url: "${GRAFANA_URL}"',
        'url: "https://reader:s3cret@grafana.example"',
        '"https',
        "sources.dashboards.url",
        "A secret is never written in a plan; give the whole address by a variable",
    ),
    Mistake(
        "headers: {X-Scope-OrgID: shop}",
        "headers: {Authorization: Bearer abc}",
        "{Auth",
        "sources.metrics.headers",
        "give Authorization by an environment variable",
    ),
    Mistake(
        'kind: git, path: "${CHECKOUT}"',
        'kind: git, token: "${T}", path: "${CHECKOUT}"',
        "{kind: git",
        "sources.repository",
        "A token goes with url",
    ),
    Mistake("${GRAFANA_URL}", "${GRAFANA URL}", '"${GRAFANA', "sources.dashboards.url", "unfinished variable"),
    Mistake('path: "${CHECKOUT}", every', "every", "{kind: git, every", "sources.repository", "one of path and url"),
    Mistake('at: "02:00"', 'at: "25:00"', '"25:00"', "experiments.speed.looks.at", "is not a time of day"),
    Mistake("alpha: 0.05", "alpha: 5%", "5%", "experiments.speed.alpha", "'5%' is not a number"),
    Mistake("1000/day", "1000", "1000", "experiments.speed.min_samples", "Found 1000 at"),
    Mistake("    margin: 5%\n", "", "title: Not", "experiments.speed", "needs margin"),
    Mistake(", quantile: 0.99", "", "{source: metrics, histogram", "experiments.speed.metric", "Say what is measured"),
    Mistake('harm: "p < 0.01"', "harm: lots", "lots", "phases[1].abort[2].harm", "is not a limit of harm"),
    Mistake("title: A backup was restored,", 'title: " ",', '" "', "gaps[0].closed_when[0].title", "This is empty"),
    Mistake(
        "evidence: {kind: junit",
        "evidence: {kind: jnuit",
        "jnuit",
        "phases[0].enter[0].evidence.kind",
        "Did you mean junit?",
    ),
    Mistake("min_suites: 5", "fields: [a]", "fields", "phases[0].enter[0].evidence.fields", "junit has no fields"),
]

NEVER_OR_ALWAYS = [
    Mistake("every: 20s", "every: 0s", "0s", "gates.latency.every", "'0s' is no time at all; write one such as 30s"),
    Mistake("max_age: 90s", "max_age: 0m", "0m", "gates.latency.max_age", "'0m' is no time at all"),
    Mistake("timeout: 5s", "timeout: 0s", "0s", "sources.metrics.timeout", "no time at all"),
    Mistake("every: 5m}", "every: 0m}", "0m", "sources.repository.every", "no time at all"),
    Mistake("every: 2m, max_age: 10m", "every: 0s, max_age: 10m", "0s", "checks.script.every", "no time at all"),
    Mistake("    within: 5m", "    within: 0s", "0s", "rollbacks[0].within", "no time at all"),
    Mistake("latency: 2m, full", "latency: 0s, full", "0s", "rollbacks[0].recovers.latency", "no time at all"),
    Mistake("target: 5m", "target: 0m", "0m", "drills.back.target", "no time at all"),
    Mistake("valid_for: 30d", "valid_for: 0d", "0d", "drills.back.valid_for", "no time at all"),
    Mistake("valid_for: 7d, section", "valid_for: 0d, section", "0d", "every_phase.enter[0].valid_for", "no time"),
    Mistake("valid_for: 3d", "valid_for: 0s", "0s", "phases[0].sign_off.valid_for", "no time at all"),
    Mistake("min_duration: 24h", "min_duration: 0h", "0h", "phases[0].enter[1].evidence.min_duration", "no time"),
    Mistake("block: 1h", "block: 0h", "0h", "experiments.speed.block", "no time at all"),
    Mistake("{5%: 7d,", "{5%: 0d,", "0d", "experiments.speed.durations.5%", "no time at all"),
    Mistake("every: 5m, triggers", "every: 0m, triggers", "0m", "phases[1].watch.every", "no time at all"),
    Mistake(
        "every: 5m, triggers",
        "every: 3h, triggers",
        "{for: 2h",
        "phases[1].watch",
        "It lasts 2h and looks every 3h, so never; write a shorter every.",
    ),
    Mistake("min_up: 2", "min_up: 0", "0}", "checks.target.min_up", "Found 0 at checks.target.min_up; write 1 or more"),
    Mistake("min_rules: 3", "min_rules: 0", "0}", "checks.rules.min_rules", "write 1 or more"),
    Mistake("min_suites: 5", "min_suites: 0", "0}", "phases[0].enter[0].evidence.min_suites", "write 1 or more"),
    Mistake("status: 204", "status: 20", "20,", "checks.health.expect.status", "20 is not a status of an answer"),
    Mistake("    min_score: 7", "    min_score: 0", "0", "reviews[0].min_score", "'0' always holds, so it asks for"),
    Mistake("at_least: 99.5%", "at_least: 0%", "0%", "phases[0].succeed[2].at_least", "'0%' always holds"),
    Mistake("at_least: 99%", "at_least: 0.0%", "0.0%", "gates.steady.at_least", "'0.0%' always holds"),
    Mistake(
        "at_least: 0.5}", "at_least: 0}", "0}", "gates.latency.enough.at_least", "0 is not above 0; write one such"
    ),
    Mistake("at_least: 10}", "at_least: -1}", "-1", "phases[0].succeed[3].enough.at_least", "-1 is not above 0"),
    Mistake(
        "alpha: 0.05", "alpha: 0.5", "0.5", "experiments.speed.alpha", "0.5 is not between 0 and 0.5; write one such"
    ),
    Mistake("alpha: 0.05", "alpha: 0", "0\n", "experiments.speed.alpha", "0 is not between 0 and 0.5"),
    Mistake("power: 0.80", "power: 1", "1\n", "experiments.speed.power", "1 is not between 0 and 1"),
    Mistake("quantile: 0.99", "quantile: 99", "99,", "experiments.speed.metric.quantile", "99 is not between 0 and 1"),
    Mistake("{p: 0.001}", "{p: 1.5}", "1.5", "experiments.speed.stop_for_harm.p", "1.5 is not between 0 and 1"),
    Mistake('harm: "p < 0.01"', 'harm: "p < 0.00"', '"p < 0.00"', "phases[1].abort[2].harm", "not a limit of harm"),
    Mistake("1000/day", "0/day", "0/day", "experiments.speed.min_samples", "is not a sample size"),
    Mistake("    margin: 0.5pp", "    margin: 0pp", "title: Fails", "experiments.failing", "never kept on both sides"),
    Mistake("tolerance: 1pp", "tolerance: some", "some", "flags.new.observed.tolerance", "not a tolerance of a share"),
    Mistake("values: {on: 8, off: 4}", "values: {on: eight, off: 4}", "title: New path", "flags.new", "no integer"),
    Mistake("    values: {on: 8, off: 4}\n", "", "title: New path", "flags.new", "needs its two values"),
    Mistake("    type: integer\n", "", "title: New path", "flags.new", "values go with a type"),
    Mistake("type: integer", "type: decimal", "decimal", "flags.new.type", "decimal"),
    Mistake("path: /flags", "path: flags", "flags,", "flags.new.apply.path", "write one that begins with /"),
    Mistake("path: /health", "path: health", "health", "checks.health.path", "is not a path of an address"),
    Mistake(
        "until: 2026-01-02}",
        "until: 2025-12-19}",
        "{name: Chloe",
        "roles.sre.deputies[0]",
        "This ends on 2025-12-19 and begins on 2025-12-20",
    ),
]

NAMES = [
    Mistake(
        "gates: [latency, errors]}",
        "gates: [latency, errors, eror]}",
        "eror",
        "phases[0].succeed[0].records.gates[2]",
        "There is no gate 'eror'; did you mean errors?",
    ),
    Mistake(
        "groups:\n  on-call: {title: On-call engineers, owner: sre}",
        "groups:\n  on-call: {title: On-call engineers, owner: srre}",
        "srre",
        "groups.on-call.owner",
        "There is no role 'srre'; did you mean sre?",
    ),
    Mistake("waive: [lead]", "waive: [leed]", "leed", "authority.waive[0]", "did you mean lead?"),
    Mistake("{gate: steady}", "{gate: stedy}", "stedy", "phases[0].succeed[1].gate", "There is no gate 'stedy'"),
    Mistake("- {check: script}", "- {check: scrip}", "scrip", "gaps[0].closed_when[1].check", "did you mean script?"),
    Mistake("- {review: design,", "- {review: desing,", "desing", "phases[0].enter[5].review", "did you mean design?"),
    Mistake("- {drill: back,", "- {drill: forth,", "forth", "phases[0].enter[6].drill", "the plan has back."),
    Mistake(
        "{experiment: speed, owner", "{experiment: sped, owner", "sped", "phases[1].succeed[0].experiment", "speed?"
    ),
    Mistake("source: metrics\n", "source: metric\n", "metric", "gates.latency.source", "did you mean metrics?"),
    Mistake(
        "kind: file, source: repository",
        "kind: file, source: metrics",
        "metrics",
        "checks.script.source",
        "'metrics' is a prometheus source; a git source is needed",
    ),
    Mistake("level: off", "level: of", "of", "drills.back.level", "There is no way back 'of'"),
    Mistake(
        "roll_back: off, every", "roll_back: on, every", "on,", "phases[1].abort[0].roll_back", "There is no way back"
    ),
    Mistake("decided_by: sre", "decided_by: auto", "auto", "phases[1].abort[1].decided_by", "no role or group 'auto'"),
    Mistake("each: on-call", "each: oncall", "oncall", "phases[0].enter[4].each", "did you mean on-call?"),
    Mistake("proved_by: [script,", "proved_by: [skript,", "skript", "phases[0].enter[3].proved_by[0]", "script?"),
    Mistake("    sets: {new: off}", "    sets: {newer: off}", "off}", "rollbacks[0].sets.newer", "no flag 'newer'"),
    Mistake("    to: previous", "    to: prevous", "prevous", "rollbacks[0].to", "did you mean previous?"),
    Mistake("blocks: []", "blocks: [canry]", "canry", "gaps[1].blocks[0]", "did you mean canary?"),
    Mistake("after: [backups]", "after: [backup]", "backup]", "gaps[1].after[0]", "There is no gap 'backup'"),
    Mistake('after: ["017"]', 'after: ["17"]', '"17"', "gaps[0].tasks[1].after[0]", "no task of this gap '17'"),
    Mistake(
        "{baseline: before, title",
        "{baseline: befor, title",
        "befor,",
        "phases[0].succeed[3].against.baseline",
        "There is no baseline that an item records, 'befor'; did you mean before?",
    ),
    Mistake(
        "gates: [latency, errors]}",
        "gates: [errors]}",
        "before, title",
        "phases[0].succeed[3].against.baseline",
        "Baseline before is not recorded of latency, only of errors",
    ),
    Mistake(
        "triggers: [latency, errors]", "triggers: [latency, error]", "error]", "phases[1].watch.triggers[1]", "errors?"
    ),
    Mistake("last: lead, valid_for", "last: boss, valid_for", "boss", "phases[0].sign_off.last", "no role 'boss'"),
    Mistake("by: lead\n", "by: leda\n", "leda", "reviews[0].by", "did you mean lead?"),
    Mistake(
        "apply: {kind: http, source: service",
        "apply: {kind: http, source: metrics",
        "metrics",
        "flags.new.apply.source",
        "a http source is needed",
    ),
]

LIMITS = [
    Mistake(
        "enough: {query: sum(requests_total), at_least: 10}",
        'enough: {query: "sum(", at_least: 10}',
        '"sum("',
        "phases[0].succeed[3].enough.query",
        "The query is not PromQL",
    ),
    Mistake('expect: "<= 1%"', f"expect: {['< 1%'] * 11}", "[", "gates.errors.expect", "at most 10 are read"),
    Mistake('expect: "<= 1%"', 'expect: "=< 1%"', '"=< 1%"', "gates.errors.expect", "'=< 1%' is not a criterion"),
    Mistake('expect: "<= 1%"', 'expect: "<= 1ms"', '"<= 1ms"', "gates.errors.expect", "cannot be compared with"),
    Mistake(
        'expect: "<= 1%"', 'expect: ">= 0%"', '">= 0%"', "gates.errors.expect", "always holds for a value in ratio"
    ),
    Mistake('expect: "<= 1%"', 'expect: "< 0%"', '"< 0%"', "gates.errors.expect", "never holds"),
    Mistake('expect: "<= 1%"', 'expect: ["> 5%", "< 1%"]', "[", "gates.errors.expect", "never holds"),
    Mistake('expect: "<= 1%"', "expect: []", "[]", "gates.errors.expect", "A limit is text with an operator"),
    Mistake('expect: "<= 1%"', 'expect: "<= +5%"', '"<= +5%"', "gates.errors.expect", "say against what"),
    Mistake('expect: "<= 2%"', 'expect: "<= +2%"', '"<= +2%"', "phases[0].succeed[2].expect", "is relative"),
    Mistake("query: max(errors)", "query: max(errors", "max(errors", "gates.errors.query", "The query is not PromQL"),
    Mistake(
        "query: max(latency_seconds offset 1d)", 'query: "max("', '"max("', "gates.latency.against.query", "PromQL"
    ),
    Mistake(
        "query: max(errors)", "query: max(errors @ 1609746000)", "max(errors @", "gates.errors.query", "pinned with @"
    ),
    Mistake("query: max(errors)", "query: vector(0)", "vector(0)", "gates.errors.query", "reads no series"),
    Mistake("query: sum(new_total) / sum(all_total)", "query: sum(", "sum(", "flags.new.observed.query", "not PromQL"),
    Mistake("for: phase, at_least: 99.5%", "for: phase", "phase}", "phases[0].succeed[2].for", "needs at_least"),
    Mistake(
        "for: phase, at_least: 99.5%",
        "for: 5m, at_least: 99.5%",
        "99.5%",
        "phases[0].succeed[2].at_least",
        "counts only",
    ),
    Mistake(
        "- {check: rule, every: 3m, max_age: 9m}",
        "- {gate: steady}",
        "{gate: steady}",
        "phases[0].enter[7]",
        "stands in succeed only",
    ),
    Mistake('p99: "<= 50ms"', 'p99: "<= 50%"', '"<= 50%"', "phases[0].enter[1].evidence.p99", "cannot be compared"),
    Mistake(
        'error_rate: "<= 0.1%"',
        'error_rate: "<= 100%"',
        '"<= 100%"',
        "phases[0].enter[1].evidence.error_rate",
        "always",
    ),
]

ENVIRONMENTS = [
    Mistake(
        "from: [runbook.md#21, staging], kind",
        "from: [runbook.md#21, stagin], kind",
        "[runbook.md#21, stagin]",
        "checks.staged.from",
        "There is no environment of a source 'stagin'; did you mean staging? Where something was written down is",
    ),
    Mistake(
        "from: [runbook.md#21, staging], kind",
        "from: [production, staging], kind",
        "[production, staging]",
        "checks.staged.from",
        "one environment at most; found two of one kind",
    ),
    Mistake(
        "from: [runbook.md#21, staging], kind",
        "from: runbook.md#21, kind",
        "{check: staged}",
        "every_phase.succeed[1]",
        "staged is read from mirror, which is staging, and this is about production; where evidence of staging is "
        "enough, write from: staging.",
    ),
    Mistake(
        "proved_by: [staged], from: staging",
        "proved_by: [staged], from: production",
        "production}",
        "phases[0].enter[8].from",
        "This says from production, and staged is read from mirror, which is staging.",
    ),
    Mistake(
        "proved_by: [staged], from: staging",
        "proved_by: [staged]",
        "{item: rehearsed",
        "phases[0].enter[8]",
        "staged is read from mirror, which is staging, and this is about production",
    ),
    Mistake(
        "- {check: rule, every: 3m, max_age: 9m}",
        "- {check: manifest, from: staging}",
        "staging}",
        "phases[0].enter[7].from",
        "This says from staging, and manifest is read from repository, which is of no environment.",
    ),
    Mistake(
        "    section: Reviews\n    from: runbook.md#50",
        "    section: Reviews\n    from: []",
        "[]",
        "reviews[0].from",
        "is empty; write one entry",
    ),
]

RULES = [
    Mistake(
        "  owner: Shop engineering",
        "  owner: Shop\n  owner: Shop",
        "owner: Shop\n  summary",
        "rollout.owner",
        "stands here and on line",
    ),
    Mistake(
        "  - key: canary", "  - key: prepare", "prepare\n    title: Canary", "phases[1].key", "the key of phases[0]"
    ),
    Mistake("  - key: canary", "  - key: close", "close\n    title", "phases[1].key", "has a meaning of its own"),
    Mistake(
        "- {key: later,", "- {key: backups,", "backups, title: For", "gaps[1].key", "is the key of gaps[0] already"
    ),
    Mistake(
        '{key: "018"', '{key: "017"', '"017", title: Try', "gaps[0].tasks[1].key", "is the key of gaps[0].tasks[0]"
    ),
    Mistake("- {key: less,", "- {key: off,", "off, title: Less", "rollbacks[1].key", "is the key of rollbacks[0]"),
    Mistake(
        "  on-call: {", "  sre: {title: x, owner: sre}\n  on-call: {", "sre: {title: x", "groups.sre", "role already"
    ),
    Mistake(
        "  lead: Release manager",
        "  automation: x\n  lead: y",
        "automation: x",
        "roles.automation",
        "meaning of its own",
    ),
    Mistake(
        "- {gate: steady}",
        "- {gate: steady}\n      - {gate: steady}",
        "{gate: steady}\n      - {gate: errors",
        "phases[0].succeed[2]",
        "stands at phases[0].succeed[1] already",
    ),
    Mistake("    why: Nobody made any.", "    after: [later]", "[later]", "gaps[0].after", "backups → later → backups"),
    Mistake("    estimate: 3-5d", "    estimate: 3-6d", "3-6d", "gaps[0].estimate", "its tasks add up to 3-5d"),
    Mistake(
        "[sre, lead], last: lead, valid_for",
        "[sre, sre], last: lead, valid_for",
        "sre], last",
        "phases[0].sign_off.roles[1]",
        "is polled twice",
    ),
    Mistake(
        "fields: [cost, people]", "fields: []", "{kind: report", "phases[0].enter[2].evidence", "names what it states"
    ),
    Mistake(
        "fields: [cost, people]",
        "fields: [cost, cost]",
        "cost]",
        "phases[0].enter[2].evidence.fields[1]",
        "is named twice",
    ),
    Mistake(
        "{kind: report, fields: [cost, people]}",
        "report",
        "report}",
        "phases[0].enter[2].evidence",
        "names what it states",
    ),
    Mistake("reported: true", "reported: false", "false", "every_phase.abort[0].reported", "write reported: true"),
    Mistake(
        "Slow since {since}", "Slow since {sinse}", '"Slow', "communication.rollback_public", "Did you mean {since}?"
    ),
    Mistake(
        "abort: []",
        "abort: [{gate: latency, decided_by: sre, roll_back: less}]",
        "less",
        "phases[0].abort[0].roll_back",
        "Way back less would change nothing in prepare",
    ),
]

YAML = [
    Mistake("readiness: 1", "readiness: [1", "", "", "This is not YAML"),
    Mistake("  service: shop", "\tservice: shop", "", "", "indent with spaces"),
    Mistake("{new: off}\n    commands", "{new: *never}\n    commands", "*never", "", "not defined above"),
    Mistake("  service: shop", "  service: !python shop", "!python", "", "without a tag"),
    Mistake("communication:\n", "---\ncommunication:\n", "communication", "", "A plan is one document; found 2."),
    Mistake("  service: shop", "  [a]: shop", "[a]", "rollout", "A key is a word"),
    Mistake(
        "title: Baseline,",
        "title: Baseline, of latency,",
        "of latency",
        "phases[0].succeed[0].of latency",
        "a comma ends a text",
    ),
]

MISTAKES = SHAPE + VALUES + NEVER_OR_ALWAYS + NAMES + LIMITS + ENVIRONMENTS + RULES + YAML
