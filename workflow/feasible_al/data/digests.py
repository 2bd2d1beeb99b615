"""What was read, as SHA-256, where there is no single file."""

import hashlib
import json
from collections.abc import Iterable

from feasible_al.data.types import Row


def of_rows(rows: Iterable[Row]) -> str:
    """The SHA-256 of texts and targets, a JSON line ``[text, target]`` each, in hex."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.text, row.target]).encode() + b"\n")
    return digest.hexdigest()
