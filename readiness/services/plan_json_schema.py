"""The JSON Schema of the plan file, for editors. `python -m readiness.services.plan_json_schema` writes it to stdout.

It says which keys and types there are. What it cannot say (references, limits that decide nothing, sums) only an
import tells. JSON Schema draft 2020-12.
"""

import json
import sys
from collections.abc import Mapping

from readiness.services.plan_schema import PlanPart

_NAMED = {"properties", "patternProperties", "$defs"}
_LEFT_OUT = {"default", "discriminator", "title"}


def plan_json_schema() -> dict[str, object]:
    """The schema, without what it would repeat of the code."""
    schema = _tidied(PlanPart.model_json_schema(by_alias=True))
    head: dict[str, object] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return head | (schema if isinstance(schema, dict) else {}) | {"title": "Readiness plan"}


def plan_json_schema_text() -> str:
    """The schema as the file in `docs/` holds it."""
    return json.dumps(plan_json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _tidied(part: object, names: bool = False) -> object:
    """A part of the schema without titles and defaults, and with keys that are no keys refused.

    `names` says that its keys are names of the plan file.
    """
    if isinstance(part, Mapping):
        kept = {key: value for key, value in part.items() if names or key not in _LEFT_OUT}
        if not names and "patternProperties" in kept:
            kept["additionalProperties"] = False
        return {key: _tidied(value, not names and key in _NAMED) for key, value in kept.items()}
    return [_tidied(each) for each in part] if isinstance(part, list) else part


if __name__ == "__main__":
    sys.stdout.write(plan_json_schema_text())
