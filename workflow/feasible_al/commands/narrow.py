"""``--seeds``, ``--points`` and ``--target``: narrow a config to a part of its run."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feasible_al.config import Config
from feasible_al.jobs.narrow import series_of
from feasible_al.jobs.resolve import load


@dataclass(frozen=True)
class Part:
    """The part of a run that a command line asks for.

    Attributes:
        seeds: only these; all when empty.
        points: successors at these only; at all when empty.
        targets: only these figures, panels and tables; or ``data``, or ``all``.
    """

    seeds: tuple[int, ...] = ()
    points: tuple[int, ...] = ()
    targets: tuple[str, ...] = ()

    def command(self, name: str, configs: Sequence[Path]) -> str:
        """The command line."""
        options = [["--target", target] for target in self.targets]
        for option, numbers in (("--seeds", self.seeds), ("--points", self.points)):
            options += [[option, ",".join(map(str, numbers))]] if numbers else []
        return shlex.join(
            ["feasible-al", name, *map(str, configs), *(word for pair in options for word in pair)]
        )


def load_part(name: str, configs: Sequence[Path], part: Part) -> tuple[Config, list[str]]:
    """Load a config narrowed to a part; with the targets of the workflow that make it.

    Targets that show no series, such as ``data`` or a table of datasets, cannot narrow a page. They are made
    by themselves, from a config with all targets.

    Args:
        name: of the command.
        configs: config files; later ones override earlier ones.
        part: what is asked for.

    Raises:
        InputError: if the config is bad, or has no such seed or point.
    """
    asked: dict[str, Any] = {"seeds": part.seeds, "points": part.points}
    goals = ["all"]
    if part.targets and "all" not in part.targets:
        whole = load(configs)
        if all(series_of(whole, [target]) for target in part.targets):
            asked["targets"] = part.targets
        else:
            goals = [*part.targets]
    asked = {key: value for key, value in asked.items() if value}
    if not asked:
        return load(configs), goals
    return load(configs, {"narrow": {**asked, "command": part.command(name, configs)}}), goals


def options_of(config: Config) -> list[str]:
    """The options of Snakemake that narrow a config in the same way."""
    if config.narrow is None:
        return []
    return ["--config", f"narrow={json.dumps(config.narrow.model_dump(mode='json', exclude_defaults=True))}"]
