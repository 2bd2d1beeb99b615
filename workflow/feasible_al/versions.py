"""Integer versions of what computes results; raising one reruns exactly what depends on it.

Workflow engines see that a config or an input changed, but not that the code inside a package did. So
each of these numbers is part of its jobs' parameters. Query strategies carry theirs in their decorator.
"""

from typing import Literal

STAGES: dict[Literal["prepare", "distill", "acquire", "successor", "full", "collect", "report"], int] = {
    "prepare": 2,
    "distill": 2,
    "acquire": 2,
    "successor": 2,
    "full": 1,
    "collect": 1,
    "report": 1,
}

READERS: dict[str, int] = {
    "csv": 1,
    "jsonl": 1,
    "parquet": 1,
    "conll": 1,
    "hub": 1,
    "bbc_news": 1,
    "bbc_truecase": 1,
    "generated": 1,
}

MODELS: dict[str, int] = {"encoder": 1, "text_cnn": 1, "cnn_bilstm_crf": 1}

ENGINE = 3
