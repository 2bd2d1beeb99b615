"""Files: written whole (to a temporary name, then renamed), their SHA-256, and records of it."""

import csv
import glob
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feasible_al.core.errors import InputError

if TYPE_CHECKING:  # heavy, and validation must answer at once
    import pandas as pd

Facts = dict[str, Any]

# A cell of a CSV file may be longer than the 131,072 characters that the module allows by default.
csv.field_size_limit(2**31 - 1)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces ``path`` when the block ends without an exception."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _forget_killed(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _forget_killed(path: Path) -> None:
    """Remove half-written files of earlier writers of ``path`` that were killed on this machine."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        try:
            os.kill(int(left.name.split(".")[-2]), 0)  # asks whether the process exists
        except ProcessLookupError:
            left.unlink(missing_ok=True)
        except (PermissionError, ValueError):  # another user's process; or a name of another form
            continue


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` whole, as UTF-8."""
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` to ``path`` whole, as indented JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The value in a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_csv(path: Path, frame: "pd.DataFrame") -> None:
    """Write ``frame`` to ``path`` whole, floats with the fewest decimals that restore them exactly."""
    with whole(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")


def write_parquet(path: Path, frame: "pd.DataFrame") -> None:
    """Write ``frame`` to ``path`` whole; the same frame gives the same bytes."""
    with whole(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")


def digest(value: Any) -> str:
    """The first 16 hex digits of the SHA-256 of ``value`` as canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_record(path: Path, facts: Facts) -> None:
    """Write a record (facts about results, as JSON) together with a digest of its own content."""
    plain = json.loads(json.dumps({key: value for key, value in facts.items() if key != "digest"}))
    write_json(path, plain | {"digest": digest(plain)})


def read_record(path: Path, remedy: str) -> Facts:
    """Read and verify a record; returns it without its digest.

    Raises:
        InputError: if it is missing, incomplete or changed; the message ends with ``remedy``.
    """
    try:
        facts = read_json(path)
    except FileNotFoundError:
        raise InputError(f"there is no such file; {remedy}", str(path)) from None
    except (OSError, ValueError) as error:
        raise InputError(f"not complete ({error}); {remedy}", str(path)) from error
    if not isinstance(facts, dict) or facts.pop("digest", None) != digest(facts):
        raise InputError(f"changed since its job wrote it, or of an older version; {remedy}", str(path))
    return facts


def sha256_by_name(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of files of a folder, by name."""
    return {name: sha256_of(folder / name) for name in names}


def check_files(folder: Path, known: Mapping[str, str], names: Iterable[str], remedy: str) -> None:
    """Compare files with their recorded SHA-256.

    Raises:
        InputError: if a file is missing or differs; the message ends with ``remedy``.
    """
    for name in names:
        path = folder / name
        try:
            found = sha256_of(path)
        except FileNotFoundError:
            raise InputError(f"there is no such file; {remedy}", str(path)) from None
        except OSError as error:
            raise InputError(f"cannot be read ({error}); {remedy}", str(path)) from error
        if found != known.get(name):
            raise InputError(f"incomplete or changed since its job wrote it (SHA-256); {remedy}", str(path))
