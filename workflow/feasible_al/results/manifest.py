"""``manifest.json``: what stands behind a result, beside it."""

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from feasible_al.config import Config
from feasible_al.core.machine import machine
from feasible_al.results.externals import repositories
from feasible_al.results.integrity import Result, sealed

MACHINE = ("host", "cpu", "device", "precision", "threads")
"""The keys that say where a result was computed."""

PACKAGES = ("feasible-al", "torch", "transformers", "tokenizers", "numpy", "datasets")


def manifest(config: Config, result: Result, run_folder: Path) -> dict[str, Any]:
    """What is known of a result without its steps: its slice of the config, files, code and machine."""
    job = result.job
    settings = job.slice(config)
    return {
        "job": str(job.folder),
        **sealed(config, result, run_folder),
        "slice": settings,
        "repositories": repositories(config, job),
        "seeds": [job.seed],
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "commit": commit(),
        **machine(),
        "engine": settings["engine"]["mode"] if "engine" in settings else "none",
        "device": "none",
        "precision": "none",
        "threads": 0,
        "peak_memory_mb": 0.0,
    }


def commit() -> str:
    """The commit of the project's checkout, with ``+`` when files differ from it; "unknown" elsewhere."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return "unknown"
    answer = subprocess.run(
        ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty=+", "--exclude=*"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return answer.stdout.strip() or "unknown"
