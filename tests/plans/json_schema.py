"""As much of JSON Schema as the plan's schema uses: what a value does wrong, with its path."""

import re

TYPES = {
    "string": str,
    "number": (int, str),
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}
KNOWN = {
    "$schema", "$defs", "$ref", "additionalProperties", "anyOf", "const", "description", "enum", "items", "maximum",
    "minItems", "minimum", "minProperties", "oneOf", "pattern", "patternProperties", "properties", "required",
    "title", "type",
}  # fmt: skip


def mistakes(value, schema, root=None, at="plan"):
    """Every mistake of `value`; a schema with a word that is not known here is a mistake of the schema."""
    root = schema if root is None else root
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return mistakes(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    found = (
        [f"{at}: {value!r} is not {schema['type']}"] if "type" in schema and not is_of(value, schema["type"]) else []
    )
    if "enum" in schema and not any(value == word and type(value) is type(word) for word in schema["enum"]):
        found.append(f"{at}: {value!r} is not one of {schema['enum']}")
    if "const" in schema and (value != schema["const"] or isinstance(value, bool)):
        found.append(f"{at}: {value!r} is not {schema['const']}")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{at}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{at}: {value} is too small or too large")
    for word, allowed in (("anyOf", range(1, 99)), ("oneOf", range(1, 2))):
        if word in schema and sum(not mistakes(value, part, root, at) for part in schema[word]) not in allowed:
            found.append(f"{at}: fits {word} wrongly")
    return found + inside(value, schema, root, at)


def is_of(value, kinds):
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, bool):
        return "boolean" in kinds
    # What the loader keeps as text may be a number to an editor.
    return any(isinstance(value, TYPES[kind]) for kind in kinds)


def inside(value, schema, root, at):
    found = []
    if isinstance(value, list):
        found += [f"{at}: too few"] if len(value) < schema.get("minItems", 0) else []
        for index, part in enumerate(value):
            found += mistakes(part, schema.get("items", {}), root, f"{at}[{index}]")
    if isinstance(value, dict):
        found += [f"{at}: too few"] if len(value) < schema.get("minProperties", 0) else []
        found += [f"{at}: {key} is missing" for key in schema.get("required", []) if key not in value]
        for key, part in value.items():
            found += known(key, part, schema, root, f"{at}.{key}")
    return found


def known(key, part, schema, root, at):
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    if key in properties:
        return mistakes(part, properties[key], root, at)
    for pattern, each in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return mistakes(part, each, root, at)
    if others is False:
        return [f"{at}: not a key"]
    return [] if others is True else mistakes(part, others, root, at)
