"""A trajectory needs no more memory at its end than at its second iteration."""

import json
import os
import subprocess
import sys

import pytest
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import resolve, save

ITERATIONS = 7
RETURN_FREED = {"MALLOC_MMAP_THRESHOLD_": "65536"}  # glibc: what is freed is not kept for later
CONFIG = {
    "run": {"name": "memory"},
    "seeds": [1],
    "engine": {"precision": "float32"},  # in bfloat16 a CPU keeps a kernel for each size of a batch
    "datasets": {
        "generated": {
            "task": "classification",
            "source": {"kind": "generated", "train": 1500, "test": 200},
            "budget": {"seed": 40, "query": 40, "iterations": ITERATIONS},
            "training": {"epochs": 2, "minimum_steps": 20},
        }
    },
    "models": {"scratch": {"kind": "encoder", "weights": {"kind": "scratch", "hidden_size": 256}}},
    "subsampling": {"ups": {"kind": "ups", "gamma": 0.1, "temperature": 0.01, "full_iterations": [1, 2]}},
    "series": {
        "one": {
            "datasets": ["generated"],
            "acquisition": "scratch",
            "strategy": "least_confidence",
            "subsampling": "ups",
            "successor": "scratch",
        }
    },
}


@pytest.mark.slow
def test_peak_memory_is_flat_from_the_third_iteration_on(tmp_path):
    config = resolve(CONFIG)
    path = save(config, tmp_path)
    jobs = jobs_of(config)
    for job in (jobs.prepare[0], jobs.acquire[0]):
        command = [sys.executable, "-m", "feasible_al.cli", "step", str(path), str(job.folder)]
        subprocess.run(command, check=True, timeout=300, env=os.environ | RETURN_FREED)
    facts = [json.loads(file.read_text()) for file in sorted((tmp_path / "state").glob("*/step*/facts.json"))]
    peaks = [fact["hardware"]["peak_memory_mb"] for fact in facts]
    assert len(peaks) == ITERATIONS + 1
    assert peaks[-1] < 1.03 * peaks[2], peaks  # a model kept by mistake would be 4% an iteration
