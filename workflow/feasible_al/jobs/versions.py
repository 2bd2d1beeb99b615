"""Integer versions of what computes results; raising one reruns exactly what depends on it.

Workflow engines see that a config or an input changed, but not that the code inside a package did. So
each of these numbers is part of its jobs' parameters. Components carry theirs in their own files.
"""

from typing import Literal

STAGES: dict[
    Literal["prepare", "distill", "encode", "acquire", "successor", "full", "collect", "report"], int
] = {
    "prepare": 2,
    "distill": 4,
    "encode": 1,
    "acquire": 4,
    "successor": 3,
    "full": 3,
    "collect": 3,
    "report": 5,
}

ENGINE = 4
