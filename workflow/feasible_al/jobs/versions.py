"""Integer versions of what computes results; raising one reruns exactly what depends on it.

Workflow engines see that a config or an input changed, but not that the code inside a package did. So
each of these numbers is part of its jobs' parameters. Components carry theirs in their own files.
"""

from typing import Literal

Stage = Literal["prepare", "distill", "encode", "import", "acquire", "successor", "full", "collect", "report"]

STAGES: dict[Stage, int] = {
    "prepare": 2,
    "distill": 4,
    "encode": 1,
    "import": 1,
    "acquire": 4,
    "successor": 3,
    "full": 3,
    "collect": 3,
    "report": 5,
}

ENGINE = 4
