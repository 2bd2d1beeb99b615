"""Config files: YAML mappings, merged into one, with the line of every key."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from feasible_al.config.blocks import Key
from feasible_al.core.errors import InputError

Places = dict[Key, str]
"""``file:line`` of key paths."""

MOST_VALUES = 100_000  # a few lines of nested aliases could fill any memory


def read(paths: Sequence[Path], values: dict[str, Any] | None = None) -> tuple[dict[str, Any], Places]:
    """Read config files, merge later ones into earlier ones, and note where each key stands.

    Args:
        paths: YAML files.
        values: keys from elsewhere, such as the command line; they replace those of all files.

    Raises:
        InputError: naming the file, and the line where there is one.
    """
    merged: dict[str, Any] = {}
    places: Places = {}
    for path in paths:
        value, where = _read(path)
        merged = _merged(merged, value)
        places |= where
    return _merged(merged, values or {}), places


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
            raise InputError(f"its aliases (*name) expand to more than {MOST_VALUES:,} values", str(path))
        value = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"not valid YAML: {error.problem}", f"{path}:{line}") from None
    except (yaml.YAMLError, ValueError) as error:  # a control character; an impossible date or number
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


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """``above`` merged into ``below``, key by key; mappings of another ``kind`` and other values replace."""
    if "kind" in below and above.get("kind", below["kind"]) != below["kind"]:
        return above
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged
