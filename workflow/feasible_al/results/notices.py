"""What a job that succeeded has to tell whoever started the run: lines of its log, said again at the end."""

from collections.abc import Iterator
from pathlib import Path

from feasible_al.config import Config

NOTICE = "notice: "
"""How such a line begins."""


def notices(config: Config, run_folder: Path) -> Iterator[str]:
    """The notices of the figures that are drawn, also of those that an earlier start drew."""
    for name in config.figures:
        log = run_folder / "logs" / "figures" / f"{name}.log"
        if log.exists():
            lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
            yield from (line for line in lines if line.startswith(NOTICE))
