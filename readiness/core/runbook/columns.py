"""Columns of tables: what each is by the words of its head."""

import re

from readiness.core.runbook.inline import plain

_COLUMNS = (
    ("flag", r"(?:feature )?flags?|toggle|schalter"),
    ("alert", r"alert(?: name| rule)?|rule|alarm"),
    ("phase", r"phase|stage|step|wave|ring|étape|etapa|fase|stufe|#"),
    ("gap", r"gap|issue|blocker|missing|lücke|lacune"),
    ("level", r"(?:rollback )?level|method|way back|rollback|option"),
    ("query", r"query|promql|expression|prometheus|treatment.*|canary(?: query)?|measured by|abfrage|requête|consulta"),
    ("control", r"control.*|baseline query"),
    (
        "metric",
        r"metric|sli|indicator|signal|kennzahl|métrique|métrica|objective|criteri(?:on|a|um)|critère|criterio|what|"
        r"item|check|task|aufgabe|tâche|tarea|prüfpunkt|requirement|question|slo name",
    ),
    ("abort", r"abort.*|stop.*|roll ?back (?:if|when|at|trigger|threshold).*|abbruch.*|kill.*|trigger|seuil d.abandon"),
    (
        "target",
        r"slo|target|threshold|goal|limit|success.*|expected|exit criteria|zielwert|grenzwert|ziel|seuil|objectif|"
        r"umbral|objetivo|must be|required|pass",
    ),
    ("entry", r"entry.*|prerequisites?|pre-?conditions?|start criteria|voraussetzung.*|prérequis"),
    ("traffic", r"traffic.*|share|percent.*|%|cohort.*|exposure|users|anteil|trafic|tráfico|rollout ?%?|audience"),
    ("duration", r"(?:min\.? )?duration|time|dauer|durée|duración|length|window|soak|bake.*|within|recovery time|rto"),
    ("goal", r"objective|goal|purpose|key validation|focus|description|was|but|beschreibung|scope"),
    ("effort", r"effort|estimate.*|aufwand|effort estimé|esfuerzo"),
    ("owner", r"owner|responsible|assignee|dri|who|name|person|contact|verantwortlich|responsable|team|approver"),
    ("role", r"role|rolle|rôle|rol|function"),
    ("severity", r"severity|priority|impact|schwere|gravité|gravedad"),
    ("blocks", r"blocks|blocking"),
    ("when", r"after|when|time elapsed|elapsed|nach|après"),
    ("done", r"done|status|state|complete[d]?|ok|erledigt|fait|hecho|✓|✔|signed|approved"),
    ("condition", r"condition|expression|fires when|bedingung"),
)
_HEADS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _COLUMNS)


def column_name(head: str) -> str:
    """What a column is by its head; empty when its words do not say."""
    words = plain(head).lower().strip(" :?.")
    return next((name for name, pattern in _HEADS if pattern.fullmatch(words)), "")
