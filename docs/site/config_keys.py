"""The page of all config keys, from the JSON schema of configs."""

import json
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

INTRODUCTION = """\
# Every config key

From `config.schema.json`, with which editors complete and check keys. In paths, `NAME` is a name that you
choose: letters, digits and `_ . + -`, beginning with a letter or digit. A key without a default must be
there; *unset* means that it may be left out.
"""


def page(schema: Schema) -> str:
    """The page in Markdown: a section for the config and for each of its blocks, with a row per key.

    A block that stands in several places has one section, called after the first of them.
    """
    blocks = schema["$defs"]
    places: dict[str, list[str]] = {}
    for place, block in _places(schema, blocks, ""):
        places.setdefault(block, []).append(place)
    sections = [INTRODUCTION, _rows(schema)]
    for block, found in places.items():
        sections.append(_section(block, blocks[block], [*dict.fromkeys(found)]))
    return "\n".join(sections)


def _section(block: str, schema: Schema, places: list[str]) -> str:
    kind = schema.get("properties", {}).get("kind", {}).get("const")
    first, *others = places
    heading = f"## `{first}`{f', kind `{kind}`' if kind else ''} {{#{block.lower()}}}\n"
    also = f"Also at {', '.join(f'`{place}`' for place in others)}.\n" if others else ""
    return "\n".join(
        part for part in (heading, _text(schema.get("description", "")) + "\n", also, _rows(schema)) if part
    )


def _places(schema: Schema, blocks: dict[str, Schema], path: str) -> Iterator[tuple[str, str]]:
    """Pairs of a place in a config and the block that stands there, in the order of the schema."""
    for key, value in schema.get("properties", {}).items():
        for place, block in _below(value, f"{path}.{key}".lstrip(".")):
            yield place, block
            yield from _places(blocks[block], blocks, place)


def _below(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _below(item, path)
    elif "$ref" in value:
        yield path, value["$ref"].rpartition("/")[2]
    else:
        for several in ("oneOf", "anyOf", "prefixItems"):
            yield from _below(value.get(several, []), path)
        if "items" in value:
            yield from _below(value["items"], f"{path}[]")
        for named in _named(value):
            yield from _below(named, f"{path}.NAME")


def _named(value: Schema) -> list[Schema]:
    """The schemas of the values of an object whose keys are names."""
    other = value.get("additionalProperties")
    return [*value.get("patternProperties", {}).values(), *([other] if isinstance(other, dict) else [])]


def _items(value: Schema) -> list[Schema]:
    """The schemas of the items of a list."""
    return value.get("prefixItems") or [value["items"]]


def _rows(schema: Schema) -> str:
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, value in schema.get("properties", {}).items():
        cells = (f"`{key}`", _type(value), _default(key, value, schema), _text(value.get("description", "")))
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _default(key: str, value: Schema, schema: Schema) -> str:
    if key in schema.get("required", []) or "const" in value:
        return ""
    if "default" not in value or value["default"] is None:
        return "unset"
    if "$ref" in value:
        return "its defaults"
    return f"`{json.dumps(value['default'])}`" if value["default"] not in ({}, [], "") else "empty"


def _text(text: str) -> str:
    """A description on one line; what looks like HTML is text."""
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").split())


def _type(value: Schema) -> str:
    """What a value is, in words; blocks are links to their sections."""
    if "$ref" in value:
        block = value["$ref"].rpartition("/")[2]
        return f"[block](#{block.lower()})"
    if "discriminator" in value:
        kinds = value["discriminator"]["mapping"].items()
        return "block: " + ", ".join(f"[{kind}](#{ref.rpartition('/')[2].lower()})" for kind, ref in kinds)
    if options := [*value.get("anyOf", []), *value.get("oneOf", [])]:
        return " or ".join(dict.fromkeys(_type(option) for option in options if option.get("type") != "null"))
    if "enum" in value or "const" in value:
        return ", ".join(f"`{option}`" for option in value.get("enum", [value.get("const")]))
    if value["type"] in {"array", "object"}:
        word, items = ("list", _items(value)) if value["type"] == "array" else ("by name", _named(value))
        return f"{word}: {', '.join(dict.fromkeys(map(_type, items)))}"
    return _scalar(value)


def _scalar(value: Schema) -> str:
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "`true` or `false`"}
    limits = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {value[limit]}" for limit, sign in limits.items() if limit in value]
    return " ".join([words.get(value["type"], value["type"]), ", ".join(bounds)]).strip()
