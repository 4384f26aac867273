"""What a heading is about, by its words: English, and the most usual ones of German, French and Spanish."""

import re
from enum import StrEnum


class Role(StrEnum):
    """What stands under a heading."""

    NONE = "none"
    ENTER = "enter"
    EVERY = "every phase"
    SUCCEED = "succeed"
    ABORT = "abort"
    WAYS = "ways back"
    GAPS = "gaps"
    MISSING = "missing"
    ALERTS = "alerts"
    LIMITS = "limits"
    FLAGS = "flags"
    TALK = "communication"
    ESCALATION = "escalation"
    DRILLS = "drills"
    REVIEWS = "reviews"
    DECISIONS = "decisions"
    LESSONS = "lessons"
    ALTERNATIVES = "alternatives"
    CLOSE = "close"
    PEOPLE = "people"
    SUMMARY = "summary"
    PHASES = "phases"
    EXAMPLE = "example"


# The first that matches counts, so what is more particular stands above.
_WORDS: tuple[tuple[Role, str], ...] = (
    (Role.REVIEWS, r"post[- ]gap|after gap closure|once gaps are closed"),
    (Role.TALK, r"communicat|notification|notify|announce|status page|template|kommunikation|comunicaci"),
    (Role.ESCALATION, r"escalat|eskalation|escalad|on-?call (?:rotation|contact)|contacts?\b|who to call"),
    (Role.ALERTS,
        r"alert(?:s|ing)? (?:rules?|config)|^alerts?\b|alertes?\b|alarm|critical alerts|warning alerts|alertas\b"),
    (Role.DRILLS,
        r"drills?\b|chaos|game ?day|failure injection|fault injection|rehears|\brollback test|"
        r"\btest(?:ing)? (?:of )?(?:the )?roll ?back|übung|simulacro|exercices?\b"),
    (Role.ABORT,
        r"abort|stop condition|kill criteri|tripwire|roll ?back (?:decision|criteri|trigger|condition|threshold)|"
        r"triggers? (?:for|of) (?:a )?roll ?back|(?:automat\w*|manual|strategic) roll ?back|"
        r"roll(?:ing)? ?back\b.{0,120}\bif\b|trigger roll ?back|when to (?:abort|roll ?back|stop)|no-?go (?:if|"
        r"criteri|condition)|stop (?:the rollout )?if|halt if|abbruch|abbrechen|rollback-?kriteri|"
        r"critères? d.(?:arrêt|abandon|annulation)|criterios de (?:aborto|parada)|^triggers?$"),
    (Role.SUCCEED,
        r"(?:success|exit|acceptance|completion|promotion|validation|advance|pass) (?:criteri|condition|gate)|"
        r"criteria (?:to|for) (?:advance|promot|proceed|success|exit)|proceed\b.{0,60}\bif\b|continue if|advance if|"
        r"promote if|(?:definition of )?done when|definition of done|we are done|go (?:criteria|if)|erfolgskriteri|"
        r"abnahmekriteri|critères? de (?:succès|réussite|sortie|validation)|criterios de (?:éxito|salida|"
        r"aceptación)|acceptance$|must hold|^success$"),
    (Role.EVERY,
        r"(?:all|each|every|any|between) phases?|per[- ]phase|(?:jede|alle)n?r? phasen?|chaque (?:phase|étape)|"
        r"cada fase|before (?:transitioning|moving) to (?:the )?next|phase transition"),
    (Role.ENTER,
        r"(?:entry|entrance|start|pre-?launch) (?:criteri|condition|gate)|pre-?requisites?|pre-?condition|"
        r"pre-?(?:deploy|deployment|flight|launch|rollout|release|migration|cutover)\b|before (?:you start|starting|"
        r"we start|the (?:rollout|launch|start|first)|phase|beginning|deploy)|go[ /-]+no[ -]?go|"
        r"readiness (?:checklist|check|review)|(?:checklist|ready) (?:before|to (?:start|enter))|voraussetzung|"
        r"vor dem start|prérequis|avant (?:le|de)|requisitos|antes de"),
    (Role.MISSING, r"missing|not found|does(?:n.t| not) exist|fehl(?:end|t)|manquant|faltan"),
    (Role.GAPS,
        r"\bgaps?\b|blockers?\b|critical issues|known (?:issues|problems)|open (?:issues|points|items)|"
        r"offene punkte|lücken|lacunes|action items|non-critical issues|findings"),
    (Role.WAYS,
        r"roll(?:ing)? ?back|back-?out|backing out|revert|way back|undo\b|rückfall|zurückroll|retour arrière|"
        r"retour en arrière|reversión|marcha atrás|kill switch"),
    (Role.FLAGS, r"feature (?:flags?|toggles?|switch)|^flags?\b|toggles?\b"),
    (Role.REVIEWS, r"reviews?\b|assessment|scores?\b|scorecard|bewertung|évaluation"),
    (Role.LESSONS, r"lessons?|retro(?:spective)?\b|erkenntnisse|leçons|lecciones"),
    (Role.CLOSE,
        r"post[- ]?(?:rollout|launch|deploy|deployment|release|migration|cutover|mortem)|clean-?up|close-?out|"
        r"closing|after (?:the )?(?:rollout|launch|100)|wrap-?up|abschluss|nachbereitung|clôture|cierre"),
    (Role.DECISIONS, r"decisions?\b|decision log|entscheidung|décisions?\b|decisiones"),
    (Role.ALTERNATIVES, r"alternatives?\b|options?\b|considered|alternativen"),
    (Role.LIMITS,
        r"\bslos?\b|\bslis?\b|service level|thresholds?\b|metrics? to (?:watch|track|monitor|compare)|(?:key|"
        r"primary|secondary|guardrail) metrics|monitoring (?:targets?|metrics)|guardrails?\b|schwellwert|grenzwert|"
        r"seuils?\b|umbral|^gates?\b|kennzahlen|kpis?\b|^metrics?\b|\bmonitor|critical period|überwach|surveill"),
    (Role.PEOPLE,
        r"roles?\b|owners?\b|responsib|raci\b|^team\b|sign-?offs?\b|approv(?:ers?|als?)|stakeholders?|rollen|"
        r"verantwortlich|équipe|responsables?|aprobaci"),
    (Role.SUMMARY,
        r"summary|overview|introduction|background|context|description|purpose|goals?$|about|überblick|"
        r"zusammenfassung|ziel|résumé|objectif|resumen|descripción|contexte?o?"),
    (Role.PHASES,
        r"phases\b|stages\b|rollout (?:plan|schedule|steps|timeline)|ramp schedule|schedule|timeline|milestones|"
        r"waves\b|phasen|étapes|fases|zeitplan|plan de despliegue|déploiement progressif"),
)  # fmt: skip
_ROLES = tuple((role, re.compile(pattern)) for role, pattern in _WORDS)
_SECTION = re.compile(r"^\d{1,2}(?:\.\d{1,2}){0,3}[.):]?\s+")
LONGEST = 200


