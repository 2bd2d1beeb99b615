"""From YAML files to one resolved config, with every fault named by file, line and key."""

import math
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from feasible_al.config.schema import EXTERNALS, Config, problems
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.core.io import digest, read_json, write_json
from feasible_al.jobs import plugins

Key = tuple[Any, ...]
Places = dict[Key, str]

SCALARS = (bool, int, float, date, type(None))
NAMES = re.compile(r"\^\[A-Za-z(?P<digit>0-9)?\]\[A-Za-z0-9_\.\+-\]\{0,(?P<rest>\d+)\}\$")
MOST_VALUES = 100_000  # a few lines of aliases of aliases would fill any memory


def load(paths: Sequence[Path], values: dict[str, Any] | None = None) -> Config:
    """Read, merge, validate and resolve config files; later ones are laid over earlier ones.

    Args:
        paths: YAML files.
        values: keys from elsewhere, a command line say, laid over all files.

    Raises:
        InputError: with every fault found, a line each.
    """
    merged: dict[str, Any] = {}
    places: Places = {}
    for path in paths:
        value, where = _read(path)
        merged = _laid_over(merged, value)
        places |= where
    return resolve(_laid_over(merged, values or {}), places)


def resolve(raw: dict[str, Any], places: Places | None = None) -> Config:
    """Validate and resolve a config that is already a dictionary.

    Args:
        raw: the merged config.
        places: ``file:line`` of each key path, where known.

    Raises:
        InputError: with every fault found, a line each.
    """
    try:
        config = with_plugins(Config.model_validate(raw)).resolved()
    except ValidationError as error:
        faults = [_explained(detail, raw) for detail in error.errors()]
        raise InputError(_listed(faults, places or {})) from None
    faults = [(key, str(error)) for key, error in problems(config)]
    if faults:
        raise InputError(_listed(faults, places or {}))
    return config


def save(config: Config, folder: Path) -> Path:
    """Write the resolved config to ``folder/config-<hash>.json`` unless it is there; return the path."""
    value = config.model_dump(mode="json") | ({EXTERNALS: config.externals} if config.externals else {})
    path = folder / f"config-{digest(value)}.json"
    if not path.exists():
        write_json(path, value)
    return path


def saved(path: Path) -> Config:
    """A config that :func:`save` wrote, when its plug-ins are loaded.

    Raises:
        InputError: if it is absent, or not what its name says it is.
    """
    try:
        value = read_json(path)
    except FileNotFoundError:
        raise InputError("there is no such resolved config", str(path)) from None
    except ValueError as error:
        raise InputError(f"not whole ({error}); remove it and start the run anew", str(path)) from None
    config = Config.model_validate({key: part for key, part in value.items() if key != EXTERNALS})
    if path.name != f"config-{digest(value)}.json":
        raise InputError("changed since it was written; remove it and start the run anew", str(path))
    return with_plugins(config).with_externals(value.get(EXTERNALS, {}))


def with_plugins(config: Config) -> Config:
    """The config, when its plug-ins are loaded."""
    for number, name in enumerate(config.plugins):
        plugins.load(name, f"plugins.{number}")
    return config


def _read(path: Path) -> tuple[dict[str, Any], Places]:
    """A YAML file's mapping, and the line of every key in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError("there is no such config file", str(path)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 (byte {error.start})", str(path)) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None and _values(node, {}) > MOST_VALUES:
            raise InputError(f"its aliases (*name) make more than {MOST_VALUES:,} values of it", str(path))
        value = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"not valid YAML: {error.problem}", f"{path}:{line}") from None
    except (yaml.YAMLError, ValueError) as error:  # a control character; a date or a number that is none
        raise InputError(f"not valid YAML: {error}", str(path)) from None
    except RecursionError:
        raise InputError("its blocks are nested too deeply", str(path)) from None
    if not isinstance(value, dict):
        raise InputError("a config is a mapping of blocks such as run, seeds and datasets", str(path))
    places: Places = {}
    _locate(node, (), path, places)
    return value, places


def _values(node: yaml.Node, known: dict[int, float]) -> float:
    """How many values a node stands for once its aliases are written out; infinite if it contains itself."""
    if id(node) not in known:
        known[id(node)] = math.inf  # until it is counted
        match node:
            case yaml.MappingNode():
                inner = [part for pair in node.value for part in pair]
            case yaml.SequenceNode():
                inner = node.value
            case _:
                inner = []
        known[id(node)] = 1 + sum(_values(part, known) for part in inner)
    return known[id(node)]


def _locate(node: yaml.Node | None, key: Key, path: Path, places: Places) -> None:
    """Note the line of every key below ``node``; a key given twice is an error, since YAML drops one."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner = (*key, name.value)
            place = f"{path}:{name.start_mark.line + 1}"
            if inner in places:
                raise InputError(f"{'.'.join(inner)} is given twice, first at {places[inner]}", place)
            places[inner] = place
            _locate(value, inner, path, places)


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """``above`` merged into ``below``: mappings key by key; another ``kind`` and all else replaces."""
    if "kind" in below and above.get("kind", below["kind"]) != below["kind"]:
        return above
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _laid_over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _listed(faults: list[tuple[Key, str]], places: Places) -> str:
    lines = []
    for key, message in faults:
        known = next((key[:n] for n in range(len(key), 0, -1) if key[:n] in places), None)
        place = f"{places[known]}: " if known else ""
        lines.append(f"{place}{'.'.join(map(str, key)) or 'config'}: {message}")
    return "\n".join(dict.fromkeys(lines))


def _explained(detail: ErrorDetails, raw: dict[str, Any]) -> tuple[Key, str]:
    """A key path as the file has it, and a message for people, of one pydantic error."""
    kind, context = detail["type"], detail.get("ctx", {})
    key = _as_written(detail["loc"], raw)
    found = repr(detail["input"])
    shown = found if len(found) <= 100 else found[:97] + "..."
    message = f"{detail['msg']} (found {shown})"
    if kind == "extra_forbidden":
        message = str(unknown_name("key", str(key[-1]), _known_keys(detail["loc"][:-1])))
    elif kind == "union_tag_invalid":
        expected = [name.strip("' ") for name in context["expected_tags"].split(",")]
        key, message = (*key, "kind"), str(unknown_name("kind", str(context["tag"]), expected))
    elif kind == "union_tag_not_found":
        message = "says no kind"
    elif kind == "missing":
        message = "is missing"
    elif kind == "value_error":
        message = str(context["error"])
    elif kind == "string_pattern_mismatch" and (bounds := NAMES.fullmatch(context["pattern"])):
        first = "a letter or digit" if bounds["digit"] else "a letter"
        allowed = f"at most {int(bounds['rest']) + 1} letters, digits and _ . + -, beginning with {first}"
        message = f"{shown} is not a name: {allowed}"
    elif kind == "string_type" and isinstance(detail["input"], SCALARS):
        message = f"YAML reads {shown} here, and not text: put what is meant in quotes"
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
