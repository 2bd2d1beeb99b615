"""Where the project's checkout is, with its workflow, its report's templates and its baselines."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
