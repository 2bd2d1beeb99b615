"""Configs, resolved and checked: from YAML files, from a dictionary, or as saved in a run's folder."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from feasible_al.config import Config
from feasible_al.config.faults import blocks, listed
from feasible_al.config.files import Places, read
from feasible_al.config.schema import EXTERNALS
from feasible_al.core.errors import InputError
from feasible_al.core.io import digest, read_json, write_json
from feasible_al.jobs import libraries, plugins
from feasible_al.jobs.checks import Problem
from feasible_al.jobs.checks.claims import of_claims, of_comparison
from feasible_al.jobs.checks.series import (
    of_controls,
    of_labels,
    of_points,
    of_series,
    of_strategies,
    of_subsampling,
)
from feasible_al.jobs.checks.shown import of_figures, of_panels, of_tables
from feasible_al.jobs.checks.sources import of_datasets, of_frozen, of_models, of_reserved
from feasible_al.jobs.defaults import resolved
from feasible_al.jobs.narrow import narrowed, of_narrow

CHECKS: tuple[Callable[[Config], Iterable[Problem]], ...] = (
    of_datasets,
    of_models,
    of_frozen,
    of_reserved,
    of_series,
    of_strategies,
    of_subsampling,
    of_labels,
    of_controls,
    of_points,
    of_figures,
    of_panels,
    of_tables,
    of_claims,
    of_comparison,
)


def load(paths: Sequence[Path], values: dict[str, Any] | None = None) -> Config:
    """Read, merge, validate, resolve and narrow config files; later ones override earlier ones.

    Args:
        paths: YAML files.
        values: keys from elsewhere, such as a command line, which override all files.

    Raises:
        InputError: with a line for each fault.
    """
    return resolve(*read(paths, values))


def resolve(raw: dict[str, Any], places: Places | None = None) -> Config:
    """Validate, resolve and narrow a config that is a dictionary.

    Args:
        raw: the merged config.
        places: ``file:line`` of each key path, where known.

    Raises:
        InputError: with a line for each fault.
    """
    known = places or {}
    config = resolved(_with_components(libraries.checked(blocks(raw, known), known)))
    if faults := [(key, str(error)) for check in CHECKS for key, error in check(config)]:
        raise InputError(listed(faults, known))
    if faults := [(key, str(error)) for key, error in of_narrow(config)]:
        raise InputError(listed(faults, known))
    return narrowed(config)


def save(config: Config, folder: Path) -> Path:
    """Write the resolved config to ``folder/config-<hash>.json`` unless it is there; return the path.

    A narrowed config is written whole, with what it is narrowed to.
    """
    value = config.whole.model_dump(mode="json") | ({EXTERNALS: config.externals} if config.externals else {})
    path = folder / f"config-{digest(value)}.json"
    if not path.exists():
        write_json(path, value)
    return path


def load_saved(path: Path) -> Config:
    """Load the components of a config that :func:`save` wrote, and return the config.

    Raises:
        InputError: if the file is absent, damaged, changed since it was written, or of another version.
    """
    try:
        value = read_json(path)
    except FileNotFoundError:
        raise InputError("there is no such resolved config", str(path)) from None
    except ValueError as error:
        raise InputError(f"damaged ({error}); remove it and start the run again", str(path)) from None
    if path.name != f"config-{digest(value)}.json":
        raise InputError("changed since it was written; remove it and start the run again", str(path))
    try:
        config = blocks({key: part for key, part in value.items() if key != EXTERNALS}, {})
    except InputError as error:
        message = f"written by another version; start the run again\n{error}"
        raise InputError(message, str(path)) from None
    return narrowed(_with_components(config)).with_externals(value.get(EXTERNALS, {}))


def _with_components(config: Config) -> Config:
    """Load the plug-ins of a config, register the strategies that it declares, and return the config."""
    for number, name in enumerate(config.plugins):
        plugins.load(name, f"plugins.{number}")
    libraries.register(config)
    return config