def role_of(heading: str) -> Role:
    """What a heading announces; NONE when its words do not say."""
    words = _SECTION.sub("", heading.lower().replace("’", "'").strip(" :*#."), count=1)
    if len(words) > LONGEST:
        return Role.NONE
    return next((role for role, pattern in _ROLES if pattern.search(words)), Role.NONE)


def field_name(label: str) -> str:
    """The one name of a label that a document gives in its own words; empty when it is none that is known."""
    return _FIELDS.get(label.lower().strip(" :*.").replace("’", "'"), "")


_FIELD_WORDS = {
    "duration": "duration|time|timebox|length|dauer|laufzeit|durée|duración|bake time|soak time|soak|hold",
    "objective": "objective|goal|purpose|aim|ziel|objectif|objetivo",
    "owner": "owner|owners|responsible|assignee|dri|lead|verantwortlich|responsable|owned by|driver",
    "traffic": "traffic|traffic %|percentage|rollout|exposure|share|cohort|anteil|trafic|tráfico|ramp|audience",
    "start": "start|start date|starts|planned start|begin|startdatum|beginn|début|date de début|inicio",
    "date": "date|last updated|updated|datum|fecha|stand",
    "service": "service|system|component|application|dienst|servicio",
    "severity": "severity|priority|schweregrad|sévérité|gravedad|impact level",
    "effort": "estimated effort|effort|estimate|estimated time|aufwand|effort estimé|estimación|esfuerzo",
    "found_by": "identified by|found by|reported by|reviewer|gefunden von|raised by",
    "blocks": "blocks|blocking|blockiert",
    "after": "depends on|after|blocked by|requires|hängt ab von",
    "query": "query|promql|metric|expr|expression|prometheus query|abfrage|requête|consulta|measured by",
    "target": (
        "target|slo|limit|threshold|goal value|canary target|acceptable increase|acceptable decrease|expected|"
        "objective value|grenzwert|seuil|umbral|must be|pass if"
    ),
    "alert": "alert|alert if|alert threshold|page if|abort if|alarm",
    "time": "time|within|rto|recovery time|time to recover|expected time|duration|takes|max time|dauer",
    "verify": "verify|verification|check|confirm",
    "status": "status|state|estado|statut",
    "verdict": "assessment|verdict|decision|go/no-go|recommendation|result|go / no-go",
    "version": "version|review cycle|author|authors",
    "uid": "uid|dashboard uid|url",
    "title": "rollout name|title|name|change|feature|titel|titre|título|what is being rolled out|rollout",
    "channel": "slack channel|channel|slack|kanal",
    "team": "team",
    "score": "score|rating|bewertung",
    "expect": "expected result|expected behaviour|expected behavior|expectation",
}
_FIELDS = {word: name for name, words in reversed(_FIELD_WORDS.items()) for word in words.split("|")}
