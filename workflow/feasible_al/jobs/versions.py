"""Integer versions of what computes results; raising one reruns exactly what depends on it.

Workflow engines see that a config or an input changed, but not that the code inside a package did. So
each of these numbers is part of its jobs' parameters. Query strategies carry theirs in their decorator.
"""

from typing import Literal

STAGES: dict[Literal["prepare", "distill", "acquire", "successor", "full", "collect", "report"], int] = {
    "prepare": 2,
    "distill": 3,
    "acquire": 3,
    "successor": 3,
    "full": 3,
    "collect": 3,
    "report": 3,
}

READERS: dict[str, int] = {
    "csv": 2,
    "jsonl": 2,
    "parquet": 2,
    "conll": 2,
    "hub": 2,  # goes up with the formats, which it reads
    "bbc_news": 2,
    "bbc_truecase": 2,
    "generated": 1,
}

MODELS: dict[str, int] = {"encoder": 2, "text_cnn": 1, "cnn_bilstm_crf": 1}

ENGINE = 3
