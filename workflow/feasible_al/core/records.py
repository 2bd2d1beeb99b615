"""Records of files: their SHA-256, kept in a JSON file that has a digest of itself."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from feasible_al.core.errors import InputError
from feasible_al.core.io import digest, read_json, sha256_of, write_json

Facts = dict[str, Any]


def write_record(path: Path, facts: Facts) -> None:
    """Write a record with a digest of itself."""
    plain = json.loads(json.dumps({key: value for key, value in facts.items() if key != "digest"}))
    write_json(path, plain | {"digest": digest(plain)})


def read_record(path: Path, remedy: str) -> Facts:
    """A record, without its digest.

    Raises:
        InputError: if it is absent, torn or changed; the message ends with ``remedy``.
    """
    try:
        facts = read_json(path)
    except FileNotFoundError:
        raise InputError(f"there is no such file; {remedy}", str(path)) from None
    except (OSError, ValueError) as error:
        raise InputError(f"not whole ({error}); {remedy}", str(path)) from error
    if not isinstance(facts, dict) or facts.pop("digest", None) != digest(facts):
        raise InputError(f"not as its job wrote it, or as an older version did; {remedy}", str(path))
    return facts


def digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of files, by name."""
    return {name: sha256_of(folder / name) for name in names}


def check(folder: Path, known: Mapping[str, str], names: Iterable[str], remedy: str) -> None:
    """Compare files with digests that are known.

    Raises:
        InputError: if one is absent or differs; the message ends with ``remedy``.
    """
    for name in names:
        path = folder / name
        try:
            found = sha256_of(path)
        except FileNotFoundError:
            raise InputError(f"there is no such file; {remedy}", str(path)) from None
        except OSError as error:
            raise InputError(f"it cannot be read ({error}); {remedy}", str(path)) from error
        if found != known.get(name):
            raise InputError(f"torn or changed since its job wrote it (SHA-256); {remedy}", str(path))
