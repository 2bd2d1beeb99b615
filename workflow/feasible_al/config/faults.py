"""A merged config checked block by block, with every fault named by file, line and key."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from feasible_al.config.blocks import Key
from feasible_al.config.files import Places
from feasible_al.config.renamed import unknown_or_renamed
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError

SCALARS = (bool, int, float, date, type(None))
NAMES = re.compile(r"\^\[A-Za-z(?P<digit>0-9)?\]\[A-Za-z0-9_\.\+-\]\{0,(?P<rest>\d+)\}\$")


def blocks(raw: dict[str, Any], places: Places) -> Config:
    """The blocks of a merged config, each checked by itself.

    Args:
        raw: the merged config.
        places: where its keys stand, if known.

    Raises:
        InputError: with every fault, one per line.
    """
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        raise InputError(listed((_explained(detail, raw) for detail in error.errors()), places)) from None


def listed(faults: Iterable[tuple[Key, str]], places: Places) -> str:
    """Faults, one per line: the place of the key (or of the nearest one above it), the key, what is wrong."""
    lines = []
    for key, message in faults:
        known = next((key[:n] for n in range(len(key), 0, -1) if key[:n] in places), None)
        place = f"{places[known]}: " if known else ""
        lines.append(f"{place}{'.'.join(map(str, key)) or 'config'}: {message}")
    return "\n".join(dict.fromkeys(lines))


def _explained(detail: ErrorDetails, raw: dict[str, Any]) -> tuple[Key, str]:
    """Turn one pydantic error into the key path as in the file, and a readable message."""
    kind, context = detail["type"], detail.get("ctx", {})
    key = _as_written(detail["loc"], raw)
    found = repr(detail["input"])
    shown = found if len(found) <= 100 else found[:97] + "..."
    message = f"{detail['msg']} (found {shown})"
    if kind == "extra_forbidden":
        message = str(unknown_or_renamed("key", str(key[-1]), _known_keys(detail["loc"][:-1])))
    elif kind == "union_tag_invalid":
        expected = [name.strip("' ") for name in context["expected_tags"].split(",")]
        key, message = (*key, "kind"), str(unknown_or_renamed("kind", str(context["tag"]), expected))
    elif kind == "union_tag_not_found":
        message = "has no key `kind`"
    elif kind == "missing":
        message = "is missing"
    elif kind == "value_error":
        message = str(context["error"])
    elif kind == "string_pattern_mismatch" and (bounds := NAMES.fullmatch(context["pattern"])):
        first = "a letter or digit" if bounds["digit"] else "a letter"
        allowed = f"at most {int(bounds['rest']) + 1} letters, digits and _ . + -, beginning with {first}"
        message = f"{shown} is not a name: {allowed}"
    elif kind == "string_type" and isinstance(detail["input"], SCALARS):
        message = f"YAML reads this as {shown}, not as text: write it in quotes"
    return key, message


def _as_written(location: Key, raw: Any) -> Key:
    """``location`` without the union tags and key markers that pydantic puts between the keys."""
    key: list[Any] = []
    value = raw
    for part in location:
        if (isinstance(value, dict) and part in value) or (
            isinstance(value, (list, tuple)) and isinstance(part, int) and part < len(value)
        ):
            value = value[part]
        elif part == "[key]" or (isinstance(value, dict) and value.get("kind") == part):
            continue
        key.append(part)
    return tuple(key)


def _known_keys(location: Key) -> list[str]:
    """The keys that the block at ``location`` may have, from the JSON schema."""
    schema = Config.model_json_schema()

    def followed(node: dict[str, Any]) -> dict[str, Any]:
        while True:
            if "$ref" in node:
                node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
            elif "anyOf" in node:
                node = next(choice for choice in node["anyOf"] if choice.get("type") != "null")
            else:
                return node

    node = followed(schema)
    for part in location:
        if "discriminator" in node:
            node = {"$ref": node["discriminator"]["mapping"][part]}
        elif part in node.get("properties", {}):
            node = node["properties"][part]
        elif "patternProperties" in node:
            node = next(iter(node["patternProperties"].values()))
        elif isinstance(node.get("additionalProperties"), dict):
            node = node["additionalProperties"]
        node = followed(node)
    return list(node.get("properties", {}))
